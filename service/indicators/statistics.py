"""Statistics: a measure by something, in some days, beside last year's and the period before; one statement a table.

A row's figure and the list its address opens are found by the same conditions, `service.visits.queries.conditions`.

::

    rows ─▶ each stretch of days once ─▶ its visits, read in their order from one index
                                           ├─ under the key of their own unit, code or place
                                           └─ joint ones under the keys of the other units that made them
                                         ─▶ one row an enterprise, where enterprises are counted ─▶ a figure a key
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from functools import cached_property
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

FEW = 4
"""So many stretches are written out, so that the planner sees how long each is; more are joined."""
Moment = sa.ColumnElement[datetime]


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

    def filter(self) -> VisitFilter:
        """The same as the list of visits has it, without days and without `each`."""
        # One visit an enterprise means one of a known enterprise: nobody can tell which entries by hand are one.
        matched = self.traits.matched or self.traits.each is not None
        return VisitFilter(
            visitor_id=self.visitor_id, traits=replace(self.traits, matched=matched, each=None)
        )


@dataclass(frozen=True)
class Keyed:
    """What the rows are by: an expression over visits and enterprises, or the keys of units."""

    key: sa.ColumnElement[Any]
    units: sa.CTE | None = None
    """`unit_id` and `key`: a joint visit counts once under the key of each unit that made it."""

    @cached_property
    def makers(self) -> sa.FromClause | None:
        """The same for the units that paid the visits: one name for it in the whole statement."""
        return None if self.units is None else self.units.alias("makers")


def count(
    session: Session, actor: Actor, what: Population, keyed: Keyed, rows: Sequence[Compared]
) -> dict[Cell, Figures]:
    """The figures of all rows and keys that have any, by one statement that reads each stretch of days once."""
    stretches = list(dict.fromkeys(days for row in rows for days in (row.days, row.last_year, row.before)))
    found: dict[Days, dict[str | None, Decimal]] = {days: {} for days in stretches}
    for number, key, figure in session.execute(_statement(actor, what, keyed, stretches)):
        found[stretches[number]][key] = Decimal(figure or 0)
    cells: dict[Cell, Figures] = {}
    for place, row in enumerate(rows):
        three = (found[row.days], found[row.last_year], found[row.before])
        for key in dict.fromkeys(key for one in three for key in one):
            cells[Cell(place, key)] = Figures(*(one.get(key, Decimal(0)) for one in three))
    return cells


def _statement(actor: Actor, what: Population, keyed: Keyed, stretches: Sequence[Days]) -> Any:
    told = [(number, start_of(days.start_on), start_of(days.end_on)) for number, days in enumerate(stretches)]
    if len(told) <= FEW:
        written = []
        for number, from_at, until_at in told:
            alone = _of_stretch(actor, what, keyed, sa.literal(from_at), sa.literal(until_at)).subquery()
            written.append(sa.select(sa.literal(number), alone.c.key, alone.c.figure))
        return sa.union_all(*written)
    moments = sa.DateTime(timezone=True)
    columns = sa.column("number", sa.Integer), sa.column("from_at", moments), sa.column("until_at", moments)
    listed = sa.values(*columns, name="stretches").data(told)
    one = _of_stretch(actor, what, keyed, listed.c.from_at, listed.c.until_at, listed).lateral("one")
    return sa.select(listed.c.number, one.c.key, one.c.figure).select_from(listed).join(one, sa.true())


def _of_stretch(
    actor: Actor, what: Population, keyed: Keyed, from_at: Moment, until_at: Moment, *around: sa.Values
) -> sa.Select[*tuple[Any, ...]]:
    """The figure of each key in one stretch."""
    within = (Visit.visited_at >= from_at, Visit.visited_at < until_at, *conditions(actor, what.filter()))
    if keyed.units is None:
        every = _visits(what, keyed.key).where(*within).correlate(*around).subquery("every")
    else:
        units = keyed.units
        own = _visits(what, units.c.key).join(units, units.c.unit_id == Visit.unit_id).where(*within)
        partners = _partners(what, units, keyed.makers).where(*within)
        parts = [one.correlate(*around) for one in (own, partners)]
        every = sa.union_all(*parts).subquery("every")
    return _figures(what, every)


def _partners(what: Population, units: sa.CTE, own: Any) -> sa.Select[*tuple[Any, ...]]:
    """Joint visits, once under each key of the other units that made them."""
    joint = sa.func.unnest(Visit.joint_unit_ids, type_=sa.Uuid()).label("unit_id")
    named = sa.select(joint).correlate(Visit).lateral("named")
    return (
        _visits(what, units.c.key)
        .join(named, sa.true())
        .join(units, units.c.unit_id == named.c.unit_id)
        .outerjoin(own, own.c.unit_id == Visit.unit_id)
        .where(sa.func.cardinality(Visit.joint_unit_ids) > 0, own.c.key.is_distinct_from(units.c.key))
        .distinct()
    )


def _visits(what: Population, key: sa.ColumnElement[Any]) -> sa.Select[*tuple[Any, ...]]:
    """What is needed of each visit and nothing else: an index answers most of it."""
    needed: dict[Counts, list[Any]] = {
        Counts.VISITS: [],
        Counts.ENTERPRISES: [Visit.enterprise_id],
        Counts.PARTICIPANTS: [sa.func.jsonb_array_length(Visit.participants).label("people")],
        Counts.AMOUNT: [Visit.amount_wan],
    }
    columns = [key.label("key"), Visit.id, *needed[what.measure.counts]]
    if what.traits.each is not None:
        columns += [Visit.visited_at, Visit.enterprise_id]
    return sa.select(*columns).select_from(Visit).outerjoin(Enterprise, Enterprise.id == Visit.enterprise_id)


def _figures(what: Population, every: sa.Subquery) -> sa.Select[*tuple[Any, ...]]:
    if what.measure.counts is Counts.ENTERPRISES:
        # Grouped twice rather than counted distinct, which sorts every visit.
        each = sa.select(every.c.key, every.c.enterprise_id).group_by(every.c.key, every.c.enterprise_id)
        every = each.subquery("each")
    elif what.traits.each is not None:
        of_one = (every.c.key, every.c.enterprise_id)
        every = (
            sa.select(every)
            .ext(distinct_on(*of_one))
            .order_by(*of_one, every.c.visited_at.desc(), every.c.id.desc())
            .subquery("each")
        )
    figures: dict[Counts, Any] = {Counts.VISITS: sa.func.count(), Counts.ENTERPRISES: sa.func.count()}
    if what.measure.counts is Counts.PARTICIPANTS:
        figures[Counts.PARTICIPANTS] = sa.func.sum(every.c.people)
    elif what.measure.counts is Counts.AMOUNT:
        figures[Counts.AMOUNT] = sa.func.sum(every.c.amount_wan)
    # Ids are told as text only here: grouping by them as they are takes half the time.
    key = sa.cast(every.c.key, sa.Text).label("key")
    return sa.select(key, figures[what.measure.counts].label("figure")).group_by(every.c.key)
