"""The parts of Word's own format that python-docx leaves to whoever needs them."""

from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.oxml.xmlchemy import BaseOxmlElement
from docx.shared import Pt, RGBColor
from docx.table import Table, _Row
from docx.text.paragraph import Paragraph
from docx.text.run import Run

RED = RGBColor(0xC0, 0x00, 0x00)


def write(
    paragraph: Paragraph,
    text: str,
    *,
    font: str,
    points: float,
    bold: bool = False,
    red: bool = False,
    closer: int = 0,
) -> Run:
    """A run whose font is named for Latin and Chinese alike: Word would else take its own for one of them.

    `closer` brings its characters together, in twentieths of a point.
    """
    run = paragraph.add_run(text)
    run.font.size = Pt(points)
    run.font.bold = bold
    if red:
        run.font.color.rgb = RED
    name_font(run, font)
    if closer:
        properties = run._r.get_or_add_rPr()  # noqa: SLF001 -- python-docx has no spacing of characters
        spacing = _element("w:spacing", val=-closer)
        properties.insert_element_before(spacing, "w:w", "w:kern", "w:position", "w:sz", "w:szCs")
    return run


def name_font(run: Run, font: str) -> None:
    """Name the font; it is neither embedded nor shipped, and a reader without it sees a near one."""
    properties = run._r.get_or_add_rPr()  # noqa: SLF001 -- python-docx has no public way to the East Asian font
    fonts = properties.get_or_add_rFonts()
    for script in ("ascii", "hAnsi", "eastAsia", "cs"):
        fonts.set(qn(f"w:{script}"), font)


def indent(paragraph: Paragraph, *, first: int = 0, right: int = 0, left: int = 0) -> None:
    """Indents in hundredths of a character of 16 pt, as 公文 counts them; as lengths too, for other readers."""
    element = _element("w:ind")
    for name, hundredths in (("firstLine", first), ("right", right), ("left", left)):
        if hundredths:
            element.set(qn(f"w:{name}Chars"), str(hundredths))
            element.set(qn(f"w:{name}"), str(hundredths * 16 * 20 // 100))
    properties = paragraph._p.get_or_add_pPr()  # noqa: SLF001 -- python-docx indents by lengths only
    properties.insert_element_before(element, "w:jc", "w:outlineLvl", "w:rPr")


def leave_the_grid(paragraph: Paragraph) -> None:
    """Let a paragraph keep its own distances: the page's grid would tear a table's cells apart."""
    properties = paragraph._p.get_or_add_pPr()  # noqa: SLF001 -- python-docx has no grid
    properties.insert_element_before(_element("w:snapToGrid", val=0), "w:spacing", "w:ind", "w:jc", "w:rPr")


def align(paragraph: Paragraph, where: WD_ALIGN_PARAGRAPH, *, line_points: float | None = None) -> None:
    """Alignment without space around, and the fixed height of a line where one is given."""
    paragraph.alignment = where
    shape = paragraph.paragraph_format
    shape.space_before = shape.space_after = Pt(0)
    if line_points is not None:
        shape.line_spacing_rule = WD_LINE_SPACING.EXACTLY
        shape.line_spacing = Pt(line_points)


def rule(
    paragraph: Paragraph, edge: str, *, eighths: int, color: str = "000000", apart_points: int = 1
) -> None:
    """A rule along the top or bottom of a paragraph; its weight in eighths of a point."""
    borders = OxmlElement("w:pBdr")
    borders.append(_element(f"w:{edge}", val="single", sz=eighths, space=apart_points, color=color))
    properties = paragraph._p.get_or_add_pPr()  # noqa: SLF001 -- python-docx has no borders
    properties.insert_element_before(borders, "w:shd", "w:tabs", "w:spacing", "w:ind", "w:jc", "w:rPr")


def page_number(paragraph: Paragraph, *, font: str, points: float) -> None:
    """`— 1 —`, counted by whatever shows the document."""
    write(paragraph, "— ", font=font, points=points)
    field = write(paragraph, "", font=font, points=points)
    for element in (
        _element("w:fldChar", fldCharType="begin"),
        _text("w:instrText", " PAGE "),
        _element("w:fldChar", fldCharType="separate"),
        _text("w:t", "1"),
        _element("w:fldChar", fldCharType="end"),
    ):
        field._r.append(element)  # noqa: SLF001 -- python-docx has no fields
    write(paragraph, " —", font=font, points=points)


def narrow_margins(table: Table) -> None:
    """Half a millimetre beside the text of a cell: twelve columns stand on a page that has room for four."""
    margins = _element("w:tblCellMar")
    for side in ("left", "right"):
        margins.append(_element(f"w:{side}", w=28, type="dxa"))
    properties = table._tbl.tblPr  # noqa: SLF001 -- python-docx has no margins of cells
    properties.insert_element_before(margins, "w:tblLook", "w:tblCaption", "w:tblDescription")


def repeat_on_every_page(row: _Row) -> None:
    """Make a row of a table its head on each page, and keep it in one piece."""
    properties = row._tr.get_or_add_trPr()  # noqa: SLF001 -- python-docx has no repeated heads
    properties.append(_element("w:cantSplit"))
    properties.append(_element("w:tblHeader"))


def _element(tag: str, **attributes: str | int) -> BaseOxmlElement:
    element: BaseOxmlElement = OxmlElement(tag)
    for name, value in attributes.items():
        element.set(qn(f"w:{name}"), str(value))
    return element


def _text(tag: str, text: str) -> BaseOxmlElement:
    element = _element(tag)
    element.text = text
    element.set(qn("xml:space"), "preserve")
    return element
