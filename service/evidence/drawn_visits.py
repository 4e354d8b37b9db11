"""Drawn visits as they are read: with the number, unit and day of each, and who found what about it."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from service.accounts.models import Unit, User
from service.evidence.models import DrawnAs, InspectedVisit, InspectionResult
from service.visits.models import Visit


@dataclass(frozen=True, slots=True)
class InspectedShown:
    """A drawn visit with what a reader needs to find it."""

    place: int
    visit_id: UUID
    number: str
    unit_id: UUID
    unit_name: str
    visited_on: date
    drawn_as: DrawnAs
    weight: int
    result: InspectionResult | None
    note: str | None
    inspected_by_name: str | None
    inspected_at: datetime | None
    record_url: str
    evidence_url: str


def drawn_visits(*which: sa.ColumnExpressionArgument[bool]) -> sa.Select[*tuple[Any, ...]]:
    """Drawn visits with what `shown` needs of them, in no order."""
    columns: sa.Select[*tuple[Any, ...]] = sa.select(
        InspectedVisit,
        Visit.number,
        Visit.visited_on,
        Unit.name.label("unit_name"),
        User.name.label("inspected_by_name"),
    )
    return (
        columns.join(Visit, Visit.id == InspectedVisit.visit_id)
        .join(Unit, Unit.id == InspectedVisit.unit_id)
        .outerjoin(User, User.id == InspectedVisit.inspected_by)
        .where(*which)
    )


def shown(row: sa.Row[*tuple[Any, ...]]) -> InspectedShown:
    """A row of `drawn_visits` as it is shown."""
    one: InspectedVisit = row.InspectedVisit
    at = f"/api/hq/v1/visits/{one.visit_id}"
    return InspectedShown(
        one.place,
        one.visit_id,
        row.number,
        one.unit_id,
        row.unit_name,
        row.visited_on,
        one.drawn_as,
        one.weight,
        one.result,
        one.note,
        row.inspected_by_name,
        one.inspected_at,
        at,
        f"{at}/evidence",
    )
