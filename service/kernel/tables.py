"""Tables come in as offices keep them: CSV or Excel, with titles above the headings and merged cells among them.

::

    关于目标企业情况的统计表                        a title, merged over the sheet      passed over
    填报单位：招商局        单位：万元                a line about the table              passed over
    序号 | 企业名称 | 联系人        |  地址          headings, perhaps in two rows       header
         |          | 姓名 | 电话   |
    1    | 某某公司 | 张三 | 1380…  |  聊城           rows                                rows
"""

import csv
import io
import json
import re
import subprocess
import sys
import zipfile
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from pathlib import Path
from statistics import median

from service.kernel import workbook
from service.kernel.errors import Invalid, TooLarge, Unavailable
from service.kernel.text import has_forbidden_characters

MOST_ROWS = 20_000
MOST_UNPACKED_BYTES = 256 * 1024 * 1024
_HEAD_ROWS = 30
_FEW_STRANGE = 10
_DELIMITERS = ",;\t|"
_ZIP, _OLD_EXCEL = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_WEB_PAGE = re.compile(rb"<(?:!doctype html|html|table|meta)\b", re.IGNORECASE)
_NUMERIC = re.compile(r"[-+]?[0-9][0-9,.]*%?")
_POWER_OF_TEN = re.compile(r"[0-9](?:\.[0-9]+)?[Ee]\+(?:1[5-9]|[2-9][0-9])")
_ABOUT_THE_TABLE = re.compile(r".{1,12}[：:]")
_LOST_NUMBER = "\ue000"
"""Marks, between the reader and the shaping only, a cell whose number has lost digits."""


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


class TooManyRows(Invalid):
    """The table has more rows than are read at once."""

    code = "too_many_rows"
    zh = "表格超过 {limit} 行，请拆分后再导入"
    en = "The table has more than {limit} rows; split it"


@dataclass(frozen=True, slots=True)
class Row:
    """One row as its owner finds it: `line_no` counts from 1 in the file, `cells` are trimmed texts.

    `damaged` names the columns (from 0) whose number had more than 15 digits, so that a spreadsheet lost the rest.
    """

    line_no: int
    cells: tuple[str, ...]
    damaged: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Table:
    """Headings and rows; every row has as many cells as there are headings, and no row is blank.

    A heading of two levels reads ``联系人 / 电话``.
    """

    header: tuple[str, ...]
    rows: list[Row]


def read_table(
    filename: str, raw: bytes, *, headings: Collection[str] = (), most_rows: int = MOST_ROWS
) -> Table:
    """The table in a CSV, XLSX or XLS file, told apart by its bytes.

    `headings` are names the caller knows: the header is the row that holds most of them, on the first sheet that
    has any; without any, the row that looks most like one.

    Raises:
        NotATable, UnknownEncoding, TooManyRows: `filename` is for the message only.
        TooLarge: a packed file unpacks to more than is read.
    """
    known = frozenset(map(heading_key, headings))
    sheets = list(_sheets_of(filename, raw, most_rows + _HEAD_ROWS))
    tables = (
        _shaped(rows, place)
        for find in (partial(_known_header, known=known), _likely_header)
        for rows in sheets
        if (place := find(rows)) is not None
    )
    table = next(tables, None)
    if table is None:
        raise _not_a_table("没有找到表头", "no header was found")
    if len(table.rows) > most_rows:
        raise TooManyRows(limit=most_rows)
    return table


def heading_key(heading: str) -> str:
    """A heading for comparing: no spaces, full-width forms or notes in brackets, lower case."""
    plain = re.sub(r"[\s*＊:：_]+", "", heading)
    return re.sub(r"[（(\[【].*?[)）\]】]", "", plain).casefold() or plain.casefold()


def _not_a_table(zh: str, en: str) -> NotATable:
    return NotATable(reason_zh=zh, reason_en=en)


def _sheets_of(filename: str, raw: bytes, most_rows: int) -> Iterator[list[Row]]:
    if not raw.strip():
        raise _not_a_table("文件是空的", "the file is empty")
    if raw.startswith((_ZIP, _OLD_EXCEL)):
        yield from _excel_sheets(raw, most_rows)
    elif _WEB_PAGE.search(raw[:2048]):
        raise _not_a_table(
            f"{filename} 实际上是网页，请用 Excel 或 WPS 打开后另存为 XLSX",
            "this is a web page; save it as XLSX",
        )
    else:
        yield _filled_rows(_text_rows(_decoded(raw), most_rows))


def _excel_sheets(raw: bytes, most_rows: int) -> Iterator[list[Row]]:
    if raw.startswith(_ZIP):
        _refuse_bombs(raw)
    for sheet in _opened(raw, most_rows):
        if sheet.get("too_wide"):
            raise _not_a_table(
                f"列数超过 {workbook.MOST_COLUMNS}，请删除右侧空白列",
                f"it has over {workbook.MOST_COLUMNS} columns",
            )
        yield _filled_rows(_sheet_rows(sheet["rows"], sheet["merged"]))


def _refuse_bombs(raw: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as package:
            unpacked = sum(member.file_size for member in package.infolist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise _not_a_table("文件已损坏", "the file is damaged") from error
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
        raise _not_a_table("打开用时过长", "it takes too long to open") from error
    except OSError as error:
        raise Unavailable from error
    if done.returncode != 0:
        raise _not_a_table("内容过大或已损坏", "it is too big or damaged")
    answer = json.loads(done.stdout)
    if refused := answer.get("refused"):
        raise _not_a_table(*_REFUSALS.get(refused, _REFUSALS["unreadable"]))
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
        raise _not_a_table("不是文本或 Excel 文件", "neither text nor a workbook")
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
        raise _not_a_table("不是文本或 Excel 文件", "neither text nor a workbook")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    rows, line_no = [], 1
    try:
        for cells in reader:
            rows.append(_row(line_no, [_clean(cell) for cell in cells]))
            line_no = reader.line_num + 1
            if len(rows) > most_rows:
                break
    except csv.Error as error:
        raise _not_a_table(
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
            widths = [len(cells) for cells, _ in zip(sample, range(_HEAD_ROWS), strict=False) if any(cells)]
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


def _shaped(filled: list[Row], place: int) -> Table:
    header, below = list(filled[place].cells), place + 1
    if below < len(filled) and (joined := _two_levels(header, filled[below].cells)):
        header, below = joined, below + 1
    body = filled[below:]
    width = max([_last_filled(header), *(_last_filled(row.cells) for row in body)])
    return Table(
        tuple(_one_line(text) for text in _fitted(header, width)),
        [Row(row.line_no, _fitted(row.cells, width), row.damaged) for row in body],
    )


def _known_header(rows: list[Row], *, known: frozenset[str]) -> int | None:
    """The row with most known headings; of its two levels the upper."""
    scores = [len(known & set(map(heading_key, row.cells))) for row in rows[:_HEAD_ROWS]]
    best = max(scores, default=0)
    if best == 0:
        return None
    place = scores.index(best)
    above = place - 1
    if above >= 0 and scores[above] and _two_levels(list(rows[above].cells), rows[place].cells):
        return above
    return place


def _likely_header(rows: list[Row]) -> int | None:
    """The first row that fills most of the table's columns with different words."""
    typical = median(_filled(row.cells) for row in rows[: _HEAD_ROWS * 2]) if rows else 0
    for place, row in enumerate(rows[:_HEAD_ROWS]):
        if _reads_as_header(row.cells, typical):
            return place
    return None


def _reads_as_header(cells: Sequence[str], typical: float) -> bool:
    words = [cell for cell in cells if cell]
    if len(words) < max(1, 0.6 * typical) or (typical > 1 and len(set(words)) < 2):
        return False
    return not any(_NUMERIC.fullmatch(word) or _ABOUT_THE_TABLE.match(word) for word in words)


def _two_levels(upper: list[str], lower: Sequence[str]) -> list[str] | None:
    """Both rows of a header as one, or nothing when the lower row is not part of it.

    A heading spans several columns (merged, or followed by blanks) with different words under it; elsewhere the
    lower row is blank or repeats the upper.
    """
    width = max(len(upper), len(lower))
    tops, subs = list(_fitted(upper, width)), list(_fitted(lower, width))
    for column in range(1, width):
        if not tops[column] and subs[column]:
            tops[column] = tops[column - 1]
    spanned = {place for place, (one, other) in enumerate(pairwise(tops)) if one and one == other}
    spanned |= {place + 1 for place in spanned}
    under = [subs[place] for place in sorted(spanned)]
    if not under or not all(under) or any(_NUMERIC.fullmatch(word) for word in under):
        return None
    rest = (place for place in range(width) if place not in spanned)
    if len(set(under)) < 2 or any(subs[place] not in {"", tops[place]} for place in rest):
        return None
    return [
        f"{_one_line(top)} / {_one_line(sub)}" if sub and sub != top else top
        for top, sub in zip(tops, subs, strict=True)
    ]


def _one_line(text: str) -> str:
    return re.sub(r"\s*[\r\n]+\s*", "", text)


def _filled(cells: Sequence[str]) -> int:
    return sum(1 for cell in cells if cell)


def _last_filled(cells: Sequence[str]) -> int:
    return max((place for place, cell in enumerate(cells, 1) if cell), default=0)


def _fitted(cells: Sequence[str], width: int) -> tuple[str, ...]:
    return (*cells[:width], *[""] * (width - len(cells)))
