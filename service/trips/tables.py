"""A table of trips: what was read for it, its rows, and the trips that are counted at all."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from service.kernel.actor import Actor
from service.kernel.words import Words
from service.trips import rules
from service.trips.figures import Gone, TripFigures, figures
from service.trips.models import Trip, TripKind
from service.trips.office import Office, UnitSeen, office
from service.trips.organisations import Met, by_trip, met_on
from service.trips.queries import TripFilter, conditions
from service.trips.records_links import organisations_url, trips_url, visits_url
from service.trips.regions import regions_of
from service.trips.submission import TripPerson

NOTHING = "未开展"
STAYED = {TripKind.OUTING: "未外出"}
"""What is written beside a zero; of other kinds and of all kinds it is 未开展."""


@dataclass(frozen=True, slots=True)
class Leading:
    """A leader as a row names them."""

    name: str
    rank: str
    user_id: UUID | None


@dataclass(frozen=True, slots=True)
class TripRow:
    """One row: what it is of, its figures, and the filter of its records."""

    words: Words
    """What it is called."""
    figures: TripFigures
    records: TripFilter
    note: str | None = None
    unit: UnitSeen | None = None
    leader: Leading | None = None
    kind: TripKind | None = None
    campaign: str | None = None
    month: str | None = None
    region: str | None = None
    trip_ids: tuple[UUID, ...] = ()
    """In the order of departure."""

    @property
    def label(self) -> str:
        """What an office's own papers call it."""
        return self.words[0]

    @property
    def records_url(self) -> str:
        """Where the trips are listed."""
        return trips_url(self.records)

    @property
    def visits_url(self) -> str:
        """Where the visits are listed that were paid on them."""
        return visits_url(self.records)

    @property
    def organisations_url(self) -> str:
        """Where the organisations are listed that were met."""
        return organisations_url(self.records)


@dataclass(frozen=True, slots=True)
class TripTable:
    """The rows in their order, and all of their trips together: distinct figures do not add up."""

    rows: tuple[TripRow, ...]
    total: TripRow


@dataclass(frozen=True, slots=True)
class Town:
    """Everything that was read for one table."""

    session: Session
    actor: Actor
    what: TripFilter
    trips: Sequence[Gone]
    met: dict[UUID, list[Met]]
    office: Office
    note: str

    def row(self, words: Words, records: TripFilter, trips: Sequence[Gone], **of: Any) -> TripRow:
        """One row of these trips, with the note where there are none."""
        note, trip_ids = None if trips else self.note, tuple(trip.id for trip in trips)
        return TripRow(words, figures(trips, self.met), records, note, trip_ids=trip_ids, **of)


def read_for(session: Session, actor: Actor, what: TripFilter) -> Town:
    """Everything that a table of these trips needs."""
    return Town(
        session,
        actor,
        what,
        trips=counted(session, actor, what),
        met=by_trip(met_on(session, conditions(actor, what))),
        office=office(session),
        note=note_of(what.kind),
    )


def counted(session: Session, actor: Actor, what: TripFilter) -> list[Gone]:
    """The trips that the filter means, as far as they are counted, in the order of departure."""
    found = session.execute(
        sa.select(
            Trip.id,
            Trip.unit_id,
            Trip.kind,
            Trip.leader_name,
            Trip.leader_rank,
            Trip.leader_id,
            Trip.participants,
            Trip.campaign,
            Trip.destinations,
            Trip.departs_on,
            Trip.halves,
            Trip.project_count,
        )
        .where(*conditions(actor, what))
        .order_by(Trip.departs_on, Trip.id)
    )
    return [_gone(row) for row in found]


def note_of(kind: TripKind | None) -> str:
    """What is written beside a zero of this kind, or of all kinds."""
    return NOTHING if kind is None else STAYED.get(kind, NOTHING)


def _gone(row: Any) -> Gone:
    leader = TripPerson(row.leader_name, row.leader_rank, row.leader_id)
    went = rules.party(leader, [TripPerson.kept(one) for one in row.participants])
    return Gone(
        id=row.id,
        unit_id=row.unit_id,
        kind=row.kind,
        leader_name=row.leader_name,
        leader_rank=row.leader_rank,
        leader_id=row.leader_id,
        campaign=row.campaign,
        regions=regions_of(row.destinations),
        departs_on=row.departs_on,
        halves=row.halves,
        accounts=tuple(one.user_id for one in went),
        leaders=sum(rules.is_leader(one.rank) for one in went),
        projects=row.project_count,
    )
