"""Tables of reports and of the events they count down to.

A report keeps its figures as they were taken, the text as people left it, and how it was sent out.
"""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from service.kernel.db import Base


class ReportKind(StrEnum):
    """The reports an office owes."""

    WEEKLY = "weekly"
    HALF_MONTH = "half_month"
    MONTHLY = "monthly"
    MONTHLY_INSPECTION = "monthly_inspection"
    QUARTERLY_BOARD = "quarterly_board"
    HALF_YEAR = "half_year"
    EVENT_COUNTDOWN = "event_countdown"


class ReportState(StrEnum):
    """A report's life.

    ::

        draft ─ sign ─▶ signed ─ its successor is signed ─▶ superseded
          └─ discard ─▶ discarded
    """

    DRAFT = "draft"
    SIGNED = "signed"
    SUPERSEDED = "superseded"
    DISCARDED = "discarded"


class Event(Base):
    """An event the units prepare for, such as an expo or a signing ceremony; cancelled ones stay readable."""

    __tablename__ = "events"
    __table_args__ = (
        sa.CheckConstraint("held_on > prepares_on", name="is_held_after_it_is_prepared"),
        sa.Index("ix_events_held_on", "held_on", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    programme_id: Mapped[UUID] = mapped_column(sa.ForeignKey("programmes.id"))
    name: Mapped[str]
    prepares_on: Mapped[date]
    """The first day whose work is counted, and from which it is counted down."""
    held_on: Mapped[date]
    """The day it opens."""
    made_by: Mapped[UUID] = mapped_column(sa.ForeignKey("users.id"))
    made_at: Mapped[datetime]
    cancelled_at: Mapped[datetime | None] = mapped_column(default=None)


class Report(Base):
    """One issue of a report. What was signed is never written over: a correction is an issue of its own."""

    __tablename__ = "reports"
    __table_args__ = (
        sa.UniqueConstraint("number_year", "number", name="uq_reports_number"),
        # One draft at a time, so that the scheduled one and a person's never stand side by side.
        sa.Index(
            "uq_reports_draft",
            "kind",
            "programme_id",
            "start_on",
            unique=True,
            postgresql_where=sa.text("state = 'draft' AND event_id IS NULL"),
        ),
        sa.Index(
            "uq_reports_event_draft",
            "event_id",
            "start_on",
            unique=True,
            postgresql_where=sa.text("state = 'draft' AND event_id IS NOT NULL"),
        ),
        sa.Index("ix_reports_period", "start_on", "id"),
        sa.CheckConstraint("(number IS NULL) = (signed_at IS NULL)", name="is_numbered_when_signed"),
        sa.CheckConstraint("end_on > start_on", name="ends_after_it_starts"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[ReportKind]
    programme_id: Mapped[UUID] = mapped_column(sa.ForeignKey("programmes.id"))
    event_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("events.id"), default=None)
    """What a count-down counts down to; of every other kind, nothing."""
    start_on: Mapped[date]
    end_on: Mapped[date]
    """The day after the period's last."""
    as_of: Mapped[date]
    known_at: Mapped[datetime]
    """The moment the figures were taken; asked for with it as `known_at`, the lines answer the same for ever."""
    state: Mapped[ReportState] = mapped_column(default=ReportState.DRAFT)
    title: Mapped[str]
    recipient: Mapped[str] = mapped_column(default="")
    text: Mapped[list[dict[str, Any]]]
    """Headings, paragraphs and places of tables, in order; figures stand in it by name only."""
    figures: Mapped[dict[str, Any]]
    """Facts by name and tables, each figure with the address of its records."""
    corrects_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("reports.id"), default=None)
    correction: Mapped[str | None] = mapped_column(default=None)
    """Why an earlier issue is superseded by this one."""
    number_year: Mapped[int | None] = mapped_column(default=None)
    number: Mapped[int | None] = mapped_column(default=None)
    reference: Mapped[str | None] = mapped_column(default=None)
    """发文字号, such as 聊双招双引办〔2026〕22号."""
    drafted_by: Mapped[UUID | None] = mapped_column(sa.ForeignKey("users.id"), default=None)
    """None when it was drafted by schedule."""
    drafted_at: Mapped[datetime]
    edited_by: Mapped[UUID | None] = mapped_column(sa.ForeignKey("users.id"), default=None)
    edited_at: Mapped[datetime | None] = mapped_column(default=None)
    rev: Mapped[int] = mapped_column(default=1)
    """Rises with each change, so that two editors never overwrite each other unseen."""
    signed_by: Mapped[UUID | None] = mapped_column(sa.ForeignKey("users.id"), default=None)
    signed_at: Mapped[datetime | None] = mapped_column(default=None)
