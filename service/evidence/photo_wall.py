"""The photos of the scope as a wall: what each shows of whom, its record, what speaks against it, and its likes.

A page takes a fixed number of statements, however many photos it shows.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from service.accounts.models import Unit, User
from service.accounts.visibility import own_records, units_below
from service.checkins.models import Checkin
from service.evidence.photo_records import (
    LIKENESS_CHECKS,
    PICTURE_CHECKS,
    RecordOfPhoto,
    named_by_doubted,
    records_naming,
)
from service.evidence.sightings import resembling
from service.issues.models import Issue
from service.issues.queries import of_enterprise
from service.kernel.actor import Actor
from service.kernel.calendar import local_date, start_of
from service.kernel.named import Named
from service.kernel.pages import Page, PageRequest, moment_and_id, page_of
from service.photos.likeness import resembles_another
from service.photos.models import Photo, PhotoClaim, PhotoSource, PhotoState
from service.photos.queries import visible_photo
from service.submissions.models import RecordType
from service.visits.models import Visit

STATEMENTS_A_PAGE = 5
"""How many statements a page sends at most; one more where the photos like one are asked for."""


class PhotoMark(StrEnum):
    """What a photo may be looked for by."""

    DOUBT = "doubt"
    """It cannot be opened, was chosen from the gallery, or its record's checks doubt its pictures."""
    NEAR_DUPLICATE = "near_duplicate"
    """An earlier record was found to have it, or one that looks like it."""


@dataclass(frozen=True, slots=True)
class PhotoFilter:
    """Which photos are asked for; they were taken from `from_on` up to, and without, `until_on`."""

    unit_id: UUID | None = None
    """With all units below it."""
    enterprise_id: UUID | None = None
    site_id: UUID | None = None
    person_id: UUID | None = None
    from_on: date | None = None
    until_on: date | None = None
    record_type: RecordType | None = None
    """Claimed by a record of this type."""
    mark: PhotoMark | None = None
    like_id: UUID | None = None
    """This photo and those that resemble it."""


@dataclass(frozen=True, slots=True)
class PhotoOnWall:
    """A photo that has arrived."""

    id: UUID
    taken_at: datetime
    taken_on: date
    received_at: datetime
    state: PhotoState
    source: PhotoSource
    unit: Named
    person: Named
    sha256: str
    size: int
    renditions: Mapping[str, Any]
    records: tuple[RecordOfPhoto, ...]
    near_duplicates: int
    """How many others of the scope have its bytes or look like it; beyond twenty they are not counted."""

    @property
    def doubts(self) -> list[str]:
        """What speaks against it, by the checks' names; there may be an honest reason for each."""
        own = ["photo_missing"] if self.state is PhotoState.REJECTED else []
        own += ["photo_source"] if self.source is PhotoSource.GALLERY else []
        return own + sorted({doubt for record in self.records for doubt in record.doubts})


def photos(session: Session, actor: Actor, what: PhotoFilter, page: PageRequest) -> Page[PhotoOnWall]:
    """The photos of the actor's scope that have arrived, the latest taken first.

    Raises:
        UnknownPhoto: the photo whose likes are asked for is not theirs to see.
    """
    conditions = [own_records(actor, Photo.unit_id, Photo.owner_id), *_conditions(what)]
    if what.like_id is not None:
        visible_photo(session, actor, what.like_id)
        likes = resembling(session, [what.like_id])[what.like_id]
        conditions.append(Photo.id.in_({one.other_id for one in likes}))
    rows = _rows().where(*conditions)
    if page.after is not None:
        rows = rows.where(sa.tuple_(Photo.taken_at, Photo.id) < sa.tuple_(*moment_and_id(page.after)))
    read = session.execute(rows.order_by(Photo.taken_at.desc(), Photo.id.desc()).limit(page.limit + 1)).all()
    found = page_of(
        read, limit=page.limit, key=lambda row: (row.Photo.taken_at.isoformat(), str(row.Photo.id))
    )
    return Page(_shown(session, actor, found.items), found.next_cursor)


def _rows() -> sa.Select[*tuple[Any, ...]]:
    columns: sa.Select[*tuple[Any, ...]] = sa.select(
        Photo, Unit.name.label("unit_name"), User.name.label("person_name")
    )
    return (
        columns.join(Unit, Unit.id == Photo.unit_id)
        .join(User, User.id == Photo.owner_id)
        .where(Photo.received_at.is_not(None))
    )


def _conditions(what: PhotoFilter) -> list[sa.ColumnElement[bool]]:
    found: list[sa.ColumnElement[bool]] = []
    if what.unit_id is not None:
        found.append(Photo.unit_id.in_(units_below(what.unit_id)))
    if what.person_id is not None:
        found.append(Photo.owner_id == what.person_id)
    if what.from_on is not None:
        found.append(Photo.taken_at >= start_of(what.from_on))
    if what.until_on is not None:
        found.append(Photo.taken_at < start_of(what.until_on))
    if what.record_type is not None:
        found.append(_claimed(PhotoClaim.record_type == what.record_type.value))
    if what.enterprise_id is not None:
        about_it = sa.union_all(
            sa.select(Visit.id).where(Visit.enterprise_id == what.enterprise_id),
            sa.select(Issue.id).where(of_enterprise(what.enterprise_id)),
        )
        found.append(_claimed(PhotoClaim.record_id.in_(about_it)))
    if what.site_id is not None:
        at_site = sa.union_all(
            sa.select(Checkin.id).where(Checkin.site_id == what.site_id),
            sa.select(Issue.id).where(Issue.site_id == what.site_id),
        )
        found.append(_claimed(PhotoClaim.record_id.in_(at_site)))
    if what.mark is PhotoMark.DOUBT:
        found.append(_is_doubtful())
    if what.mark is PhotoMark.NEAR_DUPLICATE:
        # In this order: likeness is asked of the few that a check found, not of every photo.
        found.append(sa.case((named_by_doubted(LIKENESS_CHECKS), resembles_another()), else_=sa.false()))
    return found


def _claimed(of: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    return Photo.id.in_(sa.select(PhotoClaim.photo_id).where(of))


def _is_doubtful() -> sa.ColumnElement[bool]:
    return sa.or_(
        Photo.state == PhotoState.REJECTED,
        Photo.source == PhotoSource.GALLERY,
        named_by_doubted(PICTURE_CHECKS),
    )


def _shown(session: Session, actor: Actor, rows: Sequence[sa.Row[*tuple[Any, ...]]]) -> list[PhotoOnWall]:
    ids = [row.Photo.id for row in rows]
    if not ids:
        return []
    records, likes = records_naming(session, actor, ids), _likes(session, actor, ids)
    return [
        PhotoOnWall(
            id=row.Photo.id,
            taken_at=row.Photo.taken_at,
            taken_on=local_date(row.Photo.taken_at),
            received_at=row.Photo.received_at,
            state=row.Photo.state,
            source=row.Photo.source,
            unit=Named(row.Photo.unit_id, row.unit_name),
            person=Named(row.Photo.owner_id, row.person_name),
            sha256=row.Photo.sha256,
            size=row.Photo.size,
            renditions=row.Photo.renditions or {},
            records=tuple(records.get(row.Photo.id, ())),
            near_duplicates=likes.get(row.Photo.id, 0),
        )
        for row in rows
    ]


def _likes(session: Session, actor: Actor, photo_ids: list[UUID]) -> dict[UUID, int]:
    """How many others of the scope each photo resembles."""
    found = {
        photo_id: {one.other_id for one in likes} - {photo_id}
        for photo_id, likes in resembling(session, photo_ids).items()
    }
    others = set().union(*found.values())
    seen = set(
        session.scalars(
            sa.select(Photo.id).where(
                Photo.id.in_(others),
                Photo.received_at.is_not(None),
                own_records(actor, Photo.unit_id, Photo.owner_id),
            )
        )
    )
    return {photo_id: len(likes & seen) for photo_id, likes in found.items()}
