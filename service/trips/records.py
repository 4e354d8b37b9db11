"""The records behind 家 and 家次: every visit paid on some trips, and every organisation met, once."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy.orm import Session

from service.kernel.actor import Actor
from service.kernel.pages import Page, PageRequest, part_of
from service.trips.organisations import met_on
from service.trips.queries import TripFilter, conditions
from service.visits.models import ReviewState


@dataclass(frozen=True, slots=True)
class TripVisit:
    """A visit paid on a trip."""

    id: UUID
    number: str
    trip_id: UUID
    organisation: str
    enterprise_id: UUID | None
    visited_on: date
    review_state: ReviewState


@dataclass(frozen=True, slots=True)
class TripOrganisation:
    """An organisation met on these trips: by so many visits, or listed beside."""

    name: str
    enterprise_id: UUID | None
    visits: int
    visits_approved: int
    trips: int
    key: str


def visits_paid(session: Session, actor: Actor, what: TripFilter, page: PageRequest) -> Page[TripVisit]:
    """The visits that were paid on the trips of the filter, by day."""
    rows = [
        TripVisit(
            id=one.visit.id,
            number=one.visit.number,
            trip_id=one.trip_id,
            organisation=one.name,
            enterprise_id=one.enterprise_id,
            visited_on=one.visit.visited_on,
            review_state=one.visit.review_state,
        )
        for one in met_on(session, conditions(actor, what))
        if one.visit is not None
    ]
    return part_of(rows, page, key=lambda row: (str(row.id),))


def organisations_met(
    session: Session, actor: Actor, what: TripFilter, page: PageRequest
) -> Page[TripOrganisation]:
    """The organisations that were met on the trips of the filter, each once, by name."""
    by_key: dict[str, list[tuple[UUID, bool, bool]]] = {}
    first: dict[str, tuple[str, UUID | None]] = {}
    for one in met_on(session, conditions(actor, what)):
        is_approved = one.visit is not None and one.visit.is_approved
        by_key.setdefault(one.key, []).append((one.trip_id, one.visit is not None, is_approved))
        first.setdefault(one.key, (one.name, one.enterprise_id))
    rows = [
        TripOrganisation(
            name=first[key][0],
            enterprise_id=first[key][1],
            visits=sum(is_visit for _, is_visit, _ in met),
            visits_approved=sum(is_approved for _, _, is_approved in met),
            trips=len({trip_id for trip_id, _, _ in met}),
            key=key,
        )
        for key, met in by_key.items()
    ]
    rows.sort(key=lambda row: (row.name, row.key))
    return part_of(rows, page, key=lambda row: (row.key,))
