"""The person's own page."""

from marshmallow import fields, validate

from mobile_api.schemas.sessions import SignedInPersonOut
from service.http.schemas import Id, OutSchema, PhoneSchema, choice
from service.programmes.models import Line


class PasswordChangeIn(PhoneSchema):
    """The old password and the new one."""

    old_password = fields.String(required=True, validate=validate.Length(min=1, max=256))
    new_password = fields.String(required=True, validate=validate.Length(min=1, max=256))


class MyTargetsOut(OutSchema):
    """What my unit is to achieve on one line of the programme in force."""

    programme_id = Id(required=True)
    programme = fields.String(required=True)
    line = choice(Line, required=True)
    baseline = fields.Integer(required=True, allow_none=True)
    working = fields.Integer(required=True, allow_none=True)
    striving = fields.Integer(required=True, allow_none=True)


class MeOut(SignedInPersonOut):
    """Who I am, where I belong and what my unit is to achieve."""

    device_id = fields.String(required=True, allow_none=True)
    targets = fields.List(fields.Nested(MyTargetsOut), required=True)
