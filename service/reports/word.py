"""A document as DOCX in the layout of GB/T 9704-2012: the grid, the margins, the named fonts, page numbers outside.

::

    A4, 37 mm above, 28 mm to the left, text area 156 × 225 mm
    22 lines of 28 characters: linePitch 580 (225 mm / 22 in twentieths of a point),
                               charSpace -848 (156 mm / 28 less 16 pt, in 4096ths of a point)

Word keeps 28 characters to a line by that grid; other readers give a 16 pt character two of its 15.8 pt cells. So
the grid is named, as the standard's users expect, and each line of text brings its own height and distances.

Fonts are named and never embedded: 方正小标宋, 仿宋_GB2312 and 楷体_GB2312 are sold by their makers.
"""

from datetime import UTC, datetime, time
from io import BytesIO
from itertools import groupby

import docx
from docx.document import Document as WordDocument
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH as TO
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.section import Section, _Footer
from docx.shared import Mm, Pt
from docx.table import Table as WordTable
from docx.table import _Cell
from docx.text.paragraph import Paragraph as WordParagraph

from service.kernel.calendar import chinese_date
from service.reports import word_parts as parts
from service.reports.column_widths import column_widths
from service.reports.document import Column, Document, Heading, Paragraph, RedHead, Table

TITLE_FONT, TEXT_FONT = "方正小标宋简体", "仿宋_GB2312"
HEADING_FONTS = {1: "黑体", 2: "楷体_GB2312"}
TABLE_FONT = PAGE_FONT = "宋体"
TITLE_PT, TEXT_PT, NOTE_PT, TABLE_PT = 22, 16, 14, 9
TEXT_WIDTH_MM = 156
LINE_PITCH, CHARACTER_SPACE = 580, -848
TEXT_LINE_PT = 28.95
"""225 mm / 22, a hair less, so that the last line stays on the page."""
_CLOSER = 5
"""16 pt less a quarter: 28 characters are 441 of the line's 442.2 pt."""
_TITLE_LINE_PT = 35
_RED_RULE_APART_PT = 11
"""The red rule lies 4 mm below the number."""
_ISSUER_PT = 36
"""The standard leaves it to the office; a long name is made to fit one line."""
_TABLE_LINE_PT = 16
_KEPT_ROWS = 3
"""So many lines of a table at the end stay with the signature."""
_CELL_MARGINS_MM = 1.3
"""Left and right together, and the border."""


def word_file(document: Document) -> bytes:
    """The document as the bytes of a `.docx` file; the same document gives the same text and layout."""
    word = docx.Document()
    _lay_out(word)
    _head(word, document)
    for block in document.blocks:
        _block(word, block)
    _sign(word, document)
    _describe(word, document)
    file = BytesIO()
    word.save(file)
    return file.getvalue()


def _lay_out(word: WordDocument) -> None:
    section = word.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(37), Mm(35)
    section.left_margin, section.right_margin = Mm(28), Mm(26)
    # The number's foot stands 7 mm below the text area and is 14 pt high.
    section.footer_distance = Mm(35 - 7 - 5)
    grid = OxmlElement("w:docGrid")
    for name, value in (
        ("type", "linesAndChars"),
        ("linePitch", LINE_PITCH),
        ("charSpace", CHARACTER_SPACE),
    ):
        grid.set(qn(f"w:{name}"), str(value))
    old = section._sectPr.find(qn("w:docGrid"))  # noqa: SLF001 -- python-docx has no grid
    if old is not None:
        section._sectPr.remove(old)  # noqa: SLF001 -- see above
    section._sectPr.append(grid)  # noqa: SLF001 -- see above
    _number_pages(word, section)
    # The grid's characters are measured in those of the plain style.
    plain = word.styles["Normal"]
    plain.font.size = Pt(TEXT_PT)
    plain.font.name = TEXT_FONT
    plain.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), TEXT_FONT)


def _number_pages(word: WordDocument, section: Section) -> None:
    """Outside: to the right on odd pages, to the left on even ones, one character in."""
    word.settings.odd_and_even_pages_header_footer = True
    _page_foot(section.footer, TO.RIGHT)
    _page_foot(section.even_page_footer, TO.LEFT)


def _page_foot(foot: _Footer, where: TO) -> None:
    paragraph = foot.paragraphs[0]
    parts.align(paragraph, where)
    parts.indent(paragraph, left=100 if where is TO.LEFT else 0, right=100 if where is TO.RIGHT else 0)
    parts.page_number(paragraph, font=PAGE_FONT, points=NOTE_PT)


def _head(word: WordDocument, document: Document) -> None:
    if document.red_head is not None:
        _red_head(word, document.red_head)
    title = word.add_paragraph()
    parts.align(title, TO.CENTER, line_points=_TITLE_LINE_PT)
    parts.leave_the_grid(title)
    parts.write(title, document.title, font=TITLE_FONT, points=TITLE_PT)
    if document.red_head is None and document.number:
        number = word.add_paragraph()
        parts.align(number, TO.CENTER)
        parts.write(number, document.number, font=HEADING_FONTS[2], points=TEXT_PT)
    word.add_paragraph()
    if document.recipient:
        _text(word, f"{document.recipient}：")


def _red_head(word: WordDocument, head: RedHead) -> None:
    issuer = word.add_paragraph()
    parts.align(issuer, TO.CENTER)
    points = min(_ISSUER_PT, TEXT_WIDTH_MM * 72 / 25.4 / max(len(head.issuer), 1))
    parts.leave_the_grid(issuer)
    parts.write(issuer, head.issuer, font=TITLE_FONT, points=int(points), red=True)
    word.add_paragraph()
    number = word.add_paragraph()
    parts.align(number, TO.CENTER)
    parts.leave_the_grid(number)
    parts.write(number, head.number, font=TEXT_FONT, points=TEXT_PT)
    parts.rule(number, "bottom", eighths=12, color="C00000", apart_points=_RED_RULE_APART_PT)
    word.add_paragraph()


def _block(word: WordDocument, block: Heading | Paragraph | Table) -> None:
    if isinstance(block, Table):
        _table(word, block)
        return
    font = HEADING_FONTS.get(block.level, TEXT_FONT) if isinstance(block, Heading) else TEXT_FONT
    paragraph = _text(word, block.text, font=font, first=200)
    paragraph.paragraph_format.keep_with_next = isinstance(block, Heading)


def _text(
    word: WordDocument,
    text: str,
    *,
    font: str = TEXT_FONT,
    where: TO = TO.JUSTIFY,
    first: int = 0,
    right: int = 0,
) -> WordParagraph:
    """A paragraph of 22 lines to the page and 28 characters to the line; indents in hundredths of a character."""
    paragraph = word.add_paragraph()
    parts.align(paragraph, where, line_points=TEXT_LINE_PT)
    parts.leave_the_grid(paragraph)
    parts.indent(paragraph, first=first, right=right)
    parts.write(paragraph, text, font=font, points=TEXT_PT, closer=_CLOSER)
    return paragraph


def _table(word: WordDocument, table: Table) -> None:
    title = word.add_paragraph()
    parts.align(title, TO.CENTER, line_points=TEXT_LINE_PT)
    parts.leave_the_grid(title)
    title.paragraph_format.keep_with_next = True
    parts.write(title, table.title, font=HEADING_FONTS[1], points=NOTE_PT)
    if table.note:
        note = word.add_paragraph()
        parts.align(note, TO.LEFT, line_points=_TABLE_LINE_PT)
        parts.leave_the_grid(note)
        note.paragraph_format.keep_with_next = True
        parts.write(note, table.note, font=TABLE_FONT, points=TABLE_PT)
    _grid(word, table)
    after = word.add_paragraph()
    parts.align(after, TO.LEFT, line_points=_TABLE_LINE_PT)
    parts.leave_the_grid(after)


def _grid(word: WordDocument, table: Table) -> None:
    grouped = any(column.group for column in table.columns)
    lines = [*table.rows, *([table.total] if table.total else [])]
    grid = word.add_table(rows=(2 if grouped else 1) + len(lines), cols=len(table.columns))
    grid.style = "Table Grid"
    grid.alignment = WD_TABLE_ALIGNMENT.CENTER
    grid.autofit = False
    _widths(grid, table)
    _table_head(grid, table.columns, grouped=grouped)
    first = 2 if grouped else 1
    for place, line in enumerate(lines, start=first):
        is_total = table.total is not None and place == first + len(lines) - 1
        # Word's own row is asked for once: every `.cells` of python-docx walks the whole row.
        for cell, column, text in zip(grid.rows[place].cells, table.columns, line, strict=True):
            _fill(cell, text, TO.RIGHT if column.is_number else TO.LEFT, bold=is_total)


def _widths(grid: WordTable, table: Table) -> None:
    """By the grid, which LibreOffice reads, and by each cell, which Word does."""
    widths = [
        Mm(width) for width in column_widths(table, TEXT_WIDTH_MM, TABLE_PT * 25.4 / 72, _CELL_MARGINS_MM)
    ]
    for place, width in enumerate(widths):
        grid.columns[place].width = width
    for row in grid.rows:
        for cell, width in zip(row.cells, widths, strict=True):
            cell.width = width
    parts.narrow_margins(grid)


def _table_head(grid: WordTable, columns: tuple[Column, ...], *, grouped: bool) -> None:
    last = 1 if grouped else 0
    for place, column in enumerate(columns):
        if not grouped or column.group:
            _fill(grid.cell(last, place), column.label, TO.CENTER, bold=True)
    if grouped:
        _group_heads(grid, columns)
    for row in range(last + 1):
        parts.repeat_on_every_page(grid.rows[row])


def _group_heads(grid: WordTable, columns: tuple[Column, ...]) -> None:
    """Neighbours of one group share a head; a column of none reaches over both lines."""
    for group, neighbours in groupby(range(len(columns)), key=lambda place: columns[place].group):
        places = list(neighbours)
        if group is not None:
            _fill(grid.cell(0, places[0]).merge(grid.cell(0, places[-1])), group, TO.CENTER, bold=True)
            continue
        for place in places:
            _fill(grid.cell(0, place).merge(grid.cell(1, place)), columns[place].label, TO.CENTER, bold=True)


def _fill(cell: _Cell, text: str, where: TO, *, bold: bool = False) -> None:
    paragraph = cell.paragraphs[0]
    parts.align(paragraph, where, line_points=_TABLE_LINE_PT)
    parts.leave_the_grid(paragraph)
    parts.write(paragraph, text, font=TABLE_FONT, points=TABLE_PT, bold=bold)


def _sign(word: WordDocument, document: Document) -> None:
    told = [
        text for text in (document.signer, chinese_date(document.dated) if document.dated else "") if text
    ]
    if told:
        # Nobody signs an empty page: the last lines of the text, or of a table, come along.
        for paragraph in (word.paragraphs[-1], word.add_paragraph(), *_last_lines(word, document)):
            paragraph.paragraph_format.keep_with_next = True
    for text in told:
        _text(word, text, where=TO.RIGHT, right=400).paragraph_format.keep_with_next = text is not told[-1]
    if document.copies_to:
        copies = word.add_paragraph()
        parts.align(copies, TO.LEFT)
        parts.indent(copies, left=100, right=100)
        parts.write(copies, f"抄送：{document.copies_to}", font=TEXT_FONT, points=NOTE_PT)
        parts.rule(copies, "top", eighths=8)


def _last_lines(word: WordDocument, document: Document) -> list[WordParagraph]:
    """The last lines of the table that ends the text, if one does."""
    if not document.blocks or not isinstance(document.blocks[-1], Table):
        return []
    rows = word.tables[-1].rows[-_KEPT_ROWS:]
    return [paragraph for row in rows for cell in row.cells for paragraph in cell.paragraphs]


def _describe(word: WordDocument, document: Document) -> None:
    about = word.core_properties
    about.title, about.author, about.comments = document.title, document.signer, ""
    dated = document.dated
    about.created = about.modified = (
        datetime.combine(dated, time(0), UTC) if dated else datetime(2000, 1, 1, tzinfo=UTC)
    )
