"""A pen that writes on pages of A4: it knows where the next line stands, when a page is full, and numbers pages outside.

The text area of GB/T 9704-2012 is 156 × 225 mm, 37 mm from the top and 28 mm from the left; lengths are in points.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from fpdf import FPDF

from service.reports.pdf_fonts import Face, Fonts, Role

_MM = 72 / 25.4
LEFT, TOP = 28 * _MM, 37 * _MM
WIDTH, HEIGHT = 156 * _MM, 225 * _MM
BOTTOM = TOP + HEIGHT
_FOOT_BELOW = 7 * _MM
_FOOT_PT = 14
RED = (0xC0, 0, 0)
BLACK = (0, 0, 0)
_HAIR = 0.01


@dataclass(frozen=True, slots=True)
class Ink:
    """How a text is written: the font's role, its height in points, and its colour."""

    role: Role
    points: float
    color: tuple[int, int, int] = BLACK


@dataclass(slots=True)
class Pen:
    """Writes downwards; whoever writes asks first for room."""

    pdf: FPDF
    fonts: Fonts
    y: float = TOP
    """The top of the next line."""
    known: set[str] = field(default_factory=set)

    def width(self, ink: Ink, text: str) -> float:
        """How wide a text would be."""
        return self.fonts.width(ink.role, text) * ink.points

    def has_room(self, height: float) -> bool:
        """Whether this much fits above the foot of the page."""
        return self.y + height <= BOTTOM + _HAIR

    def turn_page(self) -> None:
        """Begin a page; its number is written at once."""
        self.pdf.add_page()
        self.y = TOP
        self._number()

    def line(self, text: str, ink: Ink, *, x: float, height: float, closer: float = 0.0) -> None:
        """One line of text in the middle of its height, and on to the next; `closer` widens what lies between."""
        self.write(text, ink, x=x, y=self.y, height=height, spacing=closer)
        self.y += height

    def write(self, text: str, ink: Ink, *, x: float, y: float, height: float, spacing: float = 0.0) -> None:
        """A text in the middle of a line's height; `spacing` is added after each character."""
        # The middle of a Chinese character lies 0.38 of its height above the baseline.
        base = y + height / 2 + 0.38 * ink.points
        self.pdf.set_text_color(*ink.color)
        self.pdf.set_char_spacing(spacing)
        for face, piece in self.fonts.runs(ink.role, text):
            self.pdf.set_font(self._family(face), size=ink.points)
            self.pdf.text(x, base, piece)
            x += sum((face.width(one) or 0.0) * ink.points + spacing for one in piece)
        # A page begins without spacing: what lies between is told anew on each.
        self.pdf.set_char_spacing(0)

    def centred(self, lines: Sequence[str], ink: Ink, *, height: float) -> None:
        """Lines in the middle of the text area."""
        for text in lines:
            self.line(text, ink, x=LEFT + (WIDTH - self.width(ink, text)) / 2, height=height)

    def rule(self, *, y: float, weight: float, color: tuple[int, int, int] = BLACK) -> None:
        """A rule across the text area."""
        self.pdf.set_draw_color(*color)
        self.pdf.set_line_width(weight)
        self.pdf.line(LEFT, y, LEFT + WIDTH, y)

    def box(self, x: float, y: float, width: float, height: float) -> None:
        """A cell's border."""
        self.pdf.set_draw_color(*BLACK)
        self.pdf.set_line_width(0.5)
        self.pdf.rect(x, y, width, height)

    def _number(self) -> None:
        """页码: outside, one character in, 7 mm below the text area."""
        ink = Ink(Role.TABLE, _FOOT_PT)
        page = self.pdf.page_no()
        text = f"— {page} —"
        x = LEFT + WIDTH - self.width(ink, text) - _FOOT_PT if page % 2 else LEFT + _FOOT_PT
        self.write(text, ink, x=x, y=BOTTOM + _FOOT_BELOW, height=_FOOT_PT)

    def _family(self, face: Face) -> str:
        if face.key not in self.known:
            self.pdf.add_font(face.key, "", face.file, collection_font_number=face.number)
            self.known.add(face.key)
        return face.key
