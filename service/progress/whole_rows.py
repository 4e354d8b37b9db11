"""Rows of a workbook as they stand in its file (ECMA-376, 18.3.1.73), written whole.

xlsxwriter takes cells one by one, which for 300,000 rows of 17 costs more than everything else together. It still writes
whatever surrounds the rows; a test opens the result with another reader.
"""

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import IO, Self

from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

_TO_ESCAPE = re.compile(r"[&<>]")
_UNUSUAL = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff]|_x[0-9A-Fa-f]{4}_")


class WholeRows(Worksheet):
    """A worksheet of constant memory that takes rows already written, beside those written cell by cell."""

    def write_whole_row(self, row: int, height: float, cells: str) -> None:
        """Write a row, from 0 on, `height` points high; rows come in their order."""
        # What was written cell by cell before goes to the file first, and nothing of this row waits there.
        self._write_single_row(row)
        rows: IO[str] = self.fh  # type: ignore[assignment] # none only before the sheet is opened
        rows.write(f'<row r="{row + 1}" ht="{height:g}" customHeight="1">{cells}</row>')


@dataclass(frozen=True, slots=True)
class StyleIds:
    """The numbers by which the workbook knows its formats."""

    cell: int
    number: int
    quoted: int

    @classmethod
    def of(cls, *formats: Format) -> Self:
        """The numbers of the three formats; asking registers them."""
        # A cell names its format by this number and by nothing else; the method has no types.
        return cls(*(one._get_xf_index() for one in formats))  # type: ignore[no-untyped-call]  # noqa: SLF001


def text_cell(mark: str, style: int, text: str) -> str:
    """A cell with a text."""
    if _UNUSUAL.search(text):
        text = _UNUSUAL.sub(_escaped, text)
    if _TO_ESCAPE.search(text):
        text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    kept = ' xml:space="preserve"' if text[0].isspace() or text[-1].isspace() or "\n" in text else ""
    return f'<c r="{mark}" s="{style}" t="inlineStr"><is><t{kept}>{text}</t></is></c>'


def number_cell(mark: str, style: int, number: int | Decimal) -> str:
    """A cell with a number."""
    return (
        f'<c r="{mark}" s="{style}"><v>{number if isinstance(number, int) else format(number, "f")}</v></c>'
    )


def blank_cell(mark: str, style: int) -> str:
    """A cell with nothing but its border."""
    return f'<c r="{mark}" s="{style}"/>'


def _escaped(found: re.Match[str]) -> str:
    """A character that XML has no place for as `_x0007_`; what looks like that is told apart by its first underscore."""
    text = found.group()
    return f"_x005F{text}" if len(text) > 1 else f"_x{ord(text):04X}_"
