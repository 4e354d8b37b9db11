"""The final read: what phones hold receipts for, against what is there, over the API and past it.

::

    lost      a receipt names what is not there, or a photo whose bytes cannot be read
    doubled   what one phone kept once is there twice
    altered   what is there is not what was sent, or nobody sent it

The hashes are worked out here from the bodies and bytes that are read, never taken from a column.
"""

import hashlib
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import rfc8785

from media.errors import MediaRefusal, NotFound
from media.stores.protocol import ObjectStore
from tests.faults.installation import Installation
from tests.support.live import Phone as Caller

RECORDS = {"visit": "visits", "checkin": "checkins"}
TRIES = 4
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Receipted:
    """One thing a phone holds a receipt for: a revision of a record, a photo, or a withdrawal (without a hash)."""

    kind: str
    id: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Story:
    """All that the phones did: what they ever kept, and what of it they hold receipts for."""

    kept: Sequence[Receipted]
    receipted: Sequence[Receipted]


@dataclass(slots=True)
class Verdict:
    """How the comparison went; the lists name what went wrong."""

    acknowledged: int
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    altered: list[str] = field(default_factory=list)

    @property
    def is_clean(self) -> bool:
        """Whether nothing is lost, doubled or altered."""
        return not (self.lost or self.doubled or self.altered)

    def __str__(self) -> str:
        said = [f"{self.acknowledged} acknowledged"]
        for name in ("lost", "doubled", "altered"):
            found: list[str] = getattr(self, name)
            said.append(f"{len(found)} {name}" + (f" ({'; '.join(found[:_SHOWN])})" if found else ""))
        return ", ".join(said)


def compare(installation: Installation, story: Story, store: ObjectStore) -> Verdict:
    """Read everything directly from database and store, and hold it against the story."""
    verdict = Verdict(len(story.receipted))
    _compare_revisions(installation, story, verdict)
    _compare_records(installation, story, verdict)
    _compare_withdrawals(installation, story, verdict)
    _compare_photos(installation, story, store, verdict)
    return verdict


def compare_by_api(reader: Caller, story: Story, verdict: Verdict) -> None:
    """Read one person's records over the API, page after page, and hold them against that person's story."""
    for kind, where in RECORDS.items():
        shown = Counter(one["id"] for one in reader.every(f"/api/v1/{where}?limit=500"))
        for record_id in {one.id for one in story.receipted if one.kind == kind} - shown.keys():
            verdict.lost.append(f"{kind} {record_id} is not shown")
        verdict.doubled += [
            f"{kind} {record_id} is shown {times} times" for record_id, times in shown.items() if times > 1
        ]
        for record_id in shown.keys() - {one.id for one in story.kept if one.kind == kind}:
            verdict.altered.append(f"{kind} {record_id} is shown, and nobody wrote it")


def body_hash(body: Any) -> str:
    """SHA-256 over the canonical JSON, as receipts have it."""
    return hashlib.sha256(rfc8785.dumps(body)).hexdigest()


def _compare_revisions(installation: Installation, story: Story, verdict: Verdict) -> None:
    """Every receipted revision stands once with the body that was sent; nothing stands that was not."""
    rows = installation.ask(
        "SELECT record_type, record_id, rev, sha256, body FROM record_revisions ORDER BY 2, 3"
    )
    times = Counter((row.record_type, str(row.record_id), row.sha256) for row in rows)
    kept = {(one.kind, one.id, one.sha256) for one in story.kept}
    for one in story.receipted:
        if one.kind in RECORDS and (one.kind, one.id, one.sha256) not in times:
            verdict.lost.append(f"{one.kind} {one.id}, revision {one.sha256[:8]}")
    verdict.doubled += [
        f"{kind} {which}, revision {sha[:8]}, {count} times"
        for (kind, which, sha), count in times.items()
        if count > 1
    ]
    numbers = Counter((str(row.record_id), row.rev) for row in rows)
    verdict.doubled += [
        f"{which} has revision {rev} {count} times" for (which, rev), count in numbers.items() if count > 1
    ]
    for row in rows:
        if body_hash(row.body) != row.sha256:
            verdict.altered.append(
                f"{row.record_type} {row.record_id}: its body is not what its receipt says"
            )
        elif (row.record_type, str(row.record_id), row.sha256) not in kept:
            verdict.altered.append(f"{row.record_type} {row.record_id}, revision {row.rev}: nobody sent it")


def _compare_records(installation: Installation, story: Story, verdict: Verdict) -> None:
    """Every record stands once, with one number, and says what its newest revision says."""
    for kind, table in RECORDS.items():
        told = "summary" if kind == "visit" else "note"
        rows = installation.ask(
            f"SELECT r.id, r.rev, r.number, r.{told} AS told, n.body ->> '{told}' AS sent, n.rev AS newest "
            f"FROM {table} r LEFT JOIN LATERAL (SELECT body, rev FROM record_revisions WHERE record_id = r.id "
            "ORDER BY rev DESC LIMIT 1) n ON true"
        )
        times = Counter(str(row.id) for row in rows)
        for record_id in {one.id for one in story.receipted if one.kind == kind} - times.keys():
            verdict.lost.append(f"{kind} {record_id} has a receipt and no row")
        verdict.doubled += [f"{kind} {which} has {count} rows" for which, count in times.items() if count > 1]
        numbers = Counter(row.number for row in rows)
        verdict.doubled += [
            f"number {number} was given {count} times" for number, count in numbers.items() if count > 1
        ]
        for row in rows:
            if row.told != row.sent or row.rev != row.newest:
                verdict.altered.append(f"{kind} {row.id}: row {row.rev} and revision {row.newest} differ")


def _compare_withdrawals(installation: Installation, story: Story, verdict: Verdict) -> None:
    """What was withdrawn with a receipt is withdrawn."""
    wanted = {one.id for one in story.receipted if one.kind == "withdrawal"}
    rows = installation.ask("SELECT id FROM visits WHERE review_state = 'withdrawn'")
    verdict.lost += [f"withdrawal of {which}" for which in wanted - {str(row.id) for row in rows}]


def _compare_photos(installation: Installation, story: Story, store: ObjectStore, verdict: Verdict) -> None:
    """Every receipted photo is received, stands once, and its bytes are the phone's."""
    rows = installation.ask("SELECT id, sha256, object_key, received_at FROM photos")
    received = {str(row.id): row for row in rows if row.received_at is not None}
    for one in (one for one in story.receipted if one.kind == "photo"):
        row = received.get(one.id)
        if row is None:
            verdict.lost.append(f"photo {one.id} has a receipt and is not received")
        elif (found := _bytes_hash(store, row.object_key)) != one.sha256:
            where = verdict.lost if found is None else verdict.altered
            where.append(f"photo {one.id}: its bytes are {'not there' if found is None else 'others'}")
    times = Counter(row.sha256 for row in rows)
    verdict.doubled += [f"photo {sha[:8]} stands {count} times" for sha, count in times.items() if count > 1]
    claimed = {
        (str(row.photo_id), str(row.record_id))
        for row in installation.ask("SELECT photo_id, record_id FROM photo_claims")
    }
    newest = installation.ask(
        "SELECT record_id, photos FROM (SELECT DISTINCT ON (record_id) record_id, body -> 'photo_ids' AS photos "
        "FROM record_revisions ORDER BY record_id, rev DESC) n WHERE photos IS NOT NULL"
    )
    for record_id, photo_ids in newest:
        missing = [photo_id for photo_id in photo_ids if (photo_id, str(record_id)) not in claimed]
        verdict.lost += [f"{record_id} names photo {photo_id} and does not claim it" for photo_id in missing]


def _bytes_hash(store: ObjectStore, key: str) -> str | None:
    """Of what lies there; a store that is only busy is asked again."""
    for attempt in range(TRIES):
        try:
            with store.open(key) as stream:
                return hashlib.file_digest(stream, "sha256").hexdigest()
        except NotFound:
            return None
        except MediaRefusal:
            time.sleep(attempt)
    return None
