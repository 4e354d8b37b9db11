"""Near-duplicate photos among 200,000: `python bench/likeness.py` (about half a minute; needs nothing running).

Half the hashes are random and half crowd around 500 scenes, as photos of the same sites do; copies of some, up to six
bits away, are planted. Prints whether every planted copy is found, the plan's indexes, and p50 and p95 of one photo's
search and of a queue's page of 100 photos, from sending the statement to its last row.
"""

import random
import statistics
import sys
import time
from pathlib import Path
from uuid import UUID, uuid4

sys.path.insert(0, str(Path(__file__).parents[1]))

import sqlalchemy as sa
from sqlalchemy.orm import Session

from service.accounts.models import User
from service.kernel.db import make_engine
from service.kernel.migrate import upgrade
from service.photos.likeness import alike
from tests.support.postgres import fresh_database, server_url
from tests.support.world import build_world

PHOTOS = 200_000
SCENES = 500
PLANTED = 200
ROUNDS = 200
_FILL = sa.text(
    """
INSERT INTO photos (id, owner_id, unit_id, state, sha256, md5, size, content_type, source, taken_at, object_key,
                    expected_at, received_at, difference_hash)
SELECT id, :owner, :unit, 'ready', md5(id::text) || md5(id::text), md5(id::text), 300000, 'image/jpeg', 'camera',
       now(), id::text, now(), now(), hash
FROM unnest(CAST(:ids AS uuid[]), CAST(:hashes AS bigint[])) AS made(id, hash)
"""
)


def main() -> None:
    chance = random.Random(7)
    with server_url() as server, fresh_database(server) as url:
        upgrade(url)
        engine = make_engine(url)
        with Session(engine) as session:
            planted = fill(session, chance)
            session.execute(sa.text("ANALYZE photos"))
            found = sum(
                any(one.other_id == twin for one in alike(session, [photo])) for photo, twin in planted
            )
            print(f"{PHOTOS:,} photos, {len(planted)} planted copies: {found} found")
            ids = list(session.scalars(sa.text("SELECT id FROM photos ORDER BY md5(id::text) LIMIT 20000")))
            told("one photo", [timed(session, [chance.choice(ids)]) for _ in range(ROUNDS)])
            told("100 photos at once", [timed(session, chance.sample(ids, 100)) for _ in range(20)])
        engine.dispose()


def fill(session: Session, chance: random.Random) -> list[tuple[UUID, UUID]]:
    """Write the photos; the planted pairs."""
    build_world(session)
    owner, unit = session.execute(sa.select(User.id, User.unit_id).limit(1)).one()
    scenes = [chance.getrandbits(64) for _ in range(SCENES)]
    hashes = [near(chance.choice(scenes), 12, chance) for _ in range(PHOTOS // 2)]
    hashes += [chance.getrandbits(64) for _ in range(PHOTOS // 2 - PLANTED)]
    ids = [uuid4() for _ in range(PHOTOS)]
    originals = chance.sample(range(PHOTOS // 2, len(hashes)), PLANTED)
    pairs = [(ids[one], ids[len(hashes) + place]) for place, one in enumerate(originals)]
    hashes += [near(hashes[one], 6, chance) for one in originals]
    signed = [one - 2**64 if one >= 2**63 else one for one in hashes]
    session.execute(_FILL, {"owner": owner, "unit": unit, "ids": ids, "hashes": signed})
    session.commit()
    return pairs


def near(likeness: int, bits: int, chance: random.Random) -> int:
    """A hash up to so many bits away."""
    for bit in chance.sample(range(64), chance.randint(0, bits)):
        likeness ^= 1 << bit
    return likeness


def timed(session: Session, ids: list[UUID]) -> float:
    began = time.perf_counter()
    alike(session, ids)
    return (time.perf_counter() - began) * 1000


def told(what: str, times: list[float]) -> None:
    spread = statistics.quantiles(times, n=20)
    print(f"{what}: p50 {statistics.median(times):.1f} ms, p95 {spread[-1]:.1f} ms")


if __name__ == "__main__":
    main()
