"""A problem as it is answered: its facts, whom it calls, what the asker may do now, and what was done."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from service.issues.clock import LightShown
from service.issues.models import (
    CallRole,
    EventKind,
    IssueCategory,
    IssueSeverity,
    IssueState,
    Level,
)
from service.kernel.named import Named
from service.photos.queries import PhotoTally
from service.submissions.clocks import CaptureView
from service.submissions.receipt import Receipt


@dataclass(frozen=True, slots=True)
class CallView:
    """A department that is called; `in_time` is None while it may still report in, or when it need not any more."""

    unit: Named
    role: CallRole
    called_at: datetime
    report_in_due_at: datetime
    reported_in_at: datetime | None
    in_time: bool | None


@dataclass(frozen=True, slots=True)
class EventView:
    """One thing that was done."""

    id: UUID
    kind: EventKind
    by: Named
    unit: Named | None
    at: datetime
    received_at: datetime
    text: str | None
    photo_ids: list[UUID]
    facts: dict[str, Any]
    from_state: IssueState
    to_state: IssueState


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueView:
    """The contract's answer about a problem."""

    id: UUID
    rev: int
    number: str
    receipt: Receipt
    unit: Named
    raiser: Named
    site: Named | None
    project: Named | None
    enterprise: Named | None
    checkin_id: UUID | None
    visit_id: UUID | None
    category: IssueCategory
    severity: IssueSeverity
    text: str
    photo_ids: list[UUID]
    photos: PhotoTally
    """Of the problem and of all its events."""
    flags: list[dict[str, Any]]
    raised_at: datetime
    on_day: date
    captured_at: datetime
    capture: CaptureView
    received_at: datetime
    updated_at: datetime
    withdrawn_at: datetime | None
    withdrawn_because: str | None
    state: IssueState
    level: Level
    lead: Named | None
    calls: tuple[CallView, ...]
    """Those called now: the lead first, then by the time of the call."""
    assign_due_at: datetime
    assigned_at: datetime | None
    feedback_due_at: datetime | None
    first_reply_at: datetime | None
    due_on: date | None
    due_at: datetime | None
    due_working_on: date | None
    extended_because: str | None
    light: LightShown | None
    """None when the clock has stopped."""
    in_time: bool | None
    """Whether it was resolved within its limit; None before."""
    resolved_at: datetime | None
    closed_at: datetime | None
    first_try: bool
    satisfied: bool | None
    supervisions: int
    duplicate_of: UUID | None
    may: tuple[EventKind, ...]
    """What the asker may do now."""
    may_edit: bool
    """Whether the asker may send an edit of it, or take it back."""
    ignored_fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueCard(IssueView):
    """A problem with everything that was done about it, oldest first."""

    events: tuple[EventView, ...]
