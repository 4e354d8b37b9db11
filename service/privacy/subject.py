"""Whether something tells of a person, where, and what is left of it when the person is erased.

A person is known by the digits of a phone, however they are set apart; in rows that are known to tell of them also by
their name. Whoever has an account is one of our own: their names stand for service and are left alone.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from service.visits.contacts import ERASED

__all__ = ["ERASED", "Hit", "Subject", "digits_of", "hits", "without"]

TOLD = ("name", "title", "phone", "wechat", "email", "post", "contact")
"""What an entry about a person tells of them."""
_DIGIT, _NO_DIGIT = "[0-9０-９]", "[^0-9０-９]"
_FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")
_PLAIN = {wide: plain for plain, wide in _FULL_WIDTH.items()}
_BETWEEN = f"{_NO_DIGIT}{{0,2}}"
_LEAST_DIGITS = 7
"""Fewer would be found in every amount and date."""


@dataclass(frozen=True, slots=True)
class Subject:
    """The person who is looked for."""

    name: str
    digits: str | None
    """Of the phone; None when only records are named."""
    _pattern: re.Pattern[str] | None = field(init=False, compare=False, default=None)

    def __post_init__(self) -> None:
        if self.digits is not None:
            object.__setattr__(self, "_pattern", re.compile(self.pattern))

    @property
    def pattern(self) -> str:
        """The phone as a regular expression that Python and PostgreSQL read alike."""
        digits = _BETWEEN.join(f"[{digit}{digit.translate(_FULL_WIDTH)}]" for digit in self.digits or "")
        return f"(?<!{_DIGIT})(?:(?:00)?86{_BETWEEN})?{digits}(?!{_DIGIT})"

    def in_text(self, text: str) -> bool:
        """Whether the phone stands in a text."""
        return self._pattern is not None and self._pattern.search(text) is not None

    def is_told_by(self, entry: Mapping[str, Any]) -> bool:
        """Whether an entry about somebody is about this person: by the phone, or by the name and no other phone."""
        if self.is_not_told_by(entry):
            return False
        phone = entry.get("phone")
        has_phone = isinstance(phone, str) and self.in_text(phone)
        return has_phone or (entry.get("name") == self.name and "enterprise_id" not in entry)

    def is_not_told_by(self, entry: Mapping[str, Any]) -> bool:
        """Whether the entry is about somebody else for certain: by another phone or, where none is known, another name."""
        if entry.get("user_id") is not None:
            return True
        phone = entry.get("phone")
        other = digits_of(phone) if isinstance(phone, str) else None
        if other is None:
            return False
        if self.digits is None:
            return entry.get("name") != self.name
        return other != self.digits and not self.in_text(str(phone))

    def without_phone(self, text: str) -> str:
        """The text with the phone replaced wherever it stands."""
        return text if self._pattern is None else self._pattern.sub(ERASED, text)


def digits_of(phone: str) -> str | None:
    """The digits by which a phone is known, without the country's; None when there are too few."""
    digits = re.sub("[^0-9]", "", phone.translate(_PLAIN))
    abroad = re.fullmatch("(?:00)?86([0-9]{11})", digits)
    digits = digits if abroad is None else abroad[1]
    return digits if len(digits) >= _LEAST_DIGITS else None


@dataclass(frozen=True, slots=True)
class Hit:
    """A place (JSON pointer) that tells of the person, and what it says."""

    pointer: str
    value: Any


def hits(
    value: Any, subject: Subject, spared: frozenset[str] = frozenset(), pointer: str = ""
) -> Iterator[Hit]:
    """Every entry and text in it that tells of the person; what stands under a spared name is not looked into."""
    if isinstance(value, str):
        if _is_told(value, subject):
            yield Hit(pointer, value)
    elif isinstance(value, Mapping) and not subject.is_not_told_by(value):
        if subject.is_told_by(value):
            yield Hit(pointer, dict(value))
            return
        for key, inner in value.items():
            if key not in spared:
                yield from hits(inner, subject, spared, f"{pointer}/{key}")
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from hits(inner, subject, spared, f"{pointer}/{place}")


def without(value: Any, subject: Subject, spared: frozenset[str] = frozenset()) -> Any:
    """The same with the person taken out; entries stay in their lists, so that whatever counts them counts as before."""
    if isinstance(value, str):
        return _text_without(value, subject)
    if isinstance(value, Mapping):
        if subject.is_not_told_by(value):
            return value
        if subject.is_told_by(value):
            return {
                key: ERASED if key in TOLD and inner is not None else _inner(key, inner, subject, spared)
                for key, inner in value.items()
            }
        return {key: _inner(key, inner, subject, spared) for key, inner in value.items()}
    return [without(inner, subject, spared) for inner in value] if isinstance(value, list) else value


def _inner(key: str, inner: Any, subject: Subject, spared: frozenset[str]) -> Any:
    return inner if key in spared else without(inner, subject, spared)


def _is_told(text: str, subject: Subject) -> bool:
    return subject.in_text(text) or (len(subject.name) > 1 and subject.name in text)


def _text_without(text: str, subject: Subject) -> str:
    shorter = subject.without_phone(text)
    return shorter.replace(subject.name, ERASED) if len(subject.name) > 1 else shorter
