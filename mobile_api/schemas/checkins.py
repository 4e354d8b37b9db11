"""Check-ins as phones send them and as they are answered."""

from decimal import Decimal
from typing import Any

from marshmallow import fields, post_load, validate

from mobile_api.schemas.clocks import ClaimedMoment, Clock
from mobile_api.schemas.places import LocationIn
from service.checkins.models import CheckinKind
from service.checkins.submission import CheckinSubmission, Progress
from service.http.phone_clock import skew_of_request
from service.http.places import NamedRowOut, PointOut
from service.http.record_schemas import (
    CaptureOut,
    FlagOut,
    ReceiptOut,
    RecordPersonOut,
    RecordPhotosOut,
    RecordUnitOut,
)
from service.http.schemas import (
    Id,
    Moment,
    OutSchema,
    PhoneSchema,
    Real,
    Text,
    Whole,
    choice,
    ignored_fields,
)
from service.submissions.review_states import ReviewState
from service.submissions.sent import Sent

MOST_PHOTOS = 50


class ProgressIn(PhoneSchema):
    """形象进度."""

    percent = Real(least=0, most=100, load_default=None, allow_none=True)
    text = Text(most=2000, load_default=None, allow_none=True)

    @post_load
    def build(self, values: dict[str, Any], **_: Any) -> Progress:
        """The progress as the house has it, to four places."""
        percent = values["percent"]
        exact = None if percent is None else round(Decimal(repr(percent)), 4)
        return Progress(percent=exact, text=values["text"])


class CheckinIn(PhoneSchema):
    """The whole body of a check-in; location and photos are optional evidence."""

    site_id = Id(required=True)
    kind = choice(CheckinKind, required=True)
    at = Moment(required=True)
    location = fields.Nested(LocationIn, load_default=None, allow_none=True)
    note = Text(most=5000, load_default=None, allow_none=True)
    progress = fields.Nested(ProgressIn, load_default=None, allow_none=True)
    photo_ids = fields.List(Id(), load_default=list, validate=validate.Length(max=MOST_PHOTOS))
    captured_at = ClaimedMoment(required=True)
    clock = Clock(allow_none=True)
    base_rev = Whole(least=1, load_default=None, allow_none=True)

    @post_load(pass_original=True)
    def build(self, values: dict[str, Any], original: dict[str, Any], **_: Any) -> CheckinSubmission:
        """The submission as the house has it, with the body as it was sent."""
        del values["base_rev"]
        values["photo_ids"] = tuple(values["photo_ids"])
        return CheckinSubmission(
            sent=Sent.of(
                original, ignored_fields=ignored_fields(self, original), sending_skew_s=skew_of_request()
            ),
            **values,
        )


class CheckinProgressOut(OutSchema):
    """形象进度."""

    percent = fields.Float(required=True, allow_none=True)
    text = fields.String(required=True, allow_none=True)


class CheckinLocationOut(OutSchema):
    """The location as it was sent."""

    lat = fields.Float(required=True)
    lng = fields.Float(required=True)
    datum = fields.String(required=True)
    source = fields.String(required=True)
    accuracy_m = fields.Float()
    is_mock = fields.Boolean()
    fix_age_ms = fields.Integer()


class CheckinOut(OutSchema):
    """A check-in with its receipt, the fence's verdict and every flag.

    `distance_m` is from the centre of a circle and from the edge of a polygon (0 within it); `inside` is null when
    no location was sent.
    """

    id = Id(required=True)
    rev = fields.Integer(required=True)
    number = fields.String(required=True)
    receipt = fields.Nested(ReceiptOut, required=True)
    unit = fields.Nested(RecordUnitOut, required=True)
    user = fields.Nested(RecordPersonOut, required=True)
    site = fields.Nested(NamedRowOut, required=True)
    site_id = Id(required=True)
    kind = choice(CheckinKind, required=True)
    at = Moment(required=True)
    on_day = fields.Date(required=True)
    location = fields.Nested(CheckinLocationOut, required=True, allow_none=True)
    wgs84 = fields.Nested(PointOut, required=True, allow_none=True)
    accuracy_m = fields.Float(required=True, allow_none=True)
    distance_m = fields.Float(required=True, allow_none=True)
    inside = fields.Boolean(required=True, allow_none=True)
    clock_skew_s = fields.Float(required=True, allow_none=True)
    note = fields.String(required=True, allow_none=True)
    progress = fields.Nested(CheckinProgressOut, required=True, allow_none=True)
    photo_ids = fields.List(Id(), required=True)
    photos = fields.Nested(RecordPhotosOut, required=True)
    flags = fields.List(fields.Nested(FlagOut), required=True)
    captured_at = Moment(required=True)
    capture = fields.Nested(CaptureOut, required=True)
    received_at = Moment(required=True)
    updated_at = Moment(required=True)
    withdrawn_at = Moment(required=True, allow_none=True)
    withdrawn_because = fields.String(required=True, allow_none=True)
    review_state = choice(ReviewState, required=True)
    review_reason = fields.String(required=True, allow_none=True)
    ignored_fields = fields.List(fields.String(), required=True)


class CheckinWithdrawalIn(PhoneSchema):
    """Why a check-in is taken back."""

    reason = Text(least=1, most=500, required=True)
