"""Trips counted by unit, leader, kind, campaign and month, zeros included; every row opens its records.

Nobody is ranked: units and leaders stand in the order of office, whatever their figures. A trip belongs to the month
it departs in. Persons below 副处级 are not listed, nor is anybody by what they did.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from service.accounts.models import User
from service.accounts.ranks import rank_code
from service.accounts.visibility import within_scope
from service.kernel.actor import Actor
from service.trips import rules
from service.trips.figures import Gone
from service.trips.models import TripKind
from service.trips.queries import TripFilter
from service.trips.tables import Leading, Town, TripRow, TripTable, note_of, read_for
from service.trips.words import KINDS, NO_CAMPAIGN, NO_REGION, TOTAL, month_words, named


class By(StrEnum):
    """What rows are made by."""

    UNIT = "unit"
    LEADER = "leader"
    KIND = "kind"
    CAMPAIGN = "campaign"
    MONTH = "month"
    REGION = "region"


def statistics(session: Session, actor: Actor, by: By, what: TripFilter) -> TripTable:
    """The table of the trips that the filter means, within the actor's scope.

    The filter has both days. By kind, every kind is a row, whichever the filter names.
    """
    asked = replace(what, kind=None) if by is By.KIND else what
    if by is By.LEADER:
        asked = replace(asked, leaders_only=True)
    town = read_for(session, actor, asked)
    rows = _ROWS[by](town)
    return TripTable(tuple(rows), town.row(TOTAL, asked, town.trips))


def _by_unit(town: Town) -> Iterable[TripRow]:
    """The units right below the one asked for, after its own trips; the city itself is listed once it has any."""
    start_on, end_on = _days(town.what)
    top = town.office.top(town.actor, town.what.unit_id)
    own: list[Gone] = []
    below: defaultdict[UUID, list[Gone]] = defaultdict(list)
    for trip in town.trips:
        child = None if top is None else town.office.child_of(top, trip.unit_id)
        (own if child is None else below[child]).append(trip)
    if top is not None and (own or not town.office.is_root(top)):
        records = replace(town.what, unit_id=top, own_only=True)
        yield town.row(named(town.office.name(top)), records, own, unit=town.office.seen(top))
    for unit_id in [] if top is None else town.office.children(top):
        trips = below[unit_id]
        if trips or (
            town.office.is_in_force(unit_id, start_on, end_on)
            and town.office.is_in_scope(town.actor, unit_id)
        ):
            records = replace(town.what, unit_id=unit_id, own_only=False)
            shown = town.office.seen(unit_id)
            yield town.row(named(shown.name), records, trips, unit=shown)


def _by_leader(town: Town) -> Iterable[TripRow]:
    """Leaders by rank, then unit; those who led none are listed, too."""
    led: defaultdict[tuple[UUID | None, str, str, UUID | None], list[Gone]] = defaultdict(list)
    for trip in town.trips:
        # Without an account, a leader is the one of that name in that unit.
        named = ("", None) if trip.leader_id else (trip.leader_name, trip.unit_id)
        led[trip.leader_id, trip.leader_rank or "", *named].append(trip)
    people = _leaders(town, {key[0] for key in led if key[0] is not None})
    rows: list[tuple[tuple[Any, ...], TripRow]] = []
    for (user_id, rank, name, unit_id), trips in led.items():
        person = people.get(user_id) if user_id else None
        shown, at = (person.name, person.unit_id) if person else (name, unit_id or trips[0].unit_id)
        records = replace(town.what, leader_id=user_id, rank=rank)
        if user_id is None:
            records = replace(records, leader_name=name, unit_id=unit_id, own_only=True)
        rows.append(_leader_row(town, Leading(shown, rank, user_id), at, records, trips))
    gone = {key[0] for key in led}
    for user_id, person in people.items():
        code = rank_code(person.rank)
        if user_id not in gone and code is not None and rules.is_leader(code) and _is_asked(town, person):
            records = replace(town.what, leader_id=user_id, rank=code)
            rows.append(_leader_row(town, Leading(person.name, code, user_id), person.unit_id, records, ()))
    return [row for _, row in sorted(rows, key=lambda one: one[0])]


def _leader_row(
    town: Town, leader: Leading, unit_id: UUID, records: TripFilter, trips: Sequence[Gone]
) -> tuple[tuple[Any, ...], TripRow]:
    place = (rules.rank_order(leader.rank), town.office.place(unit_id), leader.name, str(leader.user_id))
    row = town.row(named(leader.name), records, trips, leader=leader, unit=town.office.seen(unit_id))
    return place, row


@dataclass(frozen=True, slots=True)
class _Person:
    name: str
    rank: str | None
    unit_id: UUID


def _leaders(town: Town, ids: set[UUID]) -> dict[UUID, _Person]:
    """Those who led, and everybody in scope who is in office with some rank."""
    in_office = sa.and_(
        User.rank.is_not(None), User.closed_at.is_(None), within_scope(town.actor, User.unit_id)
    )
    rows = town.session.execute(
        sa.select(User.id, User.name, User.rank, User.unit_id).where(sa.or_(User.id.in_(ids), in_office))
    )
    return {row.id: _Person(row.name, row.rank, row.unit_id) for row in rows}


def _is_asked(town: Town, person: _Person) -> bool:
    """Whether somebody who led nothing is one of those the filter means."""
    what = town.what
    if what.leader_id or what.leader_name or what.rank:
        return False
    if what.campaign is not None or what.region is not None:
        return False
    if what.unit_id is None:
        return True
    if what.own_only:
        return person.unit_id == what.unit_id
    return what.unit_id in town.office.lineage(person.unit_id)


def _by_kind(town: Town) -> Iterable[TripRow]:
    for kind in TripKind:
        trips = [trip for trip in town.trips if trip.kind is kind]
        row = town.row(KINDS[kind], replace(town.what, kind=kind), trips, kind=kind)
        yield replace(row, note=None if trips else note_of(kind))


def _by_campaign(town: Town) -> Iterable[TripRow]:
    """Campaigns by their first departure, trips of none last."""
    found: dict[str, list[Gone]] = {}
    for trip in town.trips:
        found.setdefault(trip.campaign or "", []).append(trip)
    for campaign in sorted(found, key=lambda name: name == ""):
        records = replace(town.what, campaign=campaign)
        yield town.row(
            named(campaign) if campaign else NO_CAMPAIGN, records, found[campaign], campaign=campaign
        )


def _by_region(town: Town) -> Iterable[TripRow]:
    """Regions by their first departure, trips that name none last; a trip to two regions is in both rows."""
    found: defaultdict[str, list[Gone]] = defaultdict(list)
    for trip in town.trips:
        for region in trip.regions or ("",):
            found[region].append(trip)
    for region in sorted(found, key=lambda name: name == ""):
        records = replace(town.what, region=region)
        yield town.row(named(region) if region else NO_REGION, records, found[region], region=region)


def _by_month(town: Town) -> Iterable[TripRow]:
    for start, end in rules.months_of(*_days(town.what)):
        trips = [trip for trip in town.trips if start <= trip.departs_on < end]
        records = replace(town.what, from_on=start, until_on=end)
        yield town.row(month_words(start), records, trips, month=f"{start:%Y-%m}")


def _days(what: TripFilter) -> tuple[date, date]:
    if what.from_on is None or what.until_on is None:
        msg = "a table has a first day and an end"
        raise ValueError(msg)
    return what.from_on, what.until_on


_ROWS: dict[By, Callable[[Town], Iterable[TripRow]]] = {
    By.UNIT: _by_unit,
    By.LEADER: _by_leader,
    By.KIND: _by_kind,
    By.CAMPAIGN: _by_campaign,
    By.MONTH: _by_month,
    By.REGION: _by_region,
}
