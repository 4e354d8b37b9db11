"""A document as plain text that is pasted into a chat: no layout, tables as lines, nothing a phone would break."""

from collections.abc import Iterator

from service.kernel.calendar import chinese_date
from service.reports.document import Block, Document, Table

_MOST_ROWS = 40
"""Of a table: a chat shows no more in one piece; the rest is counted."""


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
    """The first cells name the line; figures carry the heads of their columns."""
    names = [cell for cell, column in zip(row, table.columns, strict=True) if not column.is_number and cell]
    figures = [
        f"{column.group or ''}{column.label} {cell}"
        for cell, column in zip(row, table.columns, strict=True)
        if column.is_number and cell
    ]
    return " ".join(names) + ("：" + "，".join(figures) if figures else "")
