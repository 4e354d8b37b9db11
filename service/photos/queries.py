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
from service.photos.errors import UnknownPhoto
from service.photos.models import Photo, PhotoClaim, PhotoState


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
    rows = session.execute(
        sa.select(
            PhotoClaim.record_id,
            sa.func.count(),
            sa.func.count(Photo.received_at),
            _photos_where(Photo.received_at.is_(None)),
            _photos_where(Photo.state == PhotoState.REJECTED),
        )
        .outerjoin(Photo, Photo.id == PhotoClaim.photo_id)
        .where(PhotoClaim.record_id.in_(record_ids))
        .group_by(PhotoClaim.record_id)
    )
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
    mine, theirs = aliased(Photo), aliased(Photo)
    same_photo = sa.select(PhotoClaim.photo_id).where(
        PhotoClaim.photo_id.in_(photo_ids), PhotoClaim.record_id != record_id
    )
    same_bytes = (
        sa.select(mine.id)
        .join(theirs, sa.and_(theirs.sha256 == mine.sha256, theirs.id != mine.id))
        .join(PhotoClaim, PhotoClaim.photo_id == theirs.id)
        .where(mine.id.in_(photo_ids), PhotoClaim.record_id != record_id)
    )
    return set(session.scalars(sa.union(same_photo, same_bytes)))


def is_announced(session: Session, photo_id: UUID) -> bool:
    """Whether any photo has this id."""
    return session.scalar(sa.select(Photo.id).where(Photo.id == photo_id)) is not None


def visible_photo(session: Session, actor: Actor, photo_id: UUID) -> Photo:
    """A photo the actor may look at: their own, or one within their scope.

    Raises:
        UnknownPhoto: there is none for them.
    """
    scope = sa.or_(Photo.owner_id == actor.user_id, own_records(actor, Photo.unit_id, Photo.owner_id))
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
