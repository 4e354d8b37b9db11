"""The process in which one workbook is opened: file on standard input, its cells as JSON on output.

It caps its own memory and time before it reads the first hostile byte: a workbook of a kilobyte that names the
last cell of a sheet makes any reader reserve gigabytes. Run by path, it imports nothing of the house.
"""

import datetime as dt
import io
import json
import resource
import signal
import sys
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from python_calamine import CalamineSheet

MEMORY_BYTES = 1024**3
CPU_SECONDS = 20
WALL_SECONDS = 40
MOST_COLUMNS = 300
MOST_SHEETS = 30
EXACT_DIGITS = 15
"""A spreadsheet's number keeps fifteen digits; the rest of a longer code is lost and shows as zeros."""

Cell = str | list[str]
"""Text; in a list when it was a number with more digits than the sheet could keep."""


def main() -> None:
    """Answers with the sheets of the workbook on standard input, or with why they cannot be read."""
    _limit()
    most_rows = int(sys.argv[1])
    raw = sys.stdin.buffer.read()
    try:
        answer: dict[str, object] = {"sheets": _sheets(raw, most_rows)}
    except MemoryError:
        answer = {"refused": "too_big"}
    except Exception as error:  # noqa: BLE001 - whatever the reader raises here is the file's doing
        answer = {"refused": "locked" if "password" in str(error).lower() else "unreadable"}
    json.dump(answer, sys.stdout, ensure_ascii=True)


def cell_text(value: object) -> Cell:
    """A cell as its owner reads it: whole numbers without a point, dates in ISO form, nothing in powers of ten."""
    if value is None or isinstance(value, str):
        return value or ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, (int, float)):
        return _number_text(value)
    if isinstance(value, dt.datetime) and value.time() == dt.time():
        return value.date().isoformat()
    if isinstance(value, (dt.date, dt.time)):
        return value.isoformat()
    return str(value)


def _number_text(value: float) -> Cell:
    exact = Decimal(value) if isinstance(value, int) else Decimal(f"{value:.{EXACT_DIGITS}g}")
    text = format(exact, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return [text] if abs(exact) >= 10**EXACT_DIGITS else text


def _limit() -> None:
    for what, most in (
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
    ):
        resource.setrlimit(what, (most, most))
    # Ends this process even when the one that started it was killed and nobody is waiting.
    signal.alarm(WALL_SECONDS)


def _sheets(raw: bytes, most_rows: int) -> list[dict[str, object]]:
    from python_calamine import CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum  # noqa: PLC0415 - after the limits

    workbook = CalamineWorkbook.from_filelike(io.BytesIO(raw))
    wanted = [
        place
        for place, meta in enumerate(workbook.sheets_metadata)
        if meta.typ == SheetTypeEnum.WorkSheet and meta.visible == SheetVisibleEnum.Visible
    ]
    return [_sheet(workbook.get_sheet_by_index(place), most_rows) for place in wanted[:MOST_SHEETS]]


def _sheet(sheet: "CalamineSheet", most_rows: int) -> dict[str, object]:
    if sheet.total_width > MOST_COLUMNS:
        return {"name": sheet.name, "too_wide": True}
    rows = sheet.to_python(skip_empty_area=False, nrows=most_rows + 1)
    merged = sheet.merged_cell_ranges or []
    return {
        "name": sheet.name,
        "rows": [[cell_text(value) for value in row] for row in rows],
        "merged": [[*start, *end] for start, end in merged],
    }


if __name__ == "__main__":
    main()
