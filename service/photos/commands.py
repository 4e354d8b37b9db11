"""A photo is announced, its arrival is verified, and what the darkroom found is written down.

Hashing what lies in the store is slow and happens outside a transaction: `expect`, then `arrived`, are short.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import ReturningInsert

from media.keys import original_key
from service.audit import commands as audit
from service.jobs.queue import defer
from service.kernel.actor import Actor
from service.kernel.clock import now
from service.photos.errors import OtherPhotoAnnounced, PhotoIdTaken, PhotoTooLarge, UnknownPhoto
from service.photos.kinds import LARGE_BYTES
from service.photos.models import Photo, PhotoClaim, PhotoSource, PhotoState, PhotoVerification, UploadKind
from service.photos.uploads import finish

DEVELOP = "photos.develop"


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
    if session.execute(_announce(actor, announced)).first() is None:
        return _announced_before(session, actor, announced)
    photo = session.get_one(Photo, announced.id)
    photo.stamp = _stamp_of_first_claim(session, actor, photo.id)
    audit.record(session, actor, "photo.expect", "photo", str(photo.id), sha256=photo.sha256, size=photo.size)
    twin = _received_twin(session, actor, photo)
    if twin is not None:
        _share_bytes(session, actor, photo, twin)
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


def mark_received(session: Session, actor: Actor, photo_id: UUID) -> Photo:
    """Note that the verified bytes lie in the store and have the photo developed; a repeat changes nothing."""
    arrived = (
        sa.update(Photo)
        .where(Photo.id == photo_id, Photo.state == PhotoState.EXPECTED)
        .values(state=PhotoState.RECEIVED, received_at=now())
        .returning(Photo.id)
    )
    is_first = session.execute(arrived).first() is not None
    photo = session.get_one(Photo, photo_id)
    session.refresh(photo)
    if is_first:
        # A record that claimed it while it was being announced found nothing to stamp.
        photo.stamp = photo.stamp or _stamp_of_first_claim(session, actor, photo_id)
        finish(session, photo_id, photo.size)
        if photo.size > LARGE_BYTES:
            session.execute(sa.delete(PhotoVerification).where(PhotoVerification.photo_id == photo_id))
        audit.record(session, actor, "photo.receive", "photo", str(photo_id))
        defer(session, DEVELOP, photo_id=photo_id)
    return photo


def _announce(actor: Actor, announced: AnnouncedPhoto) -> ReturningInsert[UUID]:
    return (
        insert(Photo)
        .values(
            id=announced.id,
            owner_id=actor.person_id,
            unit_id=actor.unit_id,
            device_id=actor.device_id,
            state=PhotoState.EXPECTED,
            sha256=announced.sha256,
            md5=announced.md5,
            size=announced.size,
            content_type=announced.content_type,
            source=announced.source,
            taken_at=announced.taken_at,
            location=announced.location,
            latitude=announced.latitude,
            longitude=announced.longitude,
            object_key=original_key(announced.id),
            expected_at=now(),
        )
        .on_conflict_do_nothing(index_elements=["id"])
        .returning(Photo.id)
    )


def _announced_before(session: Session, actor: Actor, announced: AnnouncedPhoto) -> Photo:
    photo = session.get_one(Photo, announced.id)
    if photo.owner_id != actor.user_id:
        raise PhotoIdTaken
    if (photo.sha256, photo.size, photo.md5) != (announced.sha256, announced.size, announced.md5):
        raise OtherPhotoAnnounced
    return photo


def _stamp_of_first_claim(session: Session, actor: Actor, photo_id: UUID) -> dict[str, Any] | None:
    return session.scalar(
        sa.select(PhotoClaim.stamp)
        .where(PhotoClaim.photo_id == photo_id, PhotoClaim.claimed_by == actor.user_id)
        .order_by(PhotoClaim.claimed_at)
        .limit(1)
    )


def _received_twin(session: Session, actor: Actor, photo: Photo) -> Photo | None:
    """Another photo of the same person whose verified bytes are the same; never by the hash alone.

    It is held until the transaction ends, so that the sweep cannot take its bytes meanwhile.
    """
    return session.scalar(
        sa.select(Photo)
        .where(
            Photo.owner_id == actor.user_id,
            Photo.sha256 == photo.sha256,
            Photo.size == photo.size,
            Photo.id != photo.id,
            Photo.received_at.is_not(None),
        )
        .order_by(Photo.received_at)
        .limit(1)
        .with_for_update(read=True, key_share=True)
    )


def _share_bytes(session: Session, actor: Actor, photo: Photo, twin: Photo) -> None:
    """The bytes need not be sent again: the new photo points at those of the first."""
    photo.object_key = twin.object_key
    photo.state = PhotoState.RECEIVED
    photo.received_at = now()
    audit.record(session, actor, "photo.receive", "photo", str(photo.id), same_bytes_as=str(twin.id))
    defer(session, DEVELOP, photo_id=photo.id)
    session.flush()
