"""Enterprises that look alike are suspected, with the reasons; a person decides whether they are one."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from math import ceil
from uuid import UUID

from service.kernel.text import name_key, short_key

ALIKE = 0.8
"""Likeness (Dice coefficient of letter pairs) from which two names are suspected."""
ALIKE_IN_LATIN = 0.9
"""The same for names in Latin letters, which say less each: KB and JB Financial Group are two."""
_LEAST_LENGTH = 4
"""Of shorter names a pair of letters says too little."""
_MOST_ALIKE_EACH = 20


class Reason(StrEnum):
    """Why two enterprises are suspected to be one."""

    SAME_NAME = "same_name"
    SAME_ALIAS = "same_alias"
    SAME_SHORT_NAME = "same_short_name"
    SIMILAR_NAME = "similar_name"


@dataclass(frozen=True, slots=True)
class Known:
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


@dataclass(frozen=True, slots=True)
class _Shape:
    known: Known
    pairs: frozenset[str]


class NameIndex:
    """Names to compare with; similar ones are found by the rarest letter pairs they must share."""

    def __init__(self, names: Iterable[Known]) -> None:
        self._by_key: dict[str, list[Known]] = defaultdict(list)
        self._by_short_key: dict[str, list[Known]] = defaultdict(list)
        self._shapes: list[_Shape] = []
        self._by_pair: dict[str, set[int]] = defaultdict(set)
        for known in names:
            self.add(known)

    def add(self, known: Known) -> None:
        """Let a later name be compared with this one."""
        self._by_key[known.key].append(known)
        self._by_short_key[short_key(known.name)].append(known)
        if len(known.key) >= _LEAST_LENGTH:
            pairs = letter_pairs(known.key)
            for pair in pairs:
                self._by_pair[pair].add(len(self._shapes))
            self._shapes.append(_Shape(known, pairs))

    def resembling(self, one: Known) -> list[Resemblance]:
        """The other enterprises whose names resemble this one, most alike first.

        Two different credit codes are two firms, unless even the names are the same.
        """
        best: dict[UUID, Resemblance] = {}
        for other, likeness, reason in self._compared(one):
            if other.enterprise_id == one.enterprise_id or _told_apart(one, other, reason):
                continue
            known = best.get(other.enterprise_id)
            if known is None or likeness > known.likeness:
                best[other.enterprise_id] = Resemblance(other.enterprise_id, likeness, reason)
        return sorted(best.values(), key=lambda found: -found.likeness)[:_MOST_ALIKE_EACH]

    def _compared(self, one: Known) -> Iterator[tuple[Known, float, Reason]]:
        for other in self._by_key.get(one.key, ()):
            aliased = one.is_alias or other.is_alias
            yield other, (0.95 if aliased else 1.0), (Reason.SAME_ALIAS if aliased else Reason.SAME_NAME)
        for other in self._by_short_key.get(short_key(one.name), ()):
            yield other, 0.9, Reason.SAME_SHORT_NAME
        for other, likeness in self._similar(one.key):
            yield other, round(min(likeness, 0.89), 3), Reason.SIMILAR_NAME

    def _similar(self, key: str) -> Iterator[tuple[Known, float]]:
        """Names alike enough: they lack too few of the key's pairs to lack all of the rarest."""
        if len(key) < _LEAST_LENGTH:
            return
        least = ALIKE_IN_LATIN if key.isascii() else ALIKE
        pairs = letter_pairs(key)
        by_rarity = sorted(pairs, key=lambda pair: len(self._by_pair.get(pair, ())))
        shared = ceil(least / (2 - least) * len(pairs))
        for place in set().union(
            *(self._by_pair.get(pair, ()) for pair in by_rarity[: len(pairs) - shared + 1])
        ):
            shape = self._shapes[place]
            likeness = dice(pairs, shape.pairs)
            if likeness >= least:
                yield shape.known, likeness


def letter_pairs(key: str) -> frozenset[str]:
    """The different pairs of neighbouring letters of a key."""
    return frozenset(one + other for one, other in pairwise(key))


def dice(ours: frozenset[str], theirs: frozenset[str]) -> float:
    """How alike two sets of letter pairs are, from 0 to 1: their Dice coefficient."""
    total = len(ours) + len(theirs)
    return 2 * len(ours & theirs) / total if total else 0.0


def known_name(enterprise_id: UUID, name: str, code: str | None = None, *, is_alias: bool = False) -> Known:
    """A name ready to be compared."""
    return Known(enterprise_id, name, name_key(name), code, is_alias)


def _told_apart(one: Known, other: Known, reason: Reason) -> bool:
    codes_differ = bool(one.credit_code and other.credit_code and one.credit_code != other.credit_code)
    return codes_differ and reason != Reason.SAME_NAME
