"""Photos at headquarters' doors."""

from typing import Any

from marshmallow import fields, post_load, validate

from media.facts import RenditionName
from service.evidence.photo_records import RecordOfPhoto
from service.evidence.photo_wall import PhotoFilter, PhotoMark, PhotoOnWall
from service.http.record_schemas import RecordPersonOut, RecordUnitOut
from service.http.schemas import Day, Id, Moment, OutSchema, PageQuery, choice
from service.issues.models import IssueState
from service.photos.models import PhotoSource, PhotoState
from service.submissions.models import RecordType
from service.submissions.review_states import ReviewState

CLAIMING = (RecordType.VISIT.value, RecordType.CHECKIN.value, RecordType.ISSUE.value)


def _urls(photo: PhotoOnWall) -> dict[str, str]:
    at = f"/api/v1/photos/{photo.id}/renditions"
    return {name.value: f"{at}/{name}" for name in RenditionName if name in photo.renditions}


def _record_url(record: RecordOfPhoto) -> str:
    return f"/api/hq/v1/{record.type}s/{record.id}"


class PhotoWallQuery(PageQuery):
    """Which photos: taken on days `from` up to, and without, `to`; a unit stands for all below it as well."""

    unit = Id(load_default=None, attribute="unit_id")
    enterprise = Id(load_default=None, attribute="enterprise_id")
    site = Id(load_default=None, attribute="site_id")
    person = Id(load_default=None, attribute="person_id", metadata={"description": "who took it"})
    from_on = Day(data_key="from", load_default=None)
    until_on = Day(data_key="to", load_default=None)
    type = fields.String(
        load_default=None,
        attribute="record_type",
        validate=validate.OneOf(CLAIMING),
        metadata={"description": "claimed by a record of this type"},
    )
    flag = choice(PhotoMark, load_default=None, attribute="mark")
    like = Id(
        load_default=None,
        attribute="like_id",
        metadata={"description": "this photo and those with its bytes or that look like it"},
    )

    @post_load
    def build(self, found: dict[str, Any], **_: Any) -> dict[str, Any]:
        """The filter beside the page."""
        limit, cursor, record_type = found.pop("limit"), found.pop("cursor"), found.pop("record_type")
        return {
            "limit": limit,
            "cursor": cursor,
            "what": PhotoFilter(**found, record_type=record_type and RecordType(record_type)),
        }


class PhotoSubjectOut(OutSchema):
    """An enterprise or a site; a free entry that is not matched yet has no id."""

    id = Id(required=True, allow_none=True)
    name = fields.String(required=True)


class PhotoRecordOut(OutSchema):
    """A record that names the photo."""

    type = choice(RecordType, required=True)
    id = Id(required=True)
    number = fields.String(required=True)
    review_state = choice(
        ReviewState,
        required=True,
        allow_none=True,
        metadata={"description": "null of a problem, which nobody reviews"},
    )
    issue_state = choice(
        IssueState, required=True, allow_none=True, metadata={"description": "of a problem; null of others"}
    )
    enterprise = fields.Nested(PhotoSubjectOut, required=True, allow_none=True)
    site = fields.Nested(PhotoSubjectOut, required=True, allow_none=True)
    url = fields.Function(_record_url, required=True, metadata={"type": "string"})


class PhotoOnWallOut(OutSchema):
    """A photo that has arrived; `urls` holds the pictures that are made of it, and answers each with its own tag."""

    id = Id(required=True)
    taken_at = Moment(required=True)
    taken_on = fields.Date(required=True, metadata={"description": "the day in Asia/Shanghai"})
    received_at = Moment(required=True)
    state = choice(PhotoState, required=True)
    source = choice(PhotoSource, required=True)
    unit = fields.Nested(RecordUnitOut, required=True)
    person = fields.Nested(RecordPersonOut, required=True)
    sha256 = fields.String(required=True)
    size = fields.Integer(required=True, metadata={"description": "bytes of the original"})
    urls = fields.Function(
        _urls,
        required=True,
        metadata={
            "type": "object",
            "additionalProperties": {"type": "string"},
            "description": "`thumb`, `small`, `large`, `stamped`, each while there is one",
        },
    )
    records = fields.List(fields.Nested(PhotoRecordOut), required=True)
    doubts = fields.List(
        fields.String(),
        required=True,
        metadata={"description": "names of checks; each may have an honest reason"},
    )
    near_duplicates = fields.Integer(required=True)
    near_duplicates_url = fields.Function(
        lambda one: f"/api/hq/v1/photos?like={one.id}", required=True, metadata={"type": "string"}
    )
