"""Table of trips: who went where, for how long, and whom they met beside the visits that name the trip."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from service.kernel.db import Base
from service.submissions.records import RecordColumns


class TripKind(StrEnum):
    """How people met; each kind is counted for itself."""

    OUTING = "outing"
    """外出招商."""
    RECEPTION = "reception"
    ONLINE = "online"
    EVENT = "event"


class Half(StrEnum):
    """Half of a day."""

    AM = "am"
    PM = "pm"


class Filed(StrEnum):
    """When the record was written, seen from the trip."""

    BEFORE = "before"
    ON_THE_WAY = "on_the_way"
    AFTER = "after"


class Trip(RecordColumns, Base):
    """One trip as its current revision tells it; visits point at it by `trip_id`, and may be here before it."""

    __tablename__ = "trips"
    __table_args__ = (
        sa.CheckConstraint("returns_on >= departs_on", name="returns_after_it_departs"),
        sa.CheckConstraint("halves > 0", name="lasts_half_a_day_at_least"),
        sa.Index("ix_trips_unit_id_departs_on", "unit_id", "departs_on", "id"),
        sa.Index("ix_trips_departs_on", "departs_on", "id"),
        sa.Index("ix_trips_filed_by_departs_on", "filed_by", "departs_on", "id"),
    )

    unit_id: Mapped[UUID] = mapped_column(sa.ForeignKey("units.id"))
    """The unit whose trip it is, frozen: the one that was named, or the filer's on the day of departure."""
    filed_by: Mapped[UUID] = mapped_column(sa.ForeignKey("users.id"))
    kind: Mapped[TripKind]
    leader_name: Mapped[str]
    leader_rank: Mapped[str | None] = mapped_column(default=None)
    """A code of `accounts.ranks`."""
    leader_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("users.id"), default=None)
    participants: Mapped[list[dict[str, Any]]]
    """As sent, the leader not among them unless the sender wrote so; `people` counts each once."""
    people: Mapped[int]
    """人次 of this trip: everybody who went, the leader included, each once."""
    departs_on: Mapped[date]
    departs_half: Mapped[Half]
    returns_on: Mapped[date]
    returns_half: Mapped[Half]
    halves: Mapped[int]
    """Half days from departure to return, both included."""
    destinations: Mapped[list[dict[str, Any]]]
    campaign: Mapped[str | None] = mapped_column(default=None)
    organisations: Mapped[list[dict[str, Any]]]
    """Those met without a visit of their own (yet): `{name?, enterprise_id?}`."""
    projects: Mapped[list[str]]
    project_count: Mapped[int]
    intention_count: Mapped[int | None] = mapped_column(default=None)
    """签约意向; None: as many as its visits say."""
    result: Mapped[str | None] = mapped_column(default=None)
    remark: Mapped[str | None] = mapped_column(default=None)
    filed: Mapped[Filed]
    filed_because: Mapped[str | None] = mapped_column(default=None)
    """Why it was not filed before departure."""
    withdrawn_at: Mapped[datetime | None] = mapped_column(default=None)
    withdrawn_because: Mapped[str | None] = mapped_column(default=None)
