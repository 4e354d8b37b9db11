"""Records claim photos, before or after they arrive; a claim never refuses and never moves bytes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import ReturningUpdate

from service.jobs.queue import defer
from service.kernel.actor import Actor
from service.kernel.clock import now
from service.photos.commands import DEVELOP
from service.photos.models import Photo, PhotoClaim


@dataclass(frozen=True, slots=True)
class StampFacts:
    """What is written on a photo's stamped rendition, beside the time it was taken."""

    place: str
    unit: str
    number: str
    subject: str = ""

    def as_document(self) -> dict[str, Any]:
        """What is kept with the photo."""
        return {"place": self.place, "unit": self.unit, "number": self.number, "subject": self.subject}


def claim(
    session: Session,
    actor: Actor,
    *,
    record_type: str,
    record_id: UUID,
    photo_ids: Sequence[UUID],
    stamp: StampFacts,
) -> None:
    """Make exactly these photos the record's own.

    Photos that are not announced yet are claimed all the same. The first record to claim a photo writes its stamp.
    Other people's photos can be named but stay theirs: their pictures are not stamped for this record.
    """
    wanted = list(dict.fromkeys(photo_ids))
    session.execute(
        sa.delete(PhotoClaim).where(PhotoClaim.record_id == record_id, PhotoClaim.photo_id.not_in(wanted))
    )
    if not wanted:
        return
    # The nightly sweep leaves alone what is locked here, and sees the claim afterwards.
    session.execute(
        sa.select(Photo.id).where(Photo.id.in_(wanted)).with_for_update(read=True, key_share=True)
    )
    session.execute(_claiming(actor, record_type, record_id, wanted, stamp))
    for photo_id, received_at in session.execute(_stamping(actor, wanted, stamp)):
        if received_at is not None:
            defer(session, DEVELOP, photo_id=photo_id)


def _claiming(
    actor: Actor, record_type: str, record_id: UUID, photo_ids: list[UUID], stamp: StampFacts
) -> sa.Executable:
    moment = now()
    rows = [
        {
            "photo_id": photo_id,
            "record_id": record_id,
            "record_type": record_type,
            "position": position,
            "claimed_by": actor.person_id,
            "claimed_at": moment,
            "stamp": stamp.as_document(),
        }
        for position, photo_id in enumerate(photo_ids, start=1)
    ]
    claiming = insert(PhotoClaim).values(rows)
    return claiming.on_conflict_do_update(
        index_elements=["photo_id", "record_id"], set_={"position": claiming.excluded.position}
    )


def _stamping(
    actor: Actor, photo_ids: list[UUID], stamp: StampFacts
) -> ReturningUpdate[UUID, datetime | None]:
    """Stamp the person's photos that have no stamp yet; those already developed are developed again."""
    return (
        sa.update(Photo)
        .where(Photo.id.in_(photo_ids), Photo.owner_id == actor.user_id, Photo.stamp.is_(None))
        .values(stamp=stamp.as_document())
        .returning(Photo.id, Photo.received_at)
        .execution_options(synchronize_session=False)
    )
