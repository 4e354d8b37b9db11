"""Unified social credit codes are checked exactly as GB 32100-2015 says, and never judged by their region.

Layout: 1 registering department, 1 kind of holder, 6 division of the registrar, 9 organisation code (GB 11714),
1 check character. One real code in eight carries a division that has been abolished or was never a division,
so the division is not looked at.
"""

from dataclasses import dataclass
from enum import StrEnum

LENGTH = 18
ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_VALUE = {character: value for value, character in enumerate(ALPHABET)}
_WEIGHTS = tuple(pow(3, place, 31) for place in range(LENGTH - 1))
_ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)

_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_LOWER_CASE = {code: code - 32 for code in range(ord("a"), ord("z") + 1)}
# Hyphens and dashes of every width, zero-width characters and the byte order mark come along when people paste.
_SEPARATORS = dict.fromkeys(map(ord, "-‐‑‒–—―−\u200b\u200c\u200d\u2060\ufeff"))
_MISREAD = str.maketrans({"O": "0", "I": "1"})


class Fault(StrEnum):
    """Why a text is not a credit code."""

    LENGTH = "length"
    ALPHABET = "alphabet"
    CHECK_DIGIT = "check_digit"


class HolderKind(StrEnum):
    """What the first two characters say about the holder: a label, never a reason to refuse."""

    GOVERNMENT = "government"
    PUBLIC_INSTITUTION = "public_institution"
    MASS_ORGANISATION = "mass_organisation"
    JUDICIAL = "judicial"
    ASSOCIATION = "association"
    PRIVATE_NON_ENTERPRISE = "private_non_enterprise"
    FOUNDATION = "foundation"
    TOURISM_OFFICE = "tourism_office"
    RELIGIOUS = "religious"
    TRADE_UNION = "trade_union"
    ENTERPRISE = "enterprise"
    SOLE_TRADER = "sole_trader"
    FARMERS_COOPERATIVE = "farmers_cooperative"
    MILITARY = "military"
    RURAL_COLLECTIVE = "rural_collective"
    OTHER = "other"


_HOLDER_BY_PREFIX = {
    "11": HolderKind.GOVERNMENT,
    "12": HolderKind.PUBLIC_INSTITUTION,
    "13": HolderKind.MASS_ORGANISATION,
    "51": HolderKind.ASSOCIATION,
    "52": HolderKind.PRIVATE_NON_ENTERPRISE,
    "53": HolderKind.FOUNDATION,
    "61": HolderKind.TOURISM_OFFICE,
    "62": HolderKind.TOURISM_OFFICE,
    "71": HolderKind.RELIGIOUS,
    "72": HolderKind.RELIGIOUS,
    "81": HolderKind.TRADE_UNION,
    "91": HolderKind.ENTERPRISE,
    "92": HolderKind.SOLE_TRADER,
    "93": HolderKind.FARMERS_COOPERATIVE,
    "A1": HolderKind.MILITARY,
    **{f"3{digit}": HolderKind.JUDICIAL for digit in "12345"},
    **{f"N{digit}": HolderKind.RURAL_COLLECTIVE for digit in "123"},
}


@dataclass(frozen=True)
class CodeCheck:
    """What is wrong with a code, where (counted from 1), and whether its organisation code checks as well.

    ``organisation_fits`` is information only: a code without a fault is valid whatever it says.
    """

    fault: Fault | None
    position: int | None = None
    organisation_fits: bool | None = None


def normalise(text: str) -> str:
    """A code as people type it becomes half-width, upper-case and free of spaces and hyphens; nothing is guessed."""
    half_width = text.translate(_FULL_WIDTH).translate(_LOWER_CASE).translate(_SEPARATORS)
    return "".join(half_width.split())


def check(code: str) -> CodeCheck:
    """The first fault of a normalised code: its length, then its alphabet, then its check character."""
    if len(code) != LENGTH:
        return CodeCheck(Fault.LENGTH)
    stranger = next((place for place, character in enumerate(code, 1) if character not in _VALUE), None)
    if stranger is not None:
        return CodeCheck(Fault.ALPHABET, stranger)
    fits = organisation_check_character(code[8:16]) == code[16]
    if check_character(code[:17]) != code[17]:
        return CodeCheck(Fault.CHECK_DIGIT, LENGTH, fits)
    return CodeCheck(None, None, fits)


def is_valid(code: str) -> bool:
    """Whether a normalised code has the right length, alphabet and check character."""
    return check(code).fault is None


def suggest(code: str) -> str | None:
    """The valid code that reading O as 0 and I as 1 would give, for a person to confirm; otherwise nothing."""
    reread = code.translate(_MISREAD)
    return reread if reread != code and is_valid(reread) else None


def holder_kind(code: str) -> HolderKind:
    """The kind of holder named by the first two characters; an unlisted pair is *other*."""
    return _HOLDER_BY_PREFIX.get(code[:2], HolderKind.OTHER)


def check_character(body: str) -> str:
    """The eighteenth character for seventeen of the alphabet.

    The outer modulo matters: one code in forty sums to a multiple of 31 and ends in 0.
    """
    total = sum(weight * _VALUE[character] for weight, character in zip(_WEIGHTS, body, strict=True))
    return ALPHABET[(31 - total % 31) % 31]


def organisation_check_character(body: str) -> str:
    """The ninth character of an organisation code (GB 11714) for its first eight."""
    total = sum(
        weight * int(character, 36) for weight, character in zip(_ORGANISATION_WEIGHTS, body, strict=True)
    )
    return "0123456789X0"[11 - total % 11]
