"""A problem as a phone or an office raises it, and an event about it: parsed, typed and frozen."""

from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any
from uuid import UUID

from service.issues.models import EventKind, IssueCategory, IssueSeverity
from service.kernel.revisions import body_sha256
from service.submissions.submission import Submission


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueSubmission(Submission):
    """The whole body of a problem's `PUT`."""

    category: IssueCategory
    text: str
    raised_at: datetime
    severity: IssueSeverity = IssueSeverity.GENERAL
    site_id: UUID | None = None
    enterprise_id: UUID | None = None
    checkin_id: UUID | None = None
    visit_id: UUID | None = None
    photo_ids: tuple[UUID, ...] = ()
    call: tuple[UUID, ...] = ()
    """The departments to be called at once, the first as the lead; none: those of the category's route."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewIssue:
    """A problem that an office raises; out of a check-in, what is left out comes from that check-in."""

    id: UUID
    category: IssueCategory | None = None
    """None: what the check-in's note says, else `other`."""
    severity: IssueSeverity = IssueSeverity.GENERAL
    text: str | None = None
    site_id: UUID | None = None
    enterprise_id: UUID | None = None
    checkin_id: UUID | None = None
    raised_at: datetime | None = None
    """None: when the check-in was made, else now."""
    photo_ids: tuple[UUID, ...] = ()
    call: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEvent:
    """An event as it is sent; which fields a kind needs is said in `rules`."""

    id: UUID
    kind: EventKind
    at: datetime | None = None
    """As the sender says; None is now."""
    text: str | None = None
    photo_ids: tuple[UUID, ...] = ()
    unit_id: UUID | None = None
    """report_in, reply, resolve: for which called department; None is the sender's own, else one they answer for."""
    lead_unit_id: UUID | None = None
    """assign."""
    support_unit_ids: tuple[UUID, ...] = ()
    """assign."""
    severity: IssueSeverity | None = None
    """assign; None leaves it."""
    satisfied: bool | None = None
    """confirm; None is yes."""
    until_on: date | None = None
    """extend."""
    duplicate_of: UUID | None = None
    """void: the problem that this one is part of."""

    @property
    def sha256(self) -> str:
        """Over all that was sent, so that a repeat is told from another event."""
        said = {one.name: getattr(self, one.name) for one in fields(self)}
        return body_sha256({name: _plain(value) for name, value in said.items() if value not in (None, ())})


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [str(one) for one in value]
    return value if isinstance(value, bool) else str(value)
