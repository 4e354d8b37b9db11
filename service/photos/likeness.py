"""Pictures that look alike, among the photos of all people and all years, by their difference hash.

Two hashes that differ in at most seven of 64 bits have a quarter of 16 bits in which they differ by one at most. So
each quarter is indexed, and asked for as it is and with each of its bits turned: 68 looks into an index find every
photo within the distance, and nearly nothing else.
"""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from service.kernel.together import Question, together
from service.photos.models import LIKENESS_QUARTERS, Photo, telling_hash

ALIKE_BITS = 6
"""The same shot, re-encoded or slightly cropped (`media.fingerprint`)."""
FARTHEST_BITS = 7
"""Beyond, the index misses some."""
MOST_ALIKE = 20
"""A reviewer looks at a few; a scene that fifty photos share is told by twenty of them as well."""
_FLIPS = [0, *(1 << bit for bit in range(16))]


@dataclass(frozen=True, slots=True)
class Alike:
    """A photo resembles another one in all but `bits` of 64 bits."""

    photo_id: UUID
    other_id: UUID
    bits: int


def alike(session: Session, photo_ids: Collection[UUID], *, within: int = ALIKE_BITS) -> list[Alike]:
    """For each photo the ones that look like it, the nearest first, twenty at most; in one statement.

    `within` is at most seven. Photos that were not developed, and flat pictures, resemble nothing.
    """
    if within > FARTHEST_BITS:
        raise ValueError(f"beyond {FARTHEST_BITS} bits some would be missed")
    if not photo_ids:
        return []
    (rows,) = together(session, Question(_ALIKE, {"photos": list(photo_ids), "within": within}))
    return [Alike(row.photo_id, row.other_id, row.bits) for row in rows]


def resembles_another() -> sa.ColumnElement[bool]:
    """The condition that a row of `photos` has a twin of the same bytes, or another photo that looks like it."""
    return sa.literal_column(_RESEMBLES, sa.Boolean())


def _keys(of: str) -> str:
    """For each quarter of a hash: the quarter as it is, and with each of its bits turned."""
    keys = (
        f"array_agg(({quarter.format(of)}) # flip) AS keys_{number}"
        for number, quarter in enumerate(LIKENESS_QUARTERS)
    )
    flips = ",".join(str(flip) for flip in _FLIPS)
    return f"(SELECT {', '.join(keys)} FROM unnest('{{{flips}}}'::bigint[]) AS flip)"  # noqa: S608 -- made of constants alone


# Each quarter is asked by its own index, which a condition with OR would not be.
_NEAR = " UNION ".join(
    f"SELECT id, difference_hash FROM photos WHERE {telling_hash('difference_hash')}"  # noqa: S608 -- constants
    f" AND ({quarter.format('difference_hash')}) = ANY (wanted.keys_{number})"
    for number, quarter in enumerate(LIKENESS_QUARTERS)
)
_ALIKE = sa.text(
    f"""
SELECT asked.id AS photo_id, found.id AS other_id, found.bits
FROM photos AS asked
CROSS JOIN LATERAL {_keys("asked.difference_hash")} AS wanted
CROSS JOIN LATERAL (
    SELECT id, bit_count((asked.difference_hash # difference_hash)::bit(64)) AS bits
    FROM ({_NEAR}) AS near
    WHERE id <> asked.id AND bit_count((asked.difference_hash # difference_hash)::bit(64)) <= :within
    ORDER BY bits, id
    LIMIT {MOST_ALIKE}
) AS found
WHERE asked.id = ANY (:photos) AND {telling_hash("asked.difference_hash")}
ORDER BY asked.id, found.bits, found.id
"""  # noqa: S608 -- made of constants alone
).bindparams(
    sa.bindparam("photos", type_=sa.ARRAY(sa.Uuid())),
    sa.bindparam("within", type_=sa.Integer()),
)
_RESEMBLES = f"""(
EXISTS (
    SELECT 1 FROM photos AS twin
    WHERE twin.sha256 = photos.sha256 AND twin.id <> photos.id AND twin.received_at IS NOT NULL
) OR {telling_hash("photos.difference_hash")} AND EXISTS (
    SELECT 1 FROM {_keys("photos.difference_hash")} AS wanted
    CROSS JOIN LATERAL ({_NEAR}) AS near
    WHERE near.id <> photos.id
      AND bit_count((photos.difference_hash # near.difference_hash)::bit(64)) <= {ALIKE_BITS}
))"""  # noqa: S608 -- made of constants alone
# The statement names the table by its text; this keeps both together.
assert Photo.__tablename__ == "photos"
