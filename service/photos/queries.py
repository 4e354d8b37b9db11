"""What is asked of photos: how many of a record's have arrived, who used them before, which are still awaited."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import Session, aliased

from service.accounts.visibility import own_records
from service.kernel.actor import Actor
from service.kernel.together import Question, together
from service.photos.errors import UnknownPhoto
from service.photos.models import SHOWING_A_PROBLEM, Photo, PhotoClaim, PhotoSource, PhotoState


@dataclass(frozen=True, slots=True)
class PhotoTally:
    """Of a record's photos: how many it names, how many have arrived, which have not, and which are no pictures."""

    expected: int = 0
    received: int = 0
    missing: tuple[UUID, ...] = ()
    rejected: tuple[UUID, ...] = ()
    """Received and kept, but not to be opened as pictures: the phone may send better ones, a reviewer knows."""


@dataclass(frozen=True, slots=True)
class PhotoOfRecord:
    """A photo as a reviewer sees it beside its record."""

    id: UUID
    record_id: UUID
    state: PhotoState | None
    source: str | None
    taken_at: datetime | None
    facts: dict[str, Any] | None
    renditions: tuple[str, ...]


def tally(session: Session, record_ids: Collection[UUID]) -> dict[UUID, PhotoTally]:
    """The tally of each record that claims any photo."""
    (rows,) = together(session, Question(_TALLY, {"records": list(record_ids)}))
    return {
        record_id: PhotoTally(expected, received, tuple(missing or ()), tuple(rejected or ()))
        for record_id, expected, received, missing, rejected in rows
    }


def _photos_where(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[Any]:
    in_order = aggregate_order_by(PhotoClaim.photo_id, PhotoClaim.position)
    return sa.func.array_agg(in_order).filter(condition)


def reused(session: Session, record_id: UUID, photo_ids: Sequence[UUID]) -> set[UUID]:
    """Those of the photos whose picture another record used before: the same photo, or the same bytes."""
    if not photo_ids:
        return set()
    (rows,) = together(session, asking_reused(record_id, photo_ids))
    return {row.photo_id for row in rows}


def asking_reused(record_id: UUID, photo_ids: Sequence[UUID]) -> Question:
    """What `reused` asks: its rows name each such photo as `photo_id`."""
    return Question(_REUSED, {"record": record_id, "photos": list(photo_ids)})


def asking_gallery(photo_ids: Sequence[UUID]) -> Question:
    """Which of the photos were not taken with the camera: its rows name them as `id`."""
    return Question(_FROM_GALLERY, {"photos": list(photo_ids)})


def is_announced(session: Session, photo_id: UUID) -> bool:
    """Whether any photo has this id."""
    return session.scalar(sa.select(Photo.id).where(Photo.id == photo_id)) is not None


def visible_photo(
    session: Session, actor: Actor, photo_id: UUID, *, also: sa.ColumnElement[bool] | None = None
) -> Photo:
    """A photo the actor may look at: their own, one within their scope, or one that `also` says of `Photo`.

    Raises:
        UnknownPhoto: there is none for them.
    """
    scope = sa.or_(Photo.owner_id == actor.user_id, own_records(actor, Photo.unit_id, Photo.owner_id))
    if also is not None:
        scope = sa.or_(scope, also)
    photo = session.scalar(sa.select(Photo).where(Photo.id == photo_id, scope))
    if photo is None:
        raise UnknownPhoto
    return photo


def of_records(session: Session, record_ids: Collection[UUID]) -> list[PhotoOfRecord]:
    """The photos of these records in the order the phone gave them, announced or not."""
    rows = session.execute(
        sa.select(PhotoClaim, Photo)
        .select_from(PhotoClaim)
        .outerjoin(Photo, Photo.id == PhotoClaim.photo_id)
        .where(PhotoClaim.record_id.in_(record_ids))
        .order_by(PhotoClaim.record_id, PhotoClaim.position)
    )
    return [_shown(claim, photo) for claim, photo in rows]


def _shown(claim: PhotoClaim, photo: Photo | None) -> PhotoOfRecord:
    if photo is None:
        return PhotoOfRecord(claim.photo_id, claim.record_id, None, None, None, None, ())
    return PhotoOfRecord(
        id=photo.id,
        record_id=claim.record_id,
        state=photo.state,
        source=photo.source.value,
        taken_at=photo.taken_at,
        facts=photo.facts,
        renditions=tuple(photo.renditions or ()),
    )


def _tally() -> sa.Select[*tuple[Any, ...]]:
    columns: sa.Select[*tuple[Any, ...]] = sa.select(
        PhotoClaim.record_id,
        sa.func.count().label("expected"),
        sa.func.count(Photo.received_at).label("received"),
        _photos_where(Photo.received_at.is_(None)).label("missing"),
        _photos_where(Photo.state == PhotoState.REJECTED).label("rejected"),
    )
    return (
        columns.outerjoin(Photo, Photo.id == PhotoClaim.photo_id)
        .where(PhotoClaim.record_id == sa.any_(sa.bindparam("records", type_=sa.ARRAY(sa.Uuid()))))
        .group_by(PhotoClaim.record_id)
    )


def _reused() -> sa.CompoundSelect[UUID]:
    mine, theirs = aliased(Photo), aliased(Photo)
    of_another = sa.and_(
        PhotoClaim.record_id != sa.bindparam("record", type_=sa.Uuid()),
        PhotoClaim.record_type != SHOWING_A_PROBLEM,
    )
    same_photo = sa.select(PhotoClaim.photo_id).where(PhotoClaim.photo_id == _PHOTOS, of_another)
    same_bytes = (
        sa.select(mine.id)
        .join(theirs, sa.and_(theirs.sha256 == mine.sha256, theirs.id != mine.id))
        .join(PhotoClaim, PhotoClaim.photo_id == theirs.id)
        .where(mine.id == _PHOTOS, of_another)
    )
    return sa.union(same_photo, same_bytes)


_PHOTOS = sa.any_(sa.bindparam("photos", type_=sa.ARRAY(sa.Uuid())))
# Built once: every record with photos asks these, and building a statement costs more than running it.
_TALLY = _tally()
_REUSED = _reused()
_FROM_GALLERY = sa.select(Photo.id).where(Photo.id == _PHOTOS, Photo.source == PhotoSource.GALLERY)
