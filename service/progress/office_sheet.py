"""A table as an office prints it, written as its rows come: title, unit and date line, heads, rows, signature line.

Memory does not grow with the rows. Texts are texts, whatever they begin with; numbers stay numbers.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import IO, cast

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

from service.progress.whole_rows import StyleIds, WholeRows, blank_cell, number_cell, text_cell

A3 = 8
HEAD_ROW = 2
_FONT = {"font_name": "宋体", "font_size": 10}
_LINE_POINTS = 15
_HIGHEST_ROW_POINTS = 409
_LONGEST_CELL = 32_767
_LOOKS_LIKE_A_FORMULA = ("=", "+", "-", "@", "\t", "\r")

Cell = str | int | Decimal | None
"""A text, a figure, or nothing known."""


@dataclass(frozen=True, slots=True)
class OfficeTable:
    """What a sheet is called, and its columns; widths are in characters of its font."""

    title: str
    tab: str
    columns: Sequence[tuple[str, int]]
    """Each heading with its width; before them comes 序号."""
    note_from: int
    """The column at which the right-hand part of the line under the title begins."""
    signatures: tuple[int, int, int]
    """The columns of 填表人, 审核人 and 联系电话."""

    @property
    def headings(self) -> list[str]:
        """All heads, 序号 first."""
        return ["序号", *(heading for heading, _width in self.columns)]

    @property
    def widths(self) -> list[int]:
        """All widths."""
        return [5, *(width for _heading, width in self.columns)]


@dataclass(frozen=True, slots=True)
class _Styles:
    title: Format
    note: Format
    head: Format
    cell: Format
    number: Format
    sum: Format
    quoted: Format
    """Keeps a text that begins like a formula a text even when its cell is edited."""


class OfficeSheet:
    """A sheet that is being written, row after row."""

    def __init__(self, file: IO[bytes], table: OfficeTable, *, left: str, right: str) -> None:
        self._book = xlsxwriter.Workbook(
            file, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        )
        self._sheet = cast("WholeRows", self._book.add_worksheet(table.tab, worksheet_class=WholeRows))
        self._styles = _styles(self._book)
        self._ids = StyleIds.of(self._styles.cell, self._styles.number, self._styles.quoted)
        self._table = table
        self._widths = table.widths
        self._text_widths = self._widths[1:]
        self._marks = [f"{xl_col_to_name(column)}{{}}" for column in range(len(self._widths))]
        self.rows = 0
        _lay_out(self._sheet, self._widths)
        self._head(left, right)

    def add(self, cells: Sequence[Cell]) -> None:
        """Write the next row; its place in the table stands before it."""
        self.rows += 1
        line = self.rows + HEAD_ROW
        texts = [cell if isinstance(cell, str) else "" for cell in cells]
        written = [number_cell(self._marks[0].format(line + 1), self._ids.cell, self.rows)]
        written += [
            self._cell(mark.format(line + 1), cell) for mark, cell in zip(self._marks[1:], cells, strict=True)
        ]
        self._sheet.write_whole_row(line, row_height(texts, self._text_widths), "".join(written))

    def _cell(self, mark: str, cell: Cell) -> str:
        if isinstance(cell, str):
            if not cell:
                return blank_cell(mark, self._ids.cell)
            style = self._ids.quoted if cell.startswith(_LOOKS_LIKE_A_FORMULA) else self._ids.cell
            return text_cell(mark, style, cell[:_LONGEST_CELL])
        return blank_cell(mark, self._ids.cell) if cell is None else number_cell(mark, self._ids.number, cell)

    def close(self, total: Sequence[Cell]) -> None:
        """Write 合计 with these cells beside it, the last one reaching over what is left, and the signature line."""
        line, sheet, styles, last = self.rows + HEAD_ROW + 1, self._sheet, self._styles, len(self._widths) - 1
        cells: list[Cell] = ["合计", *total]
        sheet.set_row(line, 32)
        for column, cell in enumerate(cells):
            if isinstance(cell, str):
                sheet.write_string(line, column, cell, styles.head)
            elif cell is not None:
                sheet.write_number(line, column, float(cell), styles.sum)
            else:
                sheet.write_blank(line, column, None, styles.head)
        if len(cells) <= last:
            sheet.merge_range(line, len(cells) - 1, line, last, cells[-1], styles.head)
        for column, text in zip(self._table.signatures, ("填表人：", "审核人：", "联系电话："), strict=True):
            sheet.write_string(line + 1, column, text, styles.note)
        self._book.close()

    def _head(self, left: str, right: str) -> None:
        sheet, styles, at = self._sheet, self._styles, self._table.note_from
        last = len(self._widths) - 1
        sheet.set_row(0, 32)
        sheet.merge_range(0, 0, 0, last, self._table.title, styles.title)
        sheet.set_row(1, row_height([right], [sum(self._widths[at:])]))
        sheet.merge_range(1, 0, 1, at - 1, left, styles.note)
        sheet.merge_range(1, at, 1, last, right, styles.note)
        sheet.set_row(HEAD_ROW, row_height(self._table.headings, self._widths))
        for column, heading in enumerate(self._table.headings):
            sheet.write_string(HEAD_ROW, column, heading, styles.head)


def row_height(texts: Iterable[str], widths: Iterable[int]) -> float:
    """Points a row needs: programs that open the file do not measure wrapped text that nobody measured before."""
    most = 1
    for text, width in zip(texts, widths, strict=True):
        room = width - 1
        # However wide its characters are, it fits; most cells of a large table end here.
        if 2 * len(text) > room or "\n" in text:
            most = max(most, sum(max(1, -(-_wide(part) // room)) for part in text.split("\n")))
    return min(most * _LINE_POINTS + 4, _HIGHEST_ROW_POINTS)


def _wide(text: str) -> int:
    """Chinese characters are two wide: as many bytes as the national encoding has, which counts them at once."""
    return len(text) if text.isascii() else len(text.encode("gb18030"))


def _styles(book: xlsxwriter.Workbook) -> _Styles:
    cell = {**_FONT, "border": 1, "valign": "vcenter", "text_wrap": True, "num_format": "@"}
    return _Styles(
        title=book.add_format({"bold": True, "font_size": 18, "align": "center", "valign": "vcenter"}),
        note=book.add_format({**_FONT, "align": "left", "valign": "vcenter", "text_wrap": True}),
        head=book.add_format({**cell, "bold": True, "align": "center"}),
        cell=book.add_format(cell),
        number=book.add_format({**cell, "num_format": "General", "align": "right"}),
        sum=book.add_format({**cell, "num_format": "General", "align": "right", "bold": True}),
        quoted=book.add_format({**cell, "quote_prefix": True}),
    )


def _lay_out(sheet: Worksheet, widths: Sequence[int]) -> None:
    sheet.set_landscape()
    sheet.set_paper(A3)
    sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(HEAD_ROW)
    sheet.set_footer("&C第 &P 页，共 &N 页")
    sheet.freeze_panes(HEAD_ROW + 1, 0)
    for column, width in enumerate(widths):
        sheet.set_column(column, column, width)
