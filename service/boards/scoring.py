"""How figures become points and points become places; exact fractions until they are shown.

Formulas in use by offices, with their sources in `docs/scoring.md`:

- *ratio*: value / target × points, the ratio capped (120 % by default)
- *efficacy* (功效系数法): 60 + 40 × (value − least) / (most − least), of 100; all equal gives 100
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import TypeVar

Key = TypeVar("Key")

EFFICACY_FLOOR, EFFICACY_SPAN = 60, 40


class Method(StrEnum):
    """How an indicator's figure becomes points."""

    RATIO = "ratio"
    EFFICACY = "efficacy"


@dataclass(frozen=True, slots=True)
class Indicator:
    """One indicator of a board: what it measures, what it is worth, and how it is scored."""

    code: str
    points: Fraction
    method: Method = Method.RATIO
    cap: Fraction = Fraction(6, 5)
    """The most a ratio may be."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A unit's figure of an indicator and its target; None where there is none."""

    value: Fraction | None
    target: Fraction | None = None


def points_of(indicator: Indicator, readings: Mapping[Key, Reading]) -> dict[Key, Fraction | None]:
    """Each unit's points; None where there is nothing to score, which is not the same as nought."""
    if indicator.method is Method.EFFICACY:
        return _by_efficacy(indicator, readings)
    return {key: _by_ratio(indicator, reading) for key, reading in readings.items()}


def places(totals: Mapping[Key, Fraction | None]) -> dict[Key, int | None]:
    """The place of each by its total: equal totals share one, the next is left out; who has no total has none."""
    ordered = sorted((total for total in totals.values() if total is not None), reverse=True)
    first_at = {total: place for place, total in reversed(list(enumerate(ordered, start=1)))}
    return {key: None if total is None else first_at[total] for key, total in totals.items()}


def total_of(parts: Sequence[Fraction | None], *, bonus: Fraction, deduction: Fraction) -> Fraction | None:
    """The points of all indicators with what was added and taken off; None when nothing could be scored."""
    scored = [part for part in parts if part is not None]
    return sum(scored, Fraction(0)) + bonus - deduction if scored else None


def capped(amount: Fraction, most: Fraction | None) -> Fraction:
    """An amount of bonus, or the most a board allows."""
    return amount if most is None else min(amount, most)


def low_places(place_of: Mapping[Key, int | None], *, count: int) -> set[Key]:
    """Those on the last `count` places of a group; nobody when the group is too small to have a middle.

    A tie that reaches above these places is spared whole: somebody did worse, and nobody of it worse than the others. Only
    those who share the very last place are low however many they are, unless they are more than half of the group.
    """
    ranked = {key: place for key, place in place_of.items() if place is not None}
    if len(ranked) < 2 * count:
        return set()
    # Places leave out what a tie takes up, so a tie that begins after so many units ends among the last ones.
    spared = len(ranked) - count
    if low := {key for key, place in ranked.items() if place > spared}:
        return low
    last = {key for key, place in ranked.items() if place == max(ranked.values())}
    return last if 2 * len(last) <= len(ranked) else set()


def _by_ratio(indicator: Indicator, reading: Reading) -> Fraction | None:
    if reading.value is None or not reading.target:
        return None
    return min(reading.value / reading.target, indicator.cap) * indicator.points


def _by_efficacy(indicator: Indicator, readings: Mapping[Key, Reading]) -> dict[Key, Fraction | None]:
    values = [reading.value for reading in readings.values() if reading.value is not None]
    if not values:
        return dict.fromkeys(readings)
    score = _efficacy(min(values), max(values))
    return {
        key: None if reading.value is None else score(reading.value) / 100 * indicator.points
        for key, reading in readings.items()
    }


def _efficacy(least: Fraction, most: Fraction) -> Callable[[Fraction], Fraction]:
    if least == most:
        return lambda _value: Fraction(100)
    return lambda value: EFFICACY_FLOOR + EFFICACY_SPAN * (value - least) / (most - least)
