"""Reading targets from the table that was issued to units: 单位, 指标, 计划目标, 工作目标, 奋斗目标."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from service.accounts.models import Unit
from service.kernel.actor import Actor
from service.kernel.sheets import Row
from service.kernel.tables import Table, heading_key, read_table
from service.programmes.commands import open_programme
from service.programmes.errors import BadTargetTable
from service.programmes.models import Line, Programme, TargetLevel
from service.programmes.targets import Holder, TargetFigure, falling, falling_text, levels_held, put_targets

_UNIT_HEADINGS = ("单位", "单位名称", "责任单位", "县市区", "unit")
_LINE_HEADINGS = ("指标", "线", "类别", "line")
_LEVEL_HEADINGS = {
    TargetLevel.BASELINE: ("计划目标", "底线目标", "计划", "baseline"),
    TargetLevel.WORKING: ("工作目标", "working"),
    TargetLevel.STRIVING: ("奋斗目标", "striving"),
}
_HEADINGS = (
    *_UNIT_HEADINGS,
    *_LINE_HEADINGS,
    *(name for names in _LEVEL_HEADINGS.values() for name in names),
)
_CITY = frozenset({"全市", "市级", "合计", "总计", "city"})
_LINES = {Line.HUNDRED: ("hundred", "百", "500强"), Line.THOUSAND: ("thousand", "千", "知名", "商协会")}
_MOST = 1_000_000


@dataclass(frozen=True, slots=True)
class TargetFile:
    """A file with targets; a dry run only says what it would do."""

    filename: str
    raw: bytes
    dry_run: bool


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """A row that was left out, and why."""

    line_no: int
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class TargetReport:
    """What a file set, or would set: targets row by row, and the rows that were refused."""

    dry_run: bool
    accepted: int
    targets: tuple[TargetFigure, ...]
    refused: tuple[RefusedRow, ...]


class _Unreadable(Exception):
    """A row that says nothing usable."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.zh, self.en = zh, en


@dataclass(frozen=True, slots=True)
class _Columns:
    unit: int
    line: int | None
    levels: dict[TargetLevel, int]


def import_targets(session: Session, actor: Actor, programme_id: UUID, what: TargetFile) -> TargetReport:
    """Set the targets of a file's good rows; other rows are refused one by one, other targets stay.

    Raises:
        UnknownProgramme, ProgrammeClosed: the programme cannot be changed.
        NotATable, BadTargetTable: the file is no such table.
    """
    programme = open_programme(session, actor, programme_id)
    table = read_table(what.filename, what.raw, headings=_HEADINGS)
    columns = _columns(table)
    units = _units_by_name(session, programme)
    held = levels_held(session, programme.id)
    good: dict[tuple[Line, UUID | None, TargetLevel], TargetFigure] = {}
    refused: list[RefusedRow] = []
    accepted = 0
    for row in table.rows:
        try:
            figures = _figures(row, columns, units)
            _refuse_falling(figures, held)
        except _Unreadable as error:
            refused.append(RefusedRow(row.line_no, error.zh, error.en))
            continue
        if any((one.line, one.unit_id, one.level) in good for one in figures):
            refused.append(
                RefusedRow(row.line_no, "该单位和指标已在前面出现", "This unit and line came before")
            )
            continue
        good |= {(one.line, one.unit_id, one.level): one for one in figures}
        accepted += 1
    if good and not what.dry_run:
        put_targets(session, actor, programme_id, list(good.values()))
    return TargetReport(what.dry_run, accepted, tuple(good.values()), tuple(refused))


def _columns(table: Table) -> _Columns:
    found = {heading_key(heading): place for place, heading in reversed(list(enumerate(table.header)))}

    def place_of(names: Sequence[str]) -> int | None:
        return next((found[heading_key(name)] for name in names if heading_key(name) in found), None)

    unit = place_of(_UNIT_HEADINGS)
    if unit is None:
        raise BadTargetTable(missing="单位")
    levels = {
        level: place for level, names in _LEVEL_HEADINGS.items() if (place := place_of(names)) is not None
    }
    if not levels:
        raise BadTargetTable(missing="计划目标/工作目标/奋斗目标")
    return _Columns(unit, place_of(_LINE_HEADINGS), levels)


def _units_by_name(session: Session, programme: Programme) -> dict[str, UUID | None]:
    """Units of any day of the programme by full name, and by short name where that is no other's.

    The city itself has no id; of two units of one name the one opened last is meant.
    """
    rows = session.execute(
        sa.select(Unit.id, Unit.name, Unit.short_name, Unit.parent_id)
        .where(
            Unit.valid_from <= programme.ends_on,
            sa.or_(Unit.valid_until.is_(None), Unit.valid_until > programme.starts_on),
        )
        .order_by(Unit.valid_from)
    ).all()
    named: dict[str, UUID | None] = {}
    for row in rows:
        named.setdefault(row.short_name, row.id)
    for row in rows:
        named[row.name] = row.id if row.parent_id else None
    return named | dict.fromkeys(_CITY)


def _figures(row: Row, columns: _Columns, units: dict[str, UUID | None]) -> list[TargetFigure]:
    name = row.cells[columns.unit]
    if name not in units:
        raise _Unreadable(f"没有找到单位“{name}”", f"There is no unit named {name}")
    line = _line(row.cells[columns.line]) if columns.line is not None else Line.THOUSAND
    figures = [
        TargetFigure(line, units[name], level, _subjects(row.cells[place]))
        for level, place in columns.levels.items()
        if row.cells[place]
    ]
    if not figures:
        raise _Unreadable("没有填写任何目标", "No target is given")
    return figures


def _refuse_falling(
    figures: Sequence[TargetFigure], held: Mapping[Holder, Mapping[TargetLevel, int]]
) -> None:
    """A row of one unit and line; levels it leaves empty stay as they are set."""
    levels = dict(held.get((figures[0].line, figures[0].unit_id), {}))
    levels |= {one.level: one.subjects for one in figures if one.subjects is not None}
    pair = falling(levels)
    if pair is not None:
        raise _Unreadable(*falling_text(pair, levels))


def _line(text: str) -> Line:
    found = next(
        (line for line, marks in _LINES.items() if any(mark in text.casefold() for mark in marks)), None
    )
    if found is None:
        raise _Unreadable(f"无法识别指标“{text}”", f"{text} is neither of the two lines")
    return found


def _subjects(text: str) -> int:
    digits = text.removesuffix("家").removesuffix(".0").replace(",", "").replace("，", "").strip()
    if not (digits.isascii() and digits.isdigit()) or int(digits[:9]) > _MOST:
        raise _Unreadable(f"“{text}”不是整数", f"{text} is not a whole number")
    return int(digits)
