"""Record numbers are short, speakable and never given twice: `LC-2026-004217`."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from service.kernel.calendar import local_date
from service.submissions.models import RECORD_NUMBERS

DEFAULT_PREFIX = "LC"
_DIGITS = 6


def number_in(prefix: str, year: int) -> sa.ColumnElement[str]:
    """The next record number of a local year, taken by the very statement that inserts the record.

    A number whose record was not written in the end is not given again.
    """
    count = sa.cast(RECORD_NUMBERS.next_value(), sa.Text)
    taken = sa.select(count.label("count")).subquery()
    width = sa.func.greatest(_DIGITS, sa.func.length(taken.c.count))
    padded = sa.func.lpad(taken.c.count, width, "0")
    return sa.select(sa.literal(f"{prefix}-{year}-") + padded).scalar_subquery()


def next_number(session: Session, prefix: str, moment: datetime) -> str:
    """The next record number of the local year of `moment`."""
    return str(session.scalar(sa.select(number_in(prefix, local_date(moment).year))))
