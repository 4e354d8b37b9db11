"""Sign-ins of browsers: what a page is told; the tokens themselves are in cookies."""

from marshmallow import fields

from mobile_api.schemas.sessions import SignedInPersonOut
from service.http.schemas import Moment, OutSchema


class BrowserSessionOut(OutSchema):
    """A browser's sign-in; `csrf_token` goes into `X-CSRF-Token` of every request that writes, until it ends."""

    user = fields.Nested(SignedInPersonOut, required=True)
    csrf_token = fields.String(required=True)
    expires_at = Moment(required=True)
    must_change_password = fields.Boolean(
        required=True,
        metadata={"description": "Every other door is closed until the one-time password is changed"},
    )
