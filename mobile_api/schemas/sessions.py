"""Sign-in, enrolment and refresh as phones speak them."""

import marshmallow as ma
from marshmallow import fields, validate

from service.accounts.devices import DeviceFacts
from service.accounts.models import UnitKind
from service.http.schemas import Id, Moment, OutSchema, PhoneSchema, Text, choice
from service.kernel.actor import Role

DEVICE_ID = r"[\w:@+=-][\w.:@+=-]{0,99}\Z"


class DeviceIn(PhoneSchema):
    """A phone or browser, by the id it made for itself."""

    id = fields.String(required=True, validate=validate.Regexp(DEVICE_ID))
    platform = Text(most=40, load_default=None, allow_none=True)
    model = Text(most=100, load_default=None, allow_none=True)
    app_version = Text(most=40, load_default=None, allow_none=True)

    @ma.post_load
    def facts(self, told: dict[str, str | None], **_: object) -> DeviceFacts:
        """What the device says of itself."""
        return DeviceFacts(**told)  # type: ignore[arg-type] # `id` is required above


class PasswordSignInIn(PhoneSchema):
    """Name and password; a browser need not name a device."""

    username = Text(most=64, least=1, required=True)
    password = fields.String(required=True, validate=validate.Length(min=1, max=256))
    device = fields.Nested(DeviceIn, load_default=None, allow_none=True)


class EnrolmentIn(PhoneSchema):
    """The PIN, as typed or scanned; spaces between its digits do not matter."""

    pin = fields.String(required=True, validate=validate.Regexp(r"(?:[0-9] ?){6,8}\Z"))
    device = fields.Nested(DeviceIn, required=True)

    @ma.post_load
    def digits(self, told: dict[str, object], **_: object) -> dict[str, object]:
        """The PIN without spaces."""
        return {**told, "pin": str(told["pin"]).replace(" ", "")}


class RefreshIn(PhoneSchema):
    """The refresh token that is held."""

    refresh_token = fields.String(required=True, validate=validate.Length(min=1, max=200))


class MyUnitOut(OutSchema):
    """A unit as it is named beside something else."""

    id = Id(required=True)
    name = fields.String(required=True)
    kind = choice(UnitKind, required=True)


class SignedInPersonOut(OutSchema):
    """The person who is signed in."""

    id = Id(required=True)
    username = fields.String(required=True)
    name = fields.String(required=True)
    unit = fields.Nested(MyUnitOut, required=True)
    roles = fields.List(choice(Role), required=True)
    must_change_password = fields.Boolean(required=True)


class TokensOut(OutSchema):
    """A pair of tokens; `expires_at` is the access token's."""

    access_token = fields.String(required=True)
    expires_at = Moment(required=True)
    refresh_token = fields.String(required=True)
    refresh_expires_at = Moment(required=True)


class SessionOut(TokensOut):
    """A new sign-in."""

    user = fields.Nested(SignedInPersonOut, required=True)


class RefreshedOut(TokensOut):
    """The next pair of tokens."""

    expires_at = Moment(required=True, attribute="access_expires_at")
