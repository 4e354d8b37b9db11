"""目标完成情况表: the programme's lines, and each indicator that has targets in a period: the city and its units."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from uuid import NAMESPACE_OID, UUID, uuid5

import sqlalchemy as sa
from sqlalchemy.orm import Session

from service.exports.office_tables import Exported, Line, Taking
from service.exports.orders import TargetsAsked
from service.exports.programme_targets import programme_lines
from service.indicators.amounts import Sheet
from service.indicators.completions import Completion, CompletionRow, How, completions
from service.indicators.measures import MEASURES
from service.indicators.models import TARGETS, IndicatorAmount
from service.indicators.rates import Rounding, growth, in_percent
from service.kernel.calendar import PeriodKind, containing, label_with_year, local_date
from service.kernel.clock import now
from service.progress.office_sheet import Cell, OfficeTable

_DAY = timedelta(days=1)
_TABLE = OfficeTable(
    title="目标完成情况表",
    tab="目标完成情况",
    columns=(
        ("单位", 18),
        ("指标", 24),
        ("计划目标", 11),
        ("工作目标", 11),
        ("奋斗目标", 11),
        ("本期", 11),
        ("累计", 11),
        ("完成率（%）", 10),
        ("序时进度（%）", 10),
        ("超欠进度（百分点）", 11),
        ("同比（%）", 10),
        ("排名", 7),
    ),
    note_from=5,
    signatures=(0, 4, 8),
)


def _count(session: Session, taking: Taking) -> int:
    """As many as the units and the city, for each line of the programme and each indicator."""
    asked = taking.order.targets
    own = sum(1 for _ in programme_lines(session, taking))
    return own + sum(len(_completion(session, taking, code, asked).rows) for code in _codes(session, asked))


def _lines(session: Session, taking: Taking) -> Iterator[Line]:
    yield from programme_lines(session, taking)
    asked = taking.order.targets
    for code in _codes(session, asked):
        whole = _completion(session, taking, code, asked)
        this = _completion(session, taking, code, _month_of(asked, whole.as_of))
        now_by, then_by = _actual(this), _before(session, taking, code, whole)
        places = _places(whole.rows)
        for row in whole.rows:
            cells = _cells(whole, row, now_by.get(row.unit_id), then_by.get(row.unit_id))
            yield Line(uuid5(NAMESPACE_OID, f"{code}:{row.unit_id}"), (*cells, places.get(row.unit_id)))


def _cells(
    whole: Completion, row: CompletionRow, this: Decimal | None, then: Decimal | None
) -> tuple[Cell, ...]:
    reached = _figure(row.actual)
    more = None if reached is None or then is None else growth(reached, then)
    return (
        row.name,
        f"{whole.label['zh']}（{whole.counted_in}）",
        _figure(row.baseline),
        _figure(row.working),
        _figure(row.striving),
        this,
        reached,
        _figure(row.rate),
        _figure(whole.elapsed),
        _figure(row.gap),
        _figure(in_percent(more, Rounding.HALF_UP)),
    )


def _places(rows: Sequence[CompletionRow]) -> Mapping[UUID | None, int]:
    """The units by their rate, equal ones share a place; who has no target has none, and the city is no competitor."""
    rates = {
        row.unit_id: Decimal(row.rate) for row in rows if row.unit_id is not None and row.rate is not None
    }
    return {unit_id: 1 + sum(other > rate for other in rates.values()) for unit_id, rate in rates.items()}


def _before(
    session: Session, taking: Taking, code: str, whole: Completion
) -> Mapping[UUID | None, Decimal | None]:
    """What was reached a year before up to the same day; nothing where only the whole period was entered by hand."""
    if code not in MEASURES and whole.as_of < whole.end_on - _DAY:
        return {}
    return _actual(_completion(session, taking, code, _year_before(taking.order.targets, whole.as_of)))


def _actual(found: Completion) -> Mapping[UUID | None, Decimal | None]:
    return {row.unit_id: _figure(row.actual) for row in found.rows}


def _figure(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _completion(session: Session, taking: Taking, code: str, asked: TargetsAsked) -> Completion:
    sheet = Sheet(code, asked.period, asked.on or local_date(now()))
    return completions(session, taking.actor, sheet, How(as_of=asked.as_of))


def _month_of(asked: TargetsAsked, as_of: date) -> TargetsAsked:
    """本期: the month of the day up to which it is counted."""
    return replace(asked, period=PeriodKind.MONTH, on=as_of, as_of=as_of)


def _year_before(asked: TargetsAsked, as_of: date) -> TargetsAsked:
    """同期: the same period a year before, up to the same day of it."""
    day = 28 if (as_of.month, as_of.day) == (2, 29) else as_of.day
    then = as_of.replace(year=as_of.year - 1, day=day)
    return replace(asked, on=then, as_of=then)


def _codes(session: Session, asked: TargetsAsked) -> Sequence[str]:
    """The indicators that have a target of anybody's in the period."""
    period = containing(asked.period, asked.on or local_date(now()))
    of_period = (
        sa.select(IndicatorAmount.indicator)
        .where(
            IndicatorAmount.period == period.kind,
            IndicatorAmount.start_on == period.start_on,
            IndicatorAmount.level.in_(TARGETS),
        )
        .distinct()
        .order_by(IndicatorAmount.indicator)
    )
    return session.scalars(of_period).all()


def _scope(_session: Session, taking: Taking) -> str:
    asked = taking.order.targets
    period = containing(asked.period, asked.on or local_date(now()))
    as_of = min(asked.as_of or local_date(now()), period.last_on)
    return (
        f"{label_with_year(period)}，截至 {as_of.isoformat()}；本期为截至日所在月，同比为上年同期累计；"
        "排名按完成率，并列同名次，千家、百家在同组单位内排名"
    )


COMPLETIONS = Exported("targets", _TABLE, _count, _lines, _scope)
"""The units the actor may compare, with the city first."""
