"""The 台账 of visits as a spreadsheet with the office's headings (拜访企业明细表), written as it is read.

Rows go to the file while the database still sends them, so that memory does not grow with the city. Contacts are
masked, codes are words, numbers of a register are text, and nothing a person typed is ever a formula.
"""

import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import IO, Any

import sqlalchemy as sa
import xlsxwriter
from sqlalchemy.orm import Session
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from service.accounts.models import Unit
from service.audit import commands as audit
from service.enterprises.models import Enterprise
from service.kernel.actor import Actor
from service.kernel.calendar import chinese_date, local_date
from service.kernel.clock import now
from service.programmes.models import Line
from service.progress.sheet_cells import HEADINGS, MASKED, Labels, Veil, cells_of
from service.progress.sheet_scope import figures_of, filter_words, table_conditions
from service.visits.counting import explain
from service.visits.models import Visit, VisitCredit
from service.visits.queries import VisitFilter

TITLE = "拜访企业明细表"
# In characters of the sheet's font: with these a page of A3 holds about thirty rows of two lines.
_WIDTHS = (5, 12, 11, 24, 20, 10, 12, 12, 16, 14, 38, 9, 22, 18, 15, 9, 26)
_A3 = 8
_FONT = {"font_name": "宋体", "font_size": 10}
_LINE_POINTS = 15
_HIGHEST_ROW_POINTS = 409
_LAST = len(HEADINGS) - 1
_NOTE_FROM = 7
"""The column at which the right-hand part of the line under the title begins."""
_AT_ONCE = 500
_LONGEST_CELL = 32_767
_LOOKS_LIKE_A_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class SheetOrder:
    """Which visits, who fills the table in (填报单位), and the Chinese names of codes."""

    visits: VisitFilter
    reporting_unit: str
    labels: Labels
    veil: Veil = MASKED


@dataclass(frozen=True, slots=True)
class _Styles:
    title: Format
    note: Format
    head: Format
    cell: Format
    quoted: Format
    """Keeps a text that begins like a formula a text even when its cell is edited."""


@dataclass(frozen=True, slots=True)
class _Notes:
    """The line under the title, and what counts of the table."""

    reporting_unit: str
    asked: str
    counted: str


def write_visit_sheet(session: Session, actor: Actor, order: SheetOrder, file: IO[bytes]) -> int:
    """Write the visits asked for within the actor's scope, oldest first; answers how many there were.

    Those voided or withdrawn are left out unless they are asked for. Taking the table out is noted: it leaves the
    house.
    """
    rows = max(rows_of_visit_sheet(session, actor, order, file), default=0)
    audit.record(session, actor, "visit.export", "visit_sheet", "xlsx", rows=rows, asked=_asked(order.visits))
    return rows


def rows_of_visit_sheet(
    session: Session,
    actor: Actor,
    order: SheetOrder,
    file: IO[bytes],
    note: Callable[[bytes], None] = lambda _row: None,
) -> Iterator[int]:
    """Write the same table row by row, telling how many there are so far; `note` is told the id of each.

    Nothing is written to the audit: whoever takes the file out does that.
    """
    book = xlsxwriter.Workbook(
        file, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    sheet = book.add_worksheet("拜访明细")
    styles = _styles(book)
    notes = _notes(session, actor, order)
    _lay_out(sheet)
    _head(sheet, styles, notes)
    rows, enterprises = 0, set[Any]()
    for rows, (row, texts) in enumerate(texts_of_visits(session, actor, order), start=1):
        note(row.id.bytes)
        enterprises.add(row.enterprise_id)
        _line(sheet, styles, rows, texts)
        yield rows
    told = (f"{rows} 条记录", f"{len(enterprises - {None})} 家企业（已匹配）", notes.counted)
    _foot(sheet, styles, rows + 3, told)
    book.close()


def _notes(session: Session, actor: Actor, order: SheetOrder) -> _Notes:
    figures = figures_of(session, actor, order.visits)
    return _Notes(
        reporting_unit=f"填报单位：{order.reporting_unit}",
        asked=f"填报日期：{chinese_date(local_date(now()))}　　"
        f"范围：{filter_words(session, actor, order.visits, order.labels)}",
        counted="" if figures is None else figures.words(),
    )


def texts_of_visits(
    session: Session, actor: Actor, order: SheetOrder
) -> Iterator[tuple[sa.Row[*tuple[Any, ...]], Sequence[str]]]:
    """Each visit of the table with its cells, as the database sends them; counting is asked for many at once."""
    today = local_date(now())
    result = session.execute(_statement(actor, order.visits), execution_options={"yield_per": _AT_ONCE})
    for some in result.partitions():
        countings = explain(session, [row.id for row in some])
        for row in some:
            yield row, cells_of(row, countings[row.id], order.labels, today, order.veil)


def count_of_visits(session: Session, actor: Actor, what: VisitFilter) -> int:
    """How many rows the table has."""
    listed = (
        sa.select(sa.func.count())
        .select_from(Visit)
        .outerjoin(Enterprise, Enterprise.id == Visit.enterprise_id)
        .where(*table_conditions(actor, what))
    )
    return session.scalar(listed) or 0


def _statement(actor: Actor, what: VisitFilter) -> sa.Select[*tuple[Any, ...]]:
    hundred = sa.exists().where(
        VisitCredit.visit_id == Visit.id, VisitCredit.line == Line.HUNDRED, VisitCredit.own
    )
    return (
        sa.select(
            Visit.id,
            Visit.number,
            Visit.review_state,
            Visit.visited_on,
            Visit.hosts,
            Visit.led_by,
            Visit.summary,
            Visit.intention,
            Visit.next_step,
            Visit.next_on,
            Visit.free_enterprise,
            Visit.enterprise_id,
            Visit.latitude,
            Visit.longitude,
            Unit.name.label("unit"),
            Enterprise.name.label("enterprise"),
            Enterprise.credit_code,
            Enterprise.kind,
            Enterprise.well_known,
            Enterprise.industry,
            Enterprise.province,
            Enterprise.city,
            hundred.label("top500"),
        )
        .join(Unit, Unit.id == Visit.unit_id)
        .outerjoin(Enterprise, Enterprise.id == Visit.enterprise_id)
        .where(*table_conditions(actor, what))
        .order_by(Visit.visited_at, Visit.id)
    )


def _styles(book: xlsxwriter.Workbook) -> _Styles:
    cell = {**_FONT, "border": 1, "valign": "vcenter", "text_wrap": True, "num_format": "@"}
    return _Styles(
        title=book.add_format({"bold": True, "font_size": 18, "align": "center", "valign": "vcenter"}),
        note=book.add_format({**_FONT, "align": "left", "valign": "vcenter", "text_wrap": True}),
        head=book.add_format({**cell, "bold": True, "align": "center"}),
        cell=book.add_format(cell),
        quoted=book.add_format({**cell, "quote_prefix": True}),
    )


def _lay_out(sheet: Worksheet) -> None:
    sheet.set_landscape()
    sheet.set_paper(_A3)
    sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(2)
    sheet.set_footer("&C第 &P 页，共 &N 页")
    sheet.freeze_panes(3, 0)
    for column, width in enumerate(_WIDTHS):
        sheet.set_column(column, column, width)


def _head(sheet: Worksheet, styles: _Styles, notes: _Notes) -> None:
    sheet.set_row(0, 32)
    sheet.merge_range(0, 0, 0, _LAST, TITLE, styles.title)
    right = "\n".join(part for part in (notes.asked, notes.counted) if part)
    sheet.set_row(1, _height([(right, sum(_WIDTHS[_NOTE_FROM:]))]))
    sheet.merge_range(1, 0, 1, _NOTE_FROM - 1, notes.reporting_unit, styles.note)
    sheet.merge_range(1, _NOTE_FROM, 1, _LAST, right, styles.note)
    sheet.set_row(2, _height(zip(HEADINGS, _WIDTHS, strict=True)))
    for column, heading in enumerate(HEADINGS):
        sheet.write_string(2, column, heading, styles.head)


def _line(sheet: Worksheet, styles: _Styles, count: int, texts: Sequence[str]) -> None:
    sheet.set_row(count + 2, _height(zip(texts, _WIDTHS[1:], strict=True)))
    sheet.write_number(count + 2, 0, count, styles.cell)
    for column, text in enumerate(texts, 1):
        quoted = text.startswith(_LOOKS_LIKE_A_FORMULA)
        sheet.write_string(count + 2, column, text[:_LONGEST_CELL], styles.quoted if quoted else styles.cell)


def _foot(sheet: Worksheet, styles: _Styles, line: int, told: tuple[str, str, str]) -> None:
    rows, enterprises, counted = told
    sheet.set_row(line, 32)
    for column, text in enumerate(("合计", "", rows, enterprises)):
        sheet.write_string(line, column, text, styles.head)
    sheet.merge_range(line, 4, line, _LAST, counted, styles.head)
    sheet.write_string(line + 1, 0, "填表人：", styles.note)
    sheet.write_string(line + 1, 4, "审核人：", styles.note)
    sheet.write_string(line + 1, 9, "联系电话：", styles.note)


def _height(cells: Iterable[tuple[str, int]]) -> float:
    """Points a row needs: programs that open the file do not measure wrapped text that nobody measured before."""
    lines = max(_lines(text, width) for text, width in cells)
    return min(lines * _LINE_POINTS + 4, _HIGHEST_ROW_POINTS)


def _lines(text: str, width: int) -> int:
    room = width - 1
    if 2 * len(text) <= room and "\n" not in text:
        return 1  # however wide its characters are; most cells of a large table end here
    return sum(max(1, -(-_wide(part) // room)) for part in text.split("\n"))


def _wide(text: str) -> int:
    """Chinese characters are two wide."""
    return len(text) + sum(unicodedata.east_asian_width(one) in "WFA" for one in text if one > "\x7f")


def _asked(what: VisitFilter) -> dict[str, str]:
    named = {
        name: getattr(what, name)
        for name in ("unit_id", "visitor_id", "enterprise_id", "chain", "state", "unassigned_in")
    }
    told = {name: str(value) for name, value in named.items() if value is not None}
    if what.from_on:
        told["from"] = what.from_on.isoformat()
    if what.until_on:
        told["until"] = what.until_on.isoformat()
    if what.records:
        told["records"] = repr(what.records)
    return told
