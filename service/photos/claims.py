"""Records claim photos, before or after they arrive; a claim never refuses and never moves bytes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

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
    leaving = Question(_LEAVING, {"record_id": record_id, "photos": wanted})
    if not wanted:
        together(session, leaving)
        return
    *_, stamped = together(
        session,
        leaving,
        Question(_HOLDING, {"photos": wanted}),
        Question(_CLAIMING, {"rows": as_rows(_rows(actor, record_type, record_id, wanted, stamp))}),
        Question(_STAMPING, {"photos": wanted, "owner_id": actor.user_id, "new_stamp": stamp.as_document()}),
    )
    for photo in stamped:
        if photo.received_at is not None:
            defer(session, DEVELOP, photo_id=photo.id)


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


_CLAIMS = PhotoClaim.metadata.tables[PhotoClaim.__tablename__]
_PHOTOS = sa.bindparam("photos", type_=sa.ARRAY(sa.Uuid()))
# Built once: every record with photos is claimed by these, and building a statement costs more than running it.
_LEAVING = sa.delete(_CLAIMS).where(
    _CLAIMS.c.record_id == sa.bindparam("record_id", type_=sa.Uuid()), _CLAIMS.c.photo_id != sa.all_(_PHOTOS)
)
_HOLDING = (
    sa.select(Photo.id)
    .where(Photo.id == sa.any_(_PHOTOS))
    .order_by(Photo.id)
    .with_for_update(read=True, key_share=True)
)
"""The nightly sweep leaves alone what is locked here, and sees the claim afterwards."""
_CLAIMING = sa.text(
    """
INSERT INTO photo_claims (photo_id, record_id, record_type, position, claimed_by, claimed_at, stamp)
SELECT photo_id, record_id, record_type, position, claimed_by, claimed_at, stamp
FROM jsonb_populate_recordset(NULL::photo_claims, CAST(:rows AS jsonb))
ON CONFLICT (photo_id, record_id) DO UPDATE SET position = excluded.position
"""
).bindparams(sa.bindparam("rows", type_=sa.Text()))
_STAMPING = (
    sa.update(Photo)
    .where(
        Photo.id == sa.any_(_PHOTOS),
        Photo.owner_id == sa.bindparam("owner_id", type_=sa.Uuid()),
        Photo.stamp.is_(None),
    )
    .values(stamp=sa.bindparam("new_stamp", type_=Photo.__table__.c.stamp.type))
    .returning(Photo.id, Photo.received_at)
)
"""The person's photos that have no stamp yet; those already developed are developed again."""
