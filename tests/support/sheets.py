"""Workbooks made for one test."""

import io
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import xlsxwriter


def workbook(fill: Callable[[Any], None]) -> bytes:
    """An XLSX with one sheet, filled by the test."""
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file)
    fill(book.add_worksheet())
    book.close()
    return file.getvalue()


def sheet_of(rows: Iterable[Sequence[Any]]) -> bytes:
    """An XLSX with these rows from the first cell on."""

    def fill(sheet: Any) -> None:
        for place, row in enumerate(rows):
            sheet.write_row(place, 0, row)

    return workbook(fill)


def csv_of(rows: Iterable[Sequence[str]], encoding: str = "utf-8") -> bytes:
    """A CSV with these rows; no cell needs quotes."""
    return "\n".join(",".join(row) for row in rows).encode(encoding)
