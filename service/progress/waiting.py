"""Which subjects wait for a review, by the day of their earliest eligible visit: now, or as it was known at a moment."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from service.programmes.models import Line
from service.visits.known import Moment, change_not_known
from service.visits.models import CityLedgerRow, LedgerChange, UnitLedgerRow


@dataclass(frozen=True, slots=True)
class Of:
    """Whose ledger is read, up to which day, and at which moment (None: now); `unit_id` None is the city's."""

    programme_id: UUID
    unit_id: UUID | None
    as_of: date
    known: Moment | None


def waiting_by_day(session: Session, of: Of) -> dict[Line, dict[date, int]]:
    """How many subjects wait as of the day, by the day of their earliest eligible visit."""
    ledger = _ledger_now(of) if of.known is None else _ledger_then(of, of.known)
    rows = session.execute(
        sa.select(ledger.c.line, ledger.c.first_pending_on, sa.func.count())
        .where(
            ledger.c.first_pending_on <= of.as_of,
            sa.or_(ledger.c.first_counted_on.is_(None), ledger.c.first_counted_on > of.as_of),
        )
        .group_by(ledger.c.line, ledger.c.first_pending_on)
    )
    waiting: dict[Line, dict[date, int]] = defaultdict(dict)
    for line, day, count in rows:
        if day is not None:
            waiting[Line(line)][day] = count
    return waiting


def _ledger_now(of: Of) -> sa.Subquery:
    ledger = CityLedgerRow if of.unit_id is None else UnitLedgerRow
    rows = sa.select(ledger.line, ledger.subject_id, ledger.first_pending_on, ledger.first_counted_on).where(
        ledger.programme_id == of.programme_id,
        sa.true() if of.unit_id is None else UnitLedgerRow.unit_id == of.unit_id,
    )
    return rows.subquery("ledger")


def _ledger_then(of: Of, moment: Moment) -> sa.Subquery:
    """The rows that have not changed since, and of the others the last change that was known."""
    present, change = _ledger_now(of), LedgerChange
    here = (
        change.programme_id == of.programme_id,
        change.unit_id.is_(None) if of.unit_id is None else change.unit_id == of.unit_id,
    )
    later = (
        sa.select(change.line, change.subject_id)
        .where(*here, change_not_known(moment))
        .distinct()
        .cte("changed_since")
    )
    untouched = sa.select(present).where(
        ~sa.exists().where(later.c.line == present.c.line, later.c.subject_id == present.c.subject_id)
    )
    known = (
        sa.select(change.line, change.subject_id, change.first_pending_on, change.first_counted_on)
        .join(later, sa.and_(later.c.line == change.line, later.c.subject_id == change.subject_id))
        .where(*here, sa.not_(sa.func.coalesce(change_not_known(moment), sa.false())))
        .ext(distinct_on(change.line, change.subject_id))
        .order_by(change.line, change.subject_id, change.id.desc())
        .subquery("known")
    )
    return sa.union_all(untouched, sa.select(known)).subquery("ledger_then")
