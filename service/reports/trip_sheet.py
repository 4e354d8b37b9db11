"""外出招商统计表: every trip of a period in the office's own columns, units that stayed at home among them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from service.accounts.ranks import rank_name
from service.audit import commands as audit
from service.kernel.actor import Actor
from service.kernel.calendar import chinese_date, local_date
from service.kernel.clock import now
from service.reports.document import Column, Document, Table
from service.trips.figures import figures, shown_days
from service.trips.models import Trip
from service.trips.organisations import Met, Standing, agreed, by_trip, met_on, standings
from service.trips.queries import TripFilter, conditions
from service.trips.statistics import By, statistics
from service.trips.tables import TripTable, counted
from service.trips.views import days_of

TITLE = "外出招商统计表"
NOTE = (
    "天数按半天计；家数按名录去重，不含已撤回、作废的拜访；合计行的家数为去重后的数，因此可能小于各行之和。"
)
_DAY = timedelta(days=1)

COLUMNS = (
    Column("序号", is_number=True),
    Column("单位", width=3),
    Column("带队领导", width=2),
    Column("职务级别", width=2),
    Column("出发日期", width=2),
    Column("返回日期", width=2),
    Column("天数", is_number=True),
    Column("外出人数", is_number=True),
    Column("目的地", width=3),
    Column("拜访企业(机构)数", is_number=True),
    Column("其中三类500强", is_number=True),
    Column("其中知名企业/商协会", is_number=True),
    Column("洽谈项目数", is_number=True),
    Column("签约意向数", is_number=True),
    Column("主要成果", width=4),
    Column("备注", width=2),
)


@dataclass(frozen=True, slots=True)
class _Read:
    trips: Sequence[Trip]
    met: Mapping[UUID, Sequence[Met]]
    standings: Mapping[tuple[UUID, date], Standing]

    def organisations(self, trip: Trip) -> dict[str, Met]:
        return {one.key: one for one in self.met.get(trip.id, ())}

    def intentions(self, trip: Trip) -> int:
        given = trip.intention_count
        return agreed(self.met.get(trip.id, ())) if given is None else given

    def standing(self, one: Met, trip: Trip) -> Standing:
        return self.standings.get((one.enterprise_id or UUID(int=0), trip.departs_on), _UNKNOWN)


_UNKNOWN = Standing(is_top500=False, is_known=False)


def take_out_trip_sheet(session: Session, actor: Actor, what: TripFilter, *, signer: str) -> Document:
    """The table of the filter's trips by unit as a document of one sheet; who took it is noted.

    The filter has both days.
    """
    table = statistics(session, actor, By.UNIT, what)
    read = _read(session, actor, what)
    audit.record(session, actor, "trip.export", "trip", "sheet", rows=len(read.trips))
    rows = tuple(tuple(row) for row in _rows(table, read))
    total = (*_total(session, actor, what, read),)
    period = f"{_shown(what.from_on)}至{_shown(what.until_on and what.until_on - _DAY)}。"
    sheet = Table(TITLE, COLUMNS, rows, f"{period}{NOTE}", total)
    return Document(title=TITLE, blocks=(sheet,), signer=signer, dated=local_date(now()))


def _read(session: Session, actor: Actor, what: TripFilter) -> _Read:
    which = conditions(actor, what)
    trips = session.scalars(sa.select(Trip).where(*which).order_by(Trip.departs_on, Trip.id)).all()
    met = by_trip(met_on(session, which))
    on_days = {
        (one.enterprise_id, trip.departs_on)
        for trip in trips
        for one in met.get(trip.id, ())
        if one.enterprise_id is not None
    }
    return _Read(trips, met, standings(session, on_days))


def _rows(table: TripTable, read: _Read) -> Iterator[list[str]]:
    """Units in the order of office, each with its trips by departure, or with 未外出."""
    place = 0
    for row, trips in _of_units(table, read.trips):
        for trip in trips:
            place += 1
            yield [str(place), row.label, *_cells(trip, read)]
        if not trips:
            place += 1
            yield [str(place), row.label, row.note or "", *[""] * 3, "0", "0", "", *["0"] * 5, "", ""]


def _of_units(table: TripTable, trips: Sequence[Trip]) -> Iterator[tuple[Any, list[Trip]]]:
    by_id = {trip.id: trip for trip in trips}
    for row in table.rows:
        yield row, [by_id[one] for one in row.trip_ids if one in by_id]


def _cells(trip: Trip, read: _Read) -> list[str]:
    organisations = read.organisations(trip)
    met = [read.standing(one, trip) for one in organisations.values()]
    return [
        trip.leader_name,
        rank_name(trip.leader_rank),
        trip.departs_on.isoformat(),
        trip.returns_on.isoformat(),
        shown_days(days_of(trip.halves)),
        str(trip.people),
        "、".join(_destination(one) for one in trip.destinations),
        str(len(organisations)),
        str(sum(one.is_top500 for one in met)),
        str(sum(one.is_known for one in met)),
        str(trip.project_count),
        str(read.intentions(trip)),
        trip.result or "",
        trip.remark or "",
    ]


def _destination(one: Mapping[str, str]) -> str:
    return "".join(one[part] for part in ("country", "province", "city") if part in one)


def _total(session: Session, actor: Actor, what: TripFilter, read: _Read) -> Iterator[str]:
    whole = figures(counted(session, actor, what), read.met)
    met = [(trip, one) for trip in read.trips for one in read.organisations(trip).values()]
    yield from ("", "合计", "", "", "", "", shown_days(whole.days), str(whole.person_times), "")
    yield str(whole.organisations)
    yield str(len({one.key for trip, one in met if read.standing(one, trip).is_top500}))
    yield str(len({one.key for trip, one in met if read.standing(one, trip).is_known}))
    yield str(whole.projects)
    yield str(sum(read.intentions(trip) for trip in read.trips))
    yield from ("", "")


def _shown(day: date | None) -> str:
    return "" if day is None else chinese_date(day)
