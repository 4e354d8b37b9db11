"""Enterprises that look alike are suspected, with the reasons; a person decides whether they are one."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from math import ceil
from typing import NamedTuple
from uuid import UUID

from service.kernel.text import short_key

ALIKE = 0.8
"""Likeness (Dice coefficient of letter pairs) from which two names are suspected."""
ALIKE_IN_LATIN = 0.9
"""The same for names in Latin letters, which say less each: KB and JB Financial Group are two."""
_LEAST_LENGTH = 4
"""Of shorter names a pair of letters says too little."""
_BRACKET = re.compile(r"[(（【〔［{｛\[〖《〈「『〘]")
_SEAT = re.compile(r"[^省市县]{2,7}?(?:省|市|县)")
"""The place that a name begins with."""
_UMBRELLAS = ("控股", "集团", "group", "groups", "holding", "holdings")


class Reason(StrEnum):
    """Why two enterprises are suspected to be one."""

    SAME_NAME = "same_name"
    SAME_ALIAS = "same_alias"
    SAME_SHORT_NAME = "same_short_name"
    SIMILAR_NAME = "similar_name"


class Known(NamedTuple):
    """One name of an enterprise; an enterprise has one `Known` for its name and one for each alias."""

    enterprise_id: UUID
    name: str
    key: str
    credit_code: str | None = None
    is_alias: bool = False


@dataclass(frozen=True, slots=True)
class Resemblance:
    """Another enterprise that a name resembles, how much (0 to 1), and why."""

    enterprise_id: UUID
    likeness: float
    reason: Reason


class _Shape(NamedTuple):
    known: Known
    pairs: frozenset[str]
    least: float


class NameIndex:
    """A few names that many others are compared with, one after the other.

    Names alike enough share so many letter pairs that they share one of any few of them: each name stands under its
    rarest, so that most of the others are done with after a look at their pairs.
    """

    def __init__(self, names: Iterable[Known]) -> None:
        self._by_key: dict[str, list[Known]] = defaultdict(list)
        self._by_core: dict[str, list[Known]] = defaultdict(list)
        self._by_pair: dict[str, list[_Shape]] = defaultdict(list)
        shapes = []
        for known in names:
            self._by_key[known.key].append(known)
            self._by_core[_core(known)].append(known)
            if len(known.key) >= _LEAST_LENGTH:
                least = ALIKE_IN_LATIN if known.key.isascii() else ALIKE
                shapes.append(_Shape(known, letter_pairs(known.key), least))
        self._enter(shapes)

    def resembling(self, one: Known) -> list[Resemblance]:
        """The indexed enterprises that have a name like this, most alike first.

        Two different credit codes are two firms, unless even the names are the same; and names that are merely alike
        are two where they begin with two places, as chambers of one home in several cities do.
        """
        best: dict[UUID, Resemblance] = {}
        for other, likeness, reason in self._compared(one):
            if other.enterprise_id == one.enterprise_id or _told_apart(one, other, reason):
                continue
            known = best.get(other.enterprise_id)
            if known is None or likeness > known.likeness:
                best[other.enterprise_id] = Resemblance(other.enterprise_id, likeness, reason)
        return sorted(best.values(), key=lambda found: -found.likeness)

    def _enter(self, shapes: Sequence[_Shape]) -> None:
        frequency = Counter(pair for shape in shapes for pair in shape.pairs)
        for shape in shapes:
            # Dice ≥ least means at least this many shared pairs, however many the other has.
            shared = ceil(shape.least / (2 - shape.least) * len(shape.pairs))
            by_rarity = sorted(shape.pairs, key=lambda pair: (frequency[pair], pair))
            for pair in by_rarity[: len(by_rarity) - shared + 1]:
                self._by_pair[pair].append(shape)

    def _compared(self, one: Known) -> Iterator[tuple[Known, float, Reason]]:
        for other in self._by_key.get(one.key, ()):
            aliased = one.is_alias or other.is_alias
            yield other, (0.95 if aliased else 1.0), (Reason.SAME_ALIAS if aliased else Reason.SAME_NAME)
        for other in self._by_core.get(_core(one), ()):
            yield other, 0.9, Reason.SAME_SHORT_NAME
        pairs = letter_pairs(one.key)
        for shape in {id(shape): shape for pair in pairs for shape in self._by_pair.get(pair, ())}.values():
            likeness = dice(pairs, shape.pairs)
            if likeness >= shape.least:
                yield shape.known, round(min(likeness, 0.89), 3), Reason.SIMILAR_NAME


def _core(known: Known) -> str:
    """Its short key; most names have neither brackets nor a closing 集团, and theirs is the key itself."""
    if _BRACKET.search(known.name) or known.key.endswith(_UMBRELLAS):
        return short_key(known.name)
    return known.key


def letter_pairs(key: str) -> frozenset[str]:
    """The different pairs of neighbouring letters of a key."""
    return frozenset(one + other for one, other in pairwise(key))


def dice(ours: frozenset[str], theirs: frozenset[str]) -> float:
    """How alike two sets of letter pairs are, from 0 to 1: their Dice coefficient."""
    total = len(ours) + len(theirs)
    return 2 * len(ours & theirs) / total if total else 0.0


def _told_apart(one: Known, other: Known, reason: Reason) -> bool:
    codes_differ = bool(one.credit_code and other.credit_code and one.credit_code != other.credit_code)
    return (codes_differ and reason != Reason.SAME_NAME) or (
        reason == Reason.SIMILAR_NAME
        and _begins_elsewhere(one.key, other.key)
        and _begins_elsewhere(other.key, one.key)
    )


def _begins_elsewhere(key: str, other: str) -> bool:
    """Whether a name begins with a place that the other does not name."""
    seat = _SEAT.match(key)
    return seat is not None and seat[0] not in other
