"""A visit as phones send it and as the house answers: the contract's words, written out by hand."""

from decimal import Decimal
from typing import Any

import marshmallow as ma
from marshmallow import fields, post_load, validate

from mobile_api.schemas.clocks import ClaimedMoment, Clock
from mobile_api.schemas.places import LocationIn
from service.enterprises.models import EnterpriseKind
from service.http.phone_clock import skew_of_request
from service.http.record_schemas import (
    CaptureOut,
    CountingOut,
    FlagOut,
    ReceiptOut,
    RecordPersonOut,
    RecordPhotosOut,
    RecordUnitOut,
)
from service.http.schemas import (
    Day,
    Id,
    Moment,
    OutSchema,
    PhoneSchema,
    Text,
    Wan,
    Whole,
    choice,
    ignored_fields,
)
from service.submissions.sent import Sent
from service.visits.methods import METHODS, method_slug
from service.visits.models import Intention, ReviewState, VisitMode
from service.visits.submission import FreeEnterprise, Host, Leader, Participant, VisitSubmission

TITLE, TEXT = 200, 4000
MOST_PEOPLE, MOST_UNITS, MOST_PHOTOS = 100, 50, 50
MOST_WAN = Decimal("999999999999.9999")


class MethodCode(fields.String):
    """招商方式 by its slug (see `/api/v1/codes`) or the office's number."""

    def __init__(self, **options: Any) -> None:
        super().__init__(metadata={"enum": [*(method.slug for method in METHODS), None]}, **options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        slug = method_slug(str(super()._deserialize(value, attr, data, **kwargs)))
        if slug is None:
            raise ma.ValidationError("没有这种招商方式 / unknown method")
        return slug


class FreeEnterpriseIn(PhoneSchema):
    """An enterprise that is not in the phone's roster."""

    name = Text(most=TITLE, least=1, required=True)
    credit_code = Text(most=40, allow_none=True)
    kind = choice(EnterpriseKind, allow_none=True)
    city = Text(most=TITLE, allow_none=True)

    @post_load
    def build(self, values: dict[str, Any], **_: Any) -> FreeEnterprise:
        """The free entry as the house has it."""
        return FreeEnterprise(**_without_blanks(values))


class LeaderIn(PhoneSchema):
    """带队领导."""

    name = Text(most=TITLE, least=1, required=True)
    rank = Text(most=TITLE, allow_none=True)

    @post_load
    def build(self, values: dict[str, Any], **_: Any) -> Leader:
        """The leader as the house has them."""
        return Leader(**_without_blanks(values))


class ParticipantIn(PhoneSchema):
    """Somebody of ours who was there."""

    name = Text(most=TITLE, least=1, required=True)
    user_id = Id(allow_none=True)
    rank = Text(most=TITLE, allow_none=True)

    @post_load
    def build(self, values: dict[str, Any], **_: Any) -> Participant:
        """The participant as the house has them."""
        return Participant(**_without_blanks(values))


class HostIn(PhoneSchema):
    """Somebody of theirs who received us."""

    name = Text(most=TITLE, least=1, required=True)
    title = Text(most=TITLE, allow_none=True)
    phone = Text(most=40, allow_none=True)

    @post_load
    def build(self, values: dict[str, Any], **_: Any) -> Host:
        """The host as the house has them."""
        return Host(**_without_blanks(values))


class VisitIn(PhoneSchema):
    """The whole record, each time; exactly one of `enterprise_id` and `enterprise` is given."""

    enterprise_id = Id(allow_none=True)
    enterprise = fields.Nested(FreeEnterpriseIn, allow_none=True)
    visited_at = Moment(required=True)
    ended_at = Moment(allow_none=True)
    mode = choice(VisitMode, required=True)
    method = MethodCode(allow_none=True)
    place = Text(most=TITLE, allow_none=True)
    location = fields.Nested(LocationIn, allow_none=True)
    led_by = fields.Nested(LeaderIn, allow_none=True)
    participants = fields.List(fields.Nested(ParticipantIn), validate=validate.Length(max=MOST_PEOPLE))
    hosts = fields.List(fields.Nested(HostIn), validate=validate.Length(max=MOST_PEOPLE))
    summary = Text(most=TEXT, allow_none=True)
    intention = choice(Intention, allow_none=True)
    amount_wan = Wan(allow_none=True, validate=validate.Range(max=MOST_WAN))
    next_step = Text(most=TEXT, allow_none=True)
    next_on = Day(allow_none=True)
    trip_id = Id(allow_none=True)
    joint_units = fields.List(Id(), validate=validate.Length(max=MOST_UNITS), allow_none=True)
    visitor_id = Id(allow_none=True)
    photo_ids = fields.List(Id(), validate=validate.Length(max=MOST_PHOTOS))
    captured_at = ClaimedMoment(required=True)
    clock = Clock(allow_none=True)
    base_rev = Whole(allow_none=True, metadata={"description": "the revision this edits; not hashed"})

    @post_load(pass_original=True)
    def build(self, values: dict[str, Any], original: dict[str, Any], **_: Any) -> VisitSubmission:
        """The submission as the house has it, with what was sent beside it."""
        values.pop("base_rev", None)
        values["free_enterprise"] = values.pop("enterprise", None)
        values["joint_unit_ids"] = _distinct(values.pop("joint_units", None))
        values["photo_ids"] = _distinct(values.get("photo_ids"))
        for people in ("participants", "hosts"):
            values[people] = tuple(values.get(people) or ())
        sent = Sent.of(
            original, ignored_fields=ignored_fields(self, original), sending_skew_s=skew_of_request()
        )
        return VisitSubmission(sent=sent, **_without_blanks(values))


class WithdrawalIn(PhoneSchema):
    """Why a visit is taken back."""

    reason = Text(most=TITLE, least=1, required=True)


class VisitOut(OutSchema):
    """A visit as its visitor and its recorder see it."""

    id = Id(required=True)
    rev = fields.Integer(required=True)
    number = fields.String(required=True)
    receipt = fields.Nested(ReceiptOut, required=True)
    review_state = choice(ReviewState, required=True)
    review_reason = fields.String(required=True, allow_none=True)
    counting = fields.Nested(CountingOut, required=True)
    photos = fields.Nested(RecordPhotosOut, required=True)
    flags = fields.List(fields.Nested(FlagOut), required=True)
    ignored_fields = fields.List(fields.String(), required=True)
    unit = fields.Nested(RecordUnitOut, required=True)
    visitor = fields.Nested(RecordPersonOut, required=True)
    visitor_id = Id(required=True)
    recorded_by = Id(required=True)
    enterprise_id = Id(required=True, allow_none=True)
    enterprise_name = fields.String(required=True, allow_none=True)
    enterprise = fields.Dict(required=True, allow_none=True)
    visited_at = Moment(required=True)
    visited_on = fields.Date(required=True)
    ended_at = Moment(required=True, allow_none=True)
    mode = choice(VisitMode, required=True)
    method = fields.String(required=True, allow_none=True)
    place = fields.String(required=True, allow_none=True)
    location = fields.Dict(required=True, allow_none=True)
    wgs84 = fields.Dict(required=True, allow_none=True)
    led_by = fields.Dict(required=True, allow_none=True)
    participants = fields.List(fields.Dict(), required=True)
    hosts = fields.List(fields.Dict(), required=True)
    summary = fields.String(required=True, allow_none=True)
    intention = choice(Intention, required=True, allow_none=True)
    amount_wan = Wan(required=True, allow_none=True)
    next_step = fields.String(required=True, allow_none=True)
    next_on = fields.Date(required=True, allow_none=True)
    trip_id = Id(required=True, allow_none=True)
    joint_units = fields.List(Id(), required=True)
    photo_ids = fields.List(Id(), required=True)
    captured_at = Moment(required=True)
    capture = fields.Nested(CaptureOut, required=True)
    received_at = Moment(required=True)
    updated_at = Moment(required=True)


class VisitRevisionOut(OutSchema):
    """One accepted revision, as it was sent."""

    rev = fields.Integer(required=True)
    receipt = fields.Nested(ReceiptOut, required=True)
    author_id = Id(required=True)
    author_name = fields.String(required=True)
    device_id = fields.String(required=True, allow_none=True)
    body = fields.Dict(required=True)


class VisitRevisionsOut(OutSchema):
    """Every accepted revision, oldest first."""

    items = fields.List(fields.Nested(VisitRevisionOut), required=True)
    next_cursor = fields.String(required=True, allow_none=True)


def _without_blanks(values: dict[str, Any]) -> dict[str, Any]:
    """What was left empty on the form is nothing, not an empty text."""
    return {name: None if value == "" else value for name, value in values.items()}


def _distinct(ids: list[Any] | None) -> tuple[Any, ...]:
    """Each id once, in the order given: forms send the same one twice."""
    return tuple(dict.fromkeys(ids or ()))
