"""问题台账: the problems a list on the screen shows with the office's headings, and what was told and not yet raised.

Problems stand first, each with whom it calls and how far it is. Service check-ins that tell of a problem nobody has raised
follow, 未立项, as far as the filter asks for nothing that only a raised problem has.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import Session, aliased

from service.accounts.models import Unit, User
from service.checkins.queries import CheckinFilter
from service.enterprises.models import Enterprise
from service.exports.office_tables import Exported, Line, Taking
from service.issues.measured import Counted, counted
from service.issues.models import CallRole, EventKind, Issue, IssueCall, IssueEvent, IssueState
from service.issues.queries import IssueFilter
from service.issues.untaken import UntakenCheckin, count_untaken, each_untaken
from service.issues.words import CATEGORIES, STATES
from service.kernel.calendar import SHANGHAI, local_date
from service.kernel.clock import now
from service.progress.office_sheet import Cell, OfficeTable
from service.progress.sheet_cells import MASKED, WHOLE, Veil
from service.projects.models import Project, Site

UNRAISED = "未立项"
_AT_ONCE = 500
_TABLE = OfficeTable(
    title="问题台账",
    tab="问题台账",
    columns=(
        ("编号", 15),
        ("项目", 24),
        ("问题", 40),
        ("类别", 10),
        ("提出人", 10),
        ("提出日期", 11),
        ("牵头部门", 13),
        ("配合部门", 13),
        ("报到时间", 11),
        ("办理时限", 11),
        ("办理情况", 20),
        ("办结日期", 11),
        ("企业确认", 9),
        ("是否超期", 9),
        ("督办次数", 9),
    ),
    note_from=5,
    signatures=(0, 5, 10),
)
_TOLD_OF = (EventKind.REPLY, EventKind.RESOLVE, EventKind.REOPEN, EventKind.EXTEND)
"""What says how far a problem is, in words."""
_OF_CHECKINS = frozenset({"unit_id", "site_id", "from_on", "until_on"})
"""What a filter may ask of a check-in as well."""


def _count(session: Session, taking: Taking) -> int:
    which = counted(session, taking.actor, taking.order.issues)
    raised = session.scalar(sa.select(sa.func.count()).select_from(Issue).where(*which)) or 0
    told = _unraised(taking.order.issues)
    return raised if told is None else raised + count_untaken(session, taking.actor, told)


def _lines(session: Session, taking: Taking) -> Iterator[Line]:
    veil, moment = WHOLE if taking.order.is_unmasked else MASKED, now()
    oldest = (
        _statement()
        .where(*counted(session, taking.actor, taking.order.issues))
        .order_by(Issue.on_day, Issue.id)
    )
    for row in session.execute(oldest, execution_options={"yield_per": _AT_ONCE}):
        yield Line(row.Issue.id, _cells(row, veil, moment))
    told = _unraised(taking.order.issues)
    for one in () if told is None else each_untaken(session, taking.actor, told):
        yield Line(one.id, _cells_of_checkin(one, veil))


def _unraised(which: Counted) -> CheckinFilter | None:
    """Of which check-ins the untaken ones follow; None where the filter asks for raised problems alone."""
    what = which.what
    shared = {name: getattr(what, name) for name in _OF_CHECKINS}
    if which != Counted(IssueFilter(**shared)):
        return None
    return CheckinFilter(**shared)


def _statement() -> sa.Select[*tuple[Any, ...]]:
    lead, lead_unit = aliased(IssueCall), aliased(Unit)
    is_lead = sa.and_(lead.issue_id == Issue.id, lead.role == CallRole.LEAD, lead.withdrawn_at.is_(None))
    columns: sa.Select[*tuple[Any, ...]] = sa.select(
        Issue,
        User.name.label("person"),
        sa.func.coalesce(Project.name, Site.name, Enterprise.name).label("project"),
        lead_unit.name.label("lead"),
        lead.reported_in_at,
        _supports().label("supports"),
        _last_word().label("last_word"),
    )
    return (
        columns.join(User, User.id == Issue.raised_by)
        .outerjoin(Site, Site.id == Issue.site_id)
        .outerjoin(Project, Project.id == Site.project_id)
        .outerjoin(Enterprise, Enterprise.id == Issue.enterprise_id)
        .outerjoin(lead, is_lead)
        .outerjoin(lead_unit, lead_unit.id == lead.unit_id)
    )


def _supports() -> sa.ScalarSelect[str]:
    """The names of who supports, in the order in which they were called."""
    call, unit = aliased(IssueCall), aliased(Unit)
    in_order = aggregate_order_by(sa.literal("、"), call.called_at, unit.position, unit.id)
    return (
        sa.select(sa.func.string_agg(unit.name, in_order))
        .select_from(call)
        .join(unit, unit.id == call.unit_id)
        .where(call.issue_id == Issue.id, call.role == CallRole.SUPPORT, call.withdrawn_at.is_(None))
        .correlate(Issue)
        .scalar_subquery()
    )


def _last_word() -> sa.ScalarSelect[str | None]:
    """What was last said of how it goes."""
    event = IssueEvent
    return (
        sa.select(event.text)
        .where(event.issue_id == Issue.id, event.kind.in_(_TOLD_OF), event.text.is_not(None))
        .order_by(event.received_at.desc(), event.id.desc())
        .limit(1)
        .correlate(Issue)
        .scalar_subquery()
    )


def _cells(row: sa.Row[*tuple[Any, ...]], veil: Veil, moment: datetime) -> tuple[Cell, ...]:
    issue: Issue = row.Issue
    return (
        issue.number,
        row.project,
        veil.text(issue.text),
        CATEGORIES[issue.category][0],
        row.person,
        issue.on_day.isoformat(),
        row.lead or "",
        row.supports or "",
        _minute(row.reported_in_at),
        "" if issue.due_on is None else issue.due_on.isoformat(),
        "；".join(part for part in (STATES[issue.state][0], veil.text(row.last_word or "")) if part),
        "" if issue.resolved_at is None else local_date(issue.resolved_at).isoformat(),
        _confirmed(issue),
        _over(issue, moment),
        issue.supervisions,
    )


def _cells_of_checkin(one: UntakenCheckin, veil: Veil) -> tuple[Cell, ...]:
    project = one.site.name if one.project is None else one.project.name
    told = (one.number, project, veil.text(one.text), one.heading, one.user.name, one.on_day.isoformat())
    return (*told, "", "", "", "", UNRAISED, "", "", "", 0)


def _minute(at: datetime | None) -> str:
    return "" if at is None else f"{at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"


def _confirmed(issue: Issue) -> str:
    if issue.state is IssueState.RESOLVED:
        return "待确认"
    if issue.state is not IssueState.CLOSED:
        return ""
    return "满意" if issue.satisfied else "不满意"


def _over(issue: Issue, moment: datetime) -> str:
    """Whether it was resolved after its limit, or the limit is over; nothing before there is one."""
    if issue.due_at is None:
        return ""
    return "是" if (issue.resolved_at or moment) >= issue.due_at else "否"


def _scope(session: Session, taking: Taking) -> str:
    what, actor = taking.order.issues.what, taking.actor
    unit_id = what.unit_id or (None if actor.sees_every_unit else actor.unit_id)
    name = None if unit_id is None else session.scalar(sa.select(Unit.name).where(Unit.id == unit_id))
    return "全部单位" if unit_id is None else f"{name or '（未找到）'}（含下级）"


PROBLEMS = Exported("problems", _TABLE, _count, _lines, _scope)
"""Every problem that the filter lists, and what was told at sites and is not raised yet."""
