"""Tables come in as offices keep them: CSV or Excel, with titles above the headings and merged cells among them.

::

    关于目标企业情况的统计表                        a title, merged over the sheet      passed over
    填报单位：招商局        单位：万元                a line about the table              passed over
    序号 | 企业名称 | 联系人        |  地址          headings, perhaps in two rows       header
         |          | 姓名 | 电话   |
    1    | 某某公司 | 张三 | 1380…  |  聊城           rows                                rows
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from statistics import median

from service.kernel.errors import Invalid
from service.kernel.sheets import Row, not_a_table, sheets_of

MOST_ROWS = 20_000
_HEAD_ROWS = 30
_NUMERIC = re.compile(r"[-+]?[0-9][0-9,.]*%?")
_ABOUT_THE_TABLE = re.compile(r".{1,12}[：:]")


class TooManyRows(Invalid):
    """The table has more rows than are read at once."""

    code = "too_many_rows"
    zh = "表格超过 {limit} 行，请拆分后再导入"
    en = "The table has more than {limit} rows; split it"


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
    sheets = list(sheets_of(filename, raw, most_rows + _HEAD_ROWS))
    tables = (
        _shaped(rows, place)
        for find in (partial(_known_header, known=known), _likely_header)
        for rows in sheets
        if (place := find(rows)) is not None
    )
    table = next(tables, None)
    if table is None:
        raise not_a_table("没有找到表头", "no header was found")
    if len(table.rows) > most_rows:
        raise TooManyRows(limit=most_rows)
    return table


def heading_key(heading: str) -> str:
    """A heading for comparing: no spaces, full-width forms or notes in brackets, lower case."""
    plain = re.sub(r"[\s*＊:：_]+", "", heading)
    return re.sub(r"[（(\[【].*?[)）\]】]", "", plain).casefold() or plain.casefold()


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
