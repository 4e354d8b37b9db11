"""The band below a stamped photo: when, where, who and which record, in Chinese, covering no part of the picture."""

from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

from PIL import Image, ImageDraw, ImageFont

from media.facts import Stamp

FONT_FILE = Path(__file__).parent / "fonts" / "NotoSansSC-stamp.otf"
FALLBACK = "〓"  # printers' sign for a character that is not in the case

_ZONE = ZoneInfo("Asia/Shanghai")
_NEVER_ASSIGNED = "\U0010fffe"
_LEAST_WIDTH = 480
_MOST_ROWS = 3  # of one line, before it is cut
_MOST_CHARACTERS = 200
_INK, _BAND = (255, 255, 255), (24, 32, 44)


def stamped(picture: Image.Image, stamp: Stamp) -> Image.Image:
    """A copy of the picture with the band below it."""
    width = max(picture.width, _LEAST_WIDTH)
    size = max(18, min(width, picture.height) // 32)
    font = _font(size)
    rows = [row for line in stamp_lines(stamp) for row in _wrapped(drawable(line), font, width - 2 * size)]
    step = round(size * 1.5)
    sheet = Image.new("RGB", (width, picture.height + step * len(rows) + size), _BAND)
    sheet.paste(picture, ((width - picture.width) // 2, 0))
    pen = ImageDraw.Draw(sheet)
    for at, row in enumerate(rows):
        pen.text((size, picture.height + size // 2 + at * step), row, font=font, fill=_INK)
    return sheet


def stamp_lines(stamp: Stamp) -> list[str]:
    """The lines of the band in their order; a line without content is left out."""
    local = stamp.taken_at.astimezone(_ZONE)
    labelled = (
        ("时间", f"{local:%Y-%m-%d %H:%M}（北京时间）"),
        ("地点", stamp.place),
        ("对象", stamp.subject),
        ("单位", stamp.unit),
        ("编号", stamp.number),
    )
    return [f"{label}：{text.strip()[:_MOST_CHARACTERS]}" for label, text in labelled if text.strip()]


def drawable(line: str) -> str:
    """The line with control characters left out and every character the font lacks drawn as 〓."""
    printable = (character if character.isprintable() else " " for character in line)
    return "".join(character if _is_in_font(character) else FALLBACK for character in printable)


@lru_cache(maxsize=4096)
def _is_in_font(character: str) -> bool:
    # FreeType draws the same box for every character it does not have.
    font = _font(16)
    return bytes(font.getmask(character)) != bytes(font.getmask(_NEVER_ASSIGNED))


@lru_cache(maxsize=8)
def _font(size: int) -> ImageFont.FreeTypeFont:
    # The basic layout is deterministic and keeps complex shaping away from text that people typed.
    return ImageFont.truetype(FONT_FILE, size, layout_engine=ImageFont.Layout.BASIC)


def _wrapped(line: str, font: ImageFont.FreeTypeFont, width: int) -> list[str]:
    rows = [""]
    for character in line:
        if font.getlength(rows[-1] + character) <= width:
            rows[-1] += character
        else:
            rows.append(character)
    if len(rows) > _MOST_ROWS:
        rows = [*rows[: _MOST_ROWS - 1], rows[_MOST_ROWS - 1][:-1] + "…"]
    return rows
