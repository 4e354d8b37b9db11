"""Problems as offices list, raise and deal with them."""

from typing import Any

import marshmallow as ma
from marshmallow import fields, post_load, validate

from service.http.places import NamedRowOut
from service.http.record_schemas import (
    CaptureOut,
    FlagOut,
    InLanguage,
    MaskedText,
    ReceiptOut,
    RecordPhotosOut,
)
from service.http.schemas import Day, Flag, Id, Moment, OutSchema, PageQuery, StrictSchema, Text, choice
from service.issues.clock import Light
from service.issues.measured import Counted
from service.issues.measures import Measure
from service.issues.models import CallRole, EventKind, IssueCategory, IssueSeverity, IssueState, Level
from service.issues.queries import Due, IssueFilter
from service.issues.submission import NewEvent, NewIssue
from service.kernel.ids import uuid7

TEXT, MOST_PHOTOS, MOST_CALLED = 4000, 50, 20


class IssueStates(fields.Field[tuple[IssueState, ...]]):
    """States with commas between them: `called,in_progress`."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> tuple[IssueState, ...]:  # noqa: ARG002
        try:
            return tuple(IssueState(part.strip()) for part in str(value).split(",") if part.strip())
        except ValueError as error:
            known = "、".join(IssueState)
            raise ma.ValidationError(f"没有这种状态，应为 {known} / unknown state") from error


class IssueFilterFields(ma.Schema):
    """What narrows a list of problems, a table of them, and an export."""

    state = IssueStates(
        load_default=tuple,
        metadata={
            "type": "string",
            "description": "one or several with commas; without it all but those withdrawn and voided",
        },
    )
    category = choice(IssueCategory, load_default=None)
    severity = choice(IssueSeverity, load_default=None)
    unit = Id(load_default=None, metadata={"description": "whose people raised it, with all units below"})
    own_only = fields.Boolean(
        load_default=False, metadata={"description": "only the unit's own, without those below it"}
    )
    department = Id(load_default=None, metadata={"description": "that is called now"})
    role = choice(CallRole, load_default=None, metadata={"description": "of the department"})
    due = choice(Due, load_default=None, metadata={"description": "`overdue` shows red, `soon` yellow"})
    site = Id(load_default=None)
    enterprise = Id(load_default=None)
    checkin = Id(load_default=None)
    from_on = Day(data_key="from", load_default=None, metadata={"description": "first day it was raised"})
    until_on = Day(data_key="to", load_default=None, metadata={"description": "the day after the last"})
    q = Text(most=100, load_default=None, metadata={"description": "part of the number or the text"})
    measure = choice(
        Measure,
        load_default=None,
        metadata={"description": "those a figure of the statistics counts; of `department`, by its own call"},
    )


def issue_filter(values: dict[str, Any]) -> IssueFilter:
    """The filter as the house has it."""
    return IssueFilter(
        states=values["state"],
        category=values["category"],
        severity=values["severity"],
        unit_id=values["unit"],
        department_id=values["department"],
        department_role=values["role"],
        due=values["due"],
        site_id=values["site"],
        enterprise_id=values["enterprise"],
        checkin_id=values["checkin"],
        from_on=values["from_on"],
        until_on=values["until_on"],
        q=values["q"] or None,
    )


class IssueRowQuery(PageQuery, IssueFilterFields):
    """Which problems; the filters are those of the figures' addresses."""

    @post_load
    def build(self, values: dict[str, Any], **_: Any) -> dict[str, Any]:
        """The page's words, and what is counted as the house has it."""
        what = Counted(issue_filter(values), values["measure"], own_only=values["own_only"])
        return {"limit": values["limit"], "cursor": values["cursor"], "what": what}


class IssueCountOut(OutSchema):
    """How many, and where they are listed: exactly as many, whoever asks."""

    count = fields.Integer(required=True)
    records_url = fields.String(required=True)


class IssueCountsOut(OutSchema):
    """What of the asker's problems waits for somebody's hand."""

    overdue = fields.Nested(
        IssueCountOut,
        required=True,
        metadata={"description": "not assigned on their day, or past their limit and not resolved"},
    )


def _photo_ids() -> fields.List[Any]:
    return fields.List(Id(), load_default=list, validate=validate.Length(max=MOST_PHOTOS))


def _unit_ids() -> fields.List[Any]:
    return fields.List(Id(), load_default=list, validate=validate.Length(max=MOST_CALLED))


class IssueFilingIn(StrictSchema):
    """A problem as an office raises it, or takes it out of a service check-in, which says what is left out here."""

    id = Id(load_default=uuid7, metadata={"description": "chosen by the sender, so that a repeat is known"})
    category = choice(IssueCategory, load_default=None, allow_none=True)
    severity = choice(IssueSeverity, load_default=IssueSeverity.GENERAL)
    text = Text(most=TEXT, least=1, load_default=None, allow_none=True)
    site_id = Id(load_default=None, allow_none=True)
    enterprise_id = Id(load_default=None, allow_none=True)
    checkin_id = Id(load_default=None, allow_none=True)
    raised_at = Moment(load_default=None, allow_none=True)
    photo_ids = _photo_ids()
    call = fields.List(
        Id(),
        load_default=list,
        validate=validate.Length(max=MOST_CALLED),
        metadata={"description": "units to call at once, the first to lead; empty: the category's route"},
    )

    @post_load
    def build(self, values: dict[str, Any], **_: Any) -> NewIssue:
        """The problem as the command takes it."""
        for name in ("photo_ids", "call"):
            values[name] = tuple(values[name])
        return NewIssue(**values)


class IssueActIn(StrictSchema):
    """Something that is done about a problem; `may` of the problem lists the kinds that are open to the asker."""

    id = Id(load_default=uuid7, metadata={"description": "chosen by the sender, so that a repeat is known"})
    kind = choice(EventKind, required=True)
    at = Moment(load_default=None, allow_none=True)
    text = Text(most=TEXT, load_default=None, allow_none=True)
    photo_ids = _photo_ids()
    unit_id = Id(load_default=None, allow_none=True, metadata={"description": "for which called unit"})
    lead_unit_id = Id(load_default=None, allow_none=True, metadata={"description": "assign"})
    support_unit_ids = _unit_ids()
    severity = choice(IssueSeverity, load_default=None, allow_none=True, metadata={"description": "assign"})
    satisfied = Flag(load_default=None, allow_none=True, metadata={"description": "confirm; null is yes"})
    until_on = Day(load_default=None, allow_none=True, metadata={"description": "extend: the last day"})
    duplicate_of = Id(load_default=None, allow_none=True, metadata={"description": "void"})

    @post_load
    def build(self, values: dict[str, Any], **_: Any) -> NewEvent:
        """The event as the command takes it."""
        for name in ("photo_ids", "support_unit_ids"):
            values[name] = tuple(values[name])
        values["text"] = values["text"] or None
        return NewEvent(**values)


class IssueRecordLightOut(OutSchema):
    """Whether time is left; a light is never shown without its text."""

    light = choice(Light, required=True)
    text = InLanguage(required=True)
    working_days = fields.Integer(
        required=True, allow_none=True, metadata={"description": "left or over; null before it is assigned"}
    )
    certain = fields.Boolean(
        required=True, metadata={"description": "whether the official holidays on the way are known"}
    )


class IssueRecordCallOut(OutSchema):
    """A department that is called now."""

    unit = fields.Nested(NamedRowOut, required=True)
    role = choice(CallRole, required=True)
    called_at = Moment(required=True)
    report_in_due_at = Moment(required=True)
    reported_in_at = Moment(required=True, allow_none=True)
    in_time = fields.Boolean(
        required=True, allow_none=True, metadata={"description": "null while it may still report in"}
    )


class IssueRecordEventOut(OutSchema):
    """One thing that was done."""

    id = Id(required=True)
    kind = choice(EventKind, required=True)
    by = fields.Nested(NamedRowOut, required=True)
    unit = fields.Nested(NamedRowOut, required=True, allow_none=True)
    at = Moment(required=True)
    received_at = Moment(required=True)
    text = MaskedText(required=True, allow_none=True)
    photo_ids = fields.List(Id(), required=True)
    facts = fields.Dict(
        required=True, metadata={"description": "what it decided, with the names as they were"}
    )
    from_state = choice(IssueState, required=True)
    to_state = choice(IssueState, required=True)


class IssueRecordOut(OutSchema):
    """A problem as an office reads it, with what the asker may do now; days and limits are those of Asia/Shanghai."""

    id = Id(required=True)
    rev = fields.Integer(required=True)
    number = fields.String(required=True)
    receipt = fields.Nested(ReceiptOut, required=True)
    unit = fields.Nested(NamedRowOut, required=True)
    raiser = fields.Nested(NamedRowOut, required=True)
    site = fields.Nested(NamedRowOut, required=True, allow_none=True)
    project = fields.Nested(NamedRowOut, required=True, allow_none=True)
    enterprise = fields.Nested(NamedRowOut, required=True, allow_none=True)
    checkin_id = Id(required=True, allow_none=True)
    visit_id = Id(required=True, allow_none=True)
    category = choice(IssueCategory, required=True)
    severity = choice(IssueSeverity, required=True)
    text = MaskedText(required=True)
    photo_ids = fields.List(Id(), required=True)
    photos = fields.Nested(RecordPhotosOut, required=True)
    flags = fields.List(fields.Nested(FlagOut), required=True)
    raised_at = Moment(required=True)
    on_day = fields.Date(required=True)
    captured_at = Moment(required=True)
    capture = fields.Nested(CaptureOut, required=True)
    received_at = Moment(required=True)
    updated_at = Moment(required=True)
    withdrawn_at = Moment(required=True, allow_none=True)
    withdrawn_because = MaskedText(required=True, allow_none=True)
    state = choice(IssueState, required=True)
    level = choice(Level, required=True)
    lead = fields.Nested(NamedRowOut, required=True, allow_none=True)
    calls = fields.List(
        fields.Nested(IssueRecordCallOut), required=True, metadata={"description": "the lead first"}
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
    extended_because = MaskedText(required=True, allow_none=True)
    light = fields.Nested(
        IssueRecordLightOut,
        required=True,
        allow_none=True,
        metadata={"description": "null when the clock stopped"},
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
    may_edit = fields.Boolean(required=True)


class IssueRecordCardOut(IssueRecordOut):
    """A problem with everything that was done about it, oldest first."""

    events = fields.List(fields.Nested(IssueRecordEventOut), required=True)
