"""Sheets come in as offices keep them: XLSX, XLS or text of several encodings, told apart by their bytes.

A workbook is opened by a child process with limits; what it holds comes out as trimmed texts, row by row.
"""

import csv
import io
import json
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from service.kernel import workbook
from service.kernel.errors import Invalid, TooLarge, Unavailable
from service.kernel.text import has_forbidden_characters

MOST_UNPACKED_BYTES = 256 * 1024 * 1024
_SAMPLED_ROWS = 30
_FEW_STRANGE = 10
_DELIMITERS = ",;\t|"
_ZIP, _OLD_EXCEL = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_WEB_PAGE = re.compile(rb"<(?:!doctype html|html|table|meta)\b", re.IGNORECASE)
_POWER_OF_TEN = re.compile(r"[0-9](?:\.[0-9]+)?[Ee]\+(?:1[5-9]|[2-9][0-9])")
_LOST_NUMBER = "\ue000"
"""Marks, until the row is made, a cell whose number has lost digits."""


class NotATable(Invalid):
    """The file holds no table that can be read."""

    code = "not_a_table"
    zh = "无法读取这个表格：{reason_zh}"
    en = "This is not a table that can be read: {reason_en}"


class UnknownEncoding(Invalid):
    """The text is in no encoding that offices here use."""

    code = "unknown_encoding"
    zh = "无法识别文件编码，请另存为 UTF-8 或 GB18030 编码的 CSV，或 XLSX"
    en = "The encoding is unknown; save it as CSV in UTF-8 or GB18030, or as XLSX"


@dataclass(frozen=True, slots=True)
class Row:
    """One row as its owner finds it: `line_no` counts from 1 in the file, `cells` are trimmed texts.

    `damaged` names the columns (from 0) whose number had more than 15 digits, so that a spreadsheet lost the rest.
    """

    line_no: int
    cells: tuple[str, ...]
    damaged: frozenset[int] = frozenset()


def sheets_of(filename: str, raw: bytes, most_rows: int) -> Iterator[list[Row]]:
    """The rows of each sheet that are not blank, as many at the most as are asked for; a CSV is one sheet.

    Raises:
        NotATable, UnknownEncoding: `filename` is for the message only.
        TooLarge: a packed file unpacks to more than is read.
    """
    if not raw.strip():
        raise not_a_table("文件是空的", "the file is empty")
    if raw.startswith((_ZIP, _OLD_EXCEL)):
        yield from _excel_sheets(raw, most_rows)
    elif _WEB_PAGE.search(raw[:2048]):
        raise not_a_table(
            f"{filename} 实际上是网页，请用 Excel 或 WPS 打开后另存为 XLSX",
            "this is a web page; save it as XLSX",
        )
    else:
        yield _filled_rows(_text_rows(_decoded(raw), most_rows))


def not_a_table(zh: str, en: str) -> NotATable:
    """The refusal that gives this reason."""
    return NotATable(reason_zh=zh, reason_en=en)


def _excel_sheets(raw: bytes, most_rows: int) -> Iterator[list[Row]]:
    if raw.startswith(_ZIP):
        _refuse_bombs(raw)
    for sheet in _opened(raw, most_rows):
        if sheet.get("too_wide"):
            raise not_a_table(
                f"列数超过 {workbook.MOST_COLUMNS}，请删除右侧空白列",
                f"it has over {workbook.MOST_COLUMNS} columns",
            )
        yield _filled_rows(_sheet_rows(sheet["rows"], sheet["merged"]))


def _refuse_bombs(raw: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as package:
            unpacked = sum(member.file_size for member in package.infolist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise not_a_table("文件已损坏", "the file is damaged") from error
    if unpacked > MOST_UNPACKED_BYTES:
        raise TooLarge(limit=MOST_UNPACKED_BYTES)


def _opened(raw: bytes, most_rows: int) -> list[dict[str, list[list[str | list[str]]]]]:
    """What a child process with limits finds in the workbook; its death is the file's doing."""
    command = [sys.executable, "-I", str(Path(workbook.__file__)), str(most_rows)]
    try:
        done = subprocess.run(  # noqa: S603 - our own interpreter and file, and a number
            command, input=raw, capture_output=True, timeout=workbook.WALL_SECONDS + 5, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise not_a_table("打开用时过长", "it takes too long to open") from error
    except OSError as error:
        raise Unavailable from error
    if done.returncode != 0:
        raise not_a_table("内容过大或已损坏", "it is too big or damaged")
    answer = json.loads(done.stdout)
    if refused := answer.get("refused"):
        raise not_a_table(*_REFUSALS.get(refused, _REFUSALS["unreadable"]))
    sheets: list[dict[str, list[list[str | list[str]]]]] = answer["sheets"]
    return sheets


_REFUSALS = {
    "locked": ("文件有密码，请取消密码后再导入", "it is locked by a password"),
    "too_big": ("内容过大", "it is too big"),
    "unreadable": ("不是有效的 Excel 文件，或已损坏、加密", "no valid workbook, or damaged or locked"),
}


def _sheet_rows(rows: list[list[str | list[str]]], merged: Sequence[Sequence[object]]) -> list[Row]:
    grid = [
        [_clean(cell) if isinstance(cell, str) else _LOST_NUMBER + cell[0] for cell in row] for row in rows
    ]
    for spot in merged:
        _spread(grid, *(int(str(edge)) for edge in spot))
    return [_row(line_no, cells) for line_no, cells in enumerate(grid, 1)]


def _spread(grid: list[list[str]], top: int, left: int, bottom: int, right: int) -> None:
    """A merged cell's text stands in each of its places."""
    if top >= len(grid) or left >= len(grid[top]):
        return
    for cells in grid[top : bottom + 1]:
        for column in range(left, min(right + 1, len(cells))):
            cells[column] = grid[top][left]


def _decoded(raw: bytes) -> str:
    for mark, encoding in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if raw.startswith(mark):
            return _as(raw, encoding) or _unknown_encoding()
    if b"\x00" in raw:
        raise not_a_table("不是文本或 Excel 文件", "neither text nor a workbook")
    return _as(raw, "utf-8") or _as(raw, "gb18030") or _unknown_encoding()


def _as(raw: bytes, encoding: str) -> str | None:
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError:
        return None


def _unknown_encoding() -> str:
    raise UnknownEncoding


def _text_rows(text: str, most_rows: int) -> list[Row]:
    if _is_binary(text[:4096]):
        raise not_a_table("不是文本或 Excel 文件", "neither text nor a workbook")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    rows, line_no = [], 1
    try:
        for cells in reader:
            rows.append(_row(line_no, [_clean(cell) for cell in cells]))
            line_no = reader.line_num + 1
            if len(rows) > most_rows:
                break
    except csv.Error as error:
        raise not_a_table(
            f"第 {line_no} 行的引号不成对或内容过长", f"broken quotes from line {line_no}"
        ) from error
    return rows


def _is_binary(text: str) -> bool:
    strange = sum(
        1 for character in text if not character.isprintable() and character not in "\r\n\t\ufeff\u3000\xa0"
    )
    return strange > _FEW_STRANGE and strange * 20 > len(text)


def _delimiter(text: str) -> str:
    """The delimiter that gives most lines the same number of cells, above one."""

    def agreement(delimiter: str) -> tuple[int, int]:
        sample = csv.reader(io.StringIO(text[:65536], newline=""), delimiter=delimiter)
        try:
            widths = [
                len(cells) for cells, _ in zip(sample, range(_SAMPLED_ROWS), strict=False) if any(cells)
            ]
        except csv.Error:
            return 0, 0
        wide = [width for width in widths if width > 1]
        return (max(map(wide.count, wide), default=0), max(wide, default=0))

    return max(_DELIMITERS, key=agreement)


def _clean(cell: str) -> str:
    text = cell.replace("_x000D_", "")
    if has_forbidden_characters(text):
        text = "".join(" " if has_forbidden_characters(character) else character for character in text)
    return text.strip().strip("\ufeff\u200b").strip()


def _row(line_no: int, cells: Sequence[str]) -> Row:
    damaged = {
        column
        for column, cell in enumerate(cells)
        if cell.startswith(_LOST_NUMBER) or _POWER_OF_TEN.fullmatch(cell)
    }
    return Row(line_no, tuple(cell.removeprefix(_LOST_NUMBER) for cell in cells), frozenset(damaged))


def _filled_rows(rows: Sequence[Row]) -> list[Row]:
    return [row for row in rows if any(row.cells)]
