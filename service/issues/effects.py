"""What each kind of event does to a problem whose row is locked, and the facts that are kept of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from service.accounts.queries import unit_names
from service.issues import clock, workflow
from service.issues.calling import call, set_limit
from service.issues.clock import ClockSetting
from service.issues.errors import BadEvent
from service.issues.models import (
    GONE_STATES,
    CallRole,
    EventKind,
    Issue,
    IssueCall,
    IssueState,
    Level,
)
from service.issues.reading import CallRow
from service.issues.routes import units_missing
from service.issues.submission import NewEvent
from service.issues.workflow import Place
from service.kernel.errors import Fault


@dataclass(frozen=True, slots=True)
class Happening:
    """An event that may happen: where the problem is, for which called unit, by which limits, and when."""

    session: Session
    issue: Issue
    place: Place
    call: CallRow | None
    what: NewEvent
    setting: ClockSetting
    moment: datetime


@dataclass(frozen=True, slots=True)
class Effect:
    """The state after it, and the facts to be kept."""

    state: IssueState
    facts: dict[str, Any]


def bring_about(one: Happening) -> Effect:
    """Let it happen.

    Raises:
        BadEvent: a unit or a problem that it names does not exist.
    """
    return _EFFECTS[one.what.kind](one)


def called_facts(session: Session, unit_ids: Sequence[UUID], issue: Issue, because: str) -> dict[str, Any]:
    """Who was called, with their names of today; `because` of a route, of the raiser's call, or of a decision."""
    names = unit_names(session, unit_ids)
    lead, *supports = ({"id": str(one), "name": names[one]} for one in unit_ids)
    return {"lead": lead, "supports": supports, "severity": issue.severity.value, "because": because}


def _assign(one: Happening) -> Effect:
    what, issue = one.what, one.issue
    unit_ids = [what.lead_unit_id, *what.support_unit_ids] if what.lead_unit_id else []
    missing = units_missing(one.session, unit_ids)
    if missing:
        at = "/lead_unit_id" if what.lead_unit_id in missing else "/support_unit_ids"
        raise BadEvent(faults=[Fault(at, "没有这个单位", "There is no such unit")])
    if what.severity is not None and what.severity is not issue.severity:
        issue.severity = what.severity
        set_limit(issue, one.setting)
    is_here = call(one.session, issue, unit_ids, one.setting, one.moment)
    state = workflow.after(EventKind.ASSIGN, one.place, lead_has_reported_in=is_here)
    return Effect(state, called_facts(one.session, unit_ids, issue, "decision"))


def _report_in(one: Happening) -> Effect:
    called = _own_call(one)
    one.session.execute(
        sa.update(IssueCall)
        .where(IssueCall.issue_id == one.issue.id, IssueCall.unit_id == called.unit.id)
        .values(reported_in_at=one.moment)
    )
    is_here = one.place.lead_has_reported_in or called.role is CallRole.LEAD
    state = workflow.after(EventKind.REPORT_IN, one.place, lead_has_reported_in=is_here)
    in_time = one.moment < called.report_in_due_at
    return Effect(state, _as_whom(called) | {"in_time": in_time})


def _reply(one: Happening) -> Effect:
    called, issue = _own_call(one), one.issue
    facts = _as_whom(called)
    if called.role is CallRole.LEAD and issue.first_reply_at is None:
        issue.first_reply_at = one.moment
        facts["in_time"] = issue.feedback_due_at is None or one.moment < issue.feedback_due_at
    return Effect(_next(one), facts)


def _resolve(one: Happening) -> Effect:
    issue = one.issue
    issue.resolved_at = one.moment
    issue.first_reply_at = issue.first_reply_at or one.moment
    in_time = issue.due_at is None or one.moment < issue.due_at
    return Effect(_next(one), _as_whom(_own_call(one)) | {"in_time": in_time})


def _confirm(one: Happening) -> Effect:
    satisfied = one.what.satisfied is not False
    one.issue.closed_at, one.issue.satisfied = one.moment, satisfied
    return Effect(_next(one), {"satisfied": satisfied})


def _reopen(one: Happening) -> Effect:
    issue = one.issue
    facts = {"resolved_at": issue.resolved_at.isoformat()} if issue.resolved_at else {}
    issue.resolved_at = issue.closed_at = issue.satisfied = None
    issue.first_try = False
    return Effect(_next(one), facts)


def _supervise(one: Happening) -> Effect:
    issue = one.issue
    issue.supervisions += 1
    if issue.supervisions >= one.setting.escalate_after:
        issue.level = Level.JOINT_MEETING
    return Effect(_next(one), {"count": issue.supervisions, "level": issue.level.value})


def _extend(one: Happening) -> Effect:
    issue, what = one.issue, one.what
    before = issue.due_on
    if what.until_on is not None:
        limit = clock.extended(what.until_on)
        issue.due_on, issue.due_at, issue.due_working_on = limit.on, limit.at, limit.working_on
    issue.extended_because = what.text
    return Effect(
        _next(one),
        {"from_on": before and before.isoformat(), "until_on": issue.due_on and issue.due_on.isoformat()},
    )


def _escalate(one: Happening) -> Effect:
    one.issue.level = Level.JOINT_MEETING
    return Effect(_next(one), {"level": Level.JOINT_MEETING.value})


def _void(one: Happening) -> Effect:
    other_id = one.what.duplicate_of
    if other_id is None:
        return Effect(_next(one), {})
    number = one.session.scalar(
        sa.select(Issue.number).where(
            Issue.id == other_id, Issue.id != one.issue.id, Issue.state.not_in(GONE_STATES)
        )
    )
    if number is None:
        words = ("没有可并入的这个问题", "There is no such problem that stands")
        raise BadEvent(faults=[Fault("/duplicate_of", *words)])
    one.issue.duplicate_of = other_id
    return Effect(_next(one), {"duplicate_of": {"id": str(other_id), "number": number}})


def _next(one: Happening) -> IssueState:
    is_here = one.place.lead_has_reported_in
    return workflow.after(one.what.kind, one.place, lead_has_reported_in=is_here)


def _own_call(one: Happening) -> CallRow:
    if one.call is None:
        msg = "only who is called does this"
        raise RuntimeError(msg)
    return one.call


def _as_whom(called: CallRow) -> dict[str, Any]:
    return {"unit": {"id": str(called.unit.id), "name": called.unit.name}, "role": called.role.value}


_EFFECTS: dict[EventKind, Callable[[Happening], Effect]] = {
    EventKind.ASSIGN: _assign,
    EventKind.REPORT_IN: _report_in,
    EventKind.REPLY: _reply,
    EventKind.RESOLVE: _resolve,
    EventKind.CONFIRM: _confirm,
    EventKind.REOPEN: _reopen,
    EventKind.SUPERVISE: _supervise,
    EventKind.EXTEND: _extend,
    EventKind.ESCALATE: _escalate,
    EventKind.VOID: _void,
}
