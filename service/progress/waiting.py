"""Which subjects wait for a review, by the day of their earliest eligible visit: now, or as it was known at a moment."""

from collections import defaultdict
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from service.programmes.models import Line
from service.progress.ledgers import Of, ledger


def waiting_by_day(session: Session, of: Of, as_of: date) -> dict[Line, dict[date, int]]:
    """How many subjects wait as of the day, by the day of their earliest eligible visit."""
    rows = ledger(of)
    found = session.execute(
        sa.select(rows.c.line, rows.c.first_pending_on, sa.func.count())
        .where(
            rows.c.first_pending_on <= as_of,
            sa.or_(rows.c.first_counted_on.is_(None), rows.c.first_counted_on > as_of),
        )
        .group_by(rows.c.line, rows.c.first_pending_on)
    )
    waiting: dict[Line, dict[date, int]] = defaultdict(dict)
    for line, day, count in found:
        if day is not None:
            waiting[Line(line)][day] = count
    return waiting
