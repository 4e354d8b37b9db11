"""Whoever is shown the exact position of somebody else leaves a row that this person can read.

A view is written by one statement in the transaction that shows the position: it is logged exactly when it was shown,
and a look at one's own position, or at a record without one, leaves nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from service.accounts.models import Unit, User
from service.checkins.models import Checkin
from service.kernel.actor import Actor, Role
from service.kernel.clock import now
from service.kernel.errors import Fault, Forbidden, Invalid
from service.kernel.pages import Page, PageRequest, page_of
from service.photos.models import Photo, PhotoClaim
from service.privacy.models import Door, PositionView
from service.submissions.models import KeptSubmission, RecordRevision, RecordType
from service.visits.models import Visit

READERS = frozenset({Role.ADMINISTRATOR, Role.INSPECTOR})
"""Who may ask who looked at whom."""

Persons = sa.Select[Any]
Column = InstrumentedAttribute[UUID]


@dataclass(frozen=True, slots=True)
class ViewRow:
    """One look: who, from which unit, at whose position, in which record, through which door."""

    id: int
    viewed_at: datetime
    viewer_id: UUID
    viewer_name: str
    viewer_unit: str
    person_id: UUID
    person_name: str
    door: Door
    record_type: str
    record_id: UUID


@dataclass(frozen=True, slots=True)
class ViewFilter:
    """Which looks are asked for; the period is half-open."""

    person_id: UUID | None = None
    viewer_id: UUID | None = None
    from_at: datetime | None = None
    until_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class _Shown:
    door: Door
    record_type: str
    record_id: UUID


def note_visit(session: Session, actor: Actor, visit_id: UUID, door: Door) -> None:
    """The actor is being shown where a visit was made: log it for its visitor and for whoever recorded it."""
    seen = Visit.id == visit_id, _VISIT_SHOWS[door]
    persons = sa.union(
        sa.select(Visit.visitor_id.label("id")).where(*seen),
        sa.select(Visit.recorded_by).where(*seen),
    )
    _note(session, actor, persons, _Shown(door, RecordType.VISIT.value, visit_id))


def note_checkin(session: Session, actor: Actor, checkin_id: UUID, door: Door) -> None:
    """The actor is being shown where a check-in was made, or how it lies to its site: log it for its person."""
    persons = sa.select(Checkin.user_id.label("id")).where(Checkin.id == checkin_id, _CHECKIN_SHOWS[door])
    _note(session, actor, persons, _Shown(door, RecordType.CHECKIN.value, checkin_id))


def note_kept(session: Session, actor: Actor, kept_id: UUID) -> None:
    """The actor is being shown a kept body as it was sent: log it for its author, if it tells a position."""
    tells = sa.func.encode(KeptSubmission.raw, "escape").contains("lat")
    persons = sa.select(KeptSubmission.author_id.label("id")).where(KeptSubmission.id == kept_id, tells)
    _note(session, actor, persons, _Shown(Door.KEPT, "kept", kept_id))


def note_export(session: Session, actor: Actor, export_id: UUID, persons: Persons) -> None:
    """Positions are being taken out whole: log it once for each of these persons."""
    _note(session, actor, persons, _Shown(Door.EXPORT, "export", export_id))


def my_views(session: Session, actor: Actor, page: PageRequest) -> Page[ViewRow]:
    """Who looked at the actor's own positions, the latest first."""
    return _listed(session, [PositionView.person_id == actor.person_id], page)


def views(session: Session, actor: Actor, what: ViewFilter, page: PageRequest) -> Page[ViewRow]:
    """Who looked at whose position, the latest first.

    Raises:
        Forbidden: the actor is neither administrator nor inspector.
    """
    if not actor.has(*READERS):
        raise Forbidden
    return _listed(session, _conditions(what), page)


def _had_position() -> sa.ColumnElement[bool]:
    """Any revision told one, though the visit may have been edited since."""
    of_it = RecordRevision.record_id == Visit.id
    return sa.exists().where(of_it, RecordRevision.body["location"].is_not(None))


def _has_placed_photo(record_id: Column) -> sa.ColumnElement[bool]:
    placed = sa.func.jsonb_typeof(Photo.facts["capture"]["gps"]) == "object"
    return sa.exists().where(PhotoClaim.record_id == record_id, PhotoClaim.photo_id == Photo.id, placed)


_VISIT_SHOWS = {
    Door.VISIT: Visit.latitude.is_not(None),
    Door.VISIT_EVIDENCE: Visit.latitude.is_not(None),
    Door.VISIT_HISTORY: _had_position(),
    Door.VISIT_PHOTOS: _has_placed_photo(Visit.id),
}
_CHECKIN_SHOWS = {
    Door.CHECKIN: Checkin.latitude.is_not(None),
    Door.CHECKIN_EVIDENCE: Checkin.latitude.is_not(None),
    Door.CHECKIN_PHOTOS: _has_placed_photo(Checkin.id),
}
"""When a door shows a position at all."""


def _note(session: Session, actor: Actor, persons: Any, shown: _Shown) -> None:
    person = persons.subquery("person")
    row = sa.select(
        sa.literal(now()),
        sa.literal(actor.person_id, sa.Uuid()),
        person.c.id,
        sa.literal(shown.door.value),
        sa.literal(shown.record_type),
        sa.literal(shown.record_id, sa.Uuid()),
    ).where(person.c.id != actor.person_id)
    names = ["viewed_at", "viewer_id", "person_id", "door", "record_type", "record_id"]
    session.execute(sa.insert(PositionView.__table__).from_select(names, row))  # type: ignore[arg-type] # a class's table is one


def _conditions(what: ViewFilter) -> list[sa.ColumnElement[bool]]:
    found: list[sa.ColumnElement[bool]] = []
    if what.person_id is not None:
        found.append(PositionView.person_id == what.person_id)
    if what.viewer_id is not None:
        found.append(PositionView.viewer_id == what.viewer_id)
    if what.from_at is not None:
        found.append(PositionView.viewed_at >= what.from_at)
    if what.until_at is not None:
        found.append(PositionView.viewed_at < what.until_at)
    return found


def _listed(
    session: Session, conditions: Sequence[sa.ColumnElement[bool]], page: PageRequest
) -> Page[ViewRow]:
    viewer, person = aliased(User), aliased(User)
    columns: sa.Select[*tuple[Any, ...]] = sa.select(
        PositionView.id,
        PositionView.viewed_at,
        PositionView.viewer_id,
        viewer.name,
        Unit.name,
        PositionView.person_id,
        person.name,
        PositionView.door,
        PositionView.record_type,
        PositionView.record_id,
    )
    wanted = (
        columns.join(viewer, viewer.id == PositionView.viewer_id)
        .join(Unit, Unit.id == viewer.unit_id)
        .join(person, person.id == PositionView.person_id)
        .where(*conditions)
    )
    if page.after is not None:
        wanted = wanted.where(PositionView.id < _number(page.after))
    newest = wanted.order_by(PositionView.id.desc()).limit(page.limit + 1)
    found = [ViewRow(*row) for row in session.execute(newest)]
    return page_of(found, limit=page.limit, key=lambda row: (str(row.id),))


def _number(after: tuple[str, ...]) -> int:
    if not after[0].isdecimal() or len(after[0]) > 18:
        raise Invalid(faults=[Fault("/cursor", "分页游标无效", "The cursor is not valid")])
    return int(after[0])
