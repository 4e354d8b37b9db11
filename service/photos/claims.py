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
from service.kernel.many import as_rows, inserting
from service.kernel.together import Question, together
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


@dataclass(frozen=True, slots=True)
class NewClaim:
    """The photos that a new record names, in its order."""

    record_type: str
    record_id: UUID
    photo_ids: Sequence[UUID]
    stamp: StampFacts


def claim_for_new(session: Session, actor: Actor, claims: Sequence[NewClaim]) -> None:
    """`claim` for many new records at once, none of which names a photo of another."""
    wanted = sorted({photo_id for one in claims for photo_id in one.photo_ids})
    if not wanted:
        return
    # In the order of their ids, as any other batch; the nightly sweep leaves alone what is locked here.
    locked = sa.select(Photo.id).where(Photo.id.in_(wanted)).order_by(Photo.id)
    session.execute(locked.with_for_update(read=True, key_share=True))
    rows = [
        row
        for one in claims
        for row in _rows(actor, one.record_type, one.record_id, one.photo_ids, one.stamp)
    ]
    together(session, inserting(PhotoClaim.metadata.tables[PhotoClaim.__tablename__], rows))
    stamps = [{"id": row["photo_id"], "stamp": row["stamp"]} for row in rows]
    (stamped,) = together(
        session, Question(_STAMP_MANY, {"rows": as_rows(stamps), "owner_id": actor.person_id})
    )
    for photo in stamped:
        if photo.received_at is not None:
            defer(session, DEVELOP, photo_id=photo.id)


_STAMP_MANY = sa.text(
    """
UPDATE photos SET stamp = r.stamp
FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(id uuid, stamp jsonb)
WHERE photos.id = r.id AND photos.owner_id = :owner_id AND photos.stamp IS NULL
RETURNING photos.id, photos.received_at
"""
).bindparams(sa.bindparam("rows", type_=sa.Text()), sa.bindparam("owner_id", type_=sa.Uuid()))


def _claiming(
    actor: Actor, record_type: str, record_id: UUID, photo_ids: list[UUID], stamp: StampFacts
) -> sa.Executable:
    claiming = insert(PhotoClaim).values(_rows(actor, record_type, record_id, photo_ids, stamp))
    return claiming.on_conflict_do_update(
        index_elements=["photo_id", "record_id"], set_={"position": claiming.excluded.position}
    )


def _rows(
    actor: Actor, record_type: str, record_id: UUID, photo_ids: Sequence[UUID], stamp: StampFacts
) -> list[dict[str, Any]]:
    moment = now()
    return [
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
