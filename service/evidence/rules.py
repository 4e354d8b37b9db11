"""The lots of review and inspection, pure: a seed and an id always draw the same, and no one who lacks the seed can tell.

A weighted sample takes the records with the greatest `u ** (1 / weight)`, `u` being the lot between 0 and 1
(Efraimidis and Spirakis, 2006): each is drawn with a chance that grows with its weight.
"""

import hashlib
import hmac
import math
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from uuid import UUID

from service.evidence.models import DrawnAs, PolicyKind


@dataclass(frozen=True, slots=True)
class Policy:
    """What a programme holds for review."""

    kind: PolicyKind
    percent: int
    seed: str


@dataclass(frozen=True, slots=True)
class Drawable:
    """A visit that may be drawn, and how suspicious it is."""

    visit_id: UUID
    unit_id: UUID
    weight: int


@dataclass(frozen=True, slots=True)
class Drawn:
    """A visit that was drawn, and by which lot."""

    one: Drawable
    drawn_as: DrawnAs


def lot(seed: str, purpose: str, record_id: UUID) -> float:
    """A number between 0 and 1, both excluded, that the seed gives to a record."""
    digest = hmac.new(seed.encode(), purpose.encode() + record_id.bytes, hashlib.sha256).digest()
    return (int.from_bytes(digest[:6]) + 0.5) / 2**48


def holds(policy: Policy, visit_id: UUID, *, is_doubtful: bool) -> bool:
    """Whether a reviewer has to look at a visit; what is doubtful is never let through by a machine."""
    if policy.kind is PolicyKind.ALL or is_doubtful:
        return True
    if policy.kind is PolicyKind.FLAGGED:
        return False
    return lot(policy.seed, "review", visit_id) * 100 < policy.percent


def draw(
    population: Collection[Drawable], seed: str, *, random_count: int, weighted_count: int
) -> list[Drawn]:
    """First the random sample, then of the rest the one weighted by suspicion; the same for the same seed."""
    by_lot = sorted(population, key=lambda one: (lot(seed, "random", one.visit_id), one.visit_id))
    chosen = [Drawn(one, DrawnAs.RANDOM) for one in by_lot[:random_count]]
    rest: Iterable[Drawable] = by_lot[random_count:]
    heaviest = sorted(rest, key=lambda one: (_waiting(seed, one), one.visit_id))
    return chosen + [Drawn(one, DrawnAs.WEIGHTED) for one in heaviest[:weighted_count]]


def _waiting(seed: str, one: Drawable) -> float:
    """The smaller the sooner: -ln(u) / weight orders as the greatest u ** (1 / weight) does."""
    return -math.log(lot(seed, "weighted", one.visit_id)) / (1 + one.weight)
