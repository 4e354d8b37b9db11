"""Writes of trips: filed and edited by phones and by offices through one gate, and withdrawn."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from service.accounts.models import Unit, User
from service.accounts.queries import lineage_of, unit_on
from service.accounts.visibility import within_scope
from service.audit import commands as audit
from service.enterprises.models import Enterprise
from service.kernel.actor import Actor
from service.kernel.clock import now
from service.kernel.db import among
from service.kernel.errors import Fault, Invalid
from service.submissions.errors import MayNotRecord, MayNotRecordFor, RecordClosed
from service.submissions.models import RecordType
from service.submissions.queries import receipts
from service.submissions.receiving import Arrival, Owners, conflict, receive
from service.submissions.terms import Terms
from service.submissions.withdrawals import TakenBack
from service.trips import queries, rules
from service.trips.errors import UnknownTrip
from service.trips.models import Trip
from service.trips.submission import TripSubmission
from service.trips.views import TripView

DEFAULT_TERMS = Terms()
TRIP = "trip"


@dataclass(frozen=True, slots=True)
class SubmittedTrip:
    """The trip as it is now; `created` and `replayed` say what the submission did to it."""

    view: TripView
    created: bool
    replayed: bool


def submit_trip(
    session: Session, actor: Actor, trip_id: UUID, what: TripSubmission, *, terms: Terms = DEFAULT_TERMS
) -> SubmittedTrip:
    """Take a trip in as new, as an edit, or as a repeat of what is known; a repeat gets its own first receipt.

    Raises:
        RecordConflict, IdTaken, Stale: see `receive`; RecordClosed for an edit of a withdrawn trip.
        Invalid: a rule is broken, or something it names does not exist.
        MayNotRecord, MayNotRecordFor: the role was lost, or the unit is not one the author files for.
    """
    return _submitted(session, trip_id, what, take_trip(session, actor, trip_id, what, terms=terms))


def file_trip(
    session: Session, actor: Actor, trip_id: UUID, what: TripSubmission, *, terms: Terms = DEFAULT_TERMS
) -> SubmittedTrip:
    """`submit_trip` by an office, which also owns whatever was filed within its scope."""

    def owners(session: Session, trip_id: UUID) -> Collection[UUID]:
        in_scope = sa.exists().where(Trip.id == trip_id, within_scope(actor, Trip.unit_id))
        return {actor.person_id} if rules.may_file(actor) and session.scalar(sa.select(in_scope)) else ()

    arrival = _taken(session, actor, trip_id, what, terms=terms, owners=owners)
    return _submitted(session, trip_id, what, arrival)


def take_trip(
    session: Session, actor: Actor, trip_id: UUID, what: TripSubmission, *, terms: Terms = DEFAULT_TERMS
) -> Arrival:
    """`submit_trip` for one of many: nobody asks for a view."""
    return _taken(session, actor, trip_id, what, terms=terms, owners=None)


def withdraw_trip(session: Session, actor: Actor, trip_id: UUID, reason: str) -> TripView:
    """Take back a trip that one filed; it stays to be read, with the reason. A repeat keeps the first reason.

    Raises:
        UnknownTrip: there is none of the actor's own.
    """
    take_back_trip(session, actor, trip_id, reason)
    return queries.own_trip(session, actor, trip_id)


def take_back_trip(session: Session, actor: Actor, trip_id: UUID, reason: str) -> TakenBack:
    """`withdraw_trip` for one of many: nobody asks for a view."""
    return _take_back(session, actor, trip_id, reason, Trip.filed_by == actor.person_id)


def strike_trip(session: Session, actor: Actor, trip_id: UUID, reason: str) -> TripView:
    """Take back a trip of a unit one answers for, as its office.

    Raises:
        UnknownTrip: there is none in the actor's scope.
        MayNotRecord: the actor only reads.
    """
    if not rules.may_file(actor):
        raise MayNotRecord
    _take_back(session, actor, trip_id, reason, within_scope(actor, Trip.unit_id))
    return queries.trip_in_scope(session, actor, trip_id)


def _submitted(session: Session, trip_id: UUID, what: TripSubmission, arrival: Arrival) -> SubmittedTrip:
    view = queries.trip_with_receipt(session, trip_id, arrival.receipt)
    view = replace(view, ignored_fields=what.sent.ignored_fields)
    return SubmittedTrip(view=view, created=arrival.is_new, replayed=arrival.is_repeat)


def _taken(
    session: Session,
    actor: Actor,
    trip_id: UUID,
    what: TripSubmission,
    *,
    terms: Terms,
    owners: Owners | None,
) -> Arrival:
    arrival = receive(session, actor, RecordType.TRIP, trip_id, what.sent, owners=owners)
    if not arrival.is_repeat:
        _accept(session, actor, arrival, what, terms)
    return arrival


def _take_back(
    session: Session, actor: Actor, trip_id: UUID, reason: str, mine: sa.ColumnElement[bool]
) -> TakenBack:
    trip = session.scalar(sa.select(Trip).where(Trip.id == trip_id, mine).with_for_update())
    if trip is None:
        raise UnknownTrip
    if trip.withdrawn_at is not None:
        return TakenBack(trip.rev, is_first=False)
    trip.withdrawn_at = trip.updated_at = now()
    trip.withdrawn_because = reason
    audit.record(session, actor, "trip.withdraw", TRIP, trip_id, rev=trip.rev, reason=reason)
    session.flush()
    return TakenBack(trip.rev, is_first=True)


def _accept(session: Session, actor: Actor, arrival: Arrival, what: TripSubmission, terms: Terms) -> None:
    is_settled = what.sent.author_id is not None  # headquarters' decision: needs no role of its author
    if not (is_settled or rules.may_file(actor)):
        raise MayNotRecord
    faults = [*rules.faults_of(what)] or [*_faults_against(session, what)]
    if faults:
        raise Invalid(faults=faults)
    held = None if arrival.is_new else _open_trip(session, arrival, what)
    unit_id = _unit(session, arrival.author_id, what, held)
    if not is_settled:
        _demand_may_file_for(session, actor, unit_id, what)
    columns = _columns(arrival, unit_id, what, held)
    if held is None:
        trip = _new_trip(session, actor, arrival, columns, terms)
    else:
        trip = held
        for column, value in columns.items():
            setattr(trip, column, value)
    session.flush()
    audit.record(
        session,
        actor,
        "trip.submit" if arrival.is_new else "trip.edit",
        TRIP,
        trip.id,
        rev=arrival.receipt.rev,
        sha256=arrival.receipt.sha256,
        number=trip.number,
        unit_id=trip.unit_id,
        author_id=arrival.author_id,
    )


def _faults_against(session: Session, what: TripSubmission) -> list[Fault]:
    """What the submission names that does not exist."""
    everybody = [("/leader", what.leader)]
    everybody += [(f"/participants/{place}", one) for place, one in enumerate(what.participants)]
    people = {(f"{at}/user_id", one.user_id) for at, one in everybody if one.user_id is not None}
    units = {(f"{at}/unit_id", one.unit_id) for at, one in everybody if one.unit_id is not None}
    if what.unit_id is not None:
        units.add(("/unit_id", what.unit_id))
    listed = {
        (f"/organisations/{place}/enterprise_id", one.enterprise_id)
        for place, one in enumerate(what.organisations)
        if one.enterprise_id is not None
    }
    return [
        *_missing(session, User.id, people, ("没有这个人员", "There is no such person")),
        *_missing(session, Unit.id, units, ("没有这个单位", "There is no such unit")),
        *_missing(
            session, Enterprise.id, listed, ("名录中没有这家企业", "The register has no such enterprise")
        ),
    ]


def _missing(
    session: Session, column: Any, named: Collection[tuple[str, UUID]], words: tuple[str, str]
) -> list[Fault]:
    if not named:
        return []
    there = set(session.scalars(sa.select(column).where(column == among({one for _, one in named}))))
    return [Fault(at, *words) for at, one in sorted(named) if one not in there]


def _open_trip(session: Session, arrival: Arrival, what: TripSubmission) -> Trip:
    trip_id = arrival.receipt.id
    held = session.scalars(sa.select(Trip).where(Trip.id == trip_id).with_for_update()).one()
    if held.withdrawn_at is not None:
        before = receipts(session, {trip_id})[trip_id, arrival.receipt.rev - 1]
        raise conflict(RecordClosed, RecordType.TRIP, before, what.sent)
    return held


def _unit(session: Session, author_id: UUID, what: TripSubmission, held: Trip | None) -> UUID:
    """The unit is frozen: an edit moves it only by naming another, or together with the day."""
    if what.unit_id is not None:
        return what.unit_id
    if held is not None and held.departs_on == what.days.departs_on:
        return held.unit_id
    return unit_on(session, author_id if held is None else held.filed_by, what.days.departs_on)


def _demand_may_file_for(session: Session, actor: Actor, unit_id: UUID, what: TripSubmission) -> None:
    own_unit_id = unit_on(session, actor.person_id, what.days.departs_on)
    if not rules.may_file_for(actor, own_unit_id, unit_id, lineage_of(session, unit_id)):
        raise MayNotRecordFor


def _columns(arrival: Arrival, unit_id: UUID, what: TripSubmission, held: Trip | None) -> dict[str, Any]:
    received_at = arrival.receipt.received_at
    capture = what.capture(received_at)
    filed = rules.filed(what.days, capture.told_at) if held is None else held.filed
    return {
        "rev": arrival.receipt.rev,
        "updated_at": received_at,
        "unit_id": unit_id,
        "kind": what.kind,
        "leader_name": what.leader.name,
        "leader_rank": what.leader.rank,
        "leader_id": what.leader.user_id,
        "participants": [one.as_stored() for one in what.participants],
        "people": len(rules.party(what.leader, what.participants)),
        "departs_on": what.days.departs_on,
        "departs_half": what.days.departs_half,
        "returns_on": what.days.returns_on,
        "returns_half": what.days.returns_half,
        "halves": what.days.halves,
        "destinations": [one.as_stored() for one in what.destinations],
        "campaign": what.campaign,
        "organisations": [one.as_stored() for one in what.organisations],
        "projects": list(what.projects),
        "project_count": len(what.projects) if what.project_count is None else what.project_count,
        "intention_count": what.intention_count,
        "result": what.result,
        "remark": what.remark,
        "filed": filed,
        "filed_because": what.filed_because,
        "flags": [flag.as_stored() for flag in rules.flags_of(what, received_at, filed)],
        "captured_at": what.captured_at,
        **capture.columns(),
    }


def _new_trip(
    session: Session, actor: Actor, arrival: Arrival, columns: dict[str, Any], terms: Terms
) -> Trip:
    trip = Trip(
        id=arrival.receipt.id,
        number=terms.numbers(columns["departs_on"].year).taken(session),
        filed_by=arrival.author_id,
        device_id=actor.device_id if arrival.author_id == actor.user_id else None,
        received_at=arrival.receipt.received_at,
        **columns,
    )
    session.add(trip)
    return trip
