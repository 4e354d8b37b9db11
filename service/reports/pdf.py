"""A document as PDF in the layout of GB/T 9704-2012: 22 lines of 28 characters, page numbers outside, never a seal.

It is a picture of the notice for whoever only reads it; the file to edit is the DOCX, which has the same margins, lines
and fonts. Tables repeat their heads on each page and break between rows.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, time
from pathlib import Path

from fpdf import FPDF

from service.kernel.calendar import chinese_date
from service.reports.document import Block, Document, Heading, Paragraph, RedHead, Table
from service.reports.errors import NoGlyph
from service.reports.line_breaks import balanced, break_lines
from service.reports.pdf_fonts import Fonts, Role, fonts_of
from service.reports.pdf_page import HEIGHT, LEFT, RED, TOP, WIDTH, Ink, Pen
from service.reports.pdf_table import ROW_LINE, TABLE_PT, Grid

LINES, CHARACTERS = 22, 28
PITCH, CELL = HEIGHT / LINES, WIDTH / CHARACTERS
TEXT_PT, TITLE_PT, NOTE_PT = 16, 22, 14
_TITLE_LINE = 35.0
_ISSUER_PT = 36
_CLOSE = (CELL - TEXT_PT) / TEXT_PT
"""28 characters of 16 pt are a little wider than the line: each gives a little of its own height."""
_TAIL = 2
"""So many lines of a paragraph's end stay together with what they take along."""
_TEXT = Ink(Role.TEXT, TEXT_PT)
_HEADINGS = {1: Ink(Role.HEADING, TEXT_PT), 2: Ink(Role.SUBHEADING, TEXT_PT)}
_NOTE = Ink(Role.TABLE, TABLE_PT)
_TITLE = Ink(Role.TITLE, TITLE_PT)


def pdf_file(document: Document, *, fonts: Path | None = None) -> bytes:
    """The document as the bytes of a PDF whose fonts are embedded; `fonts` is the folder of the office's own.

    Raises:
        NoGlyph: a character of the document is in none of the fonts.
    """
    found = fonts_of(fonts)
    _demand_glyphs(document, found)
    pdf = FPDF(unit="pt", format="A4")
    pdf.set_auto_page_break(auto=False)
    pdf.set_margin(0)
    _describe(pdf, document)
    pen = Pen(pdf, found)
    pen.turn_page()
    _head(pen, document)
    for block, along in zip(document.blocks, _taken_along(pen, document), strict=True):
        _block(pen, block, along)
    _sign(pen, document)
    return bytes(pdf.output())


def _demand_glyphs(document: Document, fonts: Fonts) -> None:
    """Whatever is to be written can be: every role's fonts end with the same ones, so one role speaks for all."""
    missing = set[str]().union(*(fonts.missing(Role.TEXT, text) for text in _texts(document)))
    if missing:
        raise NoGlyph(characters="".join(sorted(missing)))


def _texts(document: Document) -> Iterator[str]:
    yield from (document.title, document.recipient, document.signer, document.number, document.copies_to)
    if document.red_head is not None:
        yield from (document.red_head.issuer, document.red_head.number)
    for block in document.blocks:
        if not isinstance(block, Table):
            yield block.text
            continue
        yield from (block.title, block.note)
        yield from (f"{column.group or ''}{column.label}" for column in block.columns)
        for row in (*block.rows, block.total or ()):
            yield from row


def _describe(pdf: FPDF, document: Document) -> None:
    pdf.set_title(document.title)
    pdf.set_author(document.signer)
    pdf.set_lang("zh-CN")
    dated = document.dated
    pdf.set_creation_date(
        datetime.combine(dated, time(0), UTC) if dated else datetime(2000, 1, 1, tzinfo=UTC)
    )


def _head(pen: Pen, document: Document) -> None:
    if document.red_head is not None:
        _red_head(pen, document.red_head)
    pen.centred(
        balanced(document.title, lambda text: pen.width(_TITLE, text), WIDTH), _TITLE, height=_TITLE_LINE
    )
    if document.red_head is None and document.number:
        pen.centred([document.number], _HEADINGS[2], height=PITCH)
    pen.y += PITCH
    if document.recipient:
        _paragraph(pen, f"{document.recipient}：", _TEXT, indent=0)


def _red_head(pen: Pen, head: RedHead) -> None:
    """The issuer as large as one line holds it, its number, and the red rule 4 mm below."""
    points = int(min(_ISSUER_PT, WIDTH / max(len(head.issuer), 1)))
    pen.centred([head.issuer], Ink(Role.TITLE, points, RED), height=points * 1.4)
    pen.y += PITCH
    pen.centred([head.number], _TEXT, height=PITCH)
    pen.y += 11
    pen.rule(y=pen.y, weight=1.5, color=RED)
    pen.y += 2 * PITCH


def _taken_along(pen: Pen, document: Document) -> list[float]:
    """What each block needs below its end on the same page: a heading what it is of, the last one the signature.

    Nobody signs an empty page.
    """
    along: list[float] = []
    below = _height_of_signature(document)
    for block in reversed(document.blocks):
        along.append(below if isinstance(block, Heading) or not along else 0.0)
        below = _beginning(pen, block, along[-1])
    return along[::-1]


def _beginning(pen: Pen, block: Block, along: float) -> float:
    """The height of the least of a block that stands by itself, with what it takes along."""
    if isinstance(block, Table):
        return PITCH + len(_notes(pen, block)) * ROW_LINE + Grid(pen, block).head_height() + 2 * ROW_LINE
    lines = len(_lines(pen, block.text, _ink(block), 2 * CELL))
    return lines * PITCH + along if isinstance(block, Heading) or lines <= _TAIL else _TAIL * PITCH


def _block(pen: Pen, block: Block, along: float) -> None:
    if isinstance(block, Table):
        _table(pen, block)
        return
    if isinstance(block, Heading) and not pen.has_room(_beginning(pen, block, along)):
        pen.turn_page()
    parts = block.text.splitlines() or [""]
    for text in parts[:-1]:
        _paragraph(pen, text, _ink(block))
    _paragraph(pen, parts[-1], _ink(block), along=along)


def _ink(block: Heading | Paragraph) -> Ink:
    return _HEADINGS.get(block.level, _TEXT) if isinstance(block, Heading) else _TEXT


def _paragraph(pen: Pen, text: str, ink: Ink, *, indent: int = 2, along: float = 0.0) -> None:
    """Lines on the grid; the last two take along what has to stand below them."""
    first = indent * CELL
    lines = _lines(pen, text, ink, first)
    for place, line in enumerate(lines):
        left = len(lines) - place
        if not pen.has_room(left * PITCH + along if left <= _TAIL else PITCH):
            pen.turn_page()
        start = first if place == 0 else 0.0
        spacing = _CLOSE * ink.points if left == 1 else _justified(pen, ink, line, WIDTH - start)
        pen.line(line, ink, x=LEFT + start, height=PITCH, closer=spacing)


def _lines(pen: Pen, text: str, ink: Ink, first: float) -> list[str]:
    return break_lines(text, lambda part: _wide(pen, ink, part), WIDTH + 0.01, first=first)


def _wide(pen: Pen, ink: Ink, text: str) -> float:
    return pen.width(ink, text) + len(text) * _CLOSE * ink.points


def _justified(pen: Pen, ink: Ink, line: str, width: float) -> float:
    """What lies between the characters of a line that reaches the right edge."""
    return (width - pen.width(ink, line)) / max(len(line) - 1, 1)


def _sign(pen: Pen, document: Document) -> None:
    """Who signs and when, four characters in; both stand on one page with what they sign as far as there is room."""
    told = _signature(document)
    if told:
        if not pen.has_room(_height_of_signature(document)):
            pen.turn_page()
        else:
            pen.y += PITCH
    for text in told:
        pen.line(text, _TEXT, x=LEFT + WIDTH - 4 * CELL - pen.width(_TEXT, text), height=PITCH)
    if document.copies_to:
        _copies(pen, document.copies_to)


def _signature(document: Document) -> list[str]:
    told = (document.signer, chinese_date(document.dated) if document.dated else "")
    return [text for text in told if text]


def _height_of_signature(document: Document) -> float:
    lines = len(_signature(document))
    return (lines + 1) * PITCH if lines else 0.0


def _copies(pen: Pen, copies_to: str) -> None:
    ink = Ink(Role.TEXT, NOTE_PT)
    lines = break_lines(f"抄送：{copies_to}", lambda text: pen.width(ink, text), WIDTH - 2 * NOTE_PT)
    if not pen.has_room((len(lines) + 1) * PITCH):
        pen.turn_page()
    pen.y += PITCH / 2
    pen.rule(y=pen.y, weight=1)
    for line in lines:
        pen.line(line, ink, x=LEFT + NOTE_PT, height=PITCH)
    pen.rule(y=pen.y, weight=1)


def _table(pen: Pen, table: Table) -> None:
    grid = Grid(pen, table)
    if not pen.has_room(_beginning(pen, table, 0.0)):
        pen.turn_page()
    pen.centred([table.title], Ink(Role.HEADING, NOTE_PT), height=PITCH)
    for text in _notes(pen, table):
        pen.line(text, _NOTE, x=LEFT, height=ROW_LINE)
    grid.write_head()
    for row in table.rows:
        grid.write_row(row, grid.ink)
    if table.total is not None:
        grid.write_row(table.total, grid.head_ink)
    _back_to_the_grid(pen)


def _notes(pen: Pen, table: Table) -> list[str]:
    if not table.note:
        return []
    return break_lines(table.note, lambda text: pen.width(_NOTE, text), WIDTH)


def _back_to_the_grid(pen: Pen) -> None:
    """What follows a table stands on a line of the page's grid again, with some air above it."""
    pen.y = TOP + -(-(pen.y - TOP + 6) // PITCH) * PITCH
