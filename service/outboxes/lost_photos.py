"""A photo whose verified bytes are gone or damaged is awaited again, so that its phone may send them once more.

Damaged bytes are left where they are: should no phone have the picture any more, they are all there is of it. An upload
replaces them whole.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from media.errors import Damaged, NotFound
from media.intake import measure
from media.keys import original_key
from media.stores.protocol import ObjectStore
from service.audit import commands as audit
from service.kernel.actor import Actor
from service.photos.models import Photo, PhotoState


@dataclass(frozen=True, slots=True)
class Held:
    """What the house believes to hold of a photo."""

    photo_id: UUID
    object_key: str
    size: int
    sha256: str


def held_photos(session: Session, owner_id: UUID, photo_ids: Collection[UUID]) -> Sequence[Held]:
    """Those of these photos of a person that count as received."""
    rows = session.execute(
        sa.select(Photo.id, Photo.object_key, Photo.size, Photo.sha256)
        .where(Photo.id.in_(photo_ids), Photo.owner_id == owner_id, Photo.received_at.is_not(None))
        .order_by(Photo.id)  # the order in which everybody locks photos
    )
    return [Held(*row) for row in rows]


def is_whole(store: ObjectStore, held: Held) -> bool:
    """Whether the store still has the very bytes that were verified; it is read once, outside any transaction.

    Raises:
        MediaRefusal: the store cannot be asked now, which says nothing about the photo.
    """
    try:
        with store.open(held.object_key) as stream:
            found = measure(stream)
    except (NotFound, Damaged):
        return False
    return (found.size, found.sha256) == (held.size, held.sha256)


def await_again(session: Session, actor: Actor, lost: Held) -> None:
    """The photo counts as expected again; a second run, or bytes that arrived meanwhile, change nothing."""
    photo = session.get(Photo, lost.photo_id, with_for_update=True, populate_existing=True)
    if photo is None or photo.received_at is None or photo.object_key != lost.object_key:
        return
    received_at = photo.received_at
    photo.state = PhotoState.EXPECTED
    photo.received_at = photo.developed_at = photo.rejected_because = None
    # Of two photos that shared one object each gets its own bytes.
    photo.object_key = original_key(photo.id)
    session.flush()
    audit.record(
        session, actor, "photo.await_again", "photo", photo.id, sha256=photo.sha256, received_at=received_at
    )
