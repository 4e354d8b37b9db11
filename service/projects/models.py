"""Tables of projects, the sites where they are built, stations and who is assigned to them."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from service.kernel.db import Base


class ProjectStage(StrEnum):
    """线索 → 意向 → 洽谈 → 协议 → 合同 → 落地 → 开工 → 竣工 → 投产 → 达产达效."""

    LEAD = "lead"
    INTENTION = "intention"
    NEGOTIATING = "negotiating"
    AGREEMENT = "agreement"
    CONTRACT = "contract"
    LANDED = "landed"
    STARTED = "started"
    COMPLETED = "completed"
    PRODUCING = "producing"
    AT_CAPACITY = "at_capacity"


class ContractKind(StrEnum):
    """意向 → 框架协议 → 投资协议 → 正式合同."""

    LETTER_OF_INTENT = "letter_of_intent"
    FRAMEWORK = "framework"
    AGREEMENT = "agreement"
    CONTRACT = "contract"


class Project(Base):
    """An investment project of a unit."""

    __tablename__ = "projects"
    __table_args__ = (
        sa.CheckConstraint(
            "planned_completion_on >= planned_start_on", name="is_to_be_completed_after_it_is_to_start"
        ),
        sa.CheckConstraint("completed_on >= started_on", name="is_completed_after_it_started"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    unit_id: Mapped[UUID] = mapped_column(sa.ForeignKey("units.id"), index=True)
    enterprise_id: Mapped[UUID | None] = mapped_column(
        sa.ForeignKey("enterprises.id"), index=True, default=None
    )
    stage: Mapped[ProjectStage]
    total_investment_wan: Mapped[Decimal | None] = mapped_column(default=None)
    """万元."""
    started_on: Mapped[date | None] = mapped_column(default=None)
    contract_signed_on: Mapped[date | None] = mapped_column(default=None)
    contract_kind: Mapped[ContractKind | None] = mapped_column(default=None)
    planned_start_on: Mapped[date | None] = mapped_column(default=None)
    planned_completion_on: Mapped[date | None] = mapped_column(default=None)
    completed_on: Mapped[date | None] = mapped_column(default=None)
    stat_entered_on: Mapped[date | None] = mapped_column(default=None)
    """入统: when it was entered into the statistics of fixed-asset investment."""
    created_at: Mapped[datetime]
    closed_at: Mapped[datetime | None] = mapped_column(default=None)


class ProjectStageChange(Base):
    """A stage that a project reached; rows are only added."""

    __tablename__ = "project_stage_changes"

    project_id: Mapped[UUID] = mapped_column(sa.ForeignKey("projects.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """From 1, one more with each change."""
    stage_before: Mapped[ProjectStage | None]
    """None when the project was entered with it."""
    stage: Mapped[ProjectStage]
    reached_on: Mapped[date]
    set_by: Mapped[UUID | None] = mapped_column(sa.ForeignKey("users.id"))
    set_at: Mapped[datetime]


class ProjectYearPlan(Base):
    """计划投资 of a project in a year as it was set once; the row that none has replaced holds."""

    __tablename__ = "project_year_plans"
    __table_args__ = (
        sa.Index(
            "uq_project_year_plans_current",
            "project_id",
            "year",
            unique=True,
            postgresql_where=sa.text("replaced_at IS NULL"),
        ),
    )

    project_id: Mapped[UUID] = mapped_column(sa.ForeignKey("projects.id"), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """From 1, one more with each setting."""
    planned_investment_wan: Mapped[Decimal | None]
    """万元; None takes the plan away."""
    set_by: Mapped[UUID | None] = mapped_column(sa.ForeignKey("users.id"))
    set_at: Mapped[datetime]
    replaced_at: Mapped[datetime | None] = mapped_column(default=None)


class ProjectMonth(Base):
    """What a project reported of a month, as it was told once; the row that none has replaced holds."""

    __tablename__ = "project_months"
    __table_args__ = (
        sa.Index(
            "uq_project_months_current",
            "project_id",
            "month",
            unique=True,
            postgresql_where=sa.text("replaced_at IS NULL"),
        ),
        sa.CheckConstraint("extract(day FROM month) = 1", name="month_is_its_first_day"),
    )

    project_id: Mapped[UUID] = mapped_column(sa.ForeignKey("projects.id"), primary_key=True)
    month: Mapped[date] = mapped_column(primary_key=True)
    """Its first day."""
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """From 1, one more with each version."""
    completed_investment_wan: Mapped[Decimal | None]
    """完成投资 in the month alone, 万元."""
    funds_in_place_wan: Mapped[Decimal | None]
    """到位资金 in the month alone, 万元."""
    visible_progress: Mapped[str | None]
    problem: Mapped[str | None]
    not_started_because: Mapped[str | None]
    set_by: Mapped[UUID | None] = mapped_column(sa.ForeignKey("users.id"))
    set_at: Mapped[datetime]
    replaced_at: Mapped[datetime | None] = mapped_column(default=None)


class ProjectLightLimits(Base):
    """The limits of project lights as they were set once; the row with the greatest number holds. None is changed."""

    __tablename__ = "project_light_limits"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """From 1, one more with each setting."""
    limits: Mapped[dict[str, Any]]
    """Every limit by its code, those that were not changed too."""
    set_by: Mapped[UUID] = mapped_column(sa.ForeignKey("users.id"))
    set_at: Mapped[datetime]


class FenceKind(StrEnum):
    """The shape of a site's boundary."""

    CIRCLE = "circle"
    POLYGON = "polygon"


class Site(Base):
    """A place people check in at: a project's building site, or a station's premises."""

    __tablename__ = "sites"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    project_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("projects.id"), index=True, default=None)
    unit_id: Mapped[UUID] = mapped_column(sa.ForeignKey("units.id"), index=True)
    name: Mapped[str]
    address: Mapped[str | None] = mapped_column(default=None)
    fence_kind: Mapped[FenceKind]
    fence_as_given: Mapped[dict[str, Any]]
    """Datum and coordinates as they were entered."""
    latitude: Mapped[float]
    """Centre, degrees, WGS-84."""
    longitude: Mapped[float]
    radius_m: Mapped[float | None] = mapped_column(default=None)
    """Metres, for a circle."""
    ring: Mapped[list[dict[str, Any]] | None] = mapped_column(default=None)
    """Corners `{lat, lng}` in WGS-84, for a polygon; not closed."""
    created_at: Mapped[datetime]
    closed_at: Mapped[datetime | None] = mapped_column(default=None)


class Station(Base):
    """A standing post (驻点): an office in another city, or one at a site."""

    __tablename__ = "stations"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    unit_id: Mapped[UUID] = mapped_column(sa.ForeignKey("units.id"), index=True)
    site_id: Mapped[UUID] = mapped_column(sa.ForeignKey("sites.id"), index=True)
    created_at: Mapped[datetime]
    closed_at: Mapped[datetime | None] = mapped_column(default=None)


class Duty(StrEnum):
    """In what capacity a person is assigned."""

    SITE_COMMISSIONER = "site_commissioner"
    SERVICE_OFFICER = "service_officer"
    SPONSOR = "sponsor"
    STATIONED = "stationed"


class Assignment(Base):
    """A person looks after a site from a day until a day (exclusive)."""

    __tablename__ = "assignments"
    __table_args__ = (
        sa.CheckConstraint("until_on IS NULL OR until_on > from_on", name="ends_after_it_starts"),
        sa.UniqueConstraint("user_id", "site_id", "duty", "from_on"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(sa.ForeignKey("users.id"))
    site_id: Mapped[UUID] = mapped_column(sa.ForeignKey("sites.id"), index=True)
    duty: Mapped[Duty]
    from_on: Mapped[date]
    until_on: Mapped[date | None] = mapped_column(default=None)
