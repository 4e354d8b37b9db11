"""Statistics: a measure by something, in some days, beside last year's and the period before; one statement a table.

A row's figure and the list its address opens are found by the same conditions, `service.visits.queries.conditions`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from service.enterprises.models import Enterprise
from service.indicators.measures import Counts, Measure
from service.indicators.spans import Compared, Days
from service.kernel.actor import Actor
from service.kernel.calendar import start_of
from service.visits.models import Visit
from service.visits.queries import VisitFilter, conditions
from service.visits.traits import Traits


class Which(StrEnum):
    """Which stretch of days a figure is of."""

    NOW = "now"
    LAST_YEAR = "last_year"
    BEFORE = "before"


class Cell(NamedTuple):
    """Where a figure stands: in which row of stretches, under which key."""

    place: int
    key: str | None


@dataclass(frozen=True, slots=True)
class Figures:
    """The three figures of a row; what nobody did is 0."""

    now: Decimal = Decimal(0)
    last_year: Decimal = Decimal(0)
    before: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Population:
    """Which visits are counted: the measure's, narrowed by what was asked."""

    measure: Measure
    traits: Traits
    visitor_id: UUID | None = None
    unmatched_too: bool = True

    def filter(self) -> VisitFilter:
        """The same as the list of visits has it, without days and without `each`."""
        matched = self.traits.matched or not self.unmatched_too
        return VisitFilter(
            visitor_id=self.visitor_id, traits=replace(self.traits, matched=matched, each=None)
        )


@dataclass(frozen=True, slots=True)
class Keyed:
    """What the rows are by: an expression over visits and enterprises, or the keys of units."""

    key: sa.ColumnElement[Any]
    units: sa.CTE | None = None
    """`unit_id` and `key`: a joint visit counts once under the key of each unit that made it."""


def count(
    session: Session, actor: Actor, what: Population, keyed: Keyed, rows: Sequence[Compared]
) -> dict[Cell, Figures]:
    """The figures of all rows and keys that have any, by one statement."""
    found: dict[Cell, dict[str, Decimal]] = {}
    for place, which, key, figure in session.execute(_statement(actor, what, keyed, rows)):
        found.setdefault(Cell(place, key), {})[which] = Decimal(figure or 0)
    return {cell: Figures(**figures) for cell, figures in found.items()}


def _statement(
    actor: Actor, what: Population, keyed: Keyed, rows: Sequence[Compared]
) -> sa.Select[*tuple[Any, ...]]:
    stretches = _stretches(rows)
    parts = [_part(actor, what, stretches, rows, keyed)]
    if keyed.units is not None:
        parts = [
            _part(actor, what, stretches, rows, Keyed(keyed.units.c.key, keyed.units)),
            _partners(actor, what, stretches, rows, keyed.units),
        ]
    every = sa.union_all(*parts).subquery("every")
    if what.traits.each is None:
        counted = every
    else:
        of_one = (every.c.place, every.c.which, every.c.key, every.c.enterprise_id)
        counted = (
            sa.select(every)
            .ext(distinct_on(*of_one))
            .order_by(*of_one, every.c.visited_at.desc(), every.c.id.desc())
            .subquery("counted")
        )
    return sa.select(
        counted.c.place, counted.c.which, counted.c.key, _figure(what.measure, counted)
    ).group_by(counted.c.place, counted.c.which, counted.c.key)


def _part(
    actor: Actor, what: Population, stretches: sa.Values, rows: Sequence[Compared], keyed: Keyed
) -> sa.Select[*tuple[Any, ...]]:
    """Visits under the key of their own unit, or of whatever else."""
    found = _visits(stretches, keyed.key)
    if keyed.units is not None:
        found = found.join(keyed.units, keyed.units.c.unit_id == Visit.unit_id)
    first, last = _ends(rows)
    return found.where(*conditions(actor, what.filter()), Visit.visited_at >= first, Visit.visited_at < last)


def _partners(
    actor: Actor, what: Population, stretches: sa.Values, rows: Sequence[Compared], units: sa.CTE
) -> sa.Select[*tuple[Any, ...]]:
    """Joint visits under the keys of the other units that made them."""
    own = units.alias("own")
    same = (
        sa.select(own.c.key)
        .where(own.c.unit_id == Visit.unit_id, own.c.key == units.c.key)
        .correlate(Visit, units)
    )
    others = (
        sa.select(units.c.key)
        .where(units.c.unit_id == sa.any_(Visit.joint_unit_ids), ~same.exists())
        .distinct()
        .correlate(Visit)
        .lateral("others")
    )
    first, last = _ends(rows)
    return (
        _visits(stretches, others.c.key)
        .join(others, sa.true())
        .where(
            sa.func.cardinality(Visit.joint_unit_ids) > 0,
            *conditions(actor, what.filter()),
            Visit.visited_at >= first,
            Visit.visited_at < last,
        )
    )


def _visits(stretches: sa.Values, key: sa.ColumnElement[Any]) -> sa.Select[*tuple[Any, ...]]:
    return (
        sa.select(
            stretches.c.place,
            stretches.c.which,
            key.label("key"),
            Visit.id,
            Visit.visited_at,
            Visit.enterprise_id,
            sa.func.jsonb_array_length(Visit.participants).label("people"),
            Visit.amount_wan,
        )
        .select_from(Visit)
        .join(
            stretches,
            sa.and_(Visit.visited_at >= stretches.c.from_at, Visit.visited_at < stretches.c.until_at),
        )
        .outerjoin(Enterprise, Enterprise.id == Visit.enterprise_id)
    )


def _figure(measure: Measure, counted: sa.Subquery) -> sa.ColumnElement[Any]:
    figures: dict[Counts, sa.ColumnElement[Any]] = {
        Counts.VISITS: sa.func.count(),
        Counts.ENTERPRISES: sa.func.count(counted.c.enterprise_id.distinct()),
        Counts.PARTICIPANTS: sa.func.sum(counted.c.people),
        Counts.AMOUNT: sa.func.sum(counted.c.amount_wan),
    }
    return figures[measure.counts]


def _stretches(rows: Sequence[Compared]) -> sa.Values:
    def told(place: int, which: Which, days: Days) -> tuple[int, str, datetime, datetime]:
        return place, which.value, start_of(days.start_on), start_of(days.end_on)

    told_rows = [
        told(place, which, days)
        for place, row in enumerate(rows)
        for which, days in (
            (Which.NOW, row.days),
            (Which.LAST_YEAR, row.last_year),
            (Which.BEFORE, row.before),
        )
    ]
    columns = (
        sa.column("place", sa.Integer),
        sa.column("which", sa.Text),
        sa.column("from_at", sa.DateTime(timezone=True)),
        sa.column("until_at", sa.DateTime(timezone=True)),
    )
    return sa.values(*columns, name="stretches").data(told_rows)


def _ends(rows: Sequence[Compared]) -> tuple[datetime, datetime]:
    """The first and the last moment of all stretches, so that an index finds them."""
    stretches = [days for row in rows for days in (row.days, row.last_year, row.before)]
    first: date = min(days.start_on for days in stretches)
    last: date = max((days.end_on for days in stretches), default=first + timedelta(days=1))
    return start_of(first), start_of(last)
