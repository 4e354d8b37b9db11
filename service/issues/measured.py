"""Which problems a figure counts, as conditions: the statistics and the lists behind them read the very same."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from service.issues.measures import Measure
from service.issues.models import GONE_STATES, CallRole, Issue, IssueCall, IssueState
from service.issues.queries import Due, IssueFilter, conditions, overdue, overdue_count, past_limit
from service.issues.reading import read_views, rows
from service.issues.views import IssueView
from service.kernel.actor import Actor
from service.kernel.clock import now
from service.kernel.pages import Page, PageRequest, day_and_id, page_of

ISSUES = "/api/hq/v1/issues"


@dataclass(frozen=True, slots=True)
class Counted:
    """Problems of the filter, and among them those that a measure counts; of a department, by its own call."""

    what: IssueFilter
    measure: Measure | None = None
    own_only: bool = False
    """Only those the unit itself raised, without the units below it."""

    @property
    def url(self) -> str:
        """Where headquarters reads them."""
        what = self.what
        given = {
            "measure": self.measure,
            "state": ",".join(what.states) or None,
            "category": what.category,
            "severity": what.severity,
            "unit": what.unit_id,
            "own_only": "true" if self.own_only else None,
            "department": what.department_id,
            "role": what.department_role,
            "due": what.due,
            "site": what.site_id,
            "enterprise": what.enterprise_id,
            "checkin": what.checkin_id,
            "from": what.from_on,
            "to": what.until_on,
            "q": what.q,
        }
        words = {name: str(value) for name, value in given.items() if value is not None}
        return f"{ISSUES}?{urlencode(words)}"


@dataclass(frozen=True, slots=True)
class OverdueCount:
    """A count, and the address of exactly what it counts."""

    count: int
    records_url: str


def counted_issues(session: Session, actor: Actor, which: Counted, page: PageRequest) -> Page[IssueView]:
    """These problems in the actor's scope, the latest raised first."""
    found = rows(actor).where(*counted(session, actor, which))
    if page.after is not None:
        found = found.where(sa.tuple_(Issue.on_day, Issue.id) < sa.tuple_(*day_and_id(page.after)))
    newest = found.order_by(Issue.on_day.desc(), Issue.id.desc()).limit(page.limit + 1)
    return page_of(
        read_views(session, actor, newest),
        limit=page.limit,
        key=lambda view: (view.on_day.isoformat(), str(view.id)),
    )


def overdue_counted(session: Session, actor: Actor) -> OverdueCount:
    """How many problems in the actor's scope are overdue, and where they are listed."""
    return OverdueCount(overdue_count(session, actor), Counted(IssueFilter(due=Due.OVERDUE)).url)


def counted(session: Session, actor: Actor, which: Counted) -> list[sa.ColumnElement[bool]]:
    """What a problem must be to be one of these, for a statement over `Issue`."""
    what, measure = which.what, which.measure
    own = [Issue.unit_id == what.unit_id] if which.own_only and what.unit_id else []
    if measure is None:
        return [*conditions(session, actor, what), *own]
    found = [*standing(session, actor, what), *own]
    call, moment = aliased(IssueCall), now()
    of_all = _without_call(moment)
    if what.department_id is None and measure in of_all:
        return [*found, of_all[measure]]
    told = meaning(call, moment)[measure]
    is_called = sa.select(call.issue_id).where(call.issue_id == Issue.id, *heard(call, what), told)
    return [*found, is_called.exists()]


def standing(session: Session, actor: Actor, what: IssueFilter) -> list[sa.ColumnElement[bool]]:
    """The problems of the filter in the actor's scope that count at all; whom they are to call is said by `heard`."""
    anybodys = replace(what, department_id=None, department_role=None)
    return [*conditions(session, actor, anybodys), Issue.state.not_in(GONE_STATES)]


def heard(call: Any, what: IssueFilter) -> list[sa.ColumnElement[bool]]:
    """The call a problem is counted by: that of the filter's department, without those below it, else of whoever leads."""
    if what.department_id is None:
        return [call.role == CallRole.LEAD, call.withdrawn_at.is_(None)]
    found = [call.unit_id == what.department_id, call.withdrawn_at.is_(None)]
    return found if what.department_role is None else [*found, call.role == what.department_role]


def meaning(call: Any, at: datetime) -> Mapping[Measure, sa.ColumnElement[bool]]:
    """What each measure asks of a problem beside the call it is counted by, at a moment."""
    leads = call.role == CallRole.LEAD
    is_reported_in = call.reported_in_at.is_not(None)
    # A department that is called to help can report in no more once the lead has solved it.
    is_solved_before = sa.func.coalesce(Issue.resolved_at < call.report_in_due_at, sa.false())
    had_to_report_in = sa.and_(call.report_in_due_at <= at, sa.not_(is_solved_before))
    is_resolved = sa.and_(leads, Issue.state.in_((IssueState.RESOLVED, IssueState.CLOSED)))
    is_closed = sa.and_(leads, Issue.state == IssueState.CLOSED)
    of_all = _without_call(at)
    return {
        Measure.RAISED: of_all[Measure.RAISED],
        Measure.WAITING: of_all[Measure.WAITING],
        Measure.CALLED: call.issue_id.is_not(None),
        Measure.LED: leads,
        Measure.REPORT_DUE: sa.or_(is_reported_in, had_to_report_in),
        Measure.REPORTED_IN: is_reported_in,
        Measure.REPORTED_IN_TIME: call.reported_in_at < call.report_in_due_at,
        Measure.RESOLVED: is_resolved,
        Measure.RESOLVED_IN_TIME: sa.and_(is_resolved, Issue.resolved_at < Issue.due_at),
        Measure.SOLVE_DUE: sa.or_(is_closed, sa.and_(leads, past_limit(at))),
        Measure.CLOSED: is_closed,
        Measure.FIRST_TRY: sa.and_(is_closed, Issue.first_try),
        Measure.SATISFIED: sa.and_(is_closed, Issue.satisfied.is_(True)),
        Measure.OVERDUE: sa.and_(of_all[Measure.OVERDUE], sa.or_(call.issue_id.is_(None), leads)),
    }


def _without_call(at: datetime) -> Mapping[Measure, sa.ColumnElement[bool]]:
    """What is told of a problem that calls nobody yet, too."""
    return {
        Measure.RAISED: sa.true(),
        Measure.WAITING: Issue.state == IssueState.RAISED,
        Measure.OVERDUE: overdue(at),
    }
