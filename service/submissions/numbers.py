"""Record numbers are short, speakable and never given twice: `LC-2026-004217`."""

from dataclasses import dataclass
from uuid import uuid4

import sqlalchemy as sa
from sqlalchemy.orm import Session

from service.submissions.models import RECORD_NUMBERS

DEFAULT_PREFIX = "LC"
_DIGITS = 6


@dataclass(frozen=True, slots=True)
class Numbers:
    """The numbers of one local year under a prefix."""

    prefix: str
    year: int
    is_trial: bool = False
    """What is only tried takes no number: those that are taken are never given again."""

    def next(self) -> sa.ColumnElement[str]:
        """The next number, taken by the very statement that inserts the record.

        A number whose record was not written in the end is not given again.
        """
        if self.is_trial:
            return sa.func.concat("trial-", sa.cast(sa.func.gen_random_uuid(), sa.Text))
        count = sa.cast(RECORD_NUMBERS.next_value(), sa.Text)
        taken = sa.select(count.label("count")).subquery()
        width = sa.func.greatest(_DIGITS, sa.func.length(taken.c.count))
        padded = sa.func.lpad(taken.c.count, width, "0")
        return sa.select(sa.literal(f"{self.prefix}-{self.year}-") + padded).scalar_subquery()

    def taken(self, session: Session) -> str:
        """The next number, by a statement of its own."""
        return str(session.scalar(sa.select(self.next())))

    def of(self, count: int | None) -> str:
        """The number of that count; what is only tried has a count of None."""
        return f"trial-{uuid4()}" if count is None else f"{self.prefix}-{self.year}-{count:0{_DIGITS}}"
