"""Limits that an office sets: each once, with its words, its bounds, and what holds where nobody has set it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from service.kernel.errors import Fault

Limits = TypeVar("Limits")
Words = tuple[str, str, str, Mapping[str, str], int, int]
"""Code, name in Chinese and English, unit of count in both, least and most."""
Order = tuple[str, str, str, str]
"""Two codes of which the first may not be above the second, and what to say in Chinese and English if it is."""


@dataclass(frozen=True, slots=True)
class LimitWords:
    """One limit as an office reads it, and the bounds within which it may be set."""

    code: str
    zh: str
    en: str
    counted_in: Mapping[str, str]
    least: int
    most: int
    usual: int
    """What holds where nobody has set it."""


def catalogue_of(usual: Any, told: Iterable[Words]) -> tuple[LimitWords, ...]:
    """The limits in the order to show them; the usual ones are those of a value without settings."""
    return tuple(LimitWords(*words, usual=int(getattr(usual, words[0]))) for words in told)


def limits_of(kind: type[Limits], catalogue: Sequence[LimitWords], kept: Mapping[str, Any] | None) -> Limits:
    """The limits behind what was kept; those that a later release has added are as usual."""
    known = {one.code for one in catalogue}
    return kind(**{code: int(value) for code, value in (kept or {}).items() if code in known})


def faults_in_limits(limits: Any, catalogue: Sequence[LimitWords], in_order: Iterable[Order]) -> list[Fault]:
    """What is wrong with limits that are set together."""
    found = [
        Fault(f"/limits/{one.code}", f"应为{one.least}至{one.most}", f"must be {one.least} to {one.most}")
        for one in catalogue
        if not one.least <= getattr(limits, one.code) <= one.most
    ]
    return found + [
        Fault(f"/limits/{low}", zh, en)
        for low, high, zh, en in in_order
        if getattr(limits, low) > getattr(limits, high)
    ]
