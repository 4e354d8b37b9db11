"""Tables of privacy: who looked at whose position, how far forgetting has come, and requests of the people recorded."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from service.kernel.db import Base


class Door(StrEnum):
    """Where an exact position was shown."""

    VISIT = "visit"
    VISIT_HISTORY = "visit_history"
    VISIT_PHOTOS = "visit_photos"
    VISIT_EVIDENCE = "visit_evidence"
    CHECKIN = "checkin"
    CHECKIN_PHOTOS = "checkin_photos"
    CHECKIN_EVIDENCE = "checkin_evidence"
    KEPT = "kept"
    EXPORT = "export"


class PositionView(Base):
    """Somebody looked at the exact position of somebody else; rows are only added, and forgotten by age."""

    __tablename__ = "position_views"
    __table_args__ = (
        sa.Index("ix_position_views_person_id", "person_id", "id"),
        sa.Index("ix_position_views_viewer_id", "viewer_id", "id"),
    )

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(), primary_key=True, init=False)
    viewed_at: Mapped[datetime]
    viewer_id: Mapped[UUID]
    person_id: Mapped[UUID]
    """Whose position it is."""
    door: Mapped[Door]
    record_type: Mapped[str]
    record_id: Mapped[UUID]


class Reach(Base):
    """How far a walk of forgetting has come: everything before it was looked at."""

    __tablename__ = "privacy_reaches"

    walk: Mapped[str] = mapped_column(primary_key=True)
    """Its name and how coarse it made things: a coarser setting begins anew."""
    reached_at: Mapped[datetime]
    """The moment of the last row."""
    reached_id: Mapped[str]
    """The key of the last row at that moment."""


class RequestKind(StrEnum):
    """What the person recorded asks for."""

    ACCESS = "access"
    ERASURE = "erasure"


class RequestState(StrEnum):
    """`open → done | refused`; an erasure is `granted` until a job has done it."""

    OPEN = "open"
    GRANTED = "granted"
    DONE = "done"
    REFUSED = "refused"


class Refused(StrEnum):
    """Why a request is refused."""

    LEGAL_HOLD = "legal_hold"
    """A law, an audit or a case obliges the office to keep it."""
    NOT_IDENTIFIED = "not_identified"
    NOTHING_FOUND = "nothing_found"
    OTHER = "other"


class PrivacyRequest(Base):
    """A person recorded asks to see or to erase what is kept about them."""

    __tablename__ = "privacy_requests"
    __table_args__ = (
        sa.CheckConstraint(
            "phone IS NOT NULL OR user_id IS NOT NULL OR cardinality(record_ids) > 0",
            name="says_where_to_look",
        ),
        sa.Index("ix_privacy_requests_asked_at", "asked_at", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[RequestKind]
    state: Mapped[RequestState] = mapped_column(default=RequestState.OPEN)
    name: Mapped[str]
    """Masked once the person is erased."""
    phone: Mapped[str | None] = mapped_column(default=None)
    """As it was told; masked once the person is erased."""
    user_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("users.id"), default=None)
    """The account, of one of our own."""
    record_ids: Mapped[list[UUID]]
    """Records known to tell of the person, where the name alone stands."""
    note: Mapped[str | None] = mapped_column(default=None)
    asked_by: Mapped[UUID] = mapped_column(sa.ForeignKey("users.id"))
    """Who entered the request."""
    asked_at: Mapped[datetime]
    searched_at: Mapped[datetime | None] = mapped_column(default=None)
    found: Mapped[dict[str, Any] | None] = mapped_column(default=None)
    """By place, the keys of the rows that tell of the person."""
    decided_by: Mapped[UUID | None] = mapped_column(sa.ForeignKey("users.id"), default=None)
    decided_at: Mapped[datetime | None] = mapped_column(default=None)
    refused_because: Mapped[Refused | None] = mapped_column(default=None)
    reason: Mapped[str | None] = mapped_column(default=None)
    done_at: Mapped[datetime | None] = mapped_column(default=None)
    erased: Mapped[dict[str, Any] | None] = mapped_column(default=None)
    """By place, how many rows were changed."""
