"""重点项目进展表: the projects of the scope with the office's headings, and what the house knows under each.

本月 is the month that was asked for, else the latest that any of them reported; it stands in the line under the title, and
every figure and sum is as of its end. So are the lights of a month that was asked for; without one they are of today. Columns for which nothing is recorded stay empty; nothing is guessed.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import Session

from service.accounts.models import Unit, User
from service.checkins.models import Checkin, stands
from service.enterprises.models import Enterprise
from service.exports.office_tables import Exported, Line, Taking
from service.kernel.calendar import local_date, month
from service.kernel.clock import now
from service.progress.office_sheet import Cell, OfficeTable
from service.progress.sheet_cells import MASKED, WHOLE, named
from service.projects.lights import LIGHT_WORDS
from service.projects.models import Assignment, Duty, Project, ProjectMonth, Site
from service.projects.queries import in_force_on, project_conditions
from service.projects.tracking import AsOf, Tracked, latest_month, tracked

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


def _conditions(session: Session, taking: Taking) -> list[sa.ColumnElement[bool]]:
    return project_conditions(session, taking.actor, taking.order.projects)


def _as_of(session: Session, taking: Taking, scope: Sequence[sa.ColumnElement[bool]]) -> AsOf:
    """The month asked for and its end; else the latest one reported, and today."""
    asked = taking.order.projects.month
    if asked is not None:
        return AsOf.month(asked)
    today = local_date(now())
    return AsOf(today, latest_month(session, scope) or month(today).start_on)


def _count(session: Session, taking: Taking) -> int:
    counted = sa.select(sa.func.count()).select_from(Project).where(*_conditions(session, taking))
    return session.scalar(counted) or 0


def _lines(session: Session, taking: Taking) -> Iterator[Line]:
    scope = _conditions(session, taking)
    as_of = _as_of(session, taking, scope)
    rows = session.execute(_statement(scope, as_of.day), execution_options={"yield_per": _AT_ONCE})
    for some in rows.partitions(_AT_ONCE):
        known = tracked(session, [row.id for row in some], as_of)
        for row in some:
            yield Line(row.id, _cells(row, known[row.id], taking))


def _cells(row: sa.Row[*tuple[Any, ...]], known: Tracked, taking: Taking) -> tuple[Cell, ...]:
    veil = WHOLE if taking.order.is_unmasked else MASKED
    told = None if known.month is None else known.month.told
    return (
        row.name,
        row.enterprise or "",
        " ".join(dict.fromkeys(part for part in (row.province, row.city) if part)),
        row.places or "",
        row.industry or "",
        row.total_investment_wan,
        _day(row.contract_signed_on),
        named(taking.labels, "contract_kind", row.contract_kind),
        named(taking.labels, "project_stage", row.stage),
        _day(row.planned_start_on),
        _day(row.started_on),
        None if told is None else told.completed_investment_wan,
        known.completed_to_date_wan,
        known.funds_to_date_wan,
        veil.text(told.visible_progress) if told and told.visible_progress else _seen(row, veil.text),
        veil.text(told.problem) if told and told.problem else "",
        row.unit,
        row.sponsors or "",
        row.commissioners or "",
        "" if known.light is None else LIGHT_WORDS[known.light.light][0],
    )


def _day(on: date | None) -> str:
    return "" if on is None else on.isoformat()


def _seen(row: sa.Row[*tuple[Any, ...]], veiled: Any) -> str:
    """What was last seen at one of its sites, and on which day: where the month's report says nothing of it."""
    if row.seen_on is None:
        return ""
    percent = None if row.progress_percent is None else f"{row.progress_percent.normalize():f}%"
    told = "，".join(part for part in (percent, veiled(row.progress_text or "")) if part)
    return f"{told}（{row.seen_on.isoformat()}）"


def _total(session: Session, taking: Taking) -> Sequence[Cell]:
    """合计 of the amounts, under their columns."""
    scope = _conditions(session, taking)
    as_of = _as_of(session, taking, scope)
    total = session.execute(
        sa.select(sa.func.count(), sa.func.sum(Project.total_investment_wan)).where(*scope)
    ).one()
    amounts = {"项目名称": f"{total[0]} 个项目", "总投资（万元）": total[1]} | _months_total(
        session, scope, as_of
    )
    return [amounts.get(heading, "") for heading, _width in _TABLE.columns]


def _months_total(
    session: Session, scope: Sequence[sa.ColumnElement[bool]], as_of: AsOf
) -> dict[str, Decimal | None]:
    completed = ProjectMonth.completed_investment_wan
    row = session.execute(
        sa.select(
            sa.func.sum(completed).filter(ProjectMonth.month == as_of.of),
            sa.func.sum(completed),
            sa.func.sum(ProjectMonth.funds_in_place_wan),
        )
        .join(Project, Project.id == ProjectMonth.project_id)
        .where(ProjectMonth.replaced_at.is_(None), ProjectMonth.month <= as_of.of, *scope)
    ).one()
    return dict(zip(("本月完成投资", "累计完成投资", "到位资金"), row, strict=True))


def _statement(scope: Sequence[sa.ColumnElement[bool]], today: date) -> sa.Select[*tuple[Any, ...]]:
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
            Checkin.on_day <= today,
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
            Project.contract_signed_on,
            Project.contract_kind,
            Project.planned_start_on,
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
        .where(*scope)
        .order_by(Unit.position, Unit.name, Project.name, Project.id)
    )


def _people(duty: Duty, today: date) -> sa.ScalarSelect[Any]:
    """The names of those who have this duty that day at the project's sites."""
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
    if what.light is not None:
        parts.append(LIGHT_WORDS[what.light][0])
    as_of = _as_of(session, taking, _conditions(session, taking))
    if as_of.of is not None:
        parts.append(f"本月指{as_of.of.year}年{as_of.of.month}月，累计与到位资金截至该月")
    return "；".join([*parts, "单位：万元", "系统尚无记录的栏目留空，由填报单位补填"])


PROJECTS = Exported("projects", _TABLE, _count, _lines, _scope, _total)
"""Every project of the scope, closed ones too."""
