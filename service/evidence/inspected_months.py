"""All draws of a month together: how many visits were drawn of how many, by which lot, and what was found by unit."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from service.accounts.models import Unit
from service.accounts.visibility import units_below
from service.evidence.drawn_visits import InspectedShown, drawn_visits, shown
from service.evidence.inspections import INSPECTIONS
from service.evidence.models import DrawnAs, InspectedVisit, Inspection, InspectionResult
from service.kernel.calendar import month
from service.kernel.errors import Fault, Invalid
from service.kernel.pages import Page, PageRequest, page_of

MOST_DRAWN = 1_000_000
"""No draw has more; a cursor that says so is taken for the end."""


class Outcome(StrEnum):
    """What was found of a drawn visit, or that nobody has looked yet; `looked_at` asks for whatever was found."""

    CONFIRMED = "confirmed"
    WRONG = "wrong"
    UNREACHABLE = "unreachable"
    OPEN = "open"
    LOOKED_AT = "looked_at"


@dataclass(frozen=True, slots=True)
class DrawnFilter:
    """Which drawn visits: those of the month with this day, of a unit and those below it, of a lot, of an outcome."""

    month: date
    unit_id: UUID | None = None
    drawn_as: DrawnAs | None = None
    outcome: Outcome | None = None

    @property
    def url(self) -> str:
        """Where they are listed."""
        asked = {
            "month": self.month,
            "unit": self.unit_id,
            "drawn_as": self.drawn_as,
            "outcome": self.outcome,
        }
        told = urlencode({name: value for name, value in asked.items() if value is not None})
        return f"{INSPECTIONS}/visits?{told}"


@dataclass(frozen=True, slots=True)
class Findings:
    """How many visits were drawn by either lot, and what was found of them."""

    by: Counter[tuple[DrawnAs, Outcome]]

    def count(self, *, drawn_as: DrawnAs | None = None, outcome: Outcome | None = None) -> int:
        """How many; None is all."""
        return sum(
            number
            for (lot, found), number in self.by.items()
            if drawn_as in (None, lot) and outcome in (None, found)
        )


@dataclass(frozen=True, slots=True)
class Month:
    """The draws of a month and what was found, of the whole and by unit; a unit's findings are those below it too."""

    draws: Sequence[Inspection]
    whole: Findings
    of_units: dict[UUID, Findings]

    @property
    def population(self) -> int:
        """From how many visits the last draw was made, as that draw keeps it; without a draw, from none."""
        return self.draws[-1].population if self.draws else 0


def draws_url(on: date) -> str:
    """Where the draws of the month with this day are listed."""
    return f"{INSPECTIONS}?month={on}"


def draw_url(one: Inspection) -> str:
    """Where a draw is shown with its seed and from how many visits it was made."""
    return f"{INSPECTIONS}/{one.id}"


def findings_of_month(session: Session, on: date, unit_ids: Sequence[UUID]) -> Month:
    """The draws of the month with this day; every unit asked for has its findings, also where nothing was drawn."""
    draws = session.scalars(
        sa.select(Inspection)
        .where(Inspection.month == month(on).start_on)
        .order_by(Inspection.drawn_at, Inspection.id)
    ).all()
    whole: Counter[tuple[DrawnAs, Outcome]] = Counter()
    of_units: dict[UUID, Counter[tuple[DrawnAs, Outcome]]] = {unit_id: Counter() for unit_id in unit_ids}
    rows = session.execute(
        sa.select(Unit.lineage, InspectedVisit.drawn_as, InspectedVisit.result, sa.func.count())
        .join(Unit, Unit.id == InspectedVisit.unit_id)
        .where(InspectedVisit.inspection_id.in_([one.id for one in draws]))
        .group_by(Unit.id, Unit.lineage, InspectedVisit.drawn_as, InspectedVisit.result)
    )
    for lineage, drawn_as, result, number in rows:
        key = (drawn_as, _outcome(result))
        whole[key] += number
        for unit_id in lineage:
            if unit_id in of_units:
                of_units[unit_id][key] += number
    return Month(draws, Findings(whole), {unit_id: Findings(found) for unit_id, found in of_units.items()})


def inspected_in_month(session: Session, what: DrawnFilter, request: PageRequest) -> Page[InspectedShown]:
    """The drawn visits behind a figure of a month, draw by draw in the order they were drawn."""
    which: list[sa.ColumnElement[bool]] = [
        InspectedVisit.inspection_id.in_(
            sa.select(Inspection.id).where(Inspection.month == month(what.month).start_on)
        )
    ]
    if what.unit_id is not None:
        which.append(InspectedVisit.unit_id.in_(units_below(what.unit_id)))
    if what.drawn_as is not None:
        which.append(InspectedVisit.drawn_as == what.drawn_as)
    if what.outcome is not None:
        which.append(_is(what.outcome))
    key = (InspectedVisit.inspection_id, InspectedVisit.place)
    if request.after is not None:
        which.append(sa.tuple_(*key) > sa.tuple_(*_key(request.after)))
    rows = session.execute(drawn_visits(*which).order_by(*key).limit(request.limit + 1)).all()
    page = page_of(rows, limit=request.limit, key=_place)
    return Page([shown(row) for row in page.items], page.next_cursor)


def _outcome(result: InspectionResult | None) -> Outcome:
    return Outcome.OPEN if result is None else Outcome(result.value)


def _is(outcome: Outcome) -> sa.ColumnElement[bool]:
    if outcome is Outcome.OPEN:
        return InspectedVisit.result.is_(None)
    if outcome is Outcome.LOOKED_AT:
        return InspectedVisit.result.is_not(None)
    return InspectedVisit.result == InspectionResult(outcome.value)


def _place(row: sa.Row[*tuple[Any, ...]]) -> tuple[str, str]:
    return str(row.InspectedVisit.inspection_id), str(row.InspectedVisit.place)


def _key(after: Sequence[str]) -> tuple[UUID, int]:
    try:
        inspection_id, place = UUID(after[0]), int(after[1])
    except ValueError as error:
        raise Invalid(faults=[Fault("/cursor", "分页游标无效", "The cursor is not valid")]) from error
    return inspection_id, min(max(place, 0), MOST_DRAWN)
