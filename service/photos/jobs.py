"""Photos are developed in the background and swept when nobody wants them; a second run of either changes nothing."""

import hashlib
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from media.developing import develop
from media.errors import NotFound, PictureRefused, TookTooMuch
from media.facts import RENDITION_CONTENT_TYPE, RENDITION_VERSION, Developed, Stamp
from media.keys import photo_prefix, rendition_key
from media.probe import SNIFF_BYTES, sniff_video
from media.stores.protocol import ObjectStore
from service.audit import commands as audit
from service.jobs.queue import defer, job, periodic
from service.jobs.workshop import Workshop
from service.kernel.actor import Actor
from service.kernel.clock import now
from service.photos.commands import DEVELOP, owner_of
from service.photos.completing import VERIFY, bring_in, forget_asking, refuse, what_arrived
from service.photos.errors import BytesDiffer, NotUploaded
from service.photos.kinds import is_video
from service.photos.models import Photo, PhotoClaim, PhotoState
from service.photos.shown import is_developed
from service.photos.sweeping import sweep_expired, sweep_orphans

UNCLAIMED_DAYS = 30
SWEPT_AT_ONCE = 500


class BytesChanged(PictureRefused):
    """The bytes in the store are no longer those that were verified: an upload address still held and was misused."""

    code = "bytes_changed"


@job(DEVELOP)
def develop_photo(workshop: Workshop, photo_id: str) -> None:
    """Probe a received photo, take its fingerprints, make its renditions, and say what became of it."""
    with workshop.sessions.begin() as session:
        photo = session.get(Photo, UUID(photo_id))
        if photo is None or photo.received_at is None or is_developed(photo):
            return
        key, sha256, stamp = photo.object_key, photo.sha256, _stamp(photo)
        is_picture = not is_video(photo.content_type)
    if not is_picture:
        _note_video(workshop, UUID(photo_id), is_one=_is_video_file(workshop.store, key))
        return
    outcome = _look(workshop.store, key, stamp)
    if isinstance(outcome, TookTooMuch):  # a busy machine can cause it: a second look decides
        outcome = _look(workshop.store, key, stamp)
    if isinstance(outcome, Developed) and outcome.fingerprints.sha256 != sha256:
        outcome = BytesChanged("the stored bytes differ from those that were verified")
    _write_down(workshop, UUID(photo_id), outcome, stamp)


def _is_video_file(store: ObjectStore, key: str) -> bool:
    with store.open(key, 0, SNIFF_BYTES) as beginning:
        return sniff_video(beginning.read())


def _note_video(workshop: Workshop, photo_id: UUID, *, is_one: bool) -> None:
    """Videos are kept unopened: nothing here decodes them, and nothing is made of them."""
    with workshop.sessions.begin() as session:
        photo = session.get(Photo, photo_id, with_for_update=True)
        if photo is None:
            return
        photo.developed_at = now()
        photo.state = PhotoState.READY if is_one else PhotoState.REJECTED
        photo.rejected_because = None if is_one else "not_a_video"
        photo.facts = {"format": photo.content_type, "opened": False} if is_one else None
        photo.renditions = {}
        _record_developed(session, photo)


@job(VERIFY)
def verify_photo(workshop: Workshop, photo_id: str) -> None:
    """Put a large photo together and verify it; what is wrong with it is said to the next `complete`."""
    with workshop.sessions.begin() as session:
        photo = session.get(Photo, UUID(photo_id))
        if photo is None or photo.received_at is not None:
            return
        owner, arrived = owner_of(photo, name="photos"), what_arrived(session, photo)
    try:
        bring_in(workshop.sessions.begin, workshop.store, owner, arrived)
    except BytesDiffer as error:
        with workshop.sessions.begin() as session:
            refuse(session, photo.id, str(error.details["what"]))
    except NotUploaded:
        with workshop.sessions.begin() as session:
            forget_asking(session, photo.id)


@periodic("photos.end_old_uploads", cron="*/20 * * * *")
def end_old_uploads(workshop: Workshop) -> None:
    """Close uploads whose time is over, and remove what had arrived of them."""
    sweep_expired(workshop)


@periodic("photos.sweep_leftovers", cron="47 3 * * *")
def sweep_leftovers(workshop: Workshop) -> None:
    """Remove what lies in the store of uploads that no row knows any more."""
    sweep_orphans(workshop)


def _look(store: ObjectStore, key: str, stamp: Stamp | None) -> Developed | PictureRefused:
    try:
        with store.open(key) as original:
            return develop(original, stamp=stamp)
    except PictureRefused as refusal:
        return refusal


def _write_down(
    workshop: Workshop, photo_id: UUID, outcome: Developed | PictureRefused, stamp: Stamp | None
) -> None:
    renditions = {} if isinstance(outcome, PictureRefused) else _keep(workshop.store, photo_id, outcome)
    with workshop.sessions.begin() as session:
        photo = session.get(Photo, photo_id, with_for_update=True)
        if photo is None:
            return
        photo.developed_at = now()
        if isinstance(outcome, PictureRefused):
            photo.state, photo.rejected_because = PhotoState.REJECTED, outcome.code
        else:
            photo.state, photo.rejected_because = PhotoState.READY, None
            photo.facts = _facts(outcome)
            photo.difference_hash = outcome.fingerprints.likeness
            photo.renditions = renditions
            if _stamp(photo) != stamp:  # a record has claimed it meanwhile
                defer(session, DEVELOP, photo_id=photo_id)
        _record_developed(session, photo)


def _record_developed(session: Session, photo: Photo) -> None:
    audit.record(
        session,
        Actor.system("photos"),
        "photo.develop",
        "photo",
        str(photo.id),
        state=photo.state.value,
        because=photo.rejected_because,
    )


def _keep(store: ObjectStore, photo_id: UUID, developed: Developed) -> dict[str, Any]:
    kept: dict[str, Any] = {}
    for rendition in developed.renditions:
        key = rendition_key(photo_id, rendition.name, RENDITION_VERSION)
        content = rendition.content
        store.put(
            key,
            [content],
            size=len(content),
            sha256=hashlib.sha256(content).hexdigest(),
            content_type=RENDITION_CONTENT_TYPE,
        )
        kept[rendition.name.value] = {
            "key": key,
            "width": rendition.width,
            "height": rendition.height,
            "size": len(content),
        }
    return kept


def _stamp(photo: Photo) -> Stamp | None:
    if photo.stamp is None:
        return None
    return Stamp(taken_at=photo.taken_at, **photo.stamp)


def _facts(developed: Developed) -> dict[str, Any]:
    facts = asdict(developed.facts)
    facts["opened"] = developed.opened
    plain: dict[str, Any] = _plain(facts)
    return plain


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    return value.isoformat() if isinstance(value, datetime) else value


def sweep_unclaimed(workshop: Workshop, *, spared: sa.ColumnElement[bool]) -> None:
    """Remove photos that no record has claimed for 30 days and that are not spared, rows first, then their bytes."""
    before = now() - timedelta(days=UNCLAIMED_DAYS)
    while True:
        with workshop.sessions.begin() as session:
            swept = _sweep_rows(session, before, spared)
        for photo_id in swept:
            _sweep_bytes(workshop, photo_id)
        if len(swept) < SWEPT_AT_ONCE:
            return


def _sweep_rows(session: Session, before: datetime, spared: sa.ColumnElement[bool]) -> list[UUID]:
    claimed = sa.select(PhotoClaim.photo_id).where(PhotoClaim.photo_id == Photo.id).exists()
    old = (
        sa.select(Photo.id)
        .where(Photo.expected_at < before, ~claimed, ~spared)
        .order_by(Photo.id)
        .limit(SWEPT_AT_ONCE)
        .with_for_update(skip_locked=True)
    )
    # A claim locks its photos first. One that was committed before our lock is seen by this second statement.
    ids = session.scalars(old).all()
    going = sa.delete(Photo).where(Photo.id.in_(ids), ~claimed, ~spared).returning(Photo.id)
    swept = list(session.scalars(going))
    for photo_id in swept:
        audit.record(session, Actor.system("photos"), "photo.sweep", "photo", str(photo_id))
    return swept


def _sweep_bytes(workshop: Workshop, photo_id: UUID) -> None:
    keys = [stat.key for stat in workshop.store.list(photo_prefix(photo_id))]
    with workshop.sessions.begin() as session:
        shared = set(session.scalars(sa.select(Photo.object_key).where(Photo.object_key.in_(keys))))
    try:
        workshop.store.delete([key for key in keys if key not in shared])
    except NotFound:
        return
