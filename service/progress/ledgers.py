"""The ledgers' rows as they are, or as they were known at a moment: of the city, of one unit, or of every unit."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on

from service.visits.known import Moment, change_not_known
from service.visits.models import CityLedgerRow, LedgerChange, UnitLedgerRow
from service.visits.tally_models import CITY


class Whose(StrEnum):
    """Whose ledger is meant where no unit is named."""

    CITY = "city"
    EVERY_UNIT = "every_unit"


@dataclass(frozen=True, slots=True)
class Of:
    """A programme's ledger of the city, of every unit or of one, at a moment (None: now)."""

    programme_id: UUID
    whose: UUID | Whose
    known: Moment | None = None


def ledger(of: Of) -> sa.Subquery:
    """`line`, `unit_id` (the city's is `CITY`), `subject_id`, `first_pending_on` and `first_counted_on` of each row."""
    return _now(of) if of.known is None else _then(of, of.known)


def _now(of: Of) -> sa.Subquery:
    table = CityLedgerRow if of.whose is Whose.CITY else UnitLedgerRow
    unit_id = sa.literal(CITY, sa.Uuid()) if of.whose is Whose.CITY else UnitLedgerRow.unit_id
    rows = sa.select(
        table.line,
        unit_id.label("unit_id"),
        table.subject_id,
        table.first_pending_on,
        table.first_counted_on,
    ).where(table.programme_id == of.programme_id)
    return (rows if isinstance(of.whose, Whose) else rows.where(UnitLedgerRow.unit_id == of.whose)).subquery(
        "ledger"
    )


def _then(of: Of, moment: Moment) -> sa.Subquery:
    """The rows that have not changed since, and of the others the last change that was known."""
    present, change = _now(of), LedgerChange
    unit_id = sa.func.coalesce(change.unit_id, CITY).label("unit_id")
    here = (change.programme_id == of.programme_id, _is_of(change.unit_id, of))
    later = (
        sa.select(change.line, unit_id, change.subject_id)
        .where(*here, change_not_known(moment))
        .distinct()
        .cte("changed_since")
    )

    def same(line: Any, unit: Any, subject: Any) -> sa.ColumnElement[bool]:
        return sa.and_(later.c.line == line, later.c.unit_id == unit, later.c.subject_id == subject)

    untouched = sa.select(present).where(
        ~sa.exists().where(same(present.c.line, present.c.unit_id, present.c.subject_id))
    )
    known = (
        sa.select(change.line, unit_id, change.subject_id, change.first_pending_on, change.first_counted_on)
        .join(later, same(change.line, sa.func.coalesce(change.unit_id, CITY), change.subject_id))
        .where(*here, sa.not_(sa.func.coalesce(change_not_known(moment), sa.false())))
        .ext(distinct_on(change.line, unit_id, change.subject_id))
        .order_by(change.line, unit_id, change.subject_id, change.id.desc())
        .subquery("known")
    )
    return sa.union_all(untouched, sa.select(known)).subquery("ledger_then")


def _is_of(unit_id: Any, of: Of) -> sa.ColumnElement[bool]:
    if of.whose is Whose.CITY:
        return sa.and_(unit_id.is_(None))
    if of.whose is Whose.EVERY_UNIT:
        return sa.and_(unit_id.is_not(None))
    return sa.and_(unit_id == of.whose)
