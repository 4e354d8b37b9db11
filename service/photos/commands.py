"""A photo is announced, its arrival is verified, and what the darkroom found is written down.

Hashing what lies in the store is slow and happens outside a transaction: `expect`, then `arrived`, are short.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from media.keys import original_key
from service.audit import commands as audit
from service.jobs.queue import defer, deferring
from service.kernel.actor import Actor
from service.kernel.clock import now
from service.kernel.together import Question, together
from service.photos.errors import OtherPhotoAnnounced, PhotoIdTaken, PhotoTooLarge, UnknownPhoto
from service.photos.kinds import LARGE_BYTES
from service.photos.models import Photo, PhotoClaim, PhotoSource, PhotoState, PhotoVerification, UploadKind
from service.photos.uploads import finishing, forget_pieces

DEVELOP = "photos.develop"
_WRITTEN = (
    "id",
    "owner_id",
    "unit_id",
    "device_id",
    "state",
    "sha256",
    "md5",
    "size",
    "content_type",
    "source",
    "taken_at",
    "location",
    "latitude",
    "longitude",
    "object_key",
    "expected_at",
)


@dataclass(frozen=True, slots=True)
class AnnouncedPhoto:
    """What a phone says of a photo before it sends it; sizes in bytes, hashes in lower-case hex."""

    id: UUID
    sha256: str
    md5: str
    size: int
    content_type: str
    taken_at: datetime
    source: PhotoSource
    accept: tuple[str, ...] = (UploadKind.PUT,)
    """Ways of sending the bytes that the phone knows."""
    location: dict[str, Any] | None = None
    latitude: float | None = None
    longitude: float | None = None


def expect_photo(session: Session, actor: Actor, announced: AnnouncedPhoto, *, limit: int) -> Photo:
    """The photo as the house knows it: new, announced before, or already here with the same bytes of this person.

    Raises:
        PhotoTooLarge: it is over `limit` bytes.
        PhotoIdTaken: the id is somebody else's.
        OtherPhotoAnnounced: the id was announced with another hash or size.
    """
    if announced.size > limit:
        raise PhotoTooLarge(limit=limit)
    new = _new_columns(actor, announced)
    written, stamps, twins = together(
        session,
        Question(_ANNOUNCING, {f"new_{name}": value for name, value in new.items()}),
        _asking_stamp(actor, announced.id),
        _asking_twin(actor, announced),
    )
    if not written:
        return _announced_before(session, actor, announced)
    audit.record(
        session,
        actor,
        "photo.expect",
        "photo",
        str(announced.id),
        sha256=announced.sha256,
        size=announced.size,
    )
    if not (stamps or twins):
        return Photo(**new)  # nothing more is written, and reading it back costs as much as writing it
    photo = session.get_one(Photo, announced.id)
    photo.stamp = _first_stamp(stamps)
    if twins:
        _share_bytes(session, actor, photo, twins[0])
    return photo


def my_photo(session: Session, actor: Actor, photo_id: UUID) -> Photo:
    """A photo of this person.

    Raises:
        UnknownPhoto: there is none, or it is somebody else's.
    """
    photo = session.get(Photo, photo_id)
    if photo is None or photo.owner_id != actor.user_id:
        raise UnknownPhoto
    return photo


def owner_of(photo: Photo, *, name: str, address: str | None = None) -> Actor:
    """The photo's owner, for whoever acts with their leave and without their sign-in."""
    return Actor(
        user_id=photo.owner_id,
        name=name,
        unit_id=photo.unit_id,
        roles=frozenset(),
        device_id=photo.device_id,
        address=address,
    )


def mark_received(session: Session, actor: Actor, photo_id: UUID, object_key: str) -> Photo:
    """Note that the verified bytes lie under this key and have the photo developed; a repeat changes nothing.

    Of several arrivals one is the photo's: whoever finds another key on it removes their own bytes.
    """
    arriving = Question(_ARRIVING, {"photo": photo_id, "arrived": now(), "key": object_key})
    is_first, stamps = together(session, arriving, _asking_stamp(actor, photo_id))
    photo = session.get_one(Photo, photo_id, populate_existing=True)
    if is_first:
        # A record that claimed it while it was being announced found nothing to stamp.
        photo.stamp = photo.stamp or _first_stamp(stamps)
        uploads, *_ = together(
            session,
            finishing(photo_id, photo.size),
            audit.recording(actor, "photo.receive", "photo", str(photo_id)),
            deferring(DEVELOP, photo_id=photo_id),
        )
        if uploads:
            forget_pieces(session, photo_id)
        if photo.size > LARGE_BYTES:
            session.execute(sa.delete(PhotoVerification).where(PhotoVerification.photo_id == photo_id))
    return photo


def _new_columns(actor: Actor, announced: AnnouncedPhoto) -> dict[str, Any]:
    return {
        "id": announced.id,
        "owner_id": actor.person_id,
        "unit_id": actor.unit_id,
        "device_id": actor.device_id,
        "state": PhotoState.EXPECTED,
        "sha256": announced.sha256,
        "md5": announced.md5,
        "size": announced.size,
        "content_type": announced.content_type,
        "source": announced.source,
        "taken_at": announced.taken_at,
        "location": announced.location,
        "latitude": announced.latitude,
        "longitude": announced.longitude,
        "object_key": original_key(announced.id),
        "expected_at": now(),
    }


def _announced_before(session: Session, actor: Actor, announced: AnnouncedPhoto) -> Photo:
    photo = session.get_one(Photo, announced.id)
    if photo.owner_id != actor.user_id:
        raise PhotoIdTaken
    if (photo.sha256, photo.size, photo.md5) != (announced.sha256, announced.size, announced.md5):
        raise OtherPhotoAnnounced
    return photo


def _asking_stamp(actor: Actor, photo_id: UUID) -> Question:
    """What the first record that has claimed the photo writes on it."""
    return Question(_STAMP, {"photo": photo_id, "person": actor.user_id})


def _first_stamp(stamps: Sequence[Any]) -> dict[str, Any] | None:
    return stamps[0].stamp if stamps else None


def _asking_twin(actor: Actor, announced: AnnouncedPhoto) -> Question:
    """Another photo of the same person whose verified bytes are the same; never by the hash alone.

    It is held until the transaction ends, so that the sweep cannot take its bytes meanwhile.
    """
    return Question(
        _TWIN,
        {"photo": announced.id, "person": actor.user_id, "sha256": announced.sha256, "size": announced.size},
    )


def _share_bytes(session: Session, actor: Actor, photo: Photo, twin: Any) -> None:
    """The bytes need not be sent again: the new photo points at those of the first."""
    photo.object_key = twin.object_key
    photo.state = PhotoState.RECEIVED
    photo.received_at = now()
    audit.record(session, actor, "photo.receive", "photo", str(photo.id), same_bytes_as=str(twin.id))
    defer(session, DEVELOP, photo_id=photo.id)
    session.flush()


def _new(name: str) -> sa.BindParameter[Any]:
    return sa.bindparam(f"new_{name}", type_=Photo.__table__.c[name].type)


_PHOTO, _PERSON = sa.bindparam("photo", type_=sa.Uuid()), sa.bindparam("person", type_=sa.Uuid())
# Built once: a phone announces and sends hundreds, and building a statement costs more than running it.
_ANNOUNCING = (
    insert(Photo)
    .values({name: _new(name) for name in _WRITTEN})
    .on_conflict_do_nothing(index_elements=["id"])
    .returning(Photo.id)
)
_STAMP = (
    sa.select(PhotoClaim.stamp)
    .where(PhotoClaim.photo_id == _PHOTO, PhotoClaim.claimed_by == _PERSON)
    .order_by(PhotoClaim.claimed_at)
    .limit(1)
)
_TWIN = (
    sa.select(Photo.id, Photo.object_key)
    .where(
        Photo.owner_id == _PERSON,
        Photo.sha256 == sa.bindparam("sha256", type_=sa.Text()),
        Photo.size == sa.bindparam("size", type_=sa.BigInteger()),
        Photo.id != _PHOTO,
        Photo.received_at.is_not(None),
    )
    .order_by(Photo.received_at)
    .limit(1)
    .with_for_update(read=True, key_share=True)
)
_ARRIVING = (
    sa.update(Photo)
    .where(Photo.id == _PHOTO, Photo.state == PhotoState.EXPECTED)
    .values(
        state=PhotoState.RECEIVED,
        received_at=sa.bindparam("arrived", type_=sa.DateTime(timezone=True)),
        object_key=sa.bindparam("key", type_=sa.Text()),
    )
    .returning(Photo.id)
)
