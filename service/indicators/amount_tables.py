"""Reading amounts from the table that was issued to units: 单位, 计划目标, 工作目标, 奋斗目标, 完成数."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from service.accounts.models import Unit
from service.enterprises.rules import keepers_only
from service.indicators.amounts import AmountFigure, Sheet, faults_in, ground, put_amounts
from service.indicators.completions import words_of
from service.indicators.errors import BadAmountTable, OtherUnitOfCount
from service.indicators.models import AmountLevel
from service.kernel import money
from service.kernel.actor import Actor
from service.kernel.sheets import Row
from service.kernel.tables import Table, heading_key, read_table

_UNIT_HEADINGS = ("单位", "单位名称", "责任单位", "县市区", "unit")
_LEVEL_HEADINGS = {
    AmountLevel.BASELINE: ("计划目标", "底线目标", "计划", "baseline"),
    AmountLevel.WORKING: ("工作目标", "全年目标", "目标", "working"),
    AmountLevel.STRIVING: ("奋斗目标", "striving"),
    AmountLevel.ACTUAL: ("完成数", "累计完成", "完成", "actual"),
}
_HEADINGS = (*_UNIT_HEADINGS, *(name for names in _LEVEL_HEADINGS.values() for name in names))
_CITY = frozenset({"全市", "市级", "合计", "总计", "city"})
_MOST_ROWS = 2_000
_MOST = Decimal(10) ** 12


@dataclass(frozen=True, slots=True)
class AmountFile:
    """A file with amounts; a dry run only says what it would do."""

    filename: str
    raw: bytes
    dry_run: bool


@dataclass(frozen=True, slots=True)
class RefusedAmountRow:
    """A row that was left out, and why."""

    line_no: int
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class AmountReport:
    """What a file set, or would set."""

    dry_run: bool
    accepted: int
    amounts: tuple[AmountFigure, ...]
    refused: tuple[RefusedAmountRow, ...]


class _Unreadable(Exception):
    """A row that says nothing usable."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.zh, self.en = zh, en


def import_amounts(session: Session, actor: Actor, sheet: Sheet, what: AmountFile) -> AmountReport:
    """Set the amounts of a file's good rows; other rows are refused one by one, other amounts stay.

    Raises:
        Forbidden, UnknownIndicator: as for setting them.
        NotATable, BadAmountTable, OtherUnitOfCount: the file is no such table.
    """
    keepers_only(actor)
    table = read_table(what.filename, what.raw, headings=_HEADINGS, most_rows=_MOST_ROWS)
    unit_column, levels = _columns(table, words_of(session, sheet.indicator)[1])
    units, against = _units_by_name(session), ground(session, sheet)
    good: list[AmountFigure] = []
    refused: list[RefusedAmountRow] = []
    accepted = 0
    for row in table.rows:
        try:
            figures = _figures(row, units, unit_column, levels)
        except _Unreadable as error:
            refused.append(RefusedAmountRow(row.line_no, error.zh, error.en))
            continue
        before = [one for one in good if one.unit_id == figures[0].unit_id]
        faults = faults_in([*before, *figures], against)
        if faults:
            refused.append(RefusedAmountRow(row.line_no, faults[0].zh, faults[0].en))
            continue
        good += figures
        accepted += 1
    if good and not what.dry_run:
        put_amounts(session, actor, sheet, good)
    return AmountReport(what.dry_run, accepted, tuple(good), tuple(refused))


@dataclass(frozen=True, slots=True)
class _Column:
    """Where the amounts of a level stand, and how many of the indicator's unit one of the heading's is."""

    place: int
    factor: Decimal


def _columns(table: Table, unit_of_count: str) -> tuple[int, dict[AmountLevel, _Column]]:
    found = {heading_key(heading): place for place, heading in reversed(list(enumerate(table.header)))}

    def place_of(names: Sequence[str]) -> int | None:
        return next((found[heading_key(name)] for name in names if heading_key(name) in found), None)

    unit = place_of(_UNIT_HEADINGS)
    if unit is None:
        raise BadAmountTable(missing="单位")
    levels = {
        level: _Column(place, _factor(table.header[place], unit_of_count))
        for level, names in _LEVEL_HEADINGS.items()
        if (place := place_of(names)) is not None
    }
    if not levels:
        raise BadAmountTable(missing="计划目标/工作目标/奋斗目标/完成数")
    return unit, levels


def _factor(heading: str, unit_of_count: str) -> Decimal:
    """1.2 under 目标（亿元） are 12,000 of an indicator in 万元.

    Raises:
        OtherUnitOfCount: the heading names money, and the indicator is in something else.
    """
    named = money.unit_named(heading)
    if not named or named == unit_of_count:
        return Decimal(1)
    try:
        one, other = money.parse_wan(f"1{named}"), money.parse_wan(f"1{unit_of_count}")
    except money.NotAnAmount as error:
        raise OtherUnitOfCount(heading=heading, unit=unit_of_count) from error
    if not one or not other:
        raise OtherUnitOfCount(heading=heading, unit=unit_of_count)
    return one / other


def _units_by_name(session: Session) -> dict[str, UUID | None]:
    """Units by full name, and by short name where that is no other's; of two the one opened last is meant."""
    rows = session.execute(
        sa.select(Unit.id, Unit.name, Unit.short_name, Unit.parent_id).order_by(Unit.valid_from)
    ).all()
    named: dict[str, UUID | None] = {}
    for row in rows:
        named.setdefault(row.short_name, row.id if row.parent_id else None)
    for row in rows:
        named[row.name] = row.id if row.parent_id else None
    return named | dict.fromkeys(_CITY)


def _figures(
    row: Row, units: dict[str, UUID | None], unit_column: int, levels: dict[AmountLevel, _Column]
) -> list[AmountFigure]:
    name = row.cells[unit_column]
    if name not in units:
        raise _Unreadable(f"没有找到单位“{name}”", f"There is no unit named {name}")
    if any(column.place in row.damaged for column in levels.values()):
        raise _Unreadable("数字超过15位，表格软件已丢失后面的位数", "A number has lost its last digits")
    figures = [
        AmountFigure(units[name], level, _amount(row.cells[column.place], column.factor))
        for level, column in levels.items()
        if row.cells[column.place]
    ]
    if not figures:
        raise _Unreadable("没有填写任何数", "No amount is given")
    return figures


def _amount(text: str, factor: Decimal) -> Decimal:
    try:
        amount = Decimal(text.replace(",", "").replace("，", "").strip()) * factor
    except InvalidOperation as error:
        raise _Unreadable(f"“{text}”不是数", f"{text} is not a number") from error
    if not amount.is_finite() or not 0 <= amount <= _MOST or amount != round(amount, 4):
        raise _Unreadable(
            f"“{text}”应为不小于零的数，最多四位小数", f"{text} must be 0 or more, with up to four decimals"
        )
    return amount
