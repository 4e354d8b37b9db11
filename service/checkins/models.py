"""Table of check-ins at sites."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from service.kernel.db import Base
from service.submissions.records import DecisionColumns, RecordColumns
from service.submissions.review_states import ReviewState


class CheckinKind(StrEnum):
    """Why somebody is at the site."""

    ARRIVE = "arrive"
    LEAVE = "leave"
    PROGRESS = "progress"
    SERVICE = "service"


class Checkin(RecordColumns, Base):
    """A business record made at a site: seen, solved, raised or reported. Location is optional evidence."""

    __tablename__ = "checkins"
    __table_args__ = (
        sa.Index("ix_checkins_site_id_at", "site_id", "at", "id"),
        sa.Index("ix_checkins_user_id_at", "user_id", "at", "id"),
        sa.Index("ix_checkins_unit_id_at", "unit_id", "at", "id"),
        sa.Index(
            "ix_checkins_under_review",
            "received_at",
            "id",
            postgresql_where=sa.text(
                "review_state IN ('submitted', 'unit_approved') AND withdrawn_at IS NULL"
            ),
        ),
    )

    unit_id: Mapped[UUID] = mapped_column(sa.ForeignKey("units.id"))
    """The person's unit on the day, frozen."""
    user_id: Mapped[UUID] = mapped_column(sa.ForeignKey("users.id"))
    site_id: Mapped[UUID] = mapped_column(sa.ForeignKey("sites.id"))
    kind: Mapped[CheckinKind]
    at: Mapped[datetime]
    on_day: Mapped[date]
    """The day of `at` in Asia/Shanghai."""
    location: Mapped[dict[str, Any] | None] = mapped_column(default=None)
    latitude: Mapped[float | None] = mapped_column(default=None)
    longitude: Mapped[float | None] = mapped_column(default=None)
    accuracy_m: Mapped[float | None] = mapped_column(default=None)
    distance_m: Mapped[float | None] = mapped_column(default=None)
    """Metres outside the fence's edge for a polygon, from the centre for a circle."""
    inside: Mapped[bool | None] = mapped_column(default=None)
    """Null when no location was sent."""
    clock_skew_s: Mapped[float | None] = mapped_column(default=None)
    note: Mapped[str | None] = mapped_column(default=None)
    progress_percent: Mapped[Decimal | None] = mapped_column(default=None)
    progress_text: Mapped[str | None] = mapped_column(default=None)
    photo_ids: Mapped[list[UUID]]
    withdrawn_at: Mapped[datetime | None] = mapped_column(default=None)
    withdrawn_because: Mapped[str | None] = mapped_column(default=None)
    review_state: Mapped[ReviewState] = mapped_column(
        default=ReviewState.SUBMITTED, server_default=ReviewState.SUBMITTED.value
    )
    """Whoever reads it looks at `withdrawn_at` first: taken back, a check-in is `withdrawn` whatever stands here."""
    review_reason: Mapped[str | None] = mapped_column(default=None)

    @property
    def state(self) -> ReviewState:
        """Where its review is, or that its sender has taken it back."""
        return self.review_state if self.withdrawn_at is None else ReviewState.WITHDRAWN


def stands() -> sa.ColumnElement[bool]:
    """The check-ins that say somebody was there: neither returned, voided nor withdrawn."""
    fallen = (ReviewState.RETURNED, ReviewState.VOIDED)
    return sa.and_(Checkin.withdrawn_at.is_(None), Checkin.review_state.not_in(fallen))


class CheckinDecision(DecisionColumns, Base):
    """One decision about one revision of a check-in, kept for ever."""

    __tablename__ = "checkin_decisions"

    checkin_id: Mapped[UUID] = mapped_column(sa.ForeignKey("checkins.id"), index=True)
