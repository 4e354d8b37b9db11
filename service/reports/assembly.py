"""A report as the document people read: its words with the figures in their places, and its tables."""

from collections.abc import Iterator, Mapping
from typing import Any

from service.kernel.calendar import local_date
from service.reports.catalogue import filled
from service.reports.document import Block, Column, Document, Heading, Paragraph, RedHead, Table
from service.reports.models import Report, ReportState

_MARKS = {
    ReportState.DRAFT: "（草稿，未经签发）",
    ReportState.SUPERSEDED: "（已被更正）",
    ReportState.DISCARDED: "（已作废）",
}


def document_of(report: Report, *, office: str, red_head: bool = False) -> Document:
    """The whole document; whatever was not signed, or no longer holds, says so in its title and above its tables.

    `office` is who signs it. A red head is the issuer's choice; a seal is never drawn.
    """
    reference, mark = report.reference or "", _MARKS.get(report.state, "")
    return Document(
        title=f"{report.title}{mark}",
        blocks=tuple(_blocks(report)),
        recipient=report.recipient,
        signer=office,
        dated=local_date(report.signed_at) if report.signed_at else None,
        filled_on=local_date(report.known_at),
        mark=mark,
        red_head=RedHead(f"{office}文件", reference) if red_head else None,
        number=reference,
    )


def _blocks(report: Report) -> Iterator[Block]:
    if report.correction:
        yield Paragraph(f"更正说明：{report.correction}")
    for block in report.text:
        yield _block(block, report.figures)


def _block(block: Mapping[str, Any], figures: Mapping[str, Any]) -> Block:
    if block["kind"] == "table":
        return _table(figures["tables"][block["table"]])
    text = filled(block["text"], figures["facts"])
    return Heading(text, block["level"]) if block["kind"] == "heading" else Paragraph(text)


def _table(kept: Mapping[str, Any]) -> Table:
    columns = tuple(
        Column(one["label"], one["number"], one.get("group"), one.get("width", 1)) for one in kept["columns"]
    )
    rows = tuple(tuple(cell["shown"] for cell in row) for row in kept["rows"])
    return Table(kept["title"], columns, rows, kept["note"])
