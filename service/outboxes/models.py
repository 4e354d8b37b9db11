"""Tables of what phones say they still hold, and of what they were asked to send again."""

from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from service.kernel.db import Base

UNNAMED_DEVICE = ""
"""Stands for the device of a sign-in that did not say on which one it was made."""


class Heartbeat(Base):
    """What a person's phone last said of its outbox; the newest word alone, for there is no history of people's days."""

    __tablename__ = "heartbeats"

    user_id: Mapped[UUID] = mapped_column(sa.ForeignKey("users.id"), primary_key=True)
    device_id: Mapped[str] = mapped_column(primary_key=True)
    reported_at: Mapped[datetime]
    pending_records: Mapped[int]
    pending_photos: Mapped[int]
    oldest_pending_at: Mapped[datetime | None] = mapped_column(default=None)
    """As the phone's own clock has it, put right where that is known; None where it cannot be."""
    pending_since_at: Mapped[datetime | None] = mapped_column(default=None)
    """By the server's clock: since then every word of this phone named something unsent."""
    app_version: Mapped[str | None] = mapped_column(default=None)
    platform: Mapped[str | None] = mapped_column(default=None)
    model: Mapped[str | None] = mapped_column(default=None)
    background_restricted: Mapped[bool | None] = mapped_column(default=None)
    battery_restricted: Mapped[bool | None] = mapped_column(default=None)
    free_disk_bytes: Mapped[int | None] = mapped_column(sa.BigInteger, default=None)


class Recall(Base):
    """Headquarters asks a person's phones to send records or photos again: named ones, or all since a day."""

    __tablename__ = "recalls"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(sa.ForeignKey("users.id"), index=True)
    device_id: Mapped[str | None] = mapped_column(default=None)
    """The one phone that is asked; None asks every phone of the person."""
    record_ids: Mapped[list[UUID]]
    photo_ids: Mapped[list[UUID]]
    since_on: Mapped[date | None] = mapped_column(default=None)
    reason: Mapped[str]
    asked_by: Mapped[UUID] = mapped_column(sa.ForeignKey("users.id"))
    asked_at: Mapped[datetime]
    ready_at: Mapped[datetime | None] = mapped_column(default=None)
    """When phones may read it: photos are looked up in the store first, so that the lost ones are awaited again."""
    intact_photo_ids: Mapped[list[UUID]]
    """Photos whose bytes were found whole: nobody is asked for them."""
    cancelled_at: Mapped[datetime | None] = mapped_column(default=None)
    cancelled_by: Mapped[UUID | None] = mapped_column(sa.ForeignKey("users.id"), default=None)


class RecallAnswer(Base):
    """What one phone made of a recall: that it has read it, and later what it sent and what it no longer has."""

    __tablename__ = "recall_answers"

    recall_id: Mapped[UUID] = mapped_column(sa.ForeignKey("recalls.id"), primary_key=True)
    device_id: Mapped[str] = mapped_column(primary_key=True)
    seen_at: Mapped[datetime]
    answered_at: Mapped[datetime | None] = mapped_column(default=None)
    sent_ids: Mapped[list[UUID]]
    missing_ids: Mapped[list[UUID]]
