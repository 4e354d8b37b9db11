"""The person's own page."""

from marshmallow import fields, validate

from mobile_api.schemas.sessions import SignedInPersonOut
from service.http.schemas import Id, OutSchema, PhoneSchema
from service.programmes.models import Line, TargetLevel
from service.http.schemas import choice


class PasswordChangeIn(PhoneSchema):
    """The old password and the new one."""

    old_password = fields.String(required=True, validate=validate.Length(min=1, max=256))
    new_password = fields.String(required=True, validate=validate.Length(min=1, max=256))
