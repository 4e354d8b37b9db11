"""Large files that phones send to the store themselves, part by part: which parts there are, and which are missing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from media.errors import NotFound
from media.stores.protocol import ObjectStore, Part, PartsStore
from service.audit import commands as audit
from service.kernel.actor import Actor
from service.kernel.clock import now
from service.photos.errors import NotInParts
from service.photos.models import Photo, Upload, UploadKind
from service.photos.uploads import Transactions, demand_room, end, open_upload

PART_BYTES = 8 * 1024 * 1024
"""A part takes a minute over a weak line; a video of 500 MB has 63."""
ADDRESS_SECONDS = 3600


@dataclass(frozen=True, slots=True)
class PartToSend:
    """One part of a file: its bytes follow those of the parts before it."""

    number: int
    size: int
    state: str
    """`here` or `missing`."""
    method: str | None = None
    url: str | None = None
    headers: dict[str, str] | None = None


@dataclass(frozen=True, slots=True)
class PartsOf:
    """How a file is sent in parts, and how far that is."""

    part_size: int
    parts: tuple[PartToSend, ...]
    addresses_expire_at: datetime
    expires_at: datetime


def expected_parts(size: int, part_bytes: int) -> list[tuple[int, int]]:
    """Number and size of each part of a file, from 1 on."""
    if part_bytes < 1:
        return []
    starts = range(0, size, part_bytes)
    return [(number, min(part_bytes, size - start)) for number, start in enumerate(starts, start=1)]


def parts_of(
    transactions: Transactions,
    store: ObjectStore,
    actor: Actor,
    photo: Photo,
    *,
    lasts: timedelta,
    limit: int,
) -> PartsOf:
    """The file's parts, with an address for each that is missing; the first question begins it in the store.

    Raises:
        NotInParts: this photo is not sent in parts.
        TooMuchUnfinished: it would be one too many to begin.
    """
    if store.parts is None:
        raise NotInParts
    parts_id, upload = _begun(transactions, store.parts, actor, photo, lasts=lasts, limit=limit)
    try:
        there = store.parts.arrived(photo.object_key, parts_id)
    except NotFound:  # the store has given it up: begin again
        _forget(transactions, photo, parts_id)
        parts_id, upload = _begun(transactions, store.parts, actor, photo, lasts=lasts, limit=limit)
        there = []
    return PartsOf(
        part_size=upload.part_bytes or PART_BYTES,
        parts=tuple(_addressed(store.parts, photo, parts_id, upload.part_bytes or PART_BYTES, there)),
        addresses_expire_at=now() + timedelta(seconds=ADDRESS_SECONDS),
        expires_at=upload.expires_at,
    )


def give_parts_up(transactions: Transactions, store: ObjectStore, actor: Actor, photo: Photo) -> None:
    """End the upload and remove the parts that had arrived.

    Raises:
        NotInParts: this photo is not sent in parts, or not any more.
    """
    with transactions() as session:
        upload = _ours(session, photo)
        parts_id = upload.parts_id
        end(session, upload)
        audit.record(session, actor, "photo.upload_end", "photo", str(photo.id))
    if parts_id is not None and store.parts is not None:
        store.parts.give_up(photo.object_key, parts_id)


def _begun(
    transactions: Transactions,
    parts: PartsStore,
    actor: Actor,
    photo: Photo,
    *,
    lasts: timedelta,
    limit: int,
) -> tuple[str, Upload]:
    with transactions() as session:
        upload = _ours(session, photo)
        upload.expires_at = now() + lasts
        if upload.parts_id is not None:
            return upload.parts_id, upload
        if upload.started_at is None:
            demand_room(session, photo, limit=limit)
            upload.started_at = now()
    begun = parts.begin(photo.object_key, content_type=photo.content_type)
    with transactions() as session:
        upload = open_upload(session, actor, photo, kind=UploadKind.S3_MULTIPART, lasts=lasts)
        if upload.parts_id is None:
            upload.parts_id, upload.part_bytes = begun, PART_BYTES
        kept = upload.parts_id
    if kept != begun:  # two questions at once: one beginning is enough
        parts.give_up(photo.object_key, begun)
    return kept, upload


def _ours(session: Session, photo: Photo) -> Upload:
    upload = session.get(Upload, photo.id, with_for_update=True, populate_existing=True)
    if (
        upload is None
        or upload.kind is not UploadKind.S3_MULTIPART
        or upload.ended_at is not None
        or upload.expires_at <= now()
        or photo.received_at is not None
    ):
        raise NotInParts
    return upload


def _forget(transactions: Transactions, photo: Photo, parts_id: str) -> None:
    with transactions() as session:
        upload = session.get(Upload, photo.id, with_for_update=True, populate_existing=True)
        if upload is not None and upload.parts_id == parts_id:
            upload.parts_id = None


def _addressed(
    store: PartsStore, photo: Photo, parts_id: str, part_bytes: int, there: Sequence[Part]
) -> list[PartToSend]:
    here = {(part.number, part.size) for part in there}
    return [
        PartToSend(number, size, "here")
        if (number, size) in here
        else _to_send(store, photo, parts_id, number, size)
        for number, size in expected_parts(photo.size, part_bytes)
    ]


def _to_send(store: PartsStore, photo: Photo, parts_id: str, number: int, size: int) -> PartToSend:
    grant = store.grant(photo.object_key, parts_id, number=number, size=size, seconds=ADDRESS_SECONDS)
    return PartToSend(number, size, "missing", grant.method, grant.url, dict(grant.headers))
