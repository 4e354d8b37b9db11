"""Visits that were made in one week and arrived in a later one: they belong to their own week, and it says so."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from service.accounts.visibility import units_below
from service.progress.measures import Span
from service.visits.models import CAME_LATE, LateDifference, LateTally, Visit
from service.visits.tally_models import CITY


@dataclass(frozen=True, slots=True)
class LateWeek:
    """How many visits of a week arrived after its Sunday, and when the last of them did."""

    visits: int
    latest_at: datetime | None

    def with_day(self, visits: int, latest_at: datetime | None) -> "LateWeek":
        """The same with the late visits of one of its days; sums that drifted may know of one that is not there."""
        last = max(filter(None, (self.latest_at, latest_at)), default=None)
        return LateWeek(self.visits + visits, last)


IN_TIME = LateWeek(0, None)


def late_weeks(session: Session, span: Span, as_of: date, unit_id: UUID | None) -> dict[date, LateWeek]:
    """The weeks of the programme with late visits, by their first day in it; a unit's with all below it.

    How many they are is a sum that is kept; when the last of a day arrived is the end of an index of the late ones.
    """
    last_on = min(as_of, span.last_on)
    kept = sa.union_all(
        *(
            sa.select(table.day, table.visits).where(
                table.day >= span.starts_on, table.day <= last_on, _whose(table.unit_id, unit_id)
            )
            for table in (LateTally, LateDifference)
        )
    ).subquery("kept")
    visits = sa.cast(sa.func.sum(kept.c.visits), sa.BigInteger)
    days = (
        sa.select(kept.c.day, visits.label("visits")).group_by(kept.c.day).having(visits > 0).subquery("days")
    )
    last = sa.select(sa.func.max(Visit.received_at)).where(CAME_LATE, Visit.visited_on == days.c.day)
    if unit_id is not None:
        last = last.where(Visit.unit_id.in_(units_below(unit_id)))
    weeks: dict[date, LateWeek] = {}
    for day, count, latest_at in session.execute(
        sa.select(days.c.day, days.c.visits, last.scalar_subquery())
    ):
        start_on = max(day - timedelta(days=day.weekday()), span.starts_on)
        weeks[start_on] = weeks.get(start_on, IN_TIME).with_day(count, latest_at)
    return weeks


def _whose(column: Any, unit_id: UUID | None) -> sa.ColumnElement[bool]:
    """The city's own sums, or those of a unit with all below it."""
    return sa.and_(column == CITY if unit_id is None else column.in_(units_below(unit_id)))
