"""Tables of review with evidence: policies, assessments, explanations, and the draws of inspections."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from service.kernel.db import Base


class PolicyKind(StrEnum):
    """What is held for a reviewer; the rest the policy approves."""

    ALL = "all"
    FLAGGED = "flagged"
    """What is doubtful."""
    RANDOM = "random"
    """What is doubtful, and a share of the rest by lot."""


class ReviewPolicy(Base):
    """How the visits of a programme are held for review; a programme without one holds all."""

    __tablename__ = "review_policies"
    __table_args__ = (
        sa.CheckConstraint("percent BETWEEN 0 AND 100", name="percent_is_a_share"),
        sa.CheckConstraint("wait_hours >= 0", name="wait_is_not_negative"),
    )

    programme_id: Mapped[UUID] = mapped_column(sa.ForeignKey("programmes.id"), primary_key=True)
    kind: Mapped[PolicyKind]
    percent: Mapped[int]
    """How many of a hundred that are not doubtful are held, by lot."""
    wait_hours: Mapped[int]
    """Nothing is approved before a reviewer had so long to look."""
    seed: Mapped[str]
    """What the lot is drawn with; it leaves the house nowhere, for phones choose the ids of their records."""
    set_by: Mapped[UUID] = mapped_column(sa.ForeignKey("users.id"))
    """Who answers for what the policy approves."""
    set_at: Mapped[datetime]


class RecordAssessment(Base):
    """What the checks said of a record's revision when they last ran; each type has a table of its own."""

    __abstract__ = True

    record_id: Mapped[UUID]
    rev: Mapped[int]
    weight: Mapped[int]
    """What its doubts weigh beyond the flags it bears."""
    doubts: Mapped[list[str]]
    """The checks that were doubtful."""
    assessed_at: Mapped[datetime]


class VisitAssessment(RecordAssessment):
    """Of a visit; it orders the queue and weighs the draws."""

    __tablename__ = "visit_assessments"

    record_id: Mapped[UUID] = mapped_column("visit_id", sa.ForeignKey("visits.id"), primary_key=True)


class CheckinAssessment(RecordAssessment):
    """Of a check-in; it orders the queue."""

    __tablename__ = "checkin_assessments"

    record_id: Mapped[UUID] = mapped_column("checkin_id", sa.ForeignKey("checkins.id"), primary_key=True)


class RecordExplanation(Base):
    """What the author of a flagged or returned record has to say about it; each type has a table of its own."""

    __abstract__ = True

    id: Mapped[UUID] = mapped_column(primary_key=True)
    record_id: Mapped[UUID]
    rev: Mapped[int]
    text: Mapped[str]
    author_id: Mapped[UUID] = mapped_column(sa.ForeignKey("users.id"))
    written_at: Mapped[datetime]


class VisitExplanation(RecordExplanation):
    """What is said of a visit."""

    __tablename__ = "visit_explanations"

    record_id: Mapped[UUID] = mapped_column("visit_id", sa.ForeignKey("visits.id"), index=True)


class CheckinExplanation(RecordExplanation):
    """What is said of a check-in."""

    __tablename__ = "checkin_explanations"

    record_id: Mapped[UUID] = mapped_column("checkin_id", sa.ForeignKey("checkins.id"), index=True)


class Inspection(Base):
    """A draw of visits of a month to be looked at again; with its seed the draw can be repeated."""

    __tablename__ = "inspections"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    month: Mapped[date]
    """The first day of the month."""
    seed: Mapped[str]
    random_count: Mapped[int]
    weighted_count: Mapped[int]
    population: Mapped[int]
    """How many visits it was drawn from."""
    drawn_by: Mapped[UUID] = mapped_column(sa.ForeignKey("users.id"))
    drawn_at: Mapped[datetime]


class DrawnAs(StrEnum):
    """Which of the two lots a visit was drawn by."""

    RANDOM = "random"
    WEIGHTED = "weighted"


class InspectionResult(StrEnum):
    """What the inspector found."""

    CONFIRMED = "confirmed"
    WRONG = "wrong"
    UNREACHABLE = "unreachable"


class InspectedVisit(Base):
    """A visit that was drawn, and what was found."""

    __tablename__ = "inspected_visits"

    inspection_id: Mapped[UUID] = mapped_column(sa.ForeignKey("inspections.id"), primary_key=True)
    visit_id: Mapped[UUID] = mapped_column(sa.ForeignKey("visits.id"), primary_key=True)
    place: Mapped[int]
    """In the order of the draw, from 1."""
    unit_id: Mapped[UUID] = mapped_column(sa.ForeignKey("units.id"))
    drawn_as: Mapped[DrawnAs]
    weight: Mapped[int]
    """How suspicious it was when it was drawn."""
    result: Mapped[InspectionResult | None] = mapped_column(default=None)
    note: Mapped[str | None] = mapped_column(default=None)
    inspected_by: Mapped[UUID | None] = mapped_column(sa.ForeignKey("users.id"), default=None)
    inspected_at: Mapped[datetime | None] = mapped_column(default=None)
