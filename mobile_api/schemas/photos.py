"""Photos as phones announce them and as the house answers."""

from typing import Any

from marshmallow import fields, post_load, validate

from mobile_api.schemas.clocks import ClaimedMoment
from mobile_api.schemas.places import LocationIn
from service.http.schemas import Id, Moment, OutSchema, PhoneSchema, Whole, choice
from service.photos.commands import AnnouncedPhoto
from service.photos.kinds import PICTURE_TYPES, VIDEO_TYPES
from service.photos.models import PhotoSource, PhotoState, UploadKind

CONTENT_TYPES = (*PICTURE_TYPES, *VIDEO_TYPES)
MOST_WAYS = 20
_ALIASES = {"image/jpg": "image/jpeg", "image/pjpeg": "image/jpeg"}


class ContentType(fields.String):
    """One of the picture types that are taken; usual misspellings of JPEG are understood."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = str(super()._deserialize(value, attr, data, **kwargs)).strip().lower()
        return _ALIASES.get(text, text)


class PhotoIn(PhoneSchema):
    """What a phone says of a photo before it sends it."""

    id = Id(required=True)
    sha256 = fields.String(required=True, validate=validate.Regexp(r"^[0-9a-f]{64}\Z"))
    md5 = fields.String(required=True, validate=validate.Regexp(r"^[0-9a-f]{32}\Z"))
    size = Whole(least=1, required=True, metadata={"description": "bytes"})
    content_type = ContentType(required=True, validate=validate.OneOf(CONTENT_TYPES))
    taken_at = ClaimedMoment(required=True)
    location = fields.Nested(LocationIn, allow_none=True, load_default=None)
    source = choice(PhotoSource, required=True)
    accept = fields.List(
        fields.String(validate=validate.Length(max=40)),
        load_default=[UploadKind.PUT.value],
        validate=validate.Length(max=MOST_WAYS),
        metadata={
            "description": "ways of sending that the phone knows: put, tus, s3_multipart; others are ignored"
        },
    )

    @post_load
    def build(self, values: dict[str, Any], **_: Any) -> AnnouncedPhoto:
        """The announcement as the house has it."""
        location = values.pop("location")
        values["accept"] = tuple(values["accept"])
        if location is None:
            return AnnouncedPhoto(**values)
        place = location.wgs84
        return AnnouncedPhoto(**values, location=location.as_sent(), latitude=place.lat, longitude=place.lng)


class UploadOut(OutSchema):
    """How to send the bytes: exactly this method, address and headers, before it expires."""

    kind = choice(UploadKind, required=True)
    method = fields.String(required=True)
    url = fields.String(required=True, metadata={"description": "may be relative to this server"})
    headers = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    expires_at = Moment(required=True)
    part_size = fields.Integer(metadata={"description": "of `s3_multipart`: `url` answers with the parts"})


class PhotoReceiptOut(OutSchema):
    """What the phone may rely on: these bytes are durable here."""

    id = Id(required=True)
    rev = fields.Integer(required=True)
    sha256 = fields.String(required=True)
    received_at = Moment(required=True)


class PhotoStateOut(OutSchema):
    """Where a photo stands."""

    id = Id(required=True)
    state = choice(PhotoState, required=True)
    verifying = fields.Boolean(metadata={"description": "all bytes are here; ask again after `Retry-After`"})
    receipt = fields.Nested(PhotoReceiptOut)
    upload = fields.Nested(UploadOut)


class PhotoOut(OutSchema):
    """A photo's facts."""

    id = Id(required=True)
    state = choice(PhotoState, required=True)
    size = fields.Integer(required=True)
    content_type = fields.String(required=True)
    sha256 = fields.String(required=True)
    source = choice(PhotoSource, required=True)
    taken_at = Moment(required=True)
    location = fields.Dict(allow_none=True)
    expected_at = Moment(required=True)
    received_at = Moment(allow_none=True)
    rejected_because = fields.String(allow_none=True)
    facts = fields.Dict(allow_none=True, metadata={"description": "what the picture itself says"})
    renditions = fields.List(fields.String(), required=True)
    receipt = fields.Nested(PhotoReceiptOut)


class PartOut(OutSchema):
    """One part of a large file: sent to `url` by `method` with `headers`, if it is missing."""

    number = fields.Integer(required=True)
    size = fields.Integer(required=True)
    state = fields.String(required=True, validate=validate.OneOf(["here", "missing"]))
    method = fields.String(allow_none=True)
    url = fields.String(allow_none=True)
    headers = fields.Dict(keys=fields.String(), values=fields.String(), allow_none=True)


class PartsOut(OutSchema):
    """The parts of a large file, each after the other."""

    part_size = fields.Integer(required=True)
    parts = fields.List(fields.Nested(PartOut), required=True)
    addresses_expire_at = Moment(required=True)
    expires_at = Moment(required=True, metadata={"description": "when what has arrived is removed"})
