"""Check-ins as offices read them."""

from typing import Any

from marshmallow import fields, post_load

from service.checkins.models import CheckinKind
from service.checkins.queries import CheckinFilter
from service.http.places import NamedRowOut
from service.http.record_schemas import (
    CaptureOut,
    FlagOut,
    MaskedText,
    RecordPersonOut,
    RecordPhotosOut,
    RecordUnitOut,
)
from service.http.schemas import Day, Id, Moment, OutSchema, PageQuery, choice
from service.submissions.review_states import ReviewState


class CheckinRowQuery(PageQuery):
    """Which check-ins: days `from` up to, and without, `to`; a unit stands for all below it as well."""

    site = Id(load_default=None)
    project = Id(load_default=None)
    unit = Id(load_default=None)
    user = Id(load_default=None)
    kind = choice(CheckinKind, load_default=None)
    state = choice(ReviewState, load_default=None)
    from_on = Day(data_key="from", load_default=None)
    until_on = Day(data_key="to", load_default=None)
    standing = fields.Boolean(
        load_default=False, metadata={"description": "neither returned, voided nor withdrawn"}
    )

    @post_load
    def build(self, given: dict[str, Any], **_: Any) -> dict[str, Any]:
        """The filter beside the page."""
        given["what"] = CheckinFilter(
            site_id=given.pop("site"),
            project_id=given.pop("project"),
            unit_id=given.pop("unit"),
            user_id=given.pop("user"),
            kind=given.pop("kind"),
            state=given.pop("state"),
            from_on=given.pop("from_on"),
            until_on=given.pop("until_on"),
            standing=given.pop("standing"),
        )
        return given


class CheckinRowProgressOut(OutSchema):
    """形象进度."""

    percent = fields.Float(required=True, allow_none=True)
    text = MaskedText(required=True, allow_none=True)


class CheckinRow(OutSchema):
    """A check-in as an office reads it; the phone's exact place stays with its sender."""

    id = Id(required=True)
    rev = fields.Integer(required=True)
    number = fields.String(required=True)
    unit = fields.Nested(RecordUnitOut, required=True)
    user = fields.Nested(RecordPersonOut, required=True)
    site = fields.Nested(NamedRowOut, required=True)
    kind = choice(CheckinKind, required=True)
    at = Moment(required=True)
    on_day = fields.Date(required=True)
    accuracy_m = fields.Float(required=True, allow_none=True)
    distance_m = fields.Float(required=True, allow_none=True)
    inside = fields.Boolean(required=True, allow_none=True)
    clock_skew_s = fields.Float(required=True, allow_none=True)
    note = MaskedText(required=True, allow_none=True)
    progress = fields.Nested(CheckinRowProgressOut, required=True, allow_none=True)
    photo_ids = fields.List(Id(), required=True)
    photos = fields.Nested(RecordPhotosOut, required=True)
    flags = fields.List(fields.Nested(FlagOut), required=True)
    captured_at = Moment(required=True)
    capture = fields.Nested(CaptureOut, required=True)
    received_at = Moment(required=True)
    updated_at = Moment(required=True)
    withdrawn_at = Moment(required=True, allow_none=True)
    withdrawn_because = MaskedText(required=True, allow_none=True)
    review_state = choice(ReviewState, required=True)
    review_reason = fields.String(required=True, allow_none=True)
