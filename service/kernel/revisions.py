"""A body has one canonical form and one hash, and only bodies that have both are taken as JSON.

``strict_json`` refuses what Python would let through and PostgreSQL, another parser or RFC 8785 would not, so that
whatever it returns can be stored, hashed and checked by the phone. It is safe on any bytes: linear, and never deep.
"""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Callable, Iterable
from enum import StrEnum
from itertools import accumulate
from typing import Any, NoReturn

import rfc8785

LARGEST_INTEGER = 2**53 - 1
DEEPEST = 64
_BOM = b"\xef\xbb\xbf"
_MOST_DIGITS = 17
_LONGEST_TOKEN = 100

# Possessive, and content with an unclosed string: no input makes it look at a byte twice.
_STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?', re.DOTALL)
_NOT_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
_STEP = {ord("["): 1, ord("{"): 1, ord("]"): -1, ord("}"): -1}
# Bytes that are valid UTF-8 can only come by these through an escape.
_DOUBTFUL_ESCAPE = re.compile(rb"\\u(?:[dD][89a-fA-F]|0000)")
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


class Malformed(ValueError):
    """The bytes are not JSON in UTF-8 at all: nothing can be kept of them but themselves."""


class Unrepresentable(StrEnum):
    """Why well-formed JSON has no single meaning that can be stored and hashed."""

    DUPLICATE_KEY = "duplicate_key"
    NOT_A_NUMBER = "not_a_number"
    INTEGER_TOO_LARGE = "integer_too_large"
    NUMBER_TOO_LARGE = "number_too_large"
    LONE_SURROGATE = "lone_surrogate"
    NUL = "nul"
    TOO_DEEP = "too_deep"


class NotRepresentable(ValueError):
    """JSON that must be kept as bytes, with the reason and, where it can be said, the place (RFC 6901)."""

    def __init__(self, reason: Unrepresentable, pointer: str | None = None) -> None:
        super().__init__(reason.value if pointer is None else f"{reason.value} at {pointer!r}")
        self.reason = reason
        self.pointer = pointer


_LOOKED_INTO = frozenset([str, dict, list, NotRepresentable])


class NotCanonical(ValueError):
    """A value that RFC 8785 gives no canonical form."""


def canonical(body: object) -> bytes:
    """The canonical JSON (RFC 8785) of a value: equal for equal values, whatever the order of their keys."""
    try:
        if _is_plain(body):  # what phones send nearly always; the library takes ten times as long
            return _WRITER.encode(body).encode("utf-8")
        return rfc8785.dumps(body)  # type: ignore[arg-type]  # the library checks while it writes
    except (rfc8785.CanonicalizationError, UnicodeEncodeError, RecursionError) as error:
        # The library lets a lone surrogate in a key out as UnicodeEncodeError.
        raise NotCanonical(str(error)) from error


_WRITER = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
_PLAIN_FLOATS = (1e-4, 1e15)


def _is_plain(value: object) -> bool:
    """Whether Python's own writer gives the canonical form: no number and no key that RFC 8785 treats in its own way.

    Python sorts keys by code points and RFC 8785 by UTF-16 units, which is one order for ASCII. Both write the
    shortest digits of a number; they differ in whole ones (`62.0`), and in when an exponent is used.
    """
    kind = type(value)
    if kind is dict:
        return all(
            type(key) is str and key.isascii() and _is_plain(inner)
            for key, inner in value.items()  # type: ignore[attr-defined]
        )
    if kind is list:
        return all(map(_is_plain, value))  # type: ignore[call-overload]
    if kind is str:
        return value.isascii() or _UNSTORABLE.search(value) is None  # type: ignore[attr-defined, call-overload]
    if kind is int:
        return -LARGEST_INTEGER <= value <= LARGEST_INTEGER  # type: ignore[operator]
    if kind is float:
        low, high = _PLAIN_FLOATS
        return low <= abs(value) < high and not value.is_integer()  # type: ignore[arg-type, attr-defined]
    return value is None or kind is bool


def body_sha256(body: object) -> str:
    """The SHA-256 of a value's canonical JSON in 64 lower-case hex digits: the hash of the receipt."""
    return hashlib.sha256(canonical(body)).hexdigest()


def strict_json(raw: bytes) -> object:
    """The value that the bytes state, certain to have a canonical form and to fit the database.

    A leading byte order mark is allowed. Raises ``Malformed`` or ``NotRepresentable``, and nothing else.
    """
    raw = raw.removeprefix(_BOM)
    if _depth_exceeds(raw, DEEPEST):
        raise NotRepresentable(Unrepresentable.TOO_DEEP)
    document = _decode(raw)
    if _DOUBTFUL_ESCAPE.search(raw) and (defect := _first_defect(document)):
        raise defect
    return document


def _depth_exceeds(raw: bytes, limit: int) -> bool:
    if raw.count(b"[") + raw.count(b"{") <= limit:
        return False
    brackets = _STRING.sub(b"", raw).translate(None, _NOT_BRACKETS)
    return max(accumulate(map(_STEP.__getitem__, brackets)), default=0) > limit


def _decode(raw: bytes) -> object:
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Malformed(f"not UTF-8 at byte {error.start}") from error
    try:
        return _PARSER.decode(text)
    except json.JSONDecodeError as error:
        raise _malformed(error) from error
    except NotRepresentable as refusal:
        raise _located(text) or refusal from None


def _located(text: str) -> NotRepresentable | Malformed | None:
    try:
        return _first_defect(_locator().decode(text))
    except json.JSONDecodeError as error:
        return _malformed(error)


def _malformed(error: json.JSONDecodeError) -> Malformed:
    # Some of the parser's messages end in "at", some in a colon and what it found.
    return Malformed(f"{error.msg.removesuffix(' at')} at character {error.pos}")


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    members = dict(pairs)
    if len(members) < len(pairs):
        keys = Counter(key for key, _ in pairs)
        raise NotRepresentable(Unrepresentable.DUPLICATE_KEY, _token(keys.most_common(1)[0][0]))
    return members


def _integer(text: str) -> int:
    # The length comes first: Python takes quadratic time over long digits, and refuses 4,301 of them its own way.
    if len(text) > _MOST_DIGITS or abs(number := int(text)) > LARGEST_INTEGER:
        raise NotRepresentable(Unrepresentable.INTEGER_TOO_LARGE)
    return number


def _float(text: str) -> float:
    number = float(text)
    if not abs(number) <= LARGEST_INTEGER:
        # Also short of overflow: RFC 8785 and jsonb write 1e16 as an integer, which then is one beyond 2**53.
        raise NotRepresentable(Unrepresentable.NUMBER_TOO_LARGE)
    return number


def _constant(_text: str) -> NoReturn:
    raise NotRepresentable(Unrepresentable.NOT_A_NUMBER)


_PARSER = json.JSONDecoder(
    object_pairs_hook=_object, parse_int=_integer, parse_float=_float, parse_constant=_constant
)


def _locator() -> json.JSONDecoder:
    """A parser that leaves the first refusal standing in the document, so that its place can be named."""
    refused = False

    def marked(hook: Callable[[Any], object], careless: Callable[[Any], object]) -> Callable[[Any], object]:
        def hooked(given: object) -> object:
            nonlocal refused
            if refused:
                return careless(given)
            try:
                return hook(given)
            except NotRepresentable as refusal:
                refused = True
                return refusal

        return hooked

    return json.JSONDecoder(
        object_pairs_hook=marked(_object, dict),
        parse_int=marked(_integer, len),
        parse_float=marked(_float, len),
        parse_constant=marked(_constant, len),
    )


def _first_defect(value: object) -> NotRepresentable | None:
    # It descends at most DEEPEST levels, and spells a place only on the way back from a defect.
    if isinstance(value, NotRepresentable):
        return value
    if isinstance(value, str):
        found = _UNSTORABLE.search(value)
        return NotRepresentable(_reason(found), "") if found else None
    for step, child in _children(value):
        defect = _first_defect(step) if isinstance(step, str) else None
        if defect is None and type(child) in _LOOKED_INTO:
            defect = _first_defect(child)
        if defect is not None:
            return NotRepresentable(defect.reason, _token(str(step)) + (defect.pointer or ""))
    return None


def _children(value: object) -> Iterable[tuple[str | int, object]]:
    if isinstance(value, dict):
        return value.items()
    return enumerate(value) if isinstance(value, list) else ()


def _reason(found: re.Match[str]) -> Unrepresentable:
    return Unrepresentable.NUL if found[0] == "\0" else Unrepresentable.LONE_SURROGATE


def _token(key: str) -> str:
    """A key as part of a pointer that can itself be stored and shown: what cannot is replaced, what is long is cut."""
    shown = key if len(key) <= _LONGEST_TOKEN else f"{key[:_LONGEST_TOKEN]}…"
    return "/" + _UNSTORABLE.sub("\ufffd", shown).replace("~", "~0").replace("/", "~1")
