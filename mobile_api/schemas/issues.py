"""Problems as phones raise them, what phones do about them, and how both are answered."""

from typing import Any

import marshmallow as ma
from marshmallow import fields, post_load, validate

from mobile_api.schemas.clocks import ClaimedMoment, Clock
from service.accounts.models import UnitKind
from service.http.issue_contact_schemas import LEAST_REASON, MOST_REASON
from service.http.phone_clock import skew_of_request
from service.http.places import NamedRowOut
from service.http.record_schemas import (
    CaptureOut,
    FlagOut,
    InLanguage,
    ReceiptOut,
    RecordPersonOut,
    RecordPhotosOut,
    RecordUnitOut,
)
from service.http.schemas import (
    Day,
    Flag,
    Id,
    Moment,
    OutSchema,
    PhonePageQuery,
    PhoneSchema,
    Text,
    Whole,
    choice,
    ignored_fields,
)
from service.issues.clock import Light
from service.issues.models import CallRole, EventKind, IssueCategory, IssueSeverity, IssueState, Level
from service.issues.queries import Box
from service.issues.submission import IssueSubmission, NewEvent
from service.submissions.sent import Sent

TEXT, REASON = 4000, 500
MOST_PHOTOS, MOST_CALLED = 50, 20


class StatesOfIssues(fields.Field[tuple[IssueState, ...]]):
    """States with commas between them: `called,in_progress`."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> tuple[IssueState, ...]:  # noqa: ARG002
        try:
            return tuple(IssueState(part.strip()) for part in str(value).split(",") if part.strip())
        except ValueError as error:
            known = "、".join(IssueState)
            raise ma.ValidationError(f"没有这种状态，应为 {known} / unknown state") from error


class IssueBoxQuery(PhonePageQuery):
    """Which of one's own."""

    box = choice(
        Box,
        load_default=Box.RAISED,
        metadata={"description": "those I raised, or those that call my unit"},
    )
    state = StatesOfIssues(
        load_default=tuple, metadata={"type": "string", "description": "one or several with commas between"}
    )


def _photo_ids() -> fields.List[Any]:
    return fields.List(Id(), load_default=list, validate=validate.Length(max=MOST_PHOTOS))


def _unit_ids(description: str) -> fields.List[Any]:
    return fields.List(
        Id(),
        load_default=list,
        validate=validate.Length(max=MOST_CALLED),
        metadata={"description": description},
    )


class CallableUnitOut(OutSchema):
    """A unit that a problem may call."""

    id = Id(required=True)
    name = fields.String(required=True)
    short_name = fields.String(required=True)
    kind = choice(UnitKind, required=True)
    leads = fields.List(
        choice(IssueCategory), required=True, metadata={"description": "the categories whose route it leads"}
    )
    supports = fields.List(choice(IssueCategory), required=True, metadata={"description": "and supports"})


class IssueIn(PhoneSchema):
    """The whole body of a problem, at a site or of an enterprise; it has no position, the site has one."""

    site_id = Id(load_default=None, allow_none=True)
    enterprise_id = Id(load_default=None, allow_none=True)
    checkin_id = Id(
        load_default=None, allow_none=True, metadata={"description": "that told it; may be sent later"}
    )
    visit_id = Id(
        load_default=None, allow_none=True, metadata={"description": "that told it; may be sent later"}
    )
    category = choice(IssueCategory, load_default=IssueCategory.OTHER)
    severity = choice(IssueSeverity, load_default=IssueSeverity.GENERAL)
    text = Text(most=TEXT, least=1, required=True)
    raised_at = Moment(required=True)
    photo_ids = _photo_ids()
    call = _unit_ids("units to be called at once, the first to lead; empty: those of the category's route")
    captured_at = ClaimedMoment(required=True)
    clock = Clock(allow_none=True)
    base_rev = Whole(least=1, load_default=None, allow_none=True)

    @post_load(pass_original=True)
    def build(self, values: dict[str, Any], original: dict[str, Any], **_: Any) -> IssueSubmission:
        """The submission as the house has it, with the body as it was sent."""
        del values["base_rev"]
        for name in ("photo_ids", "call"):
            values[name] = tuple(values[name])
        sent = Sent.of(
            original, ignored_fields=ignored_fields(self, original), sending_skew_s=skew_of_request()
        )
        return IssueSubmission(sent=sent, **values)


class IssueEventIn(PhoneSchema):
    """Something that is done about a problem; `may` of the problem lists the kinds that are open to the asker."""

    id = Id(required=True, metadata={"description": "the phone's, so that a repeat is known"})
    kind = choice(EventKind, required=True)
    at = ClaimedMoment(
        load_default=None, allow_none=True, metadata={"description": "shown; the clock goes by the arrival"}
    )
    text = Text(most=TEXT, load_default=None, allow_none=True)
    photo_ids = _photo_ids()
    unit_id = Id(load_default=None, allow_none=True, metadata={"description": "for which called unit"})
    lead_unit_id = Id(load_default=None, allow_none=True, metadata={"description": "assign"})
    support_unit_ids = _unit_ids("assign")
    severity = choice(IssueSeverity, load_default=None, allow_none=True, metadata={"description": "assign"})
    satisfied = Flag(load_default=None, allow_none=True, metadata={"description": "confirm; null is yes"})
    until_on = Day(
        load_default=None, allow_none=True, metadata={"description": "extend: the last day of the plan"}
    )
    duplicate_of = Id(load_default=None, allow_none=True, metadata={"description": "void"})

    @post_load
    def build(self, values: dict[str, Any], **_: Any) -> NewEvent:
        """The event as the command takes it."""
        for name in ("photo_ids", "support_unit_ids"):
            values[name] = tuple(values[name])
        return NewEvent(**values | {"text": values["text"] or None})


class IssueWithdrawalIn(PhoneSchema):
    """Why a problem is taken back."""

    reason = Text(least=1, most=REASON, required=True)


class IssueRevealIn(PhoneSchema):
    """Why the contacts of a problem must be read whole; it is noted."""

    reason = Text(least=LEAST_REASON, most=MOST_REASON, required=True)


class IssueLightOut(OutSchema):
    """Whether time is left; a light is never shown without its text."""

    light = choice(Light, required=True)
    text = InLanguage(required=True)
    working_days = fields.Integer(
        required=True, allow_none=True, metadata={"description": "left or over; null before it is assigned"}
    )
    certain = fields.Boolean(
        required=True, metadata={"description": "whether the official holidays on the way are known"}
    )


class IssueCallOut(OutSchema):
    """A department that is called now."""

    unit = fields.Nested(RecordUnitOut, required=True)
    role = choice(CallRole, required=True)
    called_at = Moment(required=True)
    report_in_due_at = Moment(required=True)
    reported_in_at = Moment(required=True, allow_none=True)
    in_time = fields.Boolean(
        required=True, allow_none=True, metadata={"description": "null while it may still report in"}
    )


class IssueEventOut(OutSchema):
    """One thing that was done."""

    id = Id(required=True)
    kind = choice(EventKind, required=True)
    by = fields.Nested(RecordPersonOut, required=True)
    unit = fields.Nested(RecordUnitOut, required=True, allow_none=True)
    at = Moment(required=True, metadata={"description": "as the sender says"})
    received_at = Moment(required=True, metadata={"description": "what the clock goes by"})
    text = fields.String(required=True, allow_none=True)
    photo_ids = fields.List(Id(), required=True)
    facts = fields.Dict(
        required=True, metadata={"description": "what it decided, with the names as they were"}
    )
    from_state = choice(IssueState, required=True)
    to_state = choice(IssueState, required=True)


class IssueOut(OutSchema):
    """A problem with its receipt, whom it calls, its clock, and what the asker may do now."""

    id = Id(required=True)
    rev = fields.Integer(required=True)
    number = fields.String(required=True)
    receipt = fields.Nested(ReceiptOut, required=True)
    unit = fields.Nested(RecordUnitOut, required=True)
    raiser = fields.Nested(RecordPersonOut, required=True)
    site = fields.Nested(NamedRowOut, required=True, allow_none=True)
    project = fields.Nested(NamedRowOut, required=True, allow_none=True)
    enterprise = fields.Nested(NamedRowOut, required=True, allow_none=True)
    checkin_id = Id(required=True, allow_none=True)
    visit_id = Id(required=True, allow_none=True)
    category = choice(IssueCategory, required=True)
    severity = choice(IssueSeverity, required=True)
    text = fields.String(required=True)
    photo_ids = fields.List(Id(), required=True)
    photos = fields.Nested(
        RecordPhotosOut, required=True, metadata={"description": "of the problem and of all its events"}
    )
    flags = fields.List(fields.Nested(FlagOut), required=True)
    raised_at = Moment(required=True)
    on_day = fields.Date(required=True)
    captured_at = Moment(required=True)
    capture = fields.Nested(CaptureOut, required=True)
    received_at = Moment(required=True)
    updated_at = Moment(required=True)
    withdrawn_at = Moment(required=True, allow_none=True)
    withdrawn_because = fields.String(required=True, allow_none=True)
    state = choice(IssueState, required=True)
    level = choice(Level, required=True)
    lead = fields.Nested(RecordUnitOut, required=True, allow_none=True)
    calls = fields.List(
        fields.Nested(IssueCallOut), required=True, metadata={"description": "the lead first"}
    )
    assign_due_at = Moment(required=True)
    assigned_at = Moment(required=True, allow_none=True)
    feedback_due_at = Moment(required=True, allow_none=True)
    first_reply_at = Moment(required=True, allow_none=True)
    due_on = fields.Date(required=True, allow_none=True)
    due_at = Moment(required=True, allow_none=True)
    due_working_on = fields.Date(
        required=True, allow_none=True, metadata={"description": "the same limit by working days"}
    )
    extended_because = fields.String(required=True, allow_none=True)
    light = fields.Nested(
        IssueLightOut, required=True, allow_none=True, metadata={"description": "null: its clock stopped"}
    )
    in_time = fields.Boolean(
        required=True, allow_none=True, metadata={"description": "resolved within its limit; null before"}
    )
    resolved_at = Moment(required=True, allow_none=True)
    closed_at = Moment(required=True, allow_none=True)
    first_try = fields.Boolean(required=True, metadata={"description": "it was never reopened"})
    satisfied = fields.Boolean(required=True, allow_none=True)
    supervisions = fields.Integer(required=True, metadata={"description": "督办次数"})
    duplicate_of = Id(required=True, allow_none=True)
    may = fields.List(
        choice(EventKind), required=True, metadata={"description": "the events open to the asker now"}
    )
    may_edit = fields.Boolean(
        required=True, metadata={"description": "whether the asker may edit it or take it back"}
    )
    ignored_fields = fields.List(fields.String(), required=True)


class IssueCardOut(IssueOut):
    """A problem with everything that was done about it, oldest first."""

    events = fields.List(fields.Nested(IssueEventOut), required=True)
