"""Tables of sums that triggers and a job keep, so that a figure of ten million visits is read from few rows.

What a writer adds stands in a table of differences, to which rows are only added; a job folds them into the sums. Both
together are right at every moment. The unit of nothing but noughts is the city: a key has no nulls.
"""

from datetime import date
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from service.kernel.db import Base

CITY = UUID(int=0)
"""Stands for the city among units."""


class ChainSpan(StrEnum):
    """How much of a programme a sum is of."""

    ALL = "all"
    MONTH = "month"
    DAY = "day"


class ChainTally(Base):
    """Subjects of the thousand line by unit and industry chain: how many first counted, or began to wait, in a span.

    With `chain_differences` added they are the sums of the ledgers' rows, whose triggers write those. The
    chain without a letter is none.
    """

    __tablename__ = "chain_tallies"

    programme_id: Mapped[UUID] = mapped_column(primary_key=True)
    span: Mapped[ChainSpan] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    """The span's first."""
    unit_id: Mapped[UUID] = mapped_column(primary_key=True)
    chain: Mapped[str] = mapped_column(primary_key=True)
    counted: Mapped[int]
    pending: Mapped[int]


class ChainDifference(Base):
    """What a transaction added to a day; rows are only added, and a job folds them into the tallies."""

    __tablename__ = "chain_differences"

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(), primary_key=True, init=False)
    programme_id: Mapped[UUID]
    day: Mapped[date]
    unit_id: Mapped[UUID]
    chain: Mapped[str]
    counted: Mapped[int]
    pending: Mapped[int]


class ChainMove(Base):
    """An enterprise whose industry chain was changed, and the chain by which the tallies still know it."""

    __tablename__ = "chain_moves"

    enterprise_id: Mapped[UUID] = mapped_column(primary_key=True)
    tallied: Mapped[str]


class LateTally(Base):
    """Visits of a day that stand and arrived after the Sunday of their week, by unit."""

    __tablename__ = "late_tallies"

    unit_id: Mapped[UUID] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    visits: Mapped[int]


class LateDifference(Base):
    """What a transaction added to those of a day."""

    __tablename__ = "late_differences"

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(), primary_key=True, init=False)
    unit_id: Mapped[UUID]
    day: Mapped[date]
    visits: Mapped[int]
