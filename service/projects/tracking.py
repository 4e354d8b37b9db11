"""How far projects are at the end of a day: their light, a month's figures, and the sums up to it.

Whatever is asked takes one statement for the facts, one for the limits, one for the months' texts: for a page as for the
whole city. Months are read back to where they light a lamp: amounts to January of the year that is judged, excuses for as many
months as a limit may ask for.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from service.kernel.calendar import local_date, month
from service.kernel.clock import now
from service.kernel.db import among
from service.projects.light_limits import LightLimits
from service.projects.light_settings import light_limits
from service.projects.lights import MOST_LATE_MONTHS, Facts, LightShown, ProjectLight, light_of, months_after
from service.projects.models import Project, ProjectMonth, ProjectYearPlan
from service.projects.progress_months import FACTS, MonthTold
from service.projects.stages import COMPLETED_STAGES, STARTED_STAGES


@dataclass(frozen=True, slots=True)
class AsOf:
    """Of which day and month: `of` None takes each project's latest month that was reported."""

    day: date
    of: date | None = None

    @classmethod
    def month(cls, of: date | None) -> "AsOf":
        """The end of a month, today while it lasts; today without one."""
        today = local_date(now())
        return cls(today) if of is None else cls(min(today, month(of).last_on), month(of).start_on)


@dataclass(frozen=True, slots=True)
class MonthShown:
    """What a project reported of a month."""

    month: date
    told: MonthTold


@dataclass(frozen=True, slots=True)
class YearPlan:
    """The planned investment of a year, in 万元."""

    year: int
    planned_investment_wan: Decimal


@dataclass(frozen=True, slots=True)
class Tracked:
    """How far a project is; sums are of all its months up to the one shown, None when none was reported."""

    light: LightShown | None = None
    light_limits_number: int = 0
    year_plans: tuple[YearPlan, ...] = ()
    month: MonthShown | None = None
    completed_to_date_wan: Decimal | None = None
    funds_to_date_wan: Decimal | None = None


def tracked(session: Session, project_ids: Collection[UUID], as_of: AsOf) -> dict[UUID, Tracked]:
    """How far these projects are, each of them."""
    setting = light_limits(session)
    months = _months(session, project_ids, as_of)
    return {
        row.id: Tracked(
            light=light_of(facts_in(row), as_of.day, setting.limits),
            light_limits_number=setting.number,
            year_plans=tuple(YearPlan(year, planned) for year, planned in sorted(_plans(row).items())),
            month=months.get(row.id),
            completed_to_date_wan=row.completed_to_date,
            funds_to_date_wan=row.funds_to_date,
        )
        for row in session.execute(_facts(Project.id == among(project_ids), as_of))
    }


def lit(
    session: Session, scope: Collection[sa.ColumnElement[bool]], as_of: AsOf, light: ProjectLight
) -> list[UUID]:
    """The projects of a scope that have this light, in no order."""
    limits = light_limits(session).limits
    rows = session.execute(_facts(sa.and_(*scope), as_of))
    return [row.id for row in rows if _has(facts_in(row), as_of.day, limits, light)]


def latest_month(session: Session, scope: Collection[sa.ColumnElement[bool]]) -> date | None:
    """The latest month that any project of a scope reported."""
    return session.scalar(
        sa.select(sa.func.max(ProjectMonth.month))
        .join(Project, Project.id == ProjectMonth.project_id)
        .where(*_telling(), *scope)
    )


def facts_in(row: sa.Row[*tuple[Any, ...]]) -> Facts:
    """What a project is judged by, of the row that was read of it."""
    return Facts(
        planned_start_on=row.planned_start_on,
        planned_completion_on=row.planned_completion_on,
        started_on=row.started_on,
        completed_on=row.completed_on,
        stat_entered_on=row.stat_entered_on,
        stage_is_started=row.stage in STARTED_STAGES,
        stage_is_completed=row.stage in COMPLETED_STAGES,
        plans=_plans(row),
        completed={date.fromisoformat(of): Decimal(amount) for of, amount in (row.completed or {}).items()},
        excused=frozenset(row.excused or ()),
    )


def _has(facts: Facts, day: date, limits: LightLimits, light: ProjectLight) -> bool:
    shown = light_of(facts, day, limits)
    return shown is not None and shown.light is light


def _plans(row: sa.Row[*tuple[Any, ...]]) -> Mapping[int, Decimal]:
    return {int(year): Decimal(planned) for year, planned in (row.plans or {}).items()}


def _facts(which: sa.ColumnElement[bool], as_of: AsOf) -> sa.Select[*tuple[Any, ...]]:
    asked = sa.select(Project.id).where(which)
    # The last month that is due is the one before, or the one before that.
    since = months_after(month(as_of.day).start_on, -2).replace(month=1)
    recent = ProjectMonth.month >= since
    excusing = ProjectMonth.month >= months_after(since, -MOST_LATE_MONTHS)
    completed, excuse = ProjectMonth.completed_investment_wan, ProjectMonth.not_started_because
    # Amounts travel as texts: a number in JSON would be a float on the way.
    by_month = sa.func.json_object_agg(ProjectMonth.month, sa.cast(completed, sa.Text))
    told = (
        sa.select(
            ProjectMonth.project_id,
            sa.func.sum(completed).label("completed_to_date"),
            sa.func.sum(ProjectMonth.funds_in_place_wan).label("funds_to_date"),
            by_month.filter(completed.is_not(None), recent).label("completed"),
            sa.func.array_agg(ProjectMonth.month).filter(excuse.is_not(None), excusing).label("excused"),
        )
        .where(ProjectMonth.project_id.in_(asked), ProjectMonth.replaced_at.is_(None), _until(as_of))
        .group_by(ProjectMonth.project_id)
        .subquery("told")
    )
    planned = ProjectYearPlan.planned_investment_wan
    plans = (
        sa.select(
            ProjectYearPlan.project_id,
            sa.func.json_object_agg(ProjectYearPlan.year, sa.cast(planned, sa.Text)).label("plans"),
        )
        .where(
            ProjectYearPlan.project_id.in_(asked),
            ProjectYearPlan.replaced_at.is_(None),
            planned.is_not(None),
        )
        .group_by(ProjectYearPlan.project_id)
        .subquery("plans")
    )
    return (
        sa.select(
            Project.id,
            Project.stage,
            Project.planned_start_on,
            Project.planned_completion_on,
            Project.started_on,
            Project.completed_on,
            Project.stat_entered_on,
            plans.c.plans,
            told.c.completed,
            told.c.excused,
            told.c.completed_to_date,
            told.c.funds_to_date,
        )
        .outerjoin(told, told.c.project_id == Project.id)
        .outerjoin(plans, plans.c.project_id == Project.id)
        .where(which)
    )


def _months(session: Session, project_ids: Collection[UUID], as_of: AsOf) -> dict[UUID, MonthShown]:
    rows = session.scalars(
        sa.select(ProjectMonth)
        .ext(distinct_on(ProjectMonth.project_id))
        .where(
            ProjectMonth.project_id == among(project_ids),
            *_telling(),
            ProjectMonth.month == as_of.of if as_of.of is not None else _until(as_of),
        )
        .order_by(ProjectMonth.project_id, ProjectMonth.month.desc())
    )
    return {
        row.project_id: MonthShown(row.month, MonthTold(**{name: getattr(row, name) for name in FACTS}))
        for row in rows
    }


def _until(as_of: AsOf) -> sa.ColumnElement[bool]:
    return ProjectMonth.month <= (as_of.of or as_of.day)


def _telling() -> tuple[sa.ColumnElement[bool], ...]:
    """Months that hold and tell something."""
    return (
        ProjectMonth.replaced_at.is_(None),
        sa.or_(*(getattr(ProjectMonth, name).is_not(None) for name in FACTS)),
    )
