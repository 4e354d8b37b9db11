"""Targets of any indicator by unit and period: read, set, rolled up, and how far they are reached."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from service.accounts.models import Unit
from service.audit import commands as audit
from service.enterprises.rules import keepers_only
from service.indicators.errors import BadAmounts, IndicatorTaken, UnknownIndicator
from service.indicators.measures import MEASURES
from service.indicators.models import TARGETS, AmountLevel, Indicator, IndicatorAmount
from service.kernel.actor import Actor
from service.kernel.calendar import PeriodKind, containing
from service.kernel.clock import now
from service.kernel.errors import Fault
from service.kernel.ids import uuid7

WORDS = {
    AmountLevel.BASELINE: "计划",
    AmountLevel.WORKING: "工作",
    AmountLevel.STRIVING: "奋斗",
    AmountLevel.ACTUAL: "完成",
}


class Place(NamedTuple):
    """Whose amounts: an indicator, a unit or (None) the city, and the period that begins on a day."""

    indicator: str
    unit_id: UUID | None
    period: PeriodKind
    start_on: date


@dataclass(frozen=True, slots=True)
class AmountFigure:
    """One amount; None takes it away. `pointer` is where it stands in what was sent."""

    unit_id: UUID | None
    level: AmountLevel
    amount: Decimal | None
    pointer: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """The amounts of one indicator in one period; `on` is any day of it."""

    indicator: str
    period: PeriodKind
    on: date

    @property
    def start_on(self) -> date:
        """The period's first day."""
        return containing(self.period, self.on).start_on


@dataclass(frozen=True, slots=True)
class RolledUp:
    """How the amounts of the units right below the city add up against the city's own."""

    level: AmountLevel
    city: Decimal
    units: Decimal
    short: Decimal


Held = Mapping[UUID | None, Mapping[AmountLevel, Decimal]]


def name_indicator(session: Session, actor: Actor, code: str, words: tuple[str, str], unit: str) -> Indicator:
    """Make an indicator that is entered by hand; `words` are its Chinese and English names.

    Raises:
        Forbidden: the actor does not keep the house's figures.
        IndicatorTaken: the code is a measure's or another indicator's.
    """
    keepers_only(actor)
    made: Indicator | None = session.scalar(
        insert(Indicator)
        .values(code=code, zh=words[0], en=words[1], counted_in=unit, created_at=now())
        .on_conflict_do_nothing()
        .returning(Indicator)
    )
    if made is None or code in MEASURES:
        raise IndicatorTaken(indicator=code)
    audit.record(session, actor, "indicator.name", "indicator", code, zh=words[0], counted_in=unit)
    return made


def indicators(session: Session) -> Sequence[Indicator]:
    """The indicators that are entered by hand, by code."""
    return session.scalars(sa.select(Indicator).order_by(Indicator.code)).all()


def put_amounts(session: Session, actor: Actor, sheet: Sheet, what: Sequence[AmountFigure]) -> None:
    """These amounts are set or (None) taken away; all others stay.

    Raises:
        Forbidden: the actor does not keep the house's figures.
        UnknownIndicator: there is none such.
        BadAmounts: a unit is unknown, an amount comes twice, what is counted is entered, or a level is above the next.
    """
    keepers_only(actor)
    faults = faults_in(what, ground(session, sheet))
    if faults:
        raise BadAmounts(faults=faults)
    for one in what:
        _write(session, sheet, one)
    told = [{"unit": str(one.unit_id), "level": one.level.value, "amount": str(one.amount)} for one in what]
    audit.record(
        session,
        actor,
        "indicator.put_amounts",
        "indicator",
        sheet.indicator,
        period=sheet.period,
        start_on=str(sheet.start_on),
        amounts=told,
    )


@dataclass(frozen=True, slots=True)
class Ground:
    """What amounts are checked against."""

    is_counted: bool
    units: Collection[UUID]
    held: Held


def ground(session: Session, sheet: Sheet) -> Ground:
    """What the amounts of a sheet are checked against.

    Raises:
        UnknownIndicator: there is none such.
    """
    is_counted = sheet.indicator in MEASURES
    if not is_counted and session.get(Indicator, sheet.indicator) is None:
        raise UnknownIndicator(indicator=sheet.indicator)
    units = set(session.scalars(sa.select(Unit.id).where(Unit.parent_id.is_not(None))))
    return Ground(is_counted, units, held(session, sheet))


def faults_in(what: Sequence[AmountFigure], against: Ground) -> list[Fault]:
    """What is wrong with amounts that are set together."""
    found: list[Fault] = []
    levels = {unit_id: dict(amounts) for unit_id, amounts in against.held.items()}
    seen = set()
    for one in what:
        if one.unit_id and one.unit_id not in against.units:
            found.append(Fault(one.pointer, "没有这个单位", "There is no such unit"))
        if (one.unit_id, one.level) in seen:
            found.append(Fault(one.pointer, "同一目标出现两次", "The same amount comes twice"))
        if against.is_counted and one.level is AmountLevel.ACTUAL:
            found.append(
                Fault(one.pointer, "该指标由系统统计，不能填报完成数", "This is counted, not entered")
            )
        if one.amount is not None and one.amount < 0 and one.level is not AmountLevel.ACTUAL:
            found.append(Fault(one.pointer, "目标不能小于零", "A target is 0 or more"))
        seen.add((one.unit_id, one.level))
        of_unit = levels.setdefault(one.unit_id, {})
        of_unit.pop(one.level, None)
        if one.amount is not None:
            of_unit[one.level] = one.amount
    pointers = {one.unit_id: one.pointer for one in what}
    return found + [
        _falling(pointer, levels[unit_id]) for unit_id, pointer in pointers.items() if _falls(levels[unit_id])
    ]


def held(session: Session, sheet: Sheet) -> Held:
    """The amounts of a sheet by unit and level."""
    rows = session.execute(
        sa.select(IndicatorAmount.unit_id, IndicatorAmount.level, IndicatorAmount.amount).where(
            IndicatorAmount.indicator == sheet.indicator,
            IndicatorAmount.period == sheet.period,
            IndicatorAmount.start_on == sheet.start_on,
        )
    )
    found: dict[UUID | None, dict[AmountLevel, Decimal]] = defaultdict(dict)
    for unit_id, level, amount in rows:
        found[unit_id][level] = amount
    return found


def at_level(
    session: Session, indicator: str, period: PeriodKind, starts: Collection[date], level: AmountLevel
) -> dict[Place, Decimal]:
    """The amounts of one level in these periods, of every unit and the city."""
    rows = session.execute(
        sa.select(IndicatorAmount.unit_id, IndicatorAmount.start_on, IndicatorAmount.amount).where(
            IndicatorAmount.indicator == indicator,
            IndicatorAmount.period == period,
            IndicatorAmount.start_on.in_(starts),
            IndicatorAmount.level == level,
        )
    )
    return {Place(indicator, unit_id, period, start_on): amount for unit_id, start_on, amount in rows}


def roll_up(amounts: Held, below_city: Iterable[UUID]) -> list[RolledUp]:
    """Σ units ≥ city, level by level; `short` is what is missing, or 0."""
    city = amounts.get(None, {})
    below = [amounts.get(unit_id, {}) for unit_id in below_city]
    rolled = []
    for level in TARGETS:
        if level in city:
            units = sum((one.get(level, Decimal(0)) for one in below), Decimal(0))
            rolled.append(RolledUp(level, city[level], units, max(Decimal(0), city[level] - units)))
    return rolled


def _write(session: Session, sheet: Sheet, one: AmountFigure) -> None:
    place = {
        "indicator": sheet.indicator,
        "period": sheet.period,
        "start_on": sheet.start_on,
        "unit_id": one.unit_id,
        "level": one.level,
    }
    if one.amount is None:
        same = [getattr(IndicatorAmount, name).is_not_distinct_from(value) for name, value in place.items()]
        session.execute(sa.delete(IndicatorAmount).where(*same))
        return
    new = {"amount": one.amount, "set_at": now()}
    session.execute(
        insert(IndicatorAmount)
        .values(id=uuid7(), **place, **new)
        .on_conflict_do_update(constraint="uq_indicator_amounts_place", set_=new)
    )


def _falls(levels: Mapping[AmountLevel, Decimal]) -> bool:
    in_order = [levels[level] for level in TARGETS if level in levels]
    return any(low > high for low, high in pairwise(in_order))


def _falling(pointer: str, levels: Mapping[AmountLevel, Decimal]) -> Fault:
    told = "、".join(f"{WORDS[level]} {levels[level]}" for level in TARGETS if level in levels)
    return Fault(
        pointer,
        f"{told}：应为 计划 ≤ 工作 ≤ 奋斗",
        "A level is above the next: baseline ≤ working ≤ striving",
    )
