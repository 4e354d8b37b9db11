"""How far the targets of an indicator are reached: the city and its units, three levels, lights, and the roll-up."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy.orm import Session

from service.indicators.amounts import Held, RolledUp, Sheet, held, roll_up
from service.indicators.asked import Asked
from service.indicators.divisions import By, ListedUnit, Names, listed_units
from service.indicators.errors import UnknownIndicator
from service.indicators.lights import Light, light, light_text
from service.indicators.measures import MEASURES
from service.indicators.models import AmountLevel, Indicator
from service.indicators.rates import Rounding, completion, figure, gap, in_percent, plain
from service.indicators.spans import elapsed
from service.indicators.tables import table
from service.kernel.actor import Actor
from service.kernel.calendar import PeriodKind, containing, local_date, working_days
from service.kernel.clock import now
from service.programmes.models import ElapsedBy
from service.programmes.thresholds import ThresholdsShown, thresholds_on


@dataclass(frozen=True, slots=True)
class How:
    """How completion is shown; `elapsed_by` None is by working days."""

    elapsed_by: ElapsedBy | None = ElapsedBy.DAYS
    rounding: Rounding = Rounding.HALF_UP
    as_of: date | None = None


@dataclass(frozen=True, slots=True)
class CompletionRow:
    """One unit (None: the city): targets, what is reached, and the rate and gap against the working level."""

    unit_id: UUID | None
    name: str
    baseline: str | None
    working: str | None
    striving: str | None
    actual: str | None
    rate: str | None
    gap: str | None
    light: Light | None
    light_text: Names | None
    url: str | None


@dataclass(frozen=True, slots=True)
class Completion:
    """An indicator in a period; `certain` is false while the holidays of working days are not published."""

    indicator: str
    label: Mapping[str, str]
    counted_in: str
    start_on: date
    end_on: date
    as_of: date
    elapsed: str | None
    certain: bool
    rows: tuple[CompletionRow, ...]
    roll_up: tuple[RolledUp, ...]
    thresholds: ThresholdsShown
    """The limits of its lights, and which setting of whose they are."""


@dataclass(frozen=True, slots=True)
class _Reached:
    amount: Decimal | None
    url: str | None


def completions(session: Session, actor: Actor, sheet: Sheet, how: How) -> Completion:
    """The city and the units right below it in the order of office, those without a target too.

    Raises:
        UnknownIndicator: there is none such.
    """
    label, counted_in = words_of(session, sheet.indicator)
    period = containing(sheet.period, sheet.on)
    as_of = min(how.as_of or local_date(now()), period.last_on)
    share = elapsed(period, as_of, how.elapsed_by)
    amounts, held_now = held(session, sheet), thresholds_on(session, as_of)
    units = listed_units(session, actor, None, as_of)
    reached = _reached(session, actor, sheet, amounts, as_of)
    rows = []
    for unit in sorted(units, key=lambda one: not one.is_parent):
        unit_id = None if unit.is_parent else unit.id
        levels = amounts.get(unit_id, {})
        one = reached.get(unit_id, _Reached(None, None))
        rate = None if one.amount is None else completion(one.amount, levels.get(AmountLevel.WORKING))
        behind = gap(rate, share)
        lamp = light(behind, held_now.limits)
        rows.append(
            CompletionRow(
                unit_id=unit_id,
                name=unit.name,
                baseline=_shown(levels.get(AmountLevel.BASELINE)),
                working=_shown(levels.get(AmountLevel.WORKING)),
                striving=_shown(levels.get(AmountLevel.STRIVING)),
                actual=_shown(one.amount),
                rate=in_percent(rate, how.rounding),
                gap=figure(behind, how.rounding),
                light=lamp,
                light_text=None if lamp is None else light_text(lamp, held_now.limits),
                url=one.url,
            )
        )
    return Completion(
        indicator=sheet.indicator,
        label=label,
        counted_in=counted_in,
        start_on=period.start_on,
        end_on=period.end_on,
        as_of=as_of,
        elapsed=in_percent(share, how.rounding),
        certain=how.elapsed_by is not None or working_days(period.start_on, period.end_on).certain,
        rows=tuple(rows),
        roll_up=tuple(roll_up(amounts, _below(units))) if actor.sees_every_unit else (),
        thresholds=held_now,
    )


def words_of(session: Session, code: str) -> tuple[Mapping[str, str], str]:
    """What an indicator is called, and its unit of count.

    Raises:
        UnknownIndicator: there is none such.
    """
    if code in MEASURES:
        return {"zh": MEASURES[code].zh, "en": MEASURES[code].en}, MEASURES[code].counted_in["zh"]
    named = session.get(Indicator, code)
    if named is None:
        raise UnknownIndicator(indicator=code)
    return {"zh": named.zh, "en": named.en}, named.counted_in


def _reached(
    session: Session, actor: Actor, sheet: Sheet, amounts: Held, as_of: date
) -> Mapping[UUID | None, _Reached]:
    """What is entered, or counted from the records of the period."""
    measure = MEASURES.get(sheet.indicator)
    if measure is None:
        return {
            unit_id: _Reached(levels.get(AmountLevel.ACTUAL), None) for unit_id, levels in amounts.items()
        }
    period = containing(sheet.period, sheet.on)
    until = min(period.end_on, containing(PeriodKind.DAY, as_of).end_on)
    asked = Asked(sheet.indicator, By.UNIT, from_on=period.start_on, until_on=until)
    found: dict[UUID | None, _Reached] = {
        row.unit_id: _Reached(Decimal(row.value), row.url) for row in table(session, actor, asked).rows
    }
    if actor.sees_every_unit:
        total = Asked(sheet.indicator, By.TOTAL, from_on=period.start_on, until_on=until)
        (row,) = table(session, actor, total).rows
        found[None] = _Reached(Decimal(row.value), row.url)
    return found


def _below(units: Sequence[ListedUnit]) -> list[UUID]:
    return [unit.id for unit in units if not unit.is_parent]


def _shown(amount: Decimal | None) -> str | None:
    return None if amount is None else plain(amount)
