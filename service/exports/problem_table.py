"""问题台账: what commissioners told of problems at their sites, with the office's headings.

A problem is a standing check-in of kind `service` that says something; the phone writes its category in front, 【用电】. Who
deals with it and until when is recorded nowhere yet: those columns stay empty, for the office to fill in.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from service.accounts.models import Unit, User
from service.checkins.models import Checkin, CheckinKind
from service.checkins.queries import CheckinFilter, conditions
from service.exports.office_tables import Exported, Line, Taking
from service.kernel.calendar import SHANGHAI
from service.progress.office_sheet import Cell, OfficeTable
from service.progress.sheet_cells import MASKED, WHOLE
from service.projects.models import Project, Site

_AT_ONCE = 500
_CATEGORY = re.compile(r"\s*【([^【】]{1,20})】\s*")
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


def category_and_problem(note: str) -> tuple[str, str]:
    """The category in front of a note, if there is one, and the rest of it."""
    found = _CATEGORY.match(note)
    return (found[1], note[found.end() :]) if found else ("", note)


def _asked(taking: Taking) -> CheckinFilter:
    return replace(taking.order.checkins, kind=CheckinKind.SERVICE, standing=True)


def _conditions(taking: Taking) -> list[sa.ColumnElement[bool]]:
    return [*conditions(taking.actor, _asked(taking)), Checkin.note.is_not(None), Checkin.note != ""]


def _count(session: Session, taking: Taking) -> int:
    listed = sa.select(sa.func.count()).select_from(Checkin).join(Site, Site.id == Checkin.site_id)
    return session.scalar(listed.where(*_conditions(taking))) or 0


def _lines(session: Session, taking: Taking) -> Iterator[Line]:
    statement = (
        sa.select(
            Checkin.id,
            Checkin.number,
            Checkin.at,
            Checkin.note,
            User.name.label("person"),
            sa.func.coalesce(Project.name, Site.name).label("project"),
        )
        .join(User, User.id == Checkin.user_id)
        .join(Site, Site.id == Checkin.site_id)
        .outerjoin(Project, Project.id == Site.project_id)
        .where(*_conditions(taking))
        .order_by(Checkin.at, Checkin.id)
    )
    for row in session.execute(statement, execution_options={"yield_per": _AT_ONCE}):
        yield Line(row.id, _cells(row, taking))


def _cells(row: sa.Row[*tuple[Any, ...]], taking: Taking) -> tuple[Cell, ...]:
    veil = WHOLE if taking.order.is_unmasked else MASKED
    category, problem = category_and_problem(row.note)
    raised_on = row.at.astimezone(SHANGHAI).date().isoformat()
    told = (row.number, row.project, veil.text(problem), category, row.person, raised_on)
    return (*told, *[""] * (len(_TABLE.columns) - len(told)))


def _scope(session: Session, taking: Taking) -> str:
    what, actor = taking.order.checkins, taking.actor
    unit_id = what.unit_id or (None if actor.sees_every_unit else actor.unit_id)
    name = None if unit_id is None else session.scalar(sa.select(Unit.name).where(Unit.id == unit_id))
    parts = ["全部单位" if unit_id is None else f"{name or '（未找到）'}（含下级）"]
    return "；".join([*parts, "系统尚无记录的栏目留空，由办理单位补填"])


PROBLEMS = Exported("problems", _TABLE, _count, _lines, _scope)
"""Every problem told at the sites that the filter lists."""
