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


class Project(Base):
    """An investment project of a unit."""

    __tablename__ = "projects"

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
    created_at: Mapped[datetime]
    closed_at: Mapped[datetime | None] = mapped_column(default=None)


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
