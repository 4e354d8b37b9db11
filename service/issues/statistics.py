"""Problems counted by department, category and the unit that raised them: zeros listed, each figure with its records.

Departments and units stand in the order of office and are never ranked; persons are not counted at all. A problem may
call several departments, so the total counts problems, each once by the call of whoever leads it; it is not the
departments' sum.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from service.accounts.models import Unit, UnitKind
from service.issues.measured import Counted, heard, meaning, standing
from service.issues.measures import NOTHING, IssueFigures, Measure, together
from service.issues.models import Issue, IssueCall, IssueCategory
from service.issues.queries import IssueFilter
from service.kernel.actor import Actor
from service.kernel.clock import now
from service.kernel.named import Named


class By(StrEnum):
    """What rows are made by."""

    DEPARTMENT = "department"
    CATEGORY = "category"
    UNIT = "unit"


@dataclass(frozen=True, slots=True)
class IssueRow:
    """One row: what it is of, its figures, and the filter of its records."""

    figures: IssueFigures
    records: IssueFilter
    own_only: bool = False
    unit: Named | None = None
    """The department that is called, or the unit that raised."""
    category: IssueCategory | None = None

    def url(self, measure: Measure) -> str:
        """Where the problems behind a figure are listed."""
        return Counted(self.records, measure, own_only=self.own_only).url


@dataclass(frozen=True, slots=True)
class IssueTable:
    """The rows in their order, and all of their problems together, each once."""

    rows: tuple[IssueRow, ...]
    total: IssueRow


def issue_statistics(session: Session, actor: Actor, by: By, what: IssueFilter) -> IssueTable:
    """The table of the problems that the filter means, within the actor's scope; the filter has both days.

    By department, every department is a row, whichever the filter names; by category, every category; by unit, the units
    right below the one named.
    """
    asked = replace(what, **_EVERY_ROW[by])
    if by is By.UNIT and asked.unit_id is None and not actor.sees_every_unit:
        # Problems that others raised and that call a unit are in its scope, and below none of its rows.
        asked = replace(asked, unit_id=actor.unit_id)
    town = _Town(asked, _figures(session, actor, asked, by), _units(session))
    whole = town.found if by is not By.DEPARTMENT else _figures(session, actor, asked, None)
    total = together(list(whole.values())) if whole else NOTHING
    return IssueTable(tuple(_ROWS[by](town)), IssueRow(total, asked))


@dataclass(frozen=True, slots=True)
class _Seen:
    """A unit, and where it stands: beside its siblings by position, right after whoever is above it."""

    unit: Named
    kind: UnitKind
    lineage: tuple[UUID, ...]
    place: tuple[tuple[int, str, str], ...]
    valid_from: date
    valid_until: date | None

    def is_in_force(self, what: IssueFilter) -> bool:
        """Whether it exists on some of these days."""
        begins = what.until_on is None or self.valid_from < what.until_on
        return begins and (
            self.valid_until is None or what.from_on is None or self.valid_until > what.from_on
        )


@dataclass(frozen=True, slots=True)
class _Town:
    """Everything that was read for one table."""

    asked: IssueFilter
    found: Mapping[Any, IssueFigures]
    units: Mapping[UUID, _Seen]

    def top(self) -> UUID | None:
        """Below which unit rows stand: the one asked for, or the city."""
        if self.asked.unit_id is not None:
            return self.asked.unit_id if self.asked.unit_id in self.units else None
        return next((one for one, seen in self.units.items() if len(seen.lineage) == 1), None)

    def below(self, top: UUID) -> Iterator[tuple[UUID | None, IssueFigures]]:
        """Figures of what was raised within a unit, each with the unit right below it; None: by the unit itself."""
        depth = len(self.units[top].lineage)
        for unit_id, figures in self.found.items():
            lineage = self.units[unit_id].lineage
            if unit_id == top or top in lineage:
                yield (None if unit_id == top else lineage[depth]), figures


def _figures(session: Session, actor: Actor, asked: IssueFilter, by: By | None) -> dict[Any, IssueFigures]:
    """The figures by what rows are made by; everything together under None."""
    call = aliased(IssueCall)
    means = meaning(call, now())
    took = sa.cast(sa.extract("epoch", Issue.closed_at - call.called_at), sa.Numeric)
    keys: dict[By | None, Any] = {
        By.DEPARTMENT: call.unit_id,
        By.CATEGORY: Issue.category,
        By.UNIT: Issue.unit_id,
        None: sa.null(),
    }
    whose = [call.withdrawn_at.is_(None)] if by is By.DEPARTMENT else heard(call, asked)
    # What calls nobody yet is a row of no department, and of all problems together.
    is_whole = by is not By.DEPARTMENT and asked.department_id is None
    joined = sa.join(Issue, call, sa.and_(call.issue_id == Issue.id, *whose), isouter=is_whole)
    rows = session.execute(
        sa.select(
            keys[by].label("key"),
            sa.func.sum(took).filter(means[Measure.CLOSED]).label("seconds"),
            *(sa.func.count().filter(told).label(measure) for measure, told in means.items()),
        )
        .select_from(joined)
        .where(*standing(session, actor, asked))
        .group_by(sa.text("1"))
    ).mappings()
    return {
        row["key"]: IssueFigures(
            {measure: row[measure] for measure in Measure}, Fraction(row["seconds"] or Decimal(0))
        )
        for row in rows
    }


def _units(session: Session) -> dict[UUID, _Seen]:
    """The units in the order of office, closed ones too: some hundreds."""
    rows = session.execute(
        sa.select(
            Unit.id, Unit.name, Unit.kind, Unit.lineage, Unit.position, Unit.valid_from, Unit.valid_until
        )
    ).all()
    steps = {row.id: (row.position, row.name, str(row.id)) for row in rows}
    seen = [
        _Seen(
            Named(row.id, row.name),
            row.kind,
            tuple(row.lineage),
            tuple(steps[one] for one in row.lineage if one in steps),
            row.valid_from,
            row.valid_until,
        )
        for row in rows
    ]
    return {one.unit.id: one for one in sorted(seen, key=lambda one: one.place)}


def _by_department(town: _Town) -> Iterator[IssueRow]:
    """The departments of these days, and whoever else is called."""
    for unit_id, seen in town.units.items():
        figures = town.found.get(unit_id)
        if figures is not None or (seen.kind is UnitKind.DEPARTMENT and seen.is_in_force(town.asked)):
            records = replace(town.asked, department_id=unit_id)
            yield IssueRow(figures or NOTHING, records, unit=seen.unit)


def _by_category(town: _Town) -> Iterator[IssueRow]:
    for category in IssueCategory:
        records = replace(town.asked, category=category)
        yield IssueRow(town.found.get(category, NOTHING), records, category=category)


def _by_unit(town: _Town) -> Iterator[IssueRow]:
    """What the unit itself raised, where it raised any or is not the city, and then the units right below it.

    Counties, zones and towns have sites, and are listed with nothing; of all others, those that raised something.
    """
    top = town.top()
    if top is None:
        return
    several: defaultdict[UUID | None, list[IssueFigures]] = defaultdict(list)
    for unit_id, figures in town.below(top):
        several[unit_id].append(figures)
    if several[None] or len(town.units[top].lineage) > 1:
        records = replace(town.asked, unit_id=top)
        yield IssueRow(together(several[None]), records, own_only=True, unit=town.units[top].unit)
    for unit_id, seen in town.units.items():
        if seen.lineage[:-1] != town.units[top].lineage:
            continue
        is_listed = seen.kind in _WITH_SITES and seen.is_in_force(town.asked)
        if several[unit_id] or is_listed:
            records = replace(town.asked, unit_id=unit_id)
            yield IssueRow(together(several[unit_id]), records, unit=seen.unit)


_WITH_SITES = frozenset({UnitKind.COUNTY, UnitKind.ZONE, UnitKind.TOWN})
_EVERY_ROW: Mapping[By, Mapping[str, Any]] = {
    By.DEPARTMENT: {"department_id": None, "department_role": None},
    By.CATEGORY: {"category": None},
    By.UNIT: {},
}
"""What the filter forgets, because each of it is a row."""
_ROWS: Mapping[By, Callable[[_Town], Iterator[IssueRow]]] = {
    By.DEPARTMENT: _by_department,
    By.CATEGORY: _by_category,
    By.UNIT: _by_unit,
}
