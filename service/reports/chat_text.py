"""A document as plain text that is pasted into a chat: no layout, tables as lines, nothing a phone would break."""

from collections.abc import Iterator
from itertools import groupby

from service.kernel.calendar import chinese_date
from service.reports.document import Block, Column, Document, Table

_MOST_ROWS = 40
"""Of a table: a chat shows no more in one piece; the rest is counted."""
_PLACE, _NOTHING = "序号", "—"


def chat_text(document: Document) -> str:
    """The document's text, a line a paragraph."""
    return "\n".join(_lines(document)) + "\n"


def _lines(document: Document) -> Iterator[str]:
    yield f"【{document.title}】"
    if document.number:
        yield document.number
    if document.recipient:
        yield f"{document.recipient}："
    for block in document.blocks:
        yield from _block(block)
    yield from (
        text for text in (document.signer, chinese_date(document.dated) if document.dated else "") if text
    )


def _block(block: Block) -> Iterator[str]:
    if not isinstance(block, Table):
        yield block.text
        return
    yield f"▍{block.title}"
    for row in block.rows[:_MOST_ROWS]:
        yield _row(block, row)
    if len(block.rows) > _MOST_ROWS:
        yield f"…… 其余 {len(block.rows) - _MOST_ROWS} 行从略"
    if block.total is not None:
        yield _row(block, block.total)


def _row(table: Table, row: tuple[str, ...]) -> str:
    """The first words name the line, figures carry the heads of their columns, and later words follow in brackets."""
    cells = list(zip(row, table.columns, strict=True))
    place = "".join(f"{cell}. " for cell, column in cells if column.label == _PLACE and cell)
    told = [(cell, column) for cell, column in cells if column.label != _PLACE and cell]
    first = next((at for at, (_, column) in enumerate(told) if column.is_number), len(told))
    names = " ".join(cell for cell, _ in told[:first] if cell != _NOTHING)
    numbers = [one for one in told[first:] if one[1].is_number]
    figures = "；".join(_group(group, list(of)) for group, of in groupby(numbers, key=_group_of))
    words = "，".join(cell for cell, column in told[first:] if not column.is_number and cell != _NOTHING)
    return f"{place}{names}" + (f"：{figures}" if figures else "") + (f"（{words}）" if words else "")


def _group_of(told: tuple[str, Column]) -> str:
    return told[1].group or ""


def _group(group: str, told: list[tuple[str, Column]]) -> str:
    """`千家工作目标85、已核43`: the group is named once, unless the first head names it itself."""
    head = "" if told[0][1].label.startswith(group) else group
    return head + "、".join(f"{column.label}{cell}" for cell, column in told)
