"""The last transaction of a restore: what the world outside knows better than the backup is put right, all at once.

- Phones hold refresh tokens that came of those in the backup: each sign-in takes the next one of ours it is shown.
- Numbers were given out after the backup: a gap is left, so that no number ever names two records.
- Cursors for pulling changes were handed out: a new epoch makes them start anew.
- Transactions are numbered anew: figures as they were known are told apart by era.
- Renditions are not in a backup: every photo that had some is developed again, from its original.
- Photos whose bytes the backup does not hold are expected again; uploads that had begun begin anew.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

import sqlalchemy as sa
from sqlalchemy.orm import Session

from media.keys import original_key
from service.accounts.sessions import forget_rotations
from service.audit import commands as audit
from service.backup.copying import Because
from service.backup.manifest import Manifest
from service.backup.place import Backup
from service.jobs.queue import defer
from service.kernel import migrate
from service.kernel.actor import Actor
from service.photos.commands import DEVELOP
from service.photos.models import Photo, PhotoState, PhotoVerification, Upload
from service.sync.epoch import begin_epoch
from service.visits.known import begin_era

NUMBER_GAP = 100_000
"""Ten days of the largest city there is (9,000 records a day), four months of a usual one."""
_PAGE = 500


@dataclass(frozen=True, slots=True)
class Finish:
    """What was put right."""

    expected_again: int
    to_develop: int
    sign_ins: int
    next_number: int


def finish(session: Session, backup: Backup, manifest: Manifest) -> Finish:
    """Makes the restored rows fit the world; the place is open for work when this commits."""
    actor = Actor.system("restore")
    done = Finish(
        expected_again=_expect_again(session, actor, backup),
        to_develop=_develop_again(session),
        sign_ins=forget_rotations(session),
        next_number=_leave_gap(session),
    )
    session.execute(sa.delete(Upload))
    session.execute(sa.delete(PhotoVerification))
    audit.record(
        session,
        actor,
        "installation.restore",
        "backup",
        backup.name,
        snapshot_at=manifest.snapshot_at,
        anchor=manifest.origin.anchor,
        next_number=done.next_number,
    )
    begin_epoch(session)
    begin_era(session)
    session.execute(sa.text(f"DROP TABLE public.{migrate.UNFINISHED_RESTORE}"))
    return done


def _expect_again(session: Session, actor: Actor, backup: Backup) -> int:
    """Nobody is told that bytes are here which are not: their phones may send them again."""
    keys = (key for key, because in backup.lost_keys() if because != Because.KNOWN_CHANGED)
    count = 0
    for page in _pages(keys):
        changed = session.scalars(
            sa.update(Photo)
            .where(Photo.object_key.in_(page), Photo.received_at.is_not(None))
            .values(
                state=PhotoState.EXPECTED, received_at=None, **_UNDEVELOPED, facts=None, difference_hash=None
            )
            .returning(Photo.id),
            execution_options={"synchronize_session": False},
        )
        ids = changed.all()
        if ids:  # those that shared an object get each their own bytes, and no phone writes where bytes were receipted
            own = [{"id": photo_id, "object_key": original_key(photo_id)} for photo_id in ids]
            session.execute(sa.update(Photo), own)
        for photo_id in ids:
            audit.record(session, actor, "photo.expect_again", "photo", str(photo_id))
            count += 1
    return count


def _develop_again(session: Session) -> int:
    had_some = sa.cast(Photo.renditions, sa.Text).not_in(["{}", "null"])
    undone = session.scalars(
        sa.update(Photo)
        .where(Photo.state == PhotoState.READY, had_some)
        .values(state=PhotoState.RECEIVED, **_UNDEVELOPED)
        .returning(Photo.id),
        execution_options={"synchronize_session": False},
    ).all()
    for photo_id in undone:
        defer(session, DEVELOP, photo_id=photo_id)
    return len(undone)


def _leave_gap(session: Session) -> int:
    moved = sa.text("SELECT setval('record_numbers', last_value + :gap) FROM record_numbers")
    return int(session.execute(moved, {"gap": NUMBER_GAP}).scalar_one()) + 1


def _pages(keys: Iterable[str]) -> Iterator[list[str]]:
    left = iter(keys)
    while page := list(islice(left, _PAGE)):
        yield page


_UNDEVELOPED = {"developed_at": None, "rejected_because": None, "renditions": None}
