"""Departments are called to a problem, and its clock is started; the problem's row is locked by the caller."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from service.issues import clock
from service.issues.clock import ClockSetting
from service.issues.models import CallRole, Issue, IssueCall


def call(
    session: Session, issue: Issue, unit_ids: Sequence[UUID], setting: ClockSetting, moment: datetime
) -> bool:
    """Make exactly these units the called ones, the first the lead, and say whether the lead has reported in.

    Who was called already keeps the time of that call; the report-in clock starts for the newly called only.
    """
    known = {
        one.unit_id: one
        for one in session.scalars(sa.select(IssueCall).where(IssueCall.issue_id == issue.id))
    }
    for unit_id, one in known.items():
        if unit_id not in unit_ids and one.withdrawn_at is None:
            one.withdrawn_at = moment
    for place, unit_id in enumerate(unit_ids):
        role = CallRole.SUPPORT if place else CallRole.LEAD
        held = known.get(unit_id)
        if held is None:
            due_at = clock.report_in_due(moment, setting)
            held = IssueCall(
                issue_id=issue.id, unit_id=unit_id, role=role, called_at=moment, report_in_due_at=due_at
            )
            session.add(held)
            known[unit_id] = held
        elif held.withdrawn_at is not None:
            held.called_at, held.report_in_due_at = moment, clock.report_in_due(moment, setting)
            held.reported_in_at = held.withdrawn_at = None
        held.role = role
    _start(issue, unit_ids[0], setting, moment)
    session.flush()
    return known[unit_ids[0]].reported_in_at is not None


def set_limit(issue: Issue, setting: ClockSetting) -> None:
    """Let the limit be that of the problem's severity, counted from its assignment; one set by hand stays."""
    if issue.assigned_at is None or issue.extended_because is not None:
        return
    limit = clock.limit(issue.assigned_at, issue.severity, setting)
    issue.due_on, issue.due_at, issue.due_working_on = limit.on, limit.at, limit.working_on


def _start(issue: Issue, lead_unit_id: UUID, setting: ClockSetting, moment: datetime) -> None:
    if issue.lead_unit_id != lead_unit_id and issue.first_reply_at is None:
        issue.feedback_due_at = clock.feedback_due(moment, setting)
    issue.lead_unit_id = lead_unit_id
    if issue.assigned_at is None:
        issue.assigned_at = moment
        set_limit(issue, setting)
