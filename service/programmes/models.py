"""Tables of visiting programmes (千百工程): their lines, rules, targets and target lists."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from service.kernel.db import Base


class Line(StrEnum):
    """The two lines of a programme: 1,000 known enterprises and chambers, 100 Top-500 groups."""

    THOUSAND = "thousand"
    HUNDRED = "hundred"


class TargetLevel(StrEnum):
    """三套目标: 计划(底线), 工作, 奋斗."""

    BASELINE = "baseline"
    WORKING = "working"
    STRIVING = "striving"


class CountingPolicy(StrEnum):
    """From which review state on a visit counts."""

    APPROVED = "approved"
    SUBMITTED = "submitted"


class ThousandScope(StrEnum):
    """Which enterprises the thousand line counts."""

    LISTED = "listed"
    ANY = "any"


class ElapsedBy(StrEnum):
    """How the elapsed share of a programme (序时进度) is measured."""

    DAYS = "days"
    MONTHS = "months"


class Programme(Base):
    """A year's visiting programme and the rules by which its visits count; `ends_on` is its last day."""

    __tablename__ = "programmes"
    __table_args__ = (sa.CheckConstraint("ends_on >= starts_on", name="ends_after_it_starts"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    year: Mapped[int]
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    counting_policy: Mapped[CountingPolicy]
    thousand_scope: Mapped[ThousandScope]
    hundred_within_thousand: Mapped[bool]
    elapsed_by: Mapped[ElapsedBy]
    counted_modes: Mapped[list[str]]
    """Visit modes that may count; all by default."""
    top500_lists: Mapped[list[str]]
    """List codes that are the three kinds of Top-500 here."""
    created_at: Mapped[datetime]
    closed_at: Mapped[datetime | None] = mapped_column(default=None)


class Target(Base):
    """How many subjects a unit is to visit by the programme's end; `unit_id` null is the whole city."""

    __tablename__ = "targets"
    __table_args__ = (
        sa.UniqueConstraint("programme_id", "line", "unit_id", "level"),
        sa.Index(
            "uq_targets_city",
            "programme_id",
            "line",
            "level",
            unique=True,
            postgresql_where=sa.text("unit_id IS NULL"),
        ),
        sa.CheckConstraint("subjects >= 0", name="is_not_negative"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    programme_id: Mapped[UUID] = mapped_column(sa.ForeignKey("programmes.id"))
    line: Mapped[Line]
    unit_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("units.id"), default=None)
    level: Mapped[TargetLevel]
    subjects: Mapped[int]


class TargetList(Base):
    """A list of target enterprises (目标企业库) of a programme."""

    __tablename__ = "target_lists"
    __table_args__ = (sa.UniqueConstraint("programme_id", "name"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    programme_id: Mapped[UUID] = mapped_column(sa.ForeignKey("programmes.id"))
    name: Mapped[str]
    created_at: Mapped[datetime]


class TargetListEntry(Base):
    """An enterprise on a target list, and the unit that is to visit it, if one was named."""

    __tablename__ = "target_list_entries"

    list_id: Mapped[UUID] = mapped_column(sa.ForeignKey("target_lists.id"), primary_key=True)
    enterprise_id: Mapped[UUID] = mapped_column(sa.ForeignKey("enterprises.id"), primary_key=True, index=True)
    unit_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("units.id"), default=None)
    added_at: Mapped[datetime]


class ProgrammeThresholds(Base):
    """The limits of a programme as they were set once; the row with the greatest number holds. None is ever changed."""

    __tablename__ = "programme_thresholds"

    programme_id: Mapped[UUID] = mapped_column(sa.ForeignKey("programmes.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """From 1, one more with each setting."""
    limits: Mapped[dict[str, Any]]
    """Every limit by its code, those that were not changed too."""
    set_by: Mapped[UUID] = mapped_column(sa.ForeignKey("users.id"))
    set_at: Mapped[datetime]
