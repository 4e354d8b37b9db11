"""The records behind a figure: what `records_url` opens has exactly the rows that the figure counted.

With `first`, there is one record a subject: the earliest, which made it count. Its day decides the period, so that a
week's *first counted* and a year's *counted* are both the rows of one list. A subject is *pending* only while none of
its visits counts.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import aliased

from service.accounts.visibility import within_scope
from service.kernel.actor import Actor
from service.programmes.models import Line
from service.visits.models import Visit, VisitCredit, VisitCreditStatus


@dataclass(frozen=True, slots=True)
class Records:
    """Which credits a figure is made of; None asks for all."""

    programme_id: UUID | None = None
    line: Line | None = None
    status: VisitCreditStatus | None = None
    first: bool = False
    as_of: date | None = None
    """A subject waits unless it counts by the end of this day; by default, of the period asked for."""


def behind(
    actor: Actor, what: Records, *, unit_id: UUID | None, from_on: date | None, until_on: date | None
) -> sa.ColumnElement[bool]:
    """The visits whose credits make up the figure, of a unit (joint visits too) or of the whole city."""
    credit = aliased(VisitCredit)
    conditions = [*_of_figure(credit, what, unit_id), within_scope(actor, credit.unit_id)]
    if until_on is not None:
        conditions.append(credit.visited_on < until_on)
    if what.first and what.status is VisitCreditStatus.PENDING:
        by = until_on if what.as_of is None else what.as_of + timedelta(days=1)
        conditions.append(~_is_counted(credit, unit_id, by))
    if not what.first:
        if from_on is not None:
            conditions.append(credit.visited_on >= from_on)
        return Visit.id.in_(sa.select(credit.visit_id).where(*conditions))
    firsts = (
        sa.select(credit.visit_id, credit.visited_on)
        .where(*conditions)
        .ext(distinct_on(credit.programme_id, credit.line, credit.subject_id))
        .order_by(credit.programme_id, credit.line, credit.subject_id, credit.visited_on, credit.visit_id)
        .subquery()
    )
    chosen = sa.select(firsts.c.visit_id)
    return Visit.id.in_(chosen if from_on is None else chosen.where(firsts.c.visited_on >= from_on))


def _of_figure(
    credit: type[VisitCredit], what: Records, unit_id: UUID | None
) -> list[sa.ColumnElement[bool]]:
    found: list[sa.ColumnElement[bool]] = [
        credit.own.is_(True) if unit_id is None else credit.unit_id == unit_id
    ]
    if what.programme_id is not None:
        found.append(credit.programme_id == what.programme_id)
    if what.line is not None:
        found.append(credit.line == what.line)
    if what.status is not None:
        found.append(credit.status == what.status)
    return found


def _is_counted(
    credit: type[VisitCredit], unit_id: UUID | None, until_on: date | None
) -> sa.ColumnElement[bool]:
    counted = aliased(VisitCredit)
    same = [
        counted.programme_id == credit.programme_id,
        counted.line == credit.line,
        counted.subject_id == credit.subject_id,
        counted.status == VisitCreditStatus.COUNTED,
        counted.own.is_(True) if unit_id is None else counted.unit_id == unit_id,
    ]
    if until_on is not None:
        same.append(counted.visited_on < until_on)
    return sa.exists().where(*same)
