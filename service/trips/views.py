"""A trip as it is answered: its facts, the names beside it and its receipt."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from service.accounts.models import Unit, User
from service.kernel.db import among
from service.kernel.named import Named
from service.submissions.clocks import CaptureView
from service.submissions.receipt import Receipt
from service.submissions.records import Rows, receipt_of, with_receipt
from service.trips.models import Filed, Half, Trip, TripKind
from service.trips.rules import is_leader, party
from service.trips.submission import TripPerson
from service.visits.models import ReviewState, Visit

GONE = (ReviewState.VOIDED, ReviewState.WITHDRAWN)
"""States in which a visit was not paid."""


@dataclass(frozen=True, slots=True)
class LeaderView:
    """带队领导."""

    name: str
    rank: str | None
    user_id: UUID | None


@dataclass(frozen=True, slots=True)
class TripView:
    """The contract's answer about a trip."""

    id: UUID
    rev: int
    number: str
    receipt: Receipt
    unit: Named
    filer: Named
    kind: TripKind
    leader: LeaderView
    participants: list[dict[str, Any]]
    people: int
    departs_on: date
    departs_half: Half
    returns_on: date
    returns_half: Half
    days: Decimal
    destinations: list[dict[str, Any]]
    campaign: str | None
    organisations: list[dict[str, Any]]
    projects: list[str]
    project_count: int
    intention_count: int | None
    visits: int
    """Visits that name this trip and were neither voided nor withdrawn."""
    result: str | None
    remark: str | None
    filed: Filed
    filed_because: str | None
    flags: list[dict[str, Any]]
    captured_at: datetime
    capture: CaptureView
    received_at: datetime
    updated_at: datetime
    withdrawn_at: datetime | None
    withdrawn_because: str | None
    ignored_fields: tuple[str, ...] = ()

    @property
    def leaders(self) -> int:
        """How many of those who went are 副处级 or above."""
        others = [TripPerson.kept(one) for one in self.participants]
        leader = TripPerson(self.leader.name, self.leader.rank, self.leader.user_id)
        return sum(is_leader(one.rank) for one in party(leader, others))


def rows() -> Rows:
    """Trips with their names and receipts, to be narrowed by the caller."""
    columns: Rows = sa.select(
        Trip,
        Unit.name.label("unit_name"),
        User.name.label("filer_name"),
    )
    named = columns.join(Unit, Unit.id == Trip.unit_id).join(User, User.id == Trip.filed_by)
    return with_receipt(named, Trip)


def read_views(session: Session, narrowed: Rows) -> list[TripView]:
    """What `rows`, narrowed, finds; one more statement counts the visits of all."""
    found = session.execute(narrowed, execution_options={"populate_existing": True}).all()
    visits = _visits_of(session, [row.Trip.id for row in found])
    return [_view(row, visits.get(row.Trip.id, 0)) for row in found]


def days_of(halves: int) -> Decimal:
    """Half days as days: `2.5`."""
    return Decimal(halves) / 2


def _visits_of(session: Session, trip_ids: list[UUID]) -> dict[UUID, int]:
    if not trip_ids:
        return {}
    counted = session.execute(
        sa.select(Visit.trip_id, sa.func.count())
        .where(Visit.trip_id == among(trip_ids), Visit.review_state.not_in(GONE))
        .group_by(Visit.trip_id)
    )
    return {trip_id: count for trip_id, count in counted if trip_id is not None}


def _view(row: sa.Row[*tuple[Any, ...]], visits: int) -> TripView:
    trip: Trip = row.Trip
    return TripView(
        id=trip.id,
        rev=trip.rev,
        number=trip.number,
        receipt=receipt_of(trip, row),
        unit=Named(trip.unit_id, row.unit_name),
        filer=Named(trip.filed_by, row.filer_name),
        kind=trip.kind,
        leader=LeaderView(trip.leader_name, trip.leader_rank, trip.leader_id),
        participants=trip.participants,
        people=trip.people,
        departs_on=trip.departs_on,
        departs_half=trip.departs_half,
        returns_on=trip.returns_on,
        returns_half=trip.returns_half,
        days=days_of(trip.halves),
        destinations=trip.destinations,
        campaign=trip.campaign,
        organisations=trip.organisations,
        projects=trip.projects,
        project_count=trip.project_count,
        intention_count=trip.intention_count,
        visits=visits,
        result=trip.result,
        remark=trip.remark,
        filed=trip.filed,
        filed_because=trip.filed_because,
        flags=trip.flags,
        captured_at=trip.captured_at,
        capture=trip.capture,
        received_at=trip.received_at,
        updated_at=trip.updated_at,
        withdrawn_at=trip.withdrawn_at,
        withdrawn_because=trip.withdrawn_because,
    )
