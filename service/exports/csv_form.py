"""Visits as CSV: what a spreadsheet would run as a formula is made plain text, and numbers stay numbers."""

import csv
import io
from collections.abc import Iterator, Sequence
from typing import IO

_STARTERS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""OWASP's list of cell starters, with their full-width forms."""
BOM = "\ufeff"


def write_csv(
    file: IO[bytes], headings: Sequence[str], rows: Iterator[Sequence[str]], *, bom: bool
) -> Iterator[int]:
    """Write the rows as they come and yield how many there are so far; memory does not grow with them."""
    text = io.TextIOWrapper(file, encoding="utf-8", newline="", write_through=True)
    if bom:
        text.write(BOM)
    writer = csv.writer(text)
    writer.writerow([harmless(heading) for heading in headings])
    for count, row in enumerate(rows, start=1):
        writer.writerow([harmless(cell) for cell in row])
        yield count
    text.flush()
    text.detach()


def harmless(cell: str) -> str:
    """The cell, with an apostrophe before what would be run as a formula; a plain number is none."""
    if not cell.startswith(_STARTERS) or _is_number(cell):
        return cell
    return f"'{cell}"


def _is_number(cell: str) -> bool:
    sign_off = cell[1:] if cell[:1] in "+-" else cell
    return sign_off.replace(".", "", 1).isascii() and sign_off.replace(".", "", 1).isdecimal()
