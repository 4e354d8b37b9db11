"""Figures of a board that statistics count or offices enter: a measure or an indicator by unit, in the board's period."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from uuid import UUID

from sqlalchemy.orm import Session

from service.boards.errors import BadBoard
from service.boards.models import Board
from service.boards.rules import BoardRules, Measured, Source, read
from service.boards.scoring import Reading
from service.indicators.amounts import Held, Sheet, held, indicators
from service.indicators.asked import Asked
from service.indicators.divisions import By
from service.indicators.measures import MEASURES
from service.indicators.models import AmountLevel
from service.indicators.spans import Days, whole_period
from service.indicators.tables import table
from service.kernel.actor import Actor
from service.kernel.errors import Fault


@dataclass(frozen=True, slots=True)
class UnitFigure:
    """What a unit reached and was to reach; `url` lists what was counted, None where it was entered by hand."""

    reading: Reading
    url: str | None


@dataclass(frozen=True, slots=True)
class Told:
    """Where an indicator's figures on a board come from: what of the listed records is added up, or where it was entered."""

    adds: str | None = None
    """The field of the records that is added up; None where they are counted."""
    entered_at: str | None = None
    """Where it was entered by hand; None where it is counted."""


NOTHING = UnitFigure(Reading(None), None)


def demand_measurable(session: Session, rules: BoardRules, start_on: date, end_on: date) -> None:
    """Make sure that every figure of the rules can be had in these days.

    Raises:
        BadBoard: an indicator names no measure, or one that is entered by week, month, quarter, half or year while the
            board is of other days.
    """
    by_hand = {one.code for one in indicators(session)}
    is_whole = whole_period(Days(start_on, end_on)) is not None
    faults = list(_faults(rules, by_hand, is_whole=is_whole))
    if faults:
        raise BadBoard(faults=faults)


def demand_knowable(board: Board, known_at: datetime | None) -> None:
    """Make sure that the board can be told as it was known at a moment; statistics are known as of now alone.

    Raises:
        BadBoard: a moment is named, and some of its figures are those of statistics.
    """
    if known_at is not None and any(one.source is Source.MEASURE for one in read(board.rules).indicators):
        told = (
            "含统计指标的榜单只能按现在的数据计算",
            "A board with statistics is computed by what is known now",
        )
        raise BadBoard(faults=[Fault("/known_at", *told)])


def told_of(board: Board, what: Measured) -> Told:
    """How the figures of an indicator of the board are to be read beside what their addresses open."""
    if what.source is Source.MANUAL:
        return Told(entered_at=f"/api/hq/v1/boards/{board.id}")
    if what.measure is None:
        return Told()
    if what.measure in MEASURES:
        return Told(adds=MEASURES[what.measure].adds)
    period = whole_period(Days(board.start_on, board.end_on))
    asked = "" if period is None else f"?period={period.kind}&on={period.start_on}"
    return Told(entered_at=f"/api/hq/v1/indicators/{what.measure}/amounts{asked}")


def figures(session: Session, actor: Actor, code: str, days: Days) -> Mapping[UUID, UnitFigure]:
    """Every unit's figure of a measure, or of an indicator entered by hand, with the working target of that period."""
    period = whole_period(days)
    amounts: Held = {} if period is None else held(session, Sheet(code, period.kind, days.start_on))
    if code not in MEASURES:
        reached = {unit_id: levels.get(AmountLevel.ACTUAL) for unit_id, levels in amounts.items()}
        return {
            unit_id: UnitFigure(Reading(_exactly(amount), _target(amounts, unit_id)), None)
            for unit_id, amount in reached.items()
            if unit_id is not None
        }
    asked = Asked(code, By.UNIT, from_on=days.start_on, until_on=days.end_on)
    return {
        row.unit_id: UnitFigure(Reading(Fraction(row.value), _target(amounts, row.unit_id)), row.url)
        for row in table(session, actor, asked).rows
        if row.unit_id is not None
    }


def _faults(rules: BoardRules, by_hand: set[str], *, is_whole: bool) -> Iterator[Fault]:
    for place, one in enumerate(rules.indicators):
        pointer = f"/rules/indicators/{place}/measure"
        measure = MEASURES.get(one.measure or "")
        if one.source is not Source.MEASURE:
            if one.measure is not None:
                yield Fault(
                    pointer,
                    f"“{one.name}”的来源不是统计指标，不填 measure",
                    f"{one.name}: a measure belongs to source measure alone",
                )
        elif measure is None and one.measure not in by_hand:
            yield Fault(
                pointer,
                f"“{one.name}”：没有这项统计指标或填报指标",
                f"{one.name}: there is no such measure or indicator",
            )
        elif measure is not None and measure.is_of_target_lists:
            yield Fault(
                pointer,
                f"“{one.name}”：名录类指标不分单位统计",
                f"{one.name}: target lists are not counted by unit",
            )
        elif measure is None and not is_whole:
            yield Fault(
                pointer,
                f"“{one.name}”：填报指标的考核期须为整周、半月、整月、整季、半年或全年",
                f"{one.name}: an indicator entered by hand needs a whole week, half-month, month, quarter, half-year or year",
            )


def _target(amounts: Held, unit_id: UUID | None) -> Fraction | None:
    return _exactly(amounts.get(unit_id, {}).get(AmountLevel.WORKING))


def _exactly(amount: Decimal | None) -> Fraction | None:
    return None if amount is None else Fraction(amount)
