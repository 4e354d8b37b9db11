"""The fonts of a PDF: the office's own from a folder, else the one the house brings; a character without a glyph is told.

方正小标宋, 仿宋_GB2312 and 楷体_GB2312 are sold by their makers, so none of them comes with the house. Whoever has them
names their folder in `QIANBAI_FONTS`. What a chosen font lacks is drawn with another one of the folder or with the
house's own, and what none has is refused: an empty box in a notice of an office is worse than no PDF.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Any

from fontTools.ttLib import TTFont, TTLibError
from fontTools.ttLib.ttCollection import TTCollection

import media

OUR_FONT = Path(media.__file__).parent / "fonts" / "NotoSansSC-stamp.otf"
_FILES = ("*.ttf", "*.otf", "*.ttc", "*.TTF", "*.OTF", "*.TTC")
_NO_EMBEDDING = 0x0002
"""OS/2 fsType: the maker allows no embedding."""
_NAME_IDS = {1, 4, 16}
"""Of the family, in full, and of the family as typographers have it."""


_SPACES = dict.fromkeys(map(ord, "\t\v\f\u00a0\u2002\u2003\u2009\u202f\u200b\ufeff"), " ") | {ord("\r"): None}
"""White space of other kinds, which few fonts have; a tab is a space."""


class Role(StrEnum):
    """What a font is for."""

    TITLE = "title"
    TEXT = "text"
    HEADING = "heading"
    SUBHEADING = "subheading"
    TABLE = "table"


WANTED = {
    Role.TITLE: (
        "方正小标宋简体",
        "方正小标宋_GBK",
        "FZXiaoBiaoSong-B05S",
        "小标宋",
        "Noto Serif CJK SC Bold",
    ),
    Role.TEXT: (
        "仿宋_GB2312",
        "FangSong_GB2312",
        "仿宋",
        "FangSong",
        "STFangsong",
        "Noto Serif CJK SC Regular",
    ),
    Role.HEADING: ("黑体", "SimHei", "STHeiti", "Noto Sans CJK SC Bold"),
    Role.SUBHEADING: ("楷体_GB2312", "KaiTi_GB2312", "楷体", "KaiTi", "STKaiti", "Noto Serif CJK SC Bold"),
    Role.TABLE: ("宋体", "SimSun", "NSimSun", "STSong", "Noto Serif CJK SC Regular"),
}
"""Family names, or full names, by which a font of a role is known; the first that is there is taken."""


@dataclass(frozen=True, slots=True)
class Widths:
    """How wide each character of a face is; those it lacks are missing."""

    units: int
    advances: dict[int, int]


@dataclass(frozen=True, slots=True)
class Face:
    """One font of a file that has one or several."""

    file: Path
    number: int
    names: frozenset[str]

    @property
    def key(self) -> str:
        """A short name of its own."""
        return f"{self.file.stem}-{self.number}".lower().replace(" ", "")

    def width(self, character: str) -> float | None:
        """The character's width in parts of its height, or None where the face lacks it."""
        widths = _widths(self.file, self.number)
        advance = widths.advances.get(ord(character))
        return None if advance is None else advance / widths.units


@dataclass(frozen=True, slots=True)
class Fonts:
    """For each role the faces to try, its own first."""

    faces: dict[Role, tuple[Face, ...]]

    def face_of(self, role: Role, character: str) -> Face | None:
        """The first face that has the character."""
        return next((face for face in self.faces[role] if face.width(character) is not None), None)

    def width(self, role: Role, text: str) -> float:
        """How wide a text is, in parts of the height of its characters; unknown ones count as a whole one."""
        return sum(self._width(role, character) for character in text.translate(_SPACES))

    def runs(self, role: Role, text: str) -> Iterator[tuple[Face, str]]:
        """The text in pieces of one face each."""
        face: Face | None = None
        piece = ""
        for character in text.translate(_SPACES):
            now = self.face_of(role, character) or self.faces[role][0]
            if face is not None and now is not face:
                yield face, piece
                piece = ""
            face, piece = now, piece + character
        if face is not None and piece:
            yield face, piece

    def missing(self, role: Role, text: str) -> set[str]:
        """The characters that no face has."""
        told = text.translate(_SPACES).replace("\n", "")
        return {character for character in told if self.face_of(role, character) is None}

    def _width(self, role: Role, character: str) -> float:
        face = self.face_of(role, character)
        return 1.0 if face is None else face.width(character) or 0.0


@lru_cache(maxsize=4)
def fonts_of(folder: Path | None) -> Fonts:
    """The fonts of a folder and the folders in it, with the house's own behind them; read once in a process."""
    found = [] if folder is None else list(_faces_below(folder))
    ours = _read(OUR_FONT)
    return Fonts({role: _in_order(names, [*found, *ours]) for role, names in WANTED.items()})


def _in_order(names: Sequence[str], faces: Sequence[Face]) -> tuple[Face, ...]:
    """Known ones by the order of the names, then the house's own, then whatever else there is."""
    known = [face for name in names for face in faces if name in face.names]
    ours = [face for face in faces if face.file == OUR_FONT]
    return tuple(dict.fromkeys([*known, *ours, *faces]))


def _faces_below(folder: Path) -> Iterator[Face]:
    files = {file for pattern in _FILES for file in folder.rglob(pattern)}
    for file in sorted(files):
        try:
            yield from _read(file)
        except (OSError, TTLibError):
            continue  # A broken file beside good ones: the next one is tried.


def _read(file: Path) -> list[Face]:
    # Opened here: fontTools leaves a file open that it cannot read.
    with file.open("rb") as stream:
        if file.suffix.lower() == ".ttc":
            fonts: Sequence[Any] = TTCollection(stream, lazy=True).fonts
        else:
            fonts = [TTFont(stream, lazy=True)]
        faces = [_face(file, number, font) for number, font in enumerate(fonts)]
    return [face for face in faces if face is not None]


def _face(file: Path, number: int, font: Any) -> Face | None:
    """The face, unless its maker forbids to embed it."""
    if font["OS/2"].fsType & 0xF == _NO_EMBEDDING:
        return None
    names = {str(name) for name in font["name"].names if name.nameID in _NAME_IDS}
    return Face(file, number, frozenset(names))


@lru_cache(maxsize=64)
def _widths(file: Path, number: int) -> Widths:
    """Read when a face is first asked for a character, and then once in a process."""
    with TTFont(file, lazy=True, fontNumber=number) as opened:
        font: Any = opened
        metrics = font["hmtx"].metrics
        found = font.getBestCmap() or {}
        advances = {code: metrics[glyph][0] for code, glyph in found.items() if glyph in metrics}
        return Widths(font["head"].unitsPerEm, advances)
