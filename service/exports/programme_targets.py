"""The programme's own lines in 目标完成情况表: 千家 and 百家 of the city and of each unit, as the dashboard has them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from uuid import NAMESPACE_OID, UUID, uuid5

from sqlalchemy.orm import Session

from service.exports.office_tables import Line as TableLine
from service.exports.office_tables import Taking
from service.exports.orders import TargetsAsked
from service.kernel.calendar import PeriodKind, containing, local_date
from service.kernel.clock import now
from service.programmes import queries as programmes
from service.programmes.models import Line, Programme
from service.programmes.queries import Levels
from service.progress import comparison, queries
from service.progress.measures import percent, shown
from service.progress.office_sheet import Cell
from service.progress.queries import Question
from service.progress.views import LineProgress, UnitProgress

_DAY = timedelta(days=1)
_CALLED = {Line.THOUSAND: "千家：知名企业、商协会（家）", Line.HUNDRED: "百家：三类500强（家）"}
_Counted = Mapping[tuple[UUID | None, Line], int]


@dataclass(frozen=True, slots=True)
class _Row:
    """One line of the city (no unit) or of a unit."""

    unit_id: UUID | None
    name: str
    line: Line
    targets: Levels
    counted: int
    rate: str | None
    gap: str | None
    rank: int | None


def programme_lines(session: Session, taking: Taking) -> Iterator[TableLine]:
    """A table line for each line of the programme and each unit, the city first; nothing but for a year with one."""
    asked = taking.order.targets
    found = _programme(session, asked)
    if found is None:
        return
    programme, as_of = found
    headline = queries.overview(session, taking.actor, Question(programme.id, as_of))
    elapsed = {one.code: _percent(one.elapsed) for one in headline.lines}
    before = _before_the_month(session, taking, programme, as_of)
    for row in _rows(session, taking, Question(programme.id, as_of), headline.lines):
        yield TableLine(
            uuid5(NAMESPACE_OID, f"{programme.id}:{row.line}:{row.unit_id}"),
            _cells(row, row.counted - before.get((row.unit_id, row.line), 0), elapsed[row.line]),
        )


def _programme(session: Session, asked: TargetsAsked) -> tuple[Programme, date] | None:
    """The programme of the year, and up to which day it is told; its targets are those of the whole year."""
    if asked.period is not PeriodKind.YEAR:
        return None
    year = containing(asked.period, asked.on or local_date(now()))
    as_of = min(asked.as_of or local_date(now()), year.last_on)
    programme = programmes.in_force(session, as_of)
    return None if programme is None or programme.year != year.start_on.year else (programme, as_of)


def _rows(
    session: Session, taking: Taking, what: Question, headline: Sequence[LineProgress]
) -> Iterator[_Row]:
    units = comparison.units(session, taking.actor, what)
    for city in headline:
        if taking.actor.sees_every_unit:
            yield _Row(None, "全市", city.code, city.targets, city.counted, city.rate, city.gap, None)
        for one in units:
            if one.line is city.code:
                yield _of_unit(one)


def _of_unit(one: UnitProgress) -> _Row:
    return _Row(one.unit.id, one.unit.name, one.line, one.targets, one.counted, one.rate, one.gap, one.rank)


def _before_the_month(session: Session, taking: Taking, programme: Programme, as_of: date) -> _Counted:
    """What was counted before the month of that day began; 本期 is the difference."""
    last_on = as_of.replace(day=1) - _DAY
    if last_on < programme.starts_on:
        return {}
    what = Question(programme.id, last_on)
    found: dict[tuple[UUID | None, Line], int] = {
        (one.unit.id, one.line): one.counted for one in comparison.units(session, taking.actor, what)
    }
    return found | {
        (None, one.code): one.counted for one in queries.overview(session, taking.actor, what).lines
    }


def _cells(row: _Row, lately: int, elapsed: Decimal | None) -> tuple[Cell, ...]:
    return (
        row.name,
        _CALLED[row.line],
        *(None if level is None else Decimal(level) for level in _levels(row.targets)),
        Decimal(lately),
        Decimal(row.counted),
        _percent(row.rate),
        elapsed,
        None if row.gap is None else Decimal(row.gap),
        None,
        row.rank,
    )


def _levels(targets: Levels) -> tuple[int | None, int | None, int | None]:
    return targets.baseline, targets.working, targets.striving


def _percent(share: str | None) -> Decimal | None:
    figure = None if share is None else shown(percent(Fraction(share)))
    return None if figure is None else Decimal(figure)
