"""A table of a PDF: columns as wide as their figures need, heads on every page, rows in one piece."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from service.reports.column_widths import column_widths
from service.reports.document import Table
from service.reports.line_breaks import break_lines
from service.reports.pdf_fonts import Role
from service.reports.pdf_page import LEFT, WIDTH, Ink, Pen

TABLE_PT = 9
ROW_LINE = 13.0
_PADDING = 1.5


class Grid:
    """A table laid out: column widths, the height of its characters, and each row's lines."""

    def __init__(self, pen: Pen, table: Table) -> None:
        self.pen, self.table = pen, table
        self.ink = Ink(Role.TABLE, TABLE_PT)
        self.head_ink = Ink(Role.HEADING, TABLE_PT)
        self.widths = column_widths(table, WIDTH, TABLE_PT, 2 * _PADDING)
        self.lefts = [LEFT + sum(self.widths[:place]) for place in range(len(self.widths))]
        self.grouped = any(column.group for column in table.columns)

    def lines(self, text: str, width: float, ink: Ink) -> list[str]:
        """A cell's lines."""
        room = width - 2 * _PADDING + 0.01
        return [
            line
            for part in text.splitlines() or [""]
            for line in break_lines(part, lambda told: self.pen.width(ink, told), room)
        ]

    def cell(
        self, lines: Sequence[str], ink: Ink, *, x: float, y: float, width: float, height: float, to: str
    ) -> None:
        """A bordered cell with its lines in the middle of its height."""
        self.pen.box(x, y, width, height)
        top = y + (height - len(lines) * ROW_LINE) / 2
        for place, line in enumerate(lines):
            free = width - self.pen.width(ink, line)
            start = {"left": _PADDING, "right": free - _PADDING, "centre": free / 2}[to]
            self.pen.write(line, ink, x=x + start, y=top + place * ROW_LINE, height=ROW_LINE)

    def head_height(self) -> float:
        """The height of the heads, of one row or two."""
        return sum(self._head_heights())

    def _head_heights(self) -> tuple[float, float]:
        upper = lower = 0.0
        for place, column in enumerate(self.table.columns):
            high = len(self.lines(column.label, self.widths[place], self.head_ink)) * ROW_LINE + 2 * _PADDING
            lower = max(lower, high if column.group or not self.grouped else high - self._group_row())
        if self.grouped:
            upper = self._group_row()
        return upper, max(lower, ROW_LINE + 2 * _PADDING)

    def _group_row(self) -> float:
        most = 1
        for group, places in self._groups():
            if group is not None:
                width = sum(self.widths[place] for place in places)
                most = max(most, len(self.lines(group, width, self.head_ink)))
        return most * ROW_LINE + 2 * _PADDING

    def _groups(self) -> Iterator[tuple[str | None, list[int]]]:
        columns = self.table.columns
        for group, places in groupby(range(len(columns)), key=lambda place: columns[place].group):
            yield group, list(places)

    def write_head(self) -> None:
        """The heads: neighbours of one group share one, a column of none reaches over both rows."""
        y, (upper, lower) = self.pen.y, self._head_heights()
        for group, places in self._groups():
            if group is not None:
                width = sum(self.widths[place] for place in places)
                told = self.lines(group, width, self.head_ink)
                self._head_cell(told, places[0], y, width, upper)
            for place in places:
                top, height = (y + upper, lower) if group is not None else (y, upper + lower)
                told = self.lines(self.table.columns[place].label, self.widths[place], self.head_ink)
                self._head_cell(told, place, top, self.widths[place], height)
        self.pen.y += upper + lower

    def _head_cell(self, lines: Sequence[str], place: int, y: float, width: float, height: float) -> None:
        self.cell(lines, self.head_ink, x=self.lefts[place], y=y, width=width, height=height, to="centre")

    def write_row(self, row: Sequence[str], ink: Ink) -> None:
        """A row in one piece, on a page that has the heads above it."""
        told = [self.lines(text, width, ink) for text, width in zip(row, self.widths, strict=True)]
        height = max(len(lines) for lines in told) * ROW_LINE + 2 * _PADDING
        if not self.pen.has_room(height):
            self.pen.turn_page()
            self.write_head()
        for place, lines in enumerate(told):
            to = "right" if self.table.columns[place].is_number else "left"
            self.cell(
                lines, ink, x=self.lefts[place], y=self.pen.y, width=self.widths[place], height=height, to=to
            )
        self.pen.y += height
