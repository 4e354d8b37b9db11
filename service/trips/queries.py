"""Reads of trips: one's own, and those in scope by the filters that every figure's address uses."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from service.accounts.visibility import units_below, within_scope
from service.kernel.actor import Actor
from service.kernel.errors import Fault, Invalid
from service.kernel.pages import Page, PageRequest, page_of
from service.submissions.models import RecordRevision
from service.submissions.receipt import Receipt
from service.trips.errors import UnknownTrip
from service.trips.models import Trip, TripKind
from service.trips.regions import goes_to
from service.trips.rules import LEADER_RANKS
from service.trips.views import TripView, read_views, rows


@dataclass(frozen=True, slots=True)
class TripFilter:
    """Which trips: those that depart from `from_on` up to, and without, `until_on`."""

    unit_id: UUID | None = None
    own_only: bool = False
    """Only the unit's own trips, without those of the units below it."""
    kind: TripKind | None = None
    leader_id: UUID | None = None
    leader_name: str | None = None
    """Led by somebody of this name without an account."""
    rank: str | None = None
    leaders_only: bool = False
    """Only trips that somebody of a leader's rank led."""
    campaign: str | None = None
    """The empty one finds trips of no campaign."""
    region: str | None = None
    """One they go to; the empty one finds trips that name none."""
    from_on: date | None = None
    until_on: date | None = None
    withdrawn: bool = False
    """Withdrawn trips count nowhere; they are listed by themselves."""


@dataclass(frozen=True, slots=True)
class Revision:
    """One accepted revision with the body as it was sent."""

    rev: int
    receipt: Receipt
    author_id: UUID
    device_id: str | None
    body: dict[str, Any]


def own_trip(session: Session, actor: Actor, trip_id: UUID) -> TripView:
    """A trip that the actor filed.

    Raises:
        UnknownTrip: there is none of theirs.
    """
    return _one(session, Trip.id == trip_id, Trip.filed_by == actor.person_id)


def own_trips(session: Session, actor: Actor, page: PageRequest) -> Page[TripView]:
    """The trips that the actor filed, the latest first."""
    return _listed(session, [Trip.filed_by == actor.person_id], page)


def own_revisions(session: Session, actor: Actor, trip_id: UUID) -> list[Revision]:
    """Every accepted revision of the actor's own trip, oldest first.

    Raises:
        UnknownTrip: there is none of theirs.
    """
    own = sa.select(Trip.id).where(Trip.id == trip_id, Trip.filed_by == actor.person_id)
    if session.scalar(own) is None:
        raise UnknownTrip
    accepted = session.scalars(
        sa.select(RecordRevision).where(RecordRevision.record_id == trip_id).order_by(RecordRevision.rev)
    )
    return [
        Revision(
            one.rev,
            Receipt(one.record_id, one.rev, one.sha256, one.received_at, one.seal),
            one.author_id,
            one.device_id,
            one.body,
        )
        for one in accepted
    ]


def trip_in_scope(session: Session, actor: Actor, trip_id: UUID) -> TripView:
    """A trip of a unit in the actor's scope.

    Raises:
        UnknownTrip: there is none such.
    """
    return _one(session, Trip.id == trip_id, within_scope(actor, Trip.unit_id))


def trips_in_scope(session: Session, actor: Actor, what: TripFilter, page: PageRequest) -> Page[TripView]:
    """The trips of the units in the actor's scope, the latest first."""
    return _listed(session, conditions(actor, what), page)


def trip_with_receipt(session: Session, trip_id: UUID, receipt: Receipt) -> TripView:
    """The trip as it is now, with the receipt of the revision that was sent (again)."""
    return replace(_one(session, Trip.id == trip_id), receipt=receipt)


def conditions(actor: Actor, what: TripFilter) -> list[sa.ColumnElement[bool]]:
    """What the filter says of trips in the actor's scope; figures are taken by the very same."""
    found = [within_scope(actor, Trip.unit_id)]
    found.append(Trip.withdrawn_at.is_not(None) if what.withdrawn else Trip.withdrawn_at.is_(None))
    if what.unit_id is not None:
        below = Trip.unit_id.in_(units_below(what.unit_id))
        found.append(Trip.unit_id == what.unit_id if what.own_only else below)
    if what.kind is not None:
        found.append(Trip.kind == what.kind)
    if what.leader_id is not None:
        found.append(Trip.leader_id == what.leader_id)
    if what.leader_name is not None:
        found += [Trip.leader_id.is_(None), Trip.leader_name == what.leader_name]
    if what.rank is not None:
        found.append(Trip.leader_rank == what.rank)
    if what.leaders_only:
        found.append(Trip.leader_rank.in_(LEADER_RANKS))
    return [*found, *_when_and_where(what)]


def _when_and_where(what: TripFilter) -> Iterator[sa.ColumnElement[bool]]:
    if what.campaign is not None:
        yield Trip.campaign == what.campaign if what.campaign else Trip.campaign.is_(None)
    if what.region is not None:
        yield goes_to(what.region)
    if what.from_on is not None:
        yield Trip.departs_on >= what.from_on
    if what.until_on is not None:
        yield Trip.departs_on < what.until_on


def _one(session: Session, *which: sa.ColumnElement[bool]) -> TripView:
    views = read_views(session, rows().where(*which))
    if not views:
        raise UnknownTrip
    return views[0]


def _listed(session: Session, which: Sequence[sa.ColumnElement[bool]], page: PageRequest) -> Page[TripView]:
    found = rows().where(*which)
    if page.after is not None:
        found = found.where(sa.tuple_(Trip.departs_on, Trip.id) < sa.tuple_(*_day_and_id(page.after)))
    newest = found.order_by(Trip.departs_on.desc(), Trip.id.desc()).limit(page.limit + 1)
    return page_of(
        read_views(session, newest),
        limit=page.limit,
        key=lambda view: (view.departs_on.isoformat(), str(view.id)),
    )


def _day_and_id(after: Sequence[str]) -> tuple[date, UUID]:
    try:
        return datetime.fromisoformat(after[0]).date(), UUID(after[1])
    except ValueError as error:
        raise Invalid(faults=[Fault("/cursor", "分页游标无效", "The cursor is not valid")]) from error
