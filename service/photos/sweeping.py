"""What is left of uploads that ended, were killed half way, or lost their photo: rows first, then their bytes."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice

import sqlalchemy as sa
from sqlalchemy.orm import Session

from media.keys import PHOTOS, UPLOADS, is_original, photo_of
from media.stores.protocol import OpenParts
from service.audit import commands as audit
from service.jobs.workshop import Workshop
from service.kernel.actor import Actor
from service.kernel.clock import now
from service.photos.models import Photo, Upload, UploadPiece
from service.photos.uploads import end

SWEPT_AT_ONCE = 200
YOUNG = timedelta(days=1)
"""What is younger may belong to a request that is still on its way."""


@dataclass(frozen=True, slots=True)
class _Ended:
    photo_key: str
    parts_id: str | None
    piece_keys: tuple[str, ...]


def sweep_expired(workshop: Workshop) -> None:
    """End every upload whose time is over and remove what had arrived of it."""
    while True:
        with workshop.sessions.begin() as session:
            ended = _end_expired(session)
        for one in ended:
            workshop.store.delete(one.piece_keys)
            if one.parts_id is not None and workshop.store.parts is not None:
                workshop.store.parts.give_up(one.photo_key, one.parts_id)
        if len(ended) < SWEPT_AT_ONCE:
            return


def sweep_orphans(workshop: Workshop) -> None:
    """Remove pieces and parts in the store that are a day old and that no upload knows, and originals that came twice."""
    _sweep_doubles(workshop)
    for keys in _in_batches(_old_pieces(workshop)):
        with workshop.sessions.begin() as session:
            known = set(session.scalars(_known_pieces(keys)))
        workshop.store.delete([key for key in keys if key not in known])
    if workshop.store.parts is None:
        return
    for one in _old_parts(workshop):
        with workshop.sessions.begin() as session:
            is_known = session.scalar(sa.select(Upload.photo_id).where(Upload.parts_id == one.parts_id))
        if is_known is None:
            workshop.store.parts.give_up(one.key, one.parts_id)


def _sweep_doubles(workshop: Workshop) -> None:
    """Remove what a killed request or a late sender left beside a photo that is here under another key.

    The originals of photos that are awaited, or that no row knows, are left alone: a restored database may be behind
    its store.
    """
    for keys in _in_batches(_old_originals(workshop)):
        with workshop.sessions.begin() as session:
            doubles = _doubles(session, keys)
        workshop.store.delete(doubles)


def _doubles(session: Session, keys: tuple[str, ...]) -> list[str]:
    owners = {key: photo_of(key) for key in keys}
    here = session.execute(
        sa.select(Photo.id, Photo.object_key).where(
            Photo.id.in_(set(owners.values())), Photo.received_at.is_not(None)
        )
    )
    lies_at = {row.id: row.object_key for row in here}
    others = [key for key, photo_id in owners.items() if photo_id in lies_at and lies_at[photo_id] != key]
    if not others:
        return []
    named = set(session.scalars(sa.select(Photo.object_key).where(Photo.object_key.in_(others))))
    return [key for key in others if key not in named]


def _old_originals(workshop: Workshop) -> Iterator[str]:
    before = now() - YOUNG
    lying = workshop.store.list(PHOTOS)
    return (stat.key for stat in lying if stat.modified_at < before and is_original(stat.key))


def _end_expired(session: Session) -> list[_Ended]:
    due = session.execute(
        sa.select(Upload, Photo.object_key)
        .join(Photo, Photo.id == Upload.photo_id)
        .where(Upload.expires_at < now(), Upload.ended_at.is_(None), Upload.finished_at.is_(None))
        .order_by(Upload.expires_at)
        .limit(SWEPT_AT_ONCE)
        .with_for_update(skip_locked=True, of=Upload)
    ).all()
    ended = []
    for upload, photo_key in due:
        ended.append(_Ended(photo_key, upload.parts_id, tuple(end(session, upload))))
        audit.record(session, Actor.system("photos"), "photo.upload_expire", "photo", str(upload.photo_id))
    return ended


def _old_pieces(workshop: Workshop) -> Iterator[str]:
    before = now() - YOUNG
    return (stat.key for stat in workshop.store.list(UPLOADS) if stat.modified_at < before)


def _old_parts(workshop: Workshop) -> Iterator[OpenParts]:
    before = now() - YOUNG
    parts = workshop.store.parts
    return (one for one in parts.unfinished(PHOTOS) if one.began_at < before) if parts else iter(())


def _known_pieces(keys: tuple[str, ...]) -> sa.Select[str]:
    return sa.select(UploadPiece.object_key).where(UploadPiece.object_key.in_(keys))


def _in_batches(keys: Iterator[str]) -> Iterator[tuple[str, ...]]:
    while batch := tuple(islice(keys, SWEPT_AT_ONCE)):
        yield batch
