"""Tables of visits, what they are credited with, the ledgers of a programme, and reviews.

::

    visits ──derive──▶ visit_credits ──re-derive touched keys──▶ city_ledger, unit_ledger
                       (why it counts)                            ├──▶ ledger_changes (as known when)
                                                                  └──▶ ledger_tallies (differences per day)
"""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from service.kernel.db import Base
from service.programmes.models import Line
from service.submissions.clocks import Basis

WRITER = "(pg_current_xact_id()::text::bigint)"
"""The writing transaction, as 64 bits that never come round."""


class VisitMode(StrEnum):
    """How people met."""

    DOOR_TO_DOOR = "door_to_door"
    RECEPTION = "reception"
    ONLINE = "online"
    EVENT = "event"


class Intention(StrEnum):
    """How far the enterprise is inclined to invest."""

    NONE = "none"
    INTERESTED = "interested"
    NEGOTIATING = "negotiating"
    AGREED = "agreed"


class ReviewState(StrEnum):
    """`submitted → unit_approved → approved`, with `returned` and `voided` beside; `withdrawn` by the sender."""

    SUBMITTED = "submitted"
    UNIT_APPROVED = "unit_approved"
    APPROVED = "approved"
    RETURNED = "returned"
    VOIDED = "voided"
    WITHDRAWN = "withdrawn"


_LATE = (
    "{0}received_at >= timezone('Asia/Shanghai', date_trunc('week', {0}visited_on::timestamp) + interval '7 days')"
    " AND {0}review_state NOT IN ('voided', 'withdrawn')"
)
CAME_LATE: sa.ColumnElement[bool] = sa.literal_column(f"({_LATE.format('visits.')})", sa.Boolean())
"""A visit that stands and arrived after Sunday 24:00 of the week it belongs to: written as in its partial index."""


class Visit(Base):
    """A visit to an enterprise, as its current revision tells it."""

    __tablename__ = "visits"
    __table_args__ = (
        sa.CheckConstraint("ended_at IS NULL OR ended_at >= visited_at", name="ends_after_it_starts"),
        sa.Index("ix_visits_unit_id_visited_at", "unit_id", "visited_at", "id"),
        sa.Index("ix_visits_visitor_id_visited_at", "visitor_id", "visited_at", "id"),
        sa.Index("ix_visits_enterprise_id", "enterprise_id", "visited_on"),
        sa.Index("ix_visits_visited_at", "visited_at", "id"),
        sa.Index("ix_visits_trip_id", "trip_id", postgresql_where=sa.text("trip_id IS NOT NULL")),
        sa.Index(
            "ix_visits_under_review",
            "received_at",
            "id",
            postgresql_where=sa.text("review_state IN ('submitted', 'unit_approved')"),
        ),
        sa.Index(
            "ix_visits_unmatched",
            "received_at",
            "id",
            postgresql_where=sa.text("enterprise_id IS NULL AND review_state NOT IN ('voided', 'withdrawn')"),
        ),
        sa.Index(
            "ix_visits_late",
            "visited_on",
            "unit_id",
            "received_at",
            postgresql_where=sa.text(_LATE.format("")),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    rev: Mapped[int]
    number: Mapped[str] = mapped_column(unique=True)
    """Short and speakable, unique in a year: `LC-2026-004217`."""
    unit_id: Mapped[UUID] = mapped_column(sa.ForeignKey("units.id"))
    """The visitor's unit on the day of the visit, frozen."""
    visitor_id: Mapped[UUID] = mapped_column(sa.ForeignKey("users.id"))
    recorded_by: Mapped[UUID] = mapped_column(sa.ForeignKey("users.id"), index=True)
    device_id: Mapped[str | None] = mapped_column(default=None)
    enterprise_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("enterprises.id"), default=None)
    free_enterprise: Mapped[dict[str, Any] | None] = mapped_column(default=None)
    """What the phone wrote when the enterprise was not in its roster; kept after it is matched."""
    matched_by: Mapped[UUID | None] = mapped_column(sa.ForeignKey("users.id"), default=None)
    matched_at: Mapped[datetime | None] = mapped_column(default=None)
    visited_at: Mapped[datetime]
    visited_on: Mapped[date]
    """The day of `visited_at` in Asia/Shanghai: it decides programme, week and unit."""
    ended_at: Mapped[datetime | None] = mapped_column(default=None)
    mode: Mapped[VisitMode]
    method: Mapped[str | None] = mapped_column(default=None)
    place: Mapped[str | None] = mapped_column(default=None)
    location: Mapped[dict[str, Any] | None] = mapped_column(default=None)
    latitude: Mapped[float | None] = mapped_column(default=None)
    longitude: Mapped[float | None] = mapped_column(default=None)
    led_by: Mapped[dict[str, Any] | None] = mapped_column(default=None)
    participants: Mapped[list[dict[str, Any]]]
    hosts: Mapped[list[dict[str, Any]]]
    summary: Mapped[str | None] = mapped_column(default=None)
    intention: Mapped[Intention | None] = mapped_column(default=None)
    amount_wan: Mapped[Decimal | None] = mapped_column(default=None)
    next_step: Mapped[str | None] = mapped_column(default=None)
    next_on: Mapped[date | None] = mapped_column(default=None)
    trip_id: Mapped[UUID | None] = mapped_column(default=None)
    joint_unit_ids: Mapped[list[UUID]]
    photo_ids: Mapped[list[UUID]]
    flags: Mapped[list[dict[str, Any]]]
    captured_at: Mapped[datetime]
    """As the phone claims it; the columns beside it say how far its clock can be trusted (`submissions.clocks`)."""
    capture_at: Mapped[datetime | None] = mapped_column(default=None)
    capture_earliest: Mapped[datetime | None] = mapped_column(default=None)
    capture_latest: Mapped[datetime | None] = mapped_column(default=None)
    capture_skew_s: Mapped[float | None] = mapped_column(default=None)
    capture_basis: Mapped[Basis | None] = mapped_column(default=None)
    received_at: Mapped[datetime]
    """When revision 1 was received."""
    updated_at: Mapped[datetime]
    review_state: Mapped[ReviewState]
    review_reason: Mapped[str | None] = mapped_column(default=None)


class VisitCreditStatus(StrEnum):
    """Whether a credit counts now or waits for its review."""

    COUNTED = "counted"
    PENDING = "pending"


class VisitCredit(Base):
    """A visit counts, or will once reviewed, for a unit on a line of a programme towards one subject.

    The subject is the enterprise on the thousand line and the group (or a groupless enterprise) on the hundred.
    A joint visit has a credit per unit; a unit within a unit has one for each up to below the city.

    This table and the ledgers hold only what is derived from rows that are never deleted; foreign keys would make
    every writer lock the one row of the programme.
    """

    __tablename__ = "visit_credits"
    __table_args__ = (
        sa.Index(
            "ix_visit_credits_key",
            "programme_id",
            "line",
            "subject_id",
            "unit_id",
            "status",
            "visited_on",
            "visit_id",
            "own",
        ),
        sa.Index("ix_visit_credits_enterprise_id", "enterprise_id"),
        sa.Index("ix_visit_credits_day", "programme_id", "line", "visited_on", "status", "visit_id"),
    )

    visit_id: Mapped[UUID] = mapped_column(primary_key=True)
    programme_id: Mapped[UUID] = mapped_column(primary_key=True)
    line: Mapped[Line] = mapped_column(primary_key=True)
    unit_id: Mapped[UUID] = mapped_column(primary_key=True)
    enterprise_id: Mapped[UUID]
    """The enterprise that stands for the visited one."""
    subject_id: Mapped[UUID]
    visited_on: Mapped[date]
    status: Mapped[VisitCreditStatus]
    own: Mapped[bool]
    """It goes to the visit's own unit: exactly one credit a visit, programme and line, so the city counts these."""


class CityLedgerRow(Base):
    """A subject the city has visited, or will have once a review ends, on a line of a programme."""

    __tablename__ = "city_ledger"
    __table_args__ = (
        sa.Index("ix_city_ledger_first", "programme_id", "line", "first_counted_on", "first_pending_on"),
    )

    programme_id: Mapped[UUID] = mapped_column(primary_key=True)
    line: Mapped[Line] = mapped_column(primary_key=True)
    subject_id: Mapped[UUID] = mapped_column(primary_key=True)
    counted: Mapped[int]
    """Counted visits."""
    pending: Mapped[int]
    """Eligible visits under review."""
    first_counted_on: Mapped[date | None]
    first_pending_on: Mapped[date | None]


class UnitLedgerRow(Base):
    """The same for one unit: its own distinct subjects."""

    __tablename__ = "unit_ledger"
    __table_args__ = (
        sa.Index(
            "ix_unit_ledger_first", "programme_id", "line", "unit_id", "first_counted_on", "first_pending_on"
        ),
    )

    programme_id: Mapped[UUID] = mapped_column(primary_key=True)
    line: Mapped[Line] = mapped_column(primary_key=True)
    subject_id: Mapped[UUID] = mapped_column(primary_key=True)
    unit_id: Mapped[UUID] = mapped_column(primary_key=True)
    counted: Mapped[int]
    pending: Mapped[int]
    first_counted_on: Mapped[date | None]
    first_pending_on: Mapped[date | None]


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


class ReviewChoice(StrEnum):
    """What a reviewer decides."""

    APPROVE = "approve"
    RETURN = "return"
    VOID = "void"
    UNAPPROVE = "unapprove"


class ReviewDecision(Base):
    """One decision about one revision of a visit, kept for ever."""

    __tablename__ = "review_decisions"

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(), primary_key=True, init=False)
    visit_id: Mapped[UUID] = mapped_column(sa.ForeignKey("visits.id"), index=True)
    rev: Mapped[int]
    decision: Mapped[ReviewChoice]
    from_state: Mapped[ReviewState]
    to_state: Mapped[ReviewState]
    reason: Mapped[str | None] = mapped_column(default=None)
    reason_code: Mapped[str | None] = mapped_column(default=None)
    remarks: Mapped[list[str] | None] = mapped_column(default=None)
    """The codes of the flags and doubts it bore when it was decided about: their fairness is measured by these."""
    decided_by: Mapped[UUID] = mapped_column(sa.ForeignKey("users.id"))
    decided_at: Mapped[datetime]
