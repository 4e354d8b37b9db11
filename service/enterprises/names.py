r"""By what an enterprise is found: the pieces of its names that are indexed, and the text that is then verified.

::

    华为技术有限公司   ─▶ search_text  \n华为技术有限公司\n华为技术\nhwjsyxgs\n
                       grams        ^华 ^华为  华 为 技 术  华为 为技 技术 …   (^: a name begins so)

A query is cut the same way; an index gives the enterprises that have all its pieces, and the text decides.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from service.kernel import credit_code
from service.kernel.text import name_key, pinyin_initials

START = "^"
_NOT_A_LETTER = re.compile(r"[\W_]+")
_IN_EVERY_NAME = frozenset({"有限", "限公", "公司", "股份", "份有", "限责", "责任", "任公"})
"""Pieces of legal forms: nearly every enterprise has them, so they are not indexed."""
LEAST_CODE = 4
"""From so many characters on, a query may be the beginning of a credit code."""


@dataclass(frozen=True, slots=True)
class Searchable:
    """The columns of an enterprise that are derived from its names."""

    name_key: str
    initials: str
    grams: list[str]
    search_text: str


def searchable(name: str, short_name: str | None, aliases: Iterable[str]) -> Searchable:
    """What to store so that an enterprise is found by any of its names and their initials."""
    initials = pinyin_initials(name)
    names = [name, *([short_name] if short_name else []), *aliases]
    written = [key for each in names for key in (loose_key(each), name_key(each))]
    spoken = [initials.lower(), *(pinyin_initials(alias).lower() for alias in names[1:])]
    keys = [key for key in dict.fromkeys([*written, *spoken]) if key]
    grams = sorted({gram for key in keys for gram in (*_starts(key), *_pieces(key))})
    return Searchable(name_key(name), initials, grams, "\n" + "\n".join(keys) + "\n")


def loose_key(text: str) -> str:
    """A text as it is searched: one width, one case, no spaces or punctuation; legal forms stay."""
    return _NOT_A_LETTER.sub("", unicodedata.normalize("NFKC", text).casefold())


def starting_grams(key: str) -> list[str]:
    """What an enterprise must have so that one of its names may begin with the key."""
    return [START + key[:2], *_inner_pieces(key)]


def inner_grams(key: str) -> list[str]:
    """What an enterprise must have so that the key may stand within one of its names.

    Empty when the key is too common to look for: a legal form, or a single Latin letter.
    """
    return _inner_pieces(key)


def as_code_prefix(text: str) -> str | None:
    """The text as the beginning of a credit code, when it may be one."""
    code = credit_code.normalise(text)
    alphabet = set(credit_code.ALPHABET)
    if LEAST_CODE <= len(code) <= credit_code.LENGTH and set(code) <= alphabet and code[1].isdigit():
        return code
    return None


def _starts(key: str) -> tuple[str, ...]:
    return (START + key[:1], START + key[:2])


def _pieces(key: str) -> set[str]:
    return {one + other for one, other in pairwise(key)} - _IN_EVERY_NAME | {
        one for one in key if not one.isascii()
    }


def _inner_pieces(key: str) -> list[str]:
    if len(key) == 1:
        return [] if key.isascii() else [key]
    return sorted({one + other for one, other in pairwise(key)} - _IN_EVERY_NAME)
