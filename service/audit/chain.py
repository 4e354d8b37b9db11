"""How entries are linked: a seal's hash covers the seal before it and every entry it takes, in order.

::

    seal n-1 ── hash ──▶ seal n: SHA-256( previous hash, number, time, text of entry 1, text of entry 2, … )

Whoever knows the hash of seal n can tell whether anything up to n was changed since. The texts come from the
database as text already, so that the same row always reads the same, whatever client asks.
"""

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass

FIRST_PREVIOUS_HASH = "0" * 64
"""Stands where the first seal has no seal before it."""

_ANCHOR = re.compile(r"([1-9]\d{0,17}):([0-9a-f]{64})")


class NotAnAnchorError(ValueError):
    """A text that does not name a seal as `number:hash`."""


@dataclass(frozen=True, slots=True)
class Anchor:
    """A seal as it was noted outside this database."""

    no: int
    hash: str

    def __str__(self) -> str:
        return f"{self.no}:{self.hash}"


def read_anchor(text: str) -> Anchor:
    """The seal that a text such as `17:9f86…` names.

    Raises:
        NotAnAnchorError: it is not a number, a colon and 64 lower-case hex digits.
    """
    found = _ANCHOR.fullmatch(text.strip())
    if found is None:
        raise NotAnAnchorError("an anchor is the number of a seal, a colon and its 64 hex digits")
    return Anchor(int(found[1]), found[2])


def canonical_text(columns: Sequence[str | None]) -> str:
    """One line for an entry: its columns, in their fixed order, as a JSON list; no two entries share it."""
    return json.dumps(list(columns), ensure_ascii=False, separators=(",", ":"))


class Link:
    """A seal's hash in the making; entries are added one by one, so a seal of any size needs no memory."""

    def __init__(self, *, no: int, previous_hash: str, sealed_at: str) -> None:
        """Begin with what the seal itself says; `sealed_at` is its time as text."""
        self.entries = 0
        self._digest = hashlib.sha256()
        self._add(["qianbai audit 1", str(no), previous_hash, sealed_at])

    def add(self, columns: Sequence[str | None]) -> None:
        """Cover one more entry."""
        self.entries += 1
        self._add(columns)

    def hash(self) -> str:
        """SHA-256 of all that was added so far, as 64 hex digits."""
        return self._digest.hexdigest()

    def _add(self, columns: Sequence[str | None]) -> None:
        self._digest.update(canonical_text(columns).encode("utf-8", "surrogatepass") + b"\n")
