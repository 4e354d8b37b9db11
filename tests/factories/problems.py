"""A problem as it stands in the tables, with the calls and moments that a test is about; no clock has touched it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from service.accounts.models import Unit
from service.issues.models import CallRole, Issue, IssueCall, IssueCategory, IssueSeverity, IssueState
from service.kernel.actor import Actor
from service.kernel.calendar import SHANGHAI, start_of
from service.projects.models import Site
from service.submissions.models import RecordRevision, RecordType


@dataclass(frozen=True, slots=True)
class Called:
    """A department that is called at nine on the day the problem was raised, and is to report in by 24:00 of the next."""

    unit: Unit
    reported_in_after: timedelta | None = None
    role: CallRole = CallRole.LEAD
    withdrawn: bool = False


def at_nine(on: date) -> datetime:
    return datetime.combine(on, time(9), SHANGHAI)


def add_problem(
    session: Session, by: Actor, site: Site | None, on: date, calls: Sequence[Called] = (), **facts: Any
) -> UUID:
    """A problem raised at nine of that day; called, the first leads, and seven days are given."""
    issue_id, raised_at = uuid4(), at_nine(on)
    lead = next((one.unit.id for one in calls if one.role is CallRole.LEAD), None)
    last_on = on + timedelta(days=7)
    usual: dict[str, Any] = {
        "rev": 1,
        "number": f"LC-{issue_id}",
        "unit_id": by.unit_id,
        "raised_by": by.person_id,
        "site_id": site.id if site else None,
        "category": IssueCategory.POWER,
        "severity": IssueSeverity.GENERAL,
        "text": "临时用电不足",
        "photo_ids": [],
        "flags": [],
        "raised_at": raised_at,
        "on_day": on,
        "captured_at": raised_at,
        "received_at": raised_at,
        "updated_at": raised_at,
        "assign_due_at": start_of(on + timedelta(days=1)),
        "state": IssueState.CALLED if lead else IssueState.RAISED,
        "lead_unit_id": lead,
        "assigned_at": raised_at if lead else None,
        "due_on": last_on if lead else None,
        "due_at": start_of(last_on + timedelta(days=1)) if lead else None,
    }
    session.add(Issue(id=issue_id, **(usual | facts)))
    session.add(
        RecordRevision(
            record_id=issue_id,
            rev=1,
            record_type=RecordType.ISSUE,
            sha256="0" * 64,
            body={},
            author_id=by.person_id,
            received_at=raised_at,
        )
    )
    session.flush()
    for one in calls:
        reported = None if one.reported_in_after is None else raised_at + one.reported_in_after
        session.add(
            IssueCall(
                issue_id=issue_id,
                unit_id=one.unit.id,
                role=one.role,
                called_at=raised_at,
                report_in_due_at=start_of(on + timedelta(days=2)),
                reported_in_at=reported,
                withdrawn_at=raised_at if one.withdrawn else None,
            )
        )
    session.flush()
    return issue_id
