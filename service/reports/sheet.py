"""The tables of a document as a workbook an office prints: a sheet a table, its title, its line, two-level heads."""

from collections.abc import Sequence
from itertools import groupby
from math import ceil
from typing import IO, NamedTuple

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from service.kernel.calendar import chinese_date
from service.reports.column_widths import characters, column_widths
from service.reports.document import Column, Document, Table, tables_of

_FONT = {"font_name": "宋体", "font_size": 10}
_A4 = 9
_CHARACTERS = 130
"""What a landscape A4 page holds in a line at this size."""
_EM, _MARGIN = 2.0, 1.5
"""In the same measure: a Chinese character, and what a cell leaves free."""
_LINE_PT, _GROUP_LINES = 14, 2
_TITLE_PT, _TITLE_LINE_PT, _TITLE_EM = 32, 24, 3.6
"""A title is 18 points high, the rest 10."""
_MOST_DIGITS = 4
_LONGEST_NAME = 31
_FORBIDDEN_IN_NAMES = str.maketrans("", "", "[]:*?/\\'")


class _Styles(NamedTuple):
    title: Format
    note: Format
    foot: Format
    head: Format
    text: Format
    number: Format
    decimals: dict[int, Format]
    """By how many digits stand behind the point."""
    rate: Format


def write_tables(document: Document, file: IO[bytes]) -> None:
    """Write each table of the document on a sheet of its own; figures are numbers, texts never formulas."""
    book = xlsxwriter.Workbook(file, {"strings_to_formulas": False, "strings_to_urls": False})
    styles = _styles(book)
    for table in tables_of(document):
        _sheet(book.add_worksheet(_name(table)), styles, document, table)
    book.close()


def _name(table: Table) -> str:
    return table.title.translate(_FORBIDDEN_IN_NAMES)[:_LONGEST_NAME]


def _styles(book: xlsxwriter.Workbook) -> _Styles:
    cell = {**_FONT, "border": 1, "valign": "vcenter", "text_wrap": True}
    return _Styles(
        title=book.add_format(
            {"bold": True, "font_size": 18, "align": "center", "valign": "vcenter", "text_wrap": True}
        ),
        note=book.add_format({**_FONT, "text_wrap": True, "valign": "vcenter"}),
        foot=book.add_format({**_FONT, "valign": "top"}),
        head=book.add_format({**cell, "bold": True, "align": "center"}),
        text=book.add_format({**cell, "num_format": "@"}),
        number=book.add_format({**cell, "align": "right"}),
        decimals={
            digits: book.add_format({**cell, "align": "right", "num_format": f"0.{'0' * digits}"})
            for digits in range(1, _MOST_DIGITS + 1)
        },
        rate=book.add_format({**cell, "align": "right", "num_format": "0.00%"}),
    )


def _sheet(sheet: Worksheet, styles: _Styles, document: Document, table: Table) -> None:
    last = len(table.columns) - 1
    grouped = any(column.group for column in table.columns)
    first = 4 if grouped else 3
    widths = _lay_out(sheet, table, heads=(2, first - 1))
    _top(sheet, styles, document, table, sum(widths))
    _heads(sheet, styles, table.columns, grouped=grouped)
    lines = [*table.rows, *([table.total] if table.total else [])]
    for place, line in enumerate(lines, start=first):
        sheet.set_row(place, _LINE_PT * _lines_of(line, widths) + 2)
        for column, (told, text) in enumerate(zip(table.columns, line, strict=True)):
            _cell(sheet, styles, (place, column), told, text)
    foot = first + len(lines)
    for column, text in ((0, "填表人："), (last // 3, "审核人："), (2 * last // 3, "联系电话：")):
        sheet.write_string(foot, column, text, styles.foot)


def _top(sheet: Worksheet, styles: _Styles, document: Document, table: Table, width: float) -> None:
    """The title and the lines under it, each in a row as high as the text needs over the whole width."""
    last = len(table.columns) - 1
    title_lines = _lines_of([table.title], [width], _TITLE_EM)
    sheet.set_row(0, max(_TITLE_PT, _TITLE_LINE_PT * title_lines + 8))
    sheet.merge_range(0, 0, 0, last, table.title, styles.title)
    note = f"{_filled(document)}\n{table.note}"
    sheet.set_row(1, _LINE_PT * _lines_of([note], [width]) + 4)
    sheet.merge_range(1, 0, 1, last, note, styles.note)


def _filled(document: Document) -> str:
    """Who filled the table in, and when; of what is not signed, on which day its figures were taken."""
    day = document.dated or document.filled_on
    dated = f"填报日期：{chinese_date(day) if day else ''}{document.mark}"
    return f"填报单位：{document.signer}　　{dated}"


def _lines_of(texts: Sequence[str], widths: Sequence[float], em: float = _EM) -> int:
    """How many lines the longest of these cells has; whoever opens the file does not always find out."""
    needed = (
        sum(max(1, ceil(characters(part) * em / (width - _MARGIN))) for part in text.splitlines())
        for text, width in zip(texts, widths, strict=True)
    )
    return max(1, *needed)


def _lay_out(sheet: Worksheet, table: Table, *, heads: tuple[int, int]) -> list[float]:
    """The page and its columns; answers how wide these are."""
    sheet.set_landscape()
    sheet.set_paper(_A4)
    sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(*heads)
    sheet.freeze_panes(heads[1] + 1, 0)
    sheet.set_footer("&C第 &P 页，共 &N 页")
    widths = column_widths(table, _CHARACTERS, _EM, _MARGIN)
    for place, width in enumerate(widths):
        sheet.set_column(place, place, width)
    # A head that is broken is not seen whole unless its row says how high it is.
    labels = [column.label for column in table.columns]
    sheet.set_row(heads[1], _LINE_PT * _lines_of(labels, widths) + 4)
    if heads[1] > heads[0]:
        sheet.set_row(heads[0], _LINE_PT * _GROUP_LINES + 4)
    return widths


def _heads(sheet: Worksheet, styles: _Styles, columns: tuple[Column, ...], *, grouped: bool) -> None:
    """Neighbours of one group share a head; a column of none reaches over both lines."""
    if not grouped:
        for place, column in enumerate(columns):
            sheet.write_string(2, place, column.label, styles.head)
        return
    for group, neighbours in groupby(range(len(columns)), key=lambda place: columns[place].group):
        places = list(neighbours)
        if group is None:
            for place in places:
                sheet.merge_range(2, place, 3, place, columns[place].label, styles.head)
            continue
        if len(places) > 1:
            sheet.merge_range(2, places[0], 2, places[-1], group, styles.head)
        else:
            sheet.write_string(2, places[0], group, styles.head)
        for place in places:
            sheet.write_string(3, place, columns[place].label, styles.head)


def _cell(sheet: Worksheet, styles: _Styles, at: tuple[int, int], column: Column, text: str) -> None:
    number = _number(text) if column.is_number else None
    if number is None:
        sheet.write_string(*at, text, styles.number if column.is_number else styles.text)
    elif text.endswith("%"):
        sheet.write_number(*at, number / 100, styles.rate)
    else:
        digits = min(len(text.partition(".")[2]), _MOST_DIGITS)
        sheet.write_number(*at, number, styles.decimals.get(digits, styles.number))


def _number(text: str) -> float | None:
    """The figure behind a cell's text; a dash or a word is none."""
    try:
        return float(text.removesuffix("%"))
    except ValueError:
        return None
