"""The figures of an event's count-down: the days left, and what each unit has done since its preparation began."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy.orm import Session

from service.kernel.actor import Actor
from service.kernel.calendar import chinese_date
from service.programmes.models import Line
from service.progress import comparison, queries
from service.progress.records_links import Behind, counted_url, visits_url
from service.progress.views import DayFigures, UnitProgress, UnitShown
from service.reports.asked import Asked
from service.reports.errors import EventMissing
from service.reports.fact import Fact, by_calendar, named, order_cell
from service.reports.models import Event
from service.trips.models import TripKind
from service.trips.queries import TripFilter
from service.trips.records_links import trips_url
from service.trips.statistics import By, statistics
from service.trips.tables import TripTable

_DAY = timedelta(days=1)
_LATELY = timedelta(days=7)
_TABLE = "countdown_units"
_FIGURES = (
    ("visits", "走访家次", "走访"),
    ("lately", "近七日", "走访"),
    ("new_thousand", "新增千家", "走访"),
    ("new_hundred", "新增百家", "走访"),
    ("outings", "外出招商", "活动"),
    ("receptions", "接待来访", "活动"),
)

UnitFigures = Mapping[tuple[UUID, Line], UnitProgress]


class _Count(NamedTuple):
    """A figure and the address of its records."""

    number: int
    url: str


@dataclass(frozen=True, slots=True)
class _Read:
    """Everything that was read for one count-down."""

    asked: Asked
    event: Event
    now: UnitFigures
    before: UnitFigures
    """Right before the first day of the preparation."""
    week_ago: UnitFigures
    trips: Mapping[TripKind, TripTable]
    days: Mapping[Line, Sequence[DayFigures]]
    """Of the whole city."""

    @property
    def lately_from(self) -> date:
        """The first of the last seven days."""
        return max(self.event.prepares_on, self.asked.until_on - _LATELY)

    def behind(self, line: Line, from_on: date, unit_id: UUID | None) -> Behind:
        """The records of some days."""
        return Behind(self.asked.programme_id, line, self.asked.until_on, unit_id, from_on=from_on)


def countdown_facts(
    session: Session, actor: Actor, asked: Asked
) -> tuple[dict[str, Fact], dict[str, dict[str, Any]]]:
    """What a text may name about an event ahead, and the table of its units, zeros kept.

    Raises:
        EventMissing: none was named.
    """
    if asked.event is None:
        raise EventMissing
    read = _read(session, actor, asked, asked.event)
    units = [(unit, _of_unit(read, unit.id)) for unit in dict.fromkeys(one.unit for one in read.now.values())]
    city = _of_city(read)
    facts = _of_event(asked, asked.event) | _of_units(units)
    facts |= {
        f"event.{name}": Fact(str(count.number), count.url)
        for (name, _, _), count in zip(_FIGURES, city, strict=True)
    }
    return facts, {_TABLE: _table(asked.event, units, city)}


def _read(session: Session, actor: Actor, asked: Asked, event: Event) -> _Read:
    def units(as_of: date) -> UnitFigures:
        rows = comparison.units(session, actor, replace(asked.question, as_of=as_of))
        return {(one.unit.id, one.line): one for one in rows}

    def trips(kind: TripKind) -> TripTable:
        what = TripFilter(kind=kind, from_on=event.prepares_on, until_on=asked.until_on)
        return statistics(session, actor, By.UNIT, what)

    week_ago = max(event.prepares_on, asked.until_on - _LATELY) - _DAY
    return _Read(
        asked,
        event,
        now=units(asked.as_of),
        before=units(event.prepares_on - _DAY),
        week_ago=units(week_ago),
        trips={kind: trips(kind) for kind in (TripKind.OUTING, TripKind.RECEPTION)},
        days=queries.days_of(session, queries.settle(session, actor, asked.question)),
    )


def _of_unit(read: _Read, unit_id: UUID) -> tuple[_Count, ...]:
    """Every figure is the difference of two that the dashboard shows."""

    def since(earlier: UnitFigures, line: Line) -> tuple[int, int]:
        now, then = read.now[unit_id, line], earlier.get((unit_id, line))
        return now.visits - (then.visits if then else 0), now.counted - (then.counted if then else 0)

    prepares_on = read.event.prepares_on
    thousand, hundred = (read.behind(line, prepares_on, unit_id) for line in (Line.THOUSAND, Line.HUNDRED))
    visits, new_thousand = since(read.before, Line.THOUSAND)
    lately, _ = since(read.week_ago, Line.THOUSAND)
    _, new_hundred = since(read.before, Line.HUNDRED)
    return (
        _Count(visits, visits_url(thousand)),
        _Count(lately, visits_url(replace(thousand, from_on=read.lately_from))),
        _Count(new_thousand, counted_url(thousand)),
        _Count(new_hundred, counted_url(hundred)),
        *(_trips_of_unit(read, kind, unit_id) for kind in read.trips),
    )


def _trips_of_unit(read: _Read, kind: TripKind, unit_id: UUID) -> _Count:
    table = read.trips[kind]
    for row in table.rows:
        if row.unit is not None and row.unit.id == unit_id:
            return _Count(row.figures.trips, row.records_url)
    return _Count(0, trips_url(replace(table.total.records, unit_id=unit_id)))


def _of_city(read: _Read) -> tuple[_Count, ...]:
    """The whole city's own figures: what several units did together counts once."""
    prepares_on = read.event.prepares_on

    def added(line: Line, from_on: date) -> tuple[int, int]:
        within = [one for one in read.days[line] if from_on <= one.day < read.asked.until_on]
        return sum(one.visits for one in within), sum(one.counted for one in within)

    thousand, hundred = (read.behind(line, prepares_on, None) for line in (Line.THOUSAND, Line.HUNDRED))
    visits, new_thousand = added(Line.THOUSAND, prepares_on)
    lately, _ = added(Line.THOUSAND, read.lately_from)
    _, new_hundred = added(Line.HUNDRED, prepares_on)
    return (
        _Count(visits, visits_url(thousand)),
        _Count(lately, visits_url(replace(thousand, from_on=read.lately_from))),
        _Count(new_thousand, counted_url(thousand)),
        _Count(new_hundred, counted_url(hundred)),
        *(_Count(table.total.figures.trips, table.total.records_url) for table in read.trips.values()),
    )


def _of_event(asked: Asked, event: Event) -> dict[str, Fact]:
    return {
        "event.name": Fact(event.name),
        "event.held_on": by_calendar(chinese_date(event.held_on)),
        "event.prepares_on": by_calendar(chinese_date(event.prepares_on)),
        "event.days_left": by_calendar(str((event.held_on - asked.as_of).days)),
        "event.days_gone": by_calendar(str((asked.as_of - event.prepares_on).days + 1)),
    }


def _of_units(units: Sequence[tuple[UnitShown, Sequence[_Count]]]) -> dict[str, Fact]:
    """Who has begun and who has not, in the order of office."""
    told = [(place, unit.name, _has_begun(counts)) for place, (unit, counts) in enumerate(units)]
    begun, begun_count = named(_TABLE, [(place, name) for place, name, has_begun in told if has_begun])
    idle, idle_count = named(_TABLE, [(place, name) for place, name, has_begun in told if not has_begun])
    return {
        "event.begun_units": begun,
        "event.begun_units_count": begun_count,
        "event.idle_units": idle,
        "event.idle_units_count": idle_count,
    }


def _has_begun(counts: Sequence[_Count]) -> bool:
    return any(one.number for one in counts)


def _table(
    event: Event, units: Sequence[tuple[UnitShown, Sequence[_Count]]], city: Sequence[_Count]
) -> dict[str, Any]:
    """A row a unit, also of those that have not begun, and the city last."""
    lines = [(str(place), unit.name, counts) for place, (unit, counts) in enumerate(units, start=1)]
    lines.append(("", "全市", city))
    return {
        "title": f"{event.name}筹备进展情况表",
        "note": (
            f"自{chinese_date(event.prepares_on)}起。走访家次为计入“千家”的走访；"
            "联合走访分别计入各单位，各单位之和因此可能大于全市数。"
        ),
        "columns": [
            {"label": "序号", "number": True, "width": 3},
            {"label": "单位", "number": False, "width": 8},
            *({"label": label, "number": True, "group": group, "width": 4} for _, label, group in _FIGURES),
            {"label": "进展", "number": False, "width": 4},
        ],
        "rows": [
            [
                order_cell(place),
                {"shown": name},
                *(Fact(str(one.number), one.url).as_document() for one in counts),
                {"shown": "已开展" if _has_begun(counts) else "未开展"},
            ]
            for place, name, counts in lines
        ],
    }
