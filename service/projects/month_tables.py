"""Reading months of projects from an office's table: 项目名称, 月份, 本月完成投资, 本月到位资金, 形象进度, 存在问题.

A row says what it says: a blank cell leaves what was told before. Sums to date are never entered: their columns are passed
over, and named, as is a 到位资金 that does not say whether it is the month's.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from decimal import Decimal
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from service.accounts.models import Unit
from service.accounts.visibility import within_scope
from service.kernel.actor import Actor
from service.kernel.calendar import local_date, month
from service.kernel.clock import now
from service.kernel.ids import parse_uuid
from service.kernel.money import NotAnAmount, parse_wan
from service.kernel.sheets import Row
from service.kernel.tables import Table, heading_key, read_table
from service.kernel.text import has_forbidden_characters
from service.projects.commands import require_office
from service.projects.errors import BadMonthTable
from service.projects.models import Project
from service.projects.progress_months import (
    FIRST_MONTH,
    MonthTold,
    Place,
    claim_projects,
    held_months,
    put_months,
)

LONGEST_TEXT = 1_000
_NAME, _MONTH, _UNIT, _ID = "项目名称", "月份", "责任单位", "ID"
_WHICH = {
    _NAME: ("项目名称", "项目", "name"),
    _MONTH: ("月份", "填报月份", "所属月份", "month"),
    _UNIT: ("责任单位", "单位", "unit"),
    _ID: ("ID", "项目编号", "id"),
}
_AMOUNTS = {
    "completed_investment_wan": ("本月完成投资", "当月完成投资", "completed_investment_wan"),
    "funds_in_place_wan": ("本月到位资金", "当月到位资金", "funds_in_place_wan"),
}
_TEXTS = {
    "visible_progress": ("形象进度", "visible_progress"),
    "problem": ("存在问题", "problem"),
    "not_started_because": ("未开工原因", "not_started_because"),
}
_TOLD = _AMOUNTS | _TEXTS
_TO_DATE = ("累计完成投资", "累计到位资金", "到位资金", "完成投资")
_HEADINGS = tuple(name for names in (*_WHICH.values(), *_TOLD.values()) for name in names)
_MOST_ROWS = 2_000
_SHOWN = 200
"""Names of projects are no longer; a refusal does not repeat a whole page."""
_MONTH_TEXT = re.compile(r"(20\d\d)\s*(?:年|[-/.])?\s*(1[0-2]|0?[1-9])\s*月?(?:[-/.]0?1(?:日)?)?")


@dataclass(frozen=True, slots=True)
class MonthFile:
    """A file with months; `of` is the month of rows that name none. A dry run only says what it would do."""

    filename: str
    raw: bytes
    dry_run: bool
    of: date | None = None


@dataclass(frozen=True, slots=True)
class RefusedMonthRow:
    """A row that was left out, and why."""

    line_no: int
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class TakenMonth:
    """A row that was taken: what the month says with it."""

    line_no: int
    project_id: UUID
    name: str
    month: date
    told: MonthTold
    is_changed: bool


@dataclass(frozen=True, slots=True)
class MonthReport:
    """What a file told, or would tell; `ignored` are its columns of sums, which are never entered."""

    dry_run: bool
    accepted: int
    changed: int
    ignored: tuple[str, ...]
    months: tuple[TakenMonth, ...]
    refused: tuple[RefusedMonthRow, ...]


class _Unreadable(Exception):
    """A row that says nothing usable."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.zh, self.en = zh, en


@dataclass(frozen=True, slots=True)
class _Candidate:
    id: UUID
    name: str
    unit_names: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Reading:
    """A table while it is read: where its columns are, and which projects its rows may name."""

    columns: Mapping[str, int]
    projects: Sequence[_Candidate]
    of: date | None

    def cell(self, row: Row, column: str) -> str:
        place = self.columns.get(column)
        return "" if place is None else row.cells[place].strip()


def import_months(session: Session, actor: Actor, what: MonthFile) -> MonthReport:
    """Tell the months of a file's good rows; other rows are refused one by one, other months stay.

    Raises:
        Forbidden: the actor only reads.
        NotATable, BadMonthTable: the file is no such table.
    """
    require_office(actor)
    table = read_table(what.filename, what.raw, headings=_HEADINGS, most_rows=_MOST_ROWS)
    reading = _Reading(_columns(table, what.of), _candidates(session, actor), what.of)
    rows: dict[Place, tuple[Row, _Candidate, dict[str, Decimal | str]]] = {}
    refused: list[RefusedMonthRow] = []
    for row in table.rows:
        try:
            project, of, told = _project(row, reading), _month(row, reading), _told(row, reading)
            _refuse_twice((project.id, of), rows)
        except _Unreadable as error:
            refused.append(RefusedMonthRow(row.line_no, error.zh, error.en))
            continue
        rows[project.id, of] = (row, project, told)
    if rows and not what.dry_run:
        # A blank cell leaves what holds: nobody tells these projects' months between the look and the writing.
        claim_projects(session, actor, {project_id for project_id, _of in rows})
    held = held_months(session, rows.keys()) if rows else {}
    months = [
        _taken(row, project, place, held.get(place, MonthTold()), told)
        for place, (row, project, told) in rows.items()
    ]
    if months and not what.dry_run:
        put_months(session, actor, {(one.project_id, one.month): one.told for one in months})
    changed = sum(one.is_changed for one in months)
    ignored = tuple(one for one in table.header if heading_key(one) in map(heading_key, _TO_DATE))
    return MonthReport(what.dry_run, len(months), changed, ignored, tuple(months), tuple(refused))


def _refuse_twice(place: Place, rows: Collection[Place]) -> None:
    if place in rows:
        raise _Unreadable("该项目该月已在前面出现", "This project and month came before")


def _taken(
    row: Row, project: _Candidate, place: Place, held: MonthTold, told: Mapping[str, Decimal | str]
) -> TakenMonth:
    whole = replace(held, **told)  # type: ignore[arg-type]  # each value is of its column's type
    return TakenMonth(row.line_no, project.id, project.name, place[1], whole, asdict(whole) != asdict(held))


def _columns(table: Table, of: date | None) -> dict[str, int]:
    found = {heading_key(heading): place for place, heading in reversed(list(enumerate(table.header)))}
    columns = {
        column: found[heading_key(name)]
        for column, names in (_WHICH | _TOLD).items()
        for name in reversed(names)
        if heading_key(name) in found
    }
    if _NAME not in columns and _ID not in columns:
        raise BadMonthTable(missing=_NAME)
    if _MONTH not in columns and of is None:
        raise BadMonthTable(missing=_MONTH)
    if not columns.keys() & _TOLD.keys():
        raise BadMonthTable(missing="本月完成投资/本月到位资金/形象进度/存在问题")
    return columns


def _candidates(session: Session, actor: Actor) -> list[_Candidate]:
    rows = session.execute(
        sa.select(Project.id, Project.name, Unit.name.label("unit"), Unit.short_name)
        .join(Unit, Unit.id == Project.unit_id)
        .where(within_scope(actor, Project.unit_id))
    )
    return [_Candidate(row.id, row.name, frozenset({row.unit, row.short_name})) for row in rows]


def _project(row: Row, reading: _Reading) -> _Candidate:
    written, name, unit = (reading.cell(row, column)[:_SHOWN] for column in (_ID, _NAME, _UNIT))
    if written:
        return _by_id(written, reading.projects)
    if not name:
        raise _Unreadable("没有填写项目名称", "No project is named")
    alike = [one for one in reading.projects if one.name == name and (not unit or unit in one.unit_names)]
    if not alike:
        zh = f"没有找到项目“{name}”" + (f"（{unit}）" if unit else "")
        raise _Unreadable(zh, f"There is no project named {name}" + (f" of {unit}" if unit else ""))
    if len(alike) > 1:
        raise _Unreadable(
            f"有{len(alike)}个项目名为“{name}”，请用责任单位或ID区分",
            f"{len(alike)} projects are named {name}: tell them apart by unit or ID",
        )
    return alike[0]


def _by_id(written: str, projects: Sequence[_Candidate]) -> _Candidate:
    try:
        wanted = parse_uuid(written)
    except ValueError as error:
        raise _Unreadable(f"“{written}”不是项目ID", f"{written} is no id of a project") from error
    found = next((one for one in projects if one.id == wanted), None)
    if found is None:
        raise _Unreadable(f"没有找到ID为“{written}”的项目", f"There is no project with the id {written}")
    return found


def _month(row: Row, reading: _Reading) -> date:
    text = reading.cell(row, _MONTH)
    of = _read_month(text) if text else reading.of
    if of is None:
        raise _Unreadable("没有填写月份", "No month is given")
    if not FIRST_MONTH <= of <= month(local_date(now())).start_on:
        raise _Unreadable(f"{of:%Y-%m}还没有开始", f"{of:%Y-%m} has not begun")
    return of


def _read_month(text: str) -> date:
    found = _MONTH_TEXT.fullmatch(text)
    if found is None:
        text = text[:_SHOWN]
        raise _Unreadable(f"“{text}”不是月份，请写成 2026-10", f"{text} is no month; write 2026-10")
    return date(int(found[1]), int(found[2]), 1)


def _told(row: Row, reading: _Reading) -> dict[str, Decimal | str]:
    told: dict[str, Decimal | str] = {}
    for fact in _AMOUNTS:
        amount = _amount(row, reading, fact)
        if amount is not None:
            told[fact] = amount
    for fact in _TEXTS:
        text = _text(row, reading, fact)
        if text:
            told[fact] = text
    if not told:
        raise _Unreadable("没有填写任何内容", "Nothing is told")
    return told


def _amount(row: Row, reading: _Reading, fact: str) -> Decimal | None:
    if reading.columns.get(fact) in row.damaged:
        raise _Unreadable("数字超过15位，表格软件已丢失后面的位数", "A number has lost its last digits")
    text = reading.cell(row, fact)
    try:
        return parse_wan(text)
    except NotAnAmount as error:
        text = text[:_SHOWN]
        raise _Unreadable(
            f"“{text}”不是金额，请写成 12000（单位万元）、12000万 或 1.2亿",
            f"{text} is not an amount: write 12000 (which means 万元), 12000万 or 1.2亿",
        ) from error


def _text(row: Row, reading: _Reading, fact: str) -> str:
    text = reading.cell(row, fact)
    if len(text) > LONGEST_TEXT:
        raise _Unreadable(f"文字超过{LONGEST_TEXT}字", f"A text is longer than {LONGEST_TEXT} characters")
    if has_forbidden_characters(text):
        raise _Unreadable("文字含有控制字符", "A text has control characters")
    return text
