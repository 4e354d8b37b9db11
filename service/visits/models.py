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
from service.submissions.records import DecisionColumns, RecordColumns
from service.submissions.review_states import ReviewChoice, ReviewState
from service.visits.ledger_models import (
    CityLedgerRow,
    KnownEra,
    KnownMoment,
    LedgerChange,
    LedgerTally,
    LedgerTallyHistory,
    UnitLedgerRow,
)
from service.visits.tally_models import (
    ChainDifference,
    ChainMove,
    ChainTally,
    LateDifference,
    LateTally,
)

# Whoever asks about visits has the words of their review and the tables of their ledgers from here.
__all__ = [
    "ChainDifference",
    "ChainMove",
    "ChainTally",
    "CityLedgerRow",
    "KnownEra",
    "KnownMoment",
    "LateDifference",
    "LateTally",
    "LedgerChange",
    "LedgerTally",
    "LedgerTallyHistory",
    "ReviewChoice",
    "ReviewState",
    "UnitLedgerRow",
]


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


_LATE = (
    "{0}received_at >= timezone('Asia/Shanghai', date_trunc('week', {0}visited_on::timestamp) + interval '7 days')"
    " AND {0}review_state NOT IN ('voided', 'withdrawn')"
)
CAME_LATE: sa.ColumnElement[bool] = sa.literal_column(f"({_LATE.format('visits.')})", sa.Boolean())
"""A visit that stands and arrived after Sunday 24:00 of the week it belongs to: written as in its partial index."""

_READ_BY_STATISTICS = (
    "review_state",
    "unit_id",
    "enterprise_id",
    "joint_unit_ids",
    "mode",
    "method",
    "intention",
    "amount_wan",
    "id",
)


class Visit(RecordColumns, Base):
    """A visit to an enterprise, as its current revision tells it."""

    __tablename__ = "visits"
    __table_args__ = (
        sa.CheckConstraint("ended_at IS NULL OR ended_at >= visited_at", name="ends_after_it_starts"),
        sa.Index("ix_visits_unit_id_visited_at", "unit_id", "visited_at", "id"),
        sa.Index("ix_visits_visitor_id_visited_at", "visitor_id", "visited_at", "id"),
        sa.Index("ix_visits_enterprise_id", "enterprise_id", "visited_on"),
        sa.Index("ix_visits_visited_at", "visited_at", "id"),
        # What statistics read of the visits of some days: the index alone, in the order of the days.
        sa.Index("ix_visits_statistics", "visited_at", postgresql_include=_READ_BY_STATISTICS),
        sa.Index(
            "ix_visits_joint",
            "visited_at",
            postgresql_include=_READ_BY_STATISTICS,
            postgresql_where=sa.text("cardinality(joint_unit_ids) > 0"),
        ),
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
        # When the last of a day's arrived, in the whole city.
        sa.Index(
            "ix_visits_late_of_city",
            "visited_on",
            "received_at",
            postgresql_where=sa.text(_LATE.format("")),
        ),
    )

    unit_id: Mapped[UUID] = mapped_column(sa.ForeignKey("units.id"))
    """The visitor's unit on the day of the visit, frozen."""
    visitor_id: Mapped[UUID] = mapped_column(sa.ForeignKey("users.id"))
    recorded_by: Mapped[UUID] = mapped_column(sa.ForeignKey("users.id"), index=True)
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
    review_state: Mapped[ReviewState]
    review_reason: Mapped[str | None] = mapped_column(default=None)

    @property
    def state(self) -> ReviewState:
        """Where its review is, or that its sender has taken it back."""
        return self.review_state


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


class ReviewDecision(DecisionColumns, Base):
    """One decision about one revision of a visit, kept for ever."""

    __tablename__ = "review_decisions"

    visit_id: Mapped[UUID] = mapped_column(sa.ForeignKey("visits.id"), index=True)
