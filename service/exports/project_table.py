"""重点项目进展表: the projects of the scope with the office's headings, and what the house knows under each.

Columns for which nothing is recorded stay empty, for the unit to fill in; nothing is guessed.
"""

from collections.abc import Iterator
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import Session

from service.accounts.models import Unit, User
from service.accounts.visibility import units_below, within_scope
from service.checkins.models import Checkin, stands
from service.enterprises.models import Enterprise
from service.exports.office_tables import Exported, Line, Taking
from service.kernel.calendar import local_date
from service.kernel.clock import now
from service.progress.office_sheet import Cell, OfficeTable
from service.progress.sheet_cells import MASKED, WHOLE, named
from service.projects.models import Assignment, Duty, Project, Site
from service.projects.queries import in_force_on

_AT_ONCE = 500
_TABLE = OfficeTable(
    title="重点项目进展表",
    tab="项目进展",
    columns=(
        ("项目名称", 26),
        ("投资方", 22),
        ("来源地", 12),
        ("建设地点", 18),
        ("产业", 12),
        ("总投资（万元）", 11),
        ("签约日期", 10),
        ("合同类别", 9),
        ("阶段", 8),
        ("计划开工", 10),
        ("实际开工", 11),
        ("本月完成投资", 10),
        ("累计完成投资", 10),
        ("到位资金", 9),
        ("形象进度", 24),
        ("存在问题", 16),
        ("责任单位", 13),
        ("包联领导", 11),
        ("驻工地专员", 12),
        ("灯色", 6),
    ),
    note_from=6,
    signatures=(0, 7, 14),
)


def _conditions(taking: Taking) -> list[sa.ColumnElement[bool]]:
    what = taking.order.projects
    found = [within_scope(taking.actor, Project.unit_id)]
    if what.unit_id is not None:
        found.append(Project.unit_id.in_(units_below(what.unit_id)))
    if what.stage is not None:
        found.append(Project.stage == what.stage)
    return found


def _count(session: Session, taking: Taking) -> int:
    return session.scalar(sa.select(sa.func.count()).select_from(Project).where(*_conditions(taking))) or 0


def _lines(session: Session, taking: Taking) -> Iterator[Line]:
    statement = _statement(taking, local_date(now()))
    for row in session.execute(statement, execution_options={"yield_per": _AT_ONCE}):
        yield Line(row.id, _cells(row, taking))


def _cells(row: sa.Row[*tuple[Any, ...]], taking: Taking) -> tuple[Cell, ...]:
    veil = WHOLE if taking.order.is_unmasked else MASKED
    return (
        row.name,
        row.enterprise or "",
        " ".join(dict.fromkeys(part for part in (row.province, row.city) if part)),
        row.places or "",
        row.industry or "",
        row.total_investment_wan,
        "",
        "",
        named(taking.labels, "project_stage", row.stage),
        "",
        "" if row.started_on is None else row.started_on.isoformat(),
        None,
        None,
        None,
        _progress(row, veil.text),
        "",
        row.unit,
        row.sponsors or "",
        row.commissioners or "",
        "",
    )


def _progress(row: sa.Row[*tuple[Any, ...]], veiled: Any) -> str:
    """What was last seen at one of its sites, and on which day."""
    if row.seen_on is None:
        return ""
    percent = None if row.progress_percent is None else f"{row.progress_percent.normalize():f}%"
    told = "，".join(part for part in (percent, veiled(row.progress_text or "")) if part)
    return f"{told}（{row.seen_on.isoformat()}）"


def _statement(taking: Taking, today: date) -> sa.Select[*tuple[Any, ...]]:
    places = sa.select(
        sa.func.string_agg(
            sa.func.coalesce(Site.address, Site.name),
            aggregate_order_by(sa.literal_column("'；'"), Site.created_at, Site.id),
        )
    ).where(Site.project_id == Project.id, Site.closed_at.is_(None))
    seen = (
        sa.select(Checkin.on_day.label("seen_on"), Checkin.progress_percent, Checkin.progress_text)
        .join(Site, Site.id == Checkin.site_id)
        .where(
            Site.project_id == Project.id,
            stands(),
            sa.or_(Checkin.progress_percent.is_not(None), Checkin.progress_text.is_not(None)),
        )
        .order_by(Checkin.at.desc(), Checkin.id.desc())
        .limit(1)
        .lateral("seen")
    )
    return (
        sa.select(
            Project.id,
            Project.name,
            Project.stage,
            Project.total_investment_wan,
            Project.started_on,
            Unit.name.label("unit"),
            Enterprise.name.label("enterprise"),
            Enterprise.province,
            Enterprise.city,
            Enterprise.industry,
            places.scalar_subquery().label("places"),
            _people(Duty.SPONSOR, today).label("sponsors"),
            _people(Duty.SITE_COMMISSIONER, today).label("commissioners"),
            seen.c.seen_on,
            seen.c.progress_percent,
            seen.c.progress_text,
        )
        .join(Unit, Unit.id == Project.unit_id)
        .outerjoin(Enterprise, Enterprise.id == Project.enterprise_id)
        .outerjoin(seen, sa.true())
        .where(*_conditions(taking))
        .order_by(Unit.position, Unit.name, Project.name, Project.id)
    )


def _people(duty: Duty, today: date) -> sa.ScalarSelect[Any]:
    """The names of those who have this duty today at the project's sites."""
    on_duty = (
        sa.select(User.name)
        .join(Assignment, Assignment.user_id == User.id)
        .join(Site, Site.id == Assignment.site_id)
        .where(Site.project_id == Project.id, Assignment.duty == duty, in_force_on(today))
        .correlate(Project)
        .distinct()
        .subquery()
    )
    return sa.select(
        sa.func.string_agg(on_duty.c.name, aggregate_order_by(sa.literal_column("'、'"), on_duty.c.name))
    ).scalar_subquery()


def _scope(session: Session, taking: Taking) -> str:
    what, actor = taking.order.projects, taking.actor
    unit_id = what.unit_id or (None if actor.sees_every_unit else actor.unit_id)
    name = None if unit_id is None else session.scalar(sa.select(Unit.name).where(Unit.id == unit_id))
    parts = ["全部单位" if unit_id is None else f"{name or '（未找到）'}（含下级）"]
    if what.stage is not None:
        parts.append(f"阶段 {named(taking.labels, 'project_stage', what.stage)}")
    return "；".join([*parts, "单位：万元", "系统尚无记录的栏目留空，由填报单位补填"])


PROJECTS = Exported("projects", _TABLE, _count, _lines, _scope)
"""Every project of the scope, closed ones too."""
