"""What has arrived is put together, verified, and the photo is received: at once, or by a job when it is large.

Whatever stands between the bytes and the receipt may be killed and run again: pieces are put together into the same
object, parts that were put together before are found as that object, and only then is the photo marked.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from media.errors import NotFound
from media.intake import CHUNK_BYTES
from media.stores.protocol import ObjectStore, Part
from service.jobs.queue import defer
from service.kernel.actor import Actor
from service.kernel.clock import now
from service.photos.commands import mark_received, my_photo
from service.photos.errors import BytesDiffer, NotUploaded
from service.photos.kinds import LARGE_BYTES
from service.photos.models import Photo, PhotoVerification, Upload, UploadKind
from service.photos.parts import expected_parts
from service.photos.uploads import Piece, Transactions, begin_over, pieces_of
from service.photos.verification import Announced, take_in, take_over, verify

VERIFY = "photos.verify"
ASKED_AGAIN_AFTER = timedelta(minutes=10)
"""A job that was asked for so long ago and is not done may have failed for good."""


@dataclass(frozen=True, slots=True)
class Arrived:
    """What the house knows of a photo's bytes, free of any session: looking at them may take as long as it takes."""

    announced: Announced
    kind: UploadKind
    offset: int = 0
    holder: UUID | None = None
    pieces: tuple[Piece, ...] = ()
    parts_id: str | None = None
    part_bytes: int = 0
    refused_because: str | None = None


def complete(
    transactions: Transactions, store: ObjectStore, actor: Actor, photo_id: UUID
) -> tuple[Photo, bool]:
    """The photo, and whether a job is verifying it; otherwise it is received.

    Raises:
        UnknownPhoto: it is not this person's.
        NotUploaded: not all of its bytes are here.
        BytesDiffer: other bytes are here; they are removed, and the phone sends them anew.
    """
    with transactions() as session:
        photo = my_photo(session, actor, photo_id)
        if photo.received_at is not None:
            return photo, False
        arrived = what_arrived(session, photo)
    if photo.size > LARGE_BYTES:
        return _have_verified(transactions, store, arrived), True
    return bring_in(transactions, store, actor, arrived), False


def what_arrived(session: Session, photo: Photo) -> Arrived:
    """What the rows say of the photo's bytes."""
    announced = Announced.of(photo)
    upload = session.get(Upload, photo.id, populate_existing=True)
    asked = session.get(PhotoVerification, photo.id, populate_existing=True)
    refused_because = asked.refused_because if asked is not None else None
    if upload is None or upload.ended_at is not None:
        return Arrived(announced, UploadKind.PUT, refused_because=refused_because)
    return Arrived(
        announced,
        upload.kind,
        offset=upload.offset_bytes,
        holder=upload.holder,
        pieces=tuple(pieces_of(session, photo.id)),
        parts_id=upload.parts_id,
        part_bytes=upload.part_bytes or 0,
        refused_because=refused_because,
    )


def bring_in(transactions: Transactions, store: ObjectStore, actor: Actor, arrived: Arrived) -> Photo:
    """Put the bytes together where they came in pieces, verify them, and mark the photo received.

    Raises:
        NotUploaded: not all of them are here.
        BytesDiffer: other bytes are here.
    """
    photo_id = arrived.announced.photo_id
    try:
        key = _put_together(store, arrived)
    except BytesDiffer:
        with transactions() as session:
            left = begin_over(session, photo_id, holder=arrived.holder)
        store.delete(left)
        raise
    except _PieceLost:
        return _after_a_loss(transactions, photo_id, arrived)
    except NotUploaded:
        return _brought_in_meanwhile(transactions, photo_id)
    pieces = (piece.object_key for piece in arrived.pieces)
    with transactions() as session:
        photo = mark_received(session, actor, photo_id, key)
        left = _nobodys(session, photo, {key, arrived.announced.object_key, *pieces})
    store.delete(left)
    return photo


def _nobodys(session: Session, photo: Photo, keys: set[str]) -> list[str]:
    """Those of the keys where no receipted bytes lie; only photos of one person with the same bytes share a key."""
    named = session.scalars(
        sa.select(Photo.object_key).where(
            Photo.owner_id == photo.owner_id,
            Photo.sha256 == photo.sha256,
            Photo.received_at.is_not(None),
            Photo.object_key.in_(keys),
        )
    )
    return sorted(keys - set(named))


def _brought_in_meanwhile(transactions: Transactions, photo_id: UUID) -> Photo:
    """Whoever was faster with the same work has moved the bytes away from where the phone had sent them."""
    with transactions() as session:
        photo = session.get_one(Photo, photo_id, populate_existing=True)
    if photo.received_at is None:
        raise NotUploaded
    return photo


class _PieceLost(Exception):
    """A piece that has arrived does not lie in the store."""


def _after_a_loss(transactions: Transactions, photo_id: UUID, arrived: Arrived) -> Photo:
    """Somebody else was faster with the same work, or the store has lost bytes and the phone sends them anew."""
    with transactions() as session:
        photo = session.get_one(Photo, photo_id, with_for_update=True, populate_existing=True)
        if photo.received_at is None:
            begin_over(session, photo_id, holder=arrived.holder)
    if photo.received_at is None:
        raise NotUploaded
    return photo


def _put_together(store: ObjectStore, arrived: Arrived) -> str:
    """The key under which the photo's verified bytes lie."""
    announced = arrived.announced
    if arrived.kind is UploadKind.TUS and arrived.offset == announced.size and arrived.pieces:
        return take_in(store, announced, _bytes_of(store, arrived.pieces))
    if arrived.kind is UploadKind.S3_MULTIPART:
        # Nothing can be added to an object that was put together, so it stays where it is.
        _join_parts(store, arrived)
        verify(store, announced)
        return announced.object_key
    return take_over(store, announced)


def _bytes_of(store: ObjectStore, pieces: tuple[Piece, ...]) -> Iterator[bytes]:
    for piece in pieces:
        try:
            with store.open(piece.object_key) as stream:
                while chunk := stream.read(CHUNK_BYTES):
                    yield chunk
        except NotFound as error:
            raise _PieceLost from error


def _join_parts(store: ObjectStore, arrived: Arrived) -> None:
    """Put the parts together, unless that was done before: servers may go on listing them, and choke on a repeat."""
    if store.parts is None or arrived.parts_id is None or _lies_there(store, arrived.announced):
        return
    key = arrived.announced.object_key
    try:
        there = store.parts.arrived(key, arrived.parts_id)
        if not _are_all(there, arrived):
            raise NotUploaded
        store.parts.put_together(key, arrived.parts_id, there)
    except NotFound:
        return


def _lies_there(store: ObjectStore, announced: Announced) -> bool:
    found = store.stat(announced.object_key)
    return found is not None and found.size == announced.size


def _are_all(there: list[Part], arrived: Arrived) -> bool:
    expected = expected_parts(arrived.announced.size, arrived.part_bytes)
    return [(part.number, part.size) for part in there] == expected


def _have_verified(transactions: Transactions, store: ObjectStore, arrived: Arrived) -> Photo:
    """Ask for a large photo to be verified, once all of it is here; asked again meanwhile, nothing happens."""
    announced = arrived.announced
    if not _seems_whole(store, arrived):
        if arrived.refused_because is not None:
            raise BytesDiffer(what=arrived.refused_because)
        raise NotUploaded
    with transactions() as session:
        asking = insert(PhotoVerification).values(photo_id=announced.photo_id, asked_at=now())
        asked = session.execute(
            asking.on_conflict_do_update(
                index_elements=["photo_id"],
                set_={"asked_at": asking.excluded.asked_at, "refused_because": None},
                where=sa.or_(
                    PhotoVerification.refused_because.is_not(None),
                    PhotoVerification.asked_at < now() - ASKED_AGAIN_AFTER,
                ),
            ).returning(PhotoVerification.photo_id)
        ).first()
        if asked is not None:
            defer(session, VERIFY, waited_for=True, photo_id=announced.photo_id)
        return session.get_one(Photo, announced.photo_id)


def _seems_whole(store: ObjectStore, arrived: Arrived) -> bool:
    """Whether it is worth a job: all pieces, all parts, or an object of the right size."""
    announced = arrived.announced
    if arrived.kind is UploadKind.TUS and arrived.offset == announced.size:
        return True
    if arrived.kind is UploadKind.S3_MULTIPART and store.parts is not None and arrived.parts_id is not None:
        try:
            return _are_all(store.parts.arrived(announced.object_key, arrived.parts_id), arrived)
        except NotFound:
            pass  # put together already
    found = store.stat(announced.object_key)
    if found is not None and found.size != announced.size:
        store.delete([announced.object_key])
        raise BytesDiffer(what="wrong_length")
    return found is not None


def refuse(session: Session, photo_id: UUID, because: str) -> None:
    """Note for the next `complete` that the bytes were others than announced."""
    session.execute(
        sa.update(PhotoVerification)
        .where(PhotoVerification.photo_id == photo_id)
        .values(refused_because=because)
    )


def forget_asking(session: Session, photo_id: UUID) -> None:
    """Nothing is being verified: the bytes are not here after all."""
    session.execute(sa.delete(PhotoVerification).where(PhotoVerification.photo_id == photo_id))
