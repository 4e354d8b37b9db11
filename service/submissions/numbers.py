"""Record numbers are short, speakable and never given twice: `LC-2026-004217`."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import sqlalchemy as sa
from sqlalchemy.orm import Session

from service.kernel.together import Question
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

    def taking(self, count: int) -> Question:
        """The statement that takes so many numbers, for those who write many records; `written` makes them of its rows."""
        return Question(_TAKE_MANY, {"count": 0 if self.is_trial else count})

    def written(self, taken: Sequence[Any], count: int) -> list[str]:
        """The numbers that were taken."""
        if self.is_trial:
            return [f"trial-{uuid4()}" for _ in range(count)]
        return [f"{self.prefix}-{self.year}-{row.count:0{_DIGITS}}" for row in taken]


_TAKE_MANY = sa.text("SELECT nextval('record_numbers') AS count FROM generate_series(1, :count)").bindparams(
    sa.bindparam("count", type_=sa.Integer())
)
