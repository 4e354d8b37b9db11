"""Visits that were made in one week and arrived in a later one: they belong to their own week, and it says so."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from service.accounts.visibility import units_below
from service.progress.measures import Span
from service.visits.models import CAME_LATE, Visit


@dataclass(frozen=True, slots=True)
class LateWeek:
    """How many visits of a week arrived after its Sunday, and when the last of them did."""

    visits: int
    latest_at: datetime | None

    def with_day(self, visits: int, latest_at: datetime) -> "LateWeek":
        """The same with the late visits of one of its days."""
        return LateWeek(self.visits + visits, max(self.latest_at or latest_at, latest_at))


IN_TIME = LateWeek(0, None)


def late_weeks(session: Session, span: Span, as_of: date, unit_id: UUID | None) -> dict[date, LateWeek]:
    """The weeks of the programme with late visits, by their first day in it; a unit's with all below it.

    The visits are read from a partial index that holds the late ones alone, in the order of their days.
    """
    conditions = [
        CAME_LATE,
        Visit.visited_on >= span.starts_on,
        Visit.visited_on <= min(as_of, span.last_on),
    ]
    if unit_id is not None:
        conditions.append(Visit.unit_id.in_(units_below(unit_id)))
    days = session.execute(
        sa.select(Visit.visited_on, sa.func.count(), sa.func.max(Visit.received_at))
        .where(*conditions)
        .group_by(Visit.visited_on)
    )
    weeks: dict[date, LateWeek] = {}
    for day, visits, latest_at in days:
        start_on = max(day - timedelta(days=day.weekday()), span.starts_on)
        weeks[start_on] = weeks.get(start_on, IN_TIME).with_day(visits, latest_at)
    return weeks
