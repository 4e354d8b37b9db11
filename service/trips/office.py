"""The units in the order of office: who stands below whom, and where each stands in a table."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from service.accounts.models import Unit, UnitKind
from service.kernel.actor import Actor, Role


@dataclass(frozen=True, slots=True)
class UnitSeen:
    """A unit as a row names it."""

    id: UUID
    name: str
    kind: UnitKind


@dataclass(frozen=True, slots=True)
class _Unit:
    id: UUID
    name: str
    kind: UnitKind
    parent_id: UUID | None
    lineage: tuple[UUID, ...]
    position: int
    valid_from: date
    valid_until: date | None


@dataclass(frozen=True, slots=True)
class Office:
    """Every unit of the house, closed ones too."""

    units: dict[UUID, _Unit]

    def seen(self, unit_id: UUID) -> UnitSeen:
        """The unit as a row names it."""
        unit = self.units[unit_id]
        return UnitSeen(unit.id, unit.name, unit.kind)

    def name(self, unit_id: UUID) -> str:
        """The unit's name."""
        return self.units[unit_id].name

    def lineage(self, unit_id: UUID) -> tuple[UUID, ...]:
        """From the root down to the unit itself."""
        return self.units[unit_id].lineage

    def place(self, unit_id: UUID) -> tuple[tuple[int, str, str], ...]:
        """Where the unit stands: beside its siblings by position, right after whoever is above it."""
        above = [self.units[one] for one in self.lineage(unit_id) if one in self.units]
        return tuple((one.position, one.name, str(one.id)) for one in above)

    def children(self, unit_id: UUID) -> Sequence[UUID]:
        """The units right below, in their order."""
        below = [one.id for one in self.units.values() if one.parent_id == unit_id]
        return sorted(below, key=self.place)

    def is_root(self, unit_id: UUID) -> bool:
        """Whether nobody stands above the unit."""
        return self.units[unit_id].parent_id is None

    def child_of(self, top_id: UUID, unit_id: UUID) -> UUID | None:
        """The unit right below `top_id` that this one belongs to; None for `top_id` itself, and outside of it."""
        lineage = self.lineage(unit_id)
        if top_id not in lineage or unit_id == top_id:
            return None
        return lineage[lineage.index(top_id) + 1]

    def top(self, actor: Actor, unit_id: UUID | None) -> UUID | None:
        """Below which unit a table's rows stand: the one asked for, else the actor's own, or the city."""
        if unit_id is not None:
            return unit_id if unit_id in self.units and self.is_in_scope(actor, unit_id) else None
        if not actor.sees_every_unit:
            return actor.unit_id
        roots = [one for one in self.units.values() if one.parent_id is None]
        return min(roots, key=lambda one: one.valid_from).id if roots else None

    def is_in_scope(self, actor: Actor, unit_id: UUID) -> bool:
        """The same as `visibility.within_scope` says of a row."""
        if actor.sees_every_unit or unit_id == actor.unit_id:
            return True
        return actor.has(Role.UNIT_OFFICE) and actor.unit_id in self.lineage(unit_id)

    def is_in_force(self, unit_id: UUID, start_on: date, end_on: date) -> bool:
        """Whether the unit exists on some of these days."""
        unit = self.units[unit_id]
        return unit.valid_from < end_on and (unit.valid_until is None or unit.valid_until > start_on)


def office(session: Session) -> Office:
    """The units as they are now: some hundreds."""
    rows = session.execute(
        sa.select(
            Unit.id,
            Unit.name,
            Unit.kind,
            Unit.parent_id,
            Unit.lineage,
            Unit.position,
            Unit.valid_from,
            Unit.valid_until,
        )
    )
    return Office(
        {
            row.id: _Unit(
                row.id,
                row.name,
                row.kind,
                row.parent_id,
                tuple(row.lineage),
                row.position,
                row.valid_from,
                row.valid_until,
            )
            for row in rows
        }
    )
