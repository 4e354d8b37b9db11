"""计划投资 of a project by year, as a schedule needs it; every setting stays, with its time."""

from collections.abc import Mapping
from decimal import Decimal
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from service.kernel.clock import now
from service.projects.models import ProjectYearPlan

YearPlans = Mapping[int, Decimal | None]
"""万元 by year; None takes the plan of that year away."""


def set_year_plans(session: Session, project_id: UUID, plans: YearPlans, *, by: UUID | None) -> YearPlans:
    """Set these plans of a project whose row the caller holds and records; answers with those that changed."""
    held = {
        one.year: one
        for one in session.scalars(
            sa.select(ProjectYearPlan).where(
                ProjectYearPlan.project_id == project_id,
                ProjectYearPlan.year.in_(plans),
                ProjectYearPlan.replaced_at.is_(None),
            )
        )
    }
    changed = {
        year: planned
        for year, planned in plans.items()
        if planned != (held[year].planned_investment_wan if year in held else None)
    }
    at = now()
    for year in changed.keys() & held.keys():
        held[year].replaced_at = at
    # One holds at a time: those that were replaced have to be written first.
    session.flush()
    for year, planned in changed.items():
        session.add(
            ProjectYearPlan(
                project_id=project_id,
                year=year,
                number=held[year].number + 1 if year in held else 1,
                planned_investment_wan=planned,
                set_by=by,
                set_at=at,
            )
        )
    session.flush()
    return changed
