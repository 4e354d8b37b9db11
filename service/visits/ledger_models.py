"""Tables of the ledgers of a programme: derived from credits, kept as they became known, summed by day."""

from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, MappedAsDataclass, mapped_column

from service.kernel.db import Base
from service.programmes.models import Line

WRITER = "(pg_current_xact_id()::text::bigint)"
"""The writing transaction, as 64 bits that never come round."""


class _LedgerColumns(MappedAsDataclass, kw_only=True):
    """A subject on a line of a programme, and what is known of its visits."""

    programme_id: Mapped[UUID] = mapped_column(primary_key=True)
    line: Mapped[Line] = mapped_column(primary_key=True)
    subject_id: Mapped[UUID] = mapped_column(primary_key=True)
    counted: Mapped[int]
    """Counted visits."""
    pending: Mapped[int]
    """Eligible visits under review."""
    first_counted_on: Mapped[date | None]
    first_pending_on: Mapped[date | None]


class CityLedgerRow(_LedgerColumns, Base):
    """A subject the city has visited, or will have once a review ends, on a line of a programme."""

    __tablename__ = "city_ledger"
    __table_args__ = (
        # With the subject, so that coverage reads the index alone.
        sa.Index(
            "ix_city_ledger_read",
            "programme_id",
            "line",
            "first_counted_on",
            "first_pending_on",
            postgresql_include=["subject_id"],
        ),
    )


class UnitLedgerRow(_LedgerColumns, Base):
    """The same for one unit: its own distinct subjects."""

    __tablename__ = "unit_ledger"
    __table_args__ = (
        sa.Index(
            "ix_unit_ledger_read",
            "programme_id",
            "line",
            "unit_id",
            "first_counted_on",
            "first_pending_on",
            postgresql_include=["subject_id"],
        ),
    )

    unit_id: Mapped[UUID] = mapped_column(primary_key=True, sort_order=1)  # last in the key


class LedgerChange(Base):
    """A ledger row as it became known at a moment; `unit_id` null is the city's ledger."""

    __tablename__ = "ledger_changes"
    __table_args__ = (
        sa.Index("ix_ledger_changes_known", "programme_id", "line", "known_at"),
        sa.Index(
            "ix_ledger_changes_written_by", "written_by", postgresql_where=sa.text("written_by IS NOT NULL")
        ),
    )

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(), primary_key=True, init=False)
    programme_id: Mapped[UUID]
    line: Mapped[Line]
    unit_id: Mapped[UUID | None] = mapped_column(default=None)
    subject_id: Mapped[UUID]
    counted: Mapped[int]
    pending: Mapped[int]
    first_counted_on: Mapped[date | None]
    first_pending_on: Mapped[date | None]
    known_at: Mapped[datetime]
    written_by: Mapped[int | None] = mapped_column(sa.BigInteger, init=False, server_default=sa.text(WRITER))


class LedgerTally(Base):
    """What changed in a ledger, by business day; the sum of a key's rows up to a day is the figure of that day.

    Rows are only added, so writers never queue on a figure; a job folds the rows of a key into one.
    `unit_id` null is the city. `pending` falls by one on the day a subject that waited is first counted.
    """

    __tablename__ = "ledger_tallies"
    __table_args__ = (
        sa.Index(
            "ix_ledger_tallies_city",
            "programme_id",
            "line",
            "day",
            postgresql_include=["counted", "pending", "visits", "visits_pending"],
            postgresql_where=sa.text("unit_id IS NULL"),
        ),
        sa.Index(
            "ix_ledger_tallies_unit",
            "programme_id",
            "unit_id",
            "line",
            "day",
            postgresql_include=["counted", "pending", "visits", "visits_pending"],
            postgresql_where=sa.text("unit_id IS NOT NULL AND NOT monthly"),
        ),
        sa.Index(
            "ix_ledger_tallies_units",
            "programme_id",
            "line",
            "monthly",
            "day",
            "unit_id",
            postgresql_include=["counted", "pending", "visits", "visits_pending"],
            postgresql_where=sa.text("unit_id IS NOT NULL"),
        ),
        sa.Index(
            "ix_ledger_tallies_written_by",
            "written_by",
            postgresql_where=sa.text("NOT folded AND NOT monthly"),
        ),
    )

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(), primary_key=True, init=False)
    programme_id: Mapped[UUID]
    line: Mapped[Line]
    unit_id: Mapped[UUID | None] = mapped_column(default=None)
    monthly: Mapped[bool]
    """Whether the row is of a whole month, named by its first day; a unit's differences are written by both."""
    day: Mapped[date]
    counted: Mapped[int]
    """Subjects first counted on this day."""
    pending: Mapped[int]
    """Subjects that begin to wait on this day, less those that cease to."""
    visits: Mapped[int]
    """Counted visits of this day."""
    visits_pending: Mapped[int]
    """Visits of this day under review."""
    written_by: Mapped[int | None] = mapped_column(sa.BigInteger, init=False, server_default=sa.text(WRITER))
    folded: Mapped[bool] = mapped_column(init=False, server_default=sa.false())
    """Whether it is the sum of rows that `ledger_tally_history` keeps."""


class LedgerTallyHistory(Base):
    """A difference of a day as it was written, kept when its tally was folded, for figures as they were known."""

    __tablename__ = "ledger_tally_history"
    __table_args__ = (sa.Index("ix_ledger_tally_history_written_by", "written_by"),)

    id: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True, autoincrement=False)
    programme_id: Mapped[UUID]
    line: Mapped[Line]
    unit_id: Mapped[UUID | None] = mapped_column(default=None)
    day: Mapped[date]
    counted: Mapped[int]
    pending: Mapped[int]
    visits: Mapped[int]
    visits_pending: Mapped[int]
    written_by: Mapped[int | None] = mapped_column(sa.BigInteger, default=None)


class KnownEra(Base):
    """A history of one database: transactions are numbered anew in the next one, after a restore."""

    __tablename__ = "known_eras"

    number: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(), primary_key=True, init=False)
    cluster: Mapped[str]
    """PostgreSQL's own name of the cluster."""
    after_change: Mapped[int] = mapped_column(sa.BigInteger)
    """The last row of `ledger_changes` that an earlier era wrote."""
    after_tally: Mapped[int] = mapped_column(sa.BigInteger)
    began_at: Mapped[datetime]


class KnownMoment(Base):
    """What was committed at a moment; a figure as it was known rests on one of these."""

    __tablename__ = "known_moments"

    taken_at: Mapped[datetime] = mapped_column(primary_key=True)
    """Later than every moment that was there before, whatever a clock says."""
    era: Mapped[int] = mapped_column(sa.BigInteger)
    snapshot: Mapped[str]
    """As PostgreSQL writes it: `xmin:xmax:those in between that had not ended`."""
    taken_by: Mapped[int] = mapped_column(sa.BigInteger)
    """The transaction that took it: its own rows up to then are known, too."""
    last_change: Mapped[int] = mapped_column(sa.BigInteger)
    last_tally: Mapped[int] = mapped_column(sa.BigInteger)
