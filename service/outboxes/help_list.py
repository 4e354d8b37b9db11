"""Who may need help with a phone: people with unsent work, unit by unit, the longest waiting first.

It is a list for the telephone, never a ranking: the order is that of the units and of waiting, nobody who has sent
everything is on it, and nothing here counts what a person does.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from service.accounts.models import Unit, UnitKind, User
from service.accounts.queries import unit_in_force
from service.accounts.visibility import units_below, within_scope
from service.kernel.actor import Actor
from service.kernel.calendar import local_date
from service.kernel.clock import now
from service.kernel.errors import fault
from service.kernel.pages import Page, PageRequest, page_of
from service.outboxes.awaited import awaited
from service.outboxes.hints import SILENT_AFTER
from service.outboxes.models import Heartbeat
from service.outboxes.phones import HOLDS, PhoneShown, TooOld, last_contacts, phones_of
from service.submissions.models import KeptBecause, KeptSubmission

_DEPTH = sa.func.cardinality(Unit.lineage)


@dataclass(frozen=True, slots=True)
class KeptCounts:
    """Bodies of a person that wait to be settled."""

    quarantined: int = 0
    conflicts: int = 0
    unpermitted: int = 0
    id_taken: int = 0


@dataclass(frozen=True, slots=True)
class PersonWaiting:
    """A person with unsent work; times are the earliest and the latest that anything says."""

    person_id: UUID
    person_name: str
    person_phone: str | None
    unit_id: UUID
    unit_name: str
    pending_records: int
    pending_photos: int
    photos_awaited: int
    kept: KeptCounts
    oldest_waiting_at: datetime
    last_contact_at: datetime | None
    phones: tuple[PhoneShown, ...]
    place: tuple[str, ...]
    """Where the person stands in the list."""


@dataclass(frozen=True, slots=True)
class UnitWaiting:
    """A unit's own people (not those of units below it) with unsent work; zeros are shown."""

    id: UUID
    name: str
    kind: UnitKind
    people: int
    pending_records: int
    pending_photos: int
    photos_awaited: int
    kept_open: int
    silent_phones: int
    oldest_waiting_at: datetime | None


def people_waiting(
    session: Session, actor: Actor, page: PageRequest, *, unit_id: UUID | None, too_old: TooOld
) -> Page[PersonWaiting]:
    """The people in scope who have unsent work, by their units' order and then by who waits longest."""
    one = _waiting()
    rows = (
        sa.select(one, User.name, User.phone, Unit.id.label("unit_id"), Unit.name.label("unit_name"))
        .add_columns(_DEPTH.label("depth"), Unit.position)
        .join(User, User.id == one.c.person_id)
        .join(Unit, Unit.id == User.unit_id)
        .where(within_scope(actor, User.unit_id))
    )
    if unit_id is not None:
        rows = rows.where(User.unit_id.in_(units_below(unit_id)))
    key = (_DEPTH, Unit.position, Unit.id, one.c.oldest_at, one.c.person_id)
    if page.after is not None:
        rows = rows.where(sa.tuple_(*key) > sa.tuple_(*_place(page.after)))
    found = [_person(row) for row in session.execute(rows.order_by(*key).limit(page.limit + 1))]
    listed = page_of(found, limit=page.limit, key=lambda person: person.place)
    return replace(listed, items=_with_phones(session, listed.items, too_old))


def units_waiting(session: Session, actor: Actor) -> list[UnitWaiting]:
    """Every unit in scope in its order, with what its own people have not sent; those with nothing too."""
    one, moment = _waiting(), now()
    silent = (
        sa.select(Heartbeat.user_id, sa.func.count().label("phones"))
        .where(HOLDS, Heartbeat.reported_at < moment - SILENT_AFTER)
        .group_by(Heartbeat.user_id)
        .subquery()
    )
    kept = one.c.quarantined + one.c.conflicts + one.c.unpermitted + one.c.id_taken
    sums = (one.c.pending_records, one.c.pending_photos, one.c.photos_awaited, kept, silent.c.phones)
    rows = session.execute(
        sa.select(
            Unit.id,
            Unit.name,
            Unit.kind,
            sa.func.count(one.c.person_id),
            *(sa.cast(sa.func.coalesce(sa.func.sum(each), 0), sa.BigInteger) for each in sums),
            sa.func.min(one.c.oldest_at),
        )
        .outerjoin(User, User.unit_id == Unit.id)
        .outerjoin(one, one.c.person_id == User.id)
        .outerjoin(silent, silent.c.user_id == one.c.person_id)
        .where(within_scope(actor, Unit.id), unit_in_force(local_date(moment)))
        .group_by(Unit.id)
        .order_by(_DEPTH, Unit.position, Unit.id)
    )
    return [UnitWaiting(*tuple(row)) for row in rows]


def _waiting() -> sa.Subquery:
    """A row for each person of whom anything waits: on a phone, on its way, or to be settled."""
    beat = _beats()
    photo = awaited()
    photos = (
        sa.select(
            photo.c.person_id,
            sa.func.count().label("photos_awaited"),
            sa.func.min(photo.c.since_at).label("since_at"),
        )
        .group_by(photo.c.person_id)
        .subquery()
    )
    kept = _kept()
    everybody = sa.union(
        sa.select(beat.c.user_id.label("person_id")),
        sa.select(photos.c.person_id),
        sa.select(kept.c.author_id),
    ).subquery()
    counts = (
        *(beat.c[name] for name in ("pending_records", "pending_photos")),
        photos.c.photos_awaited,
        *(kept.c[name] for name in ("quarantined", "conflicts", "unpermitted", "id_taken")),
    )
    return (
        sa.select(
            everybody.c.person_id,
            *(sa.cast(sa.func.coalesce(each, 0), sa.BigInteger).label(each.name) for each in counts),
            sa.func.least(beat.c.since_at, photos.c.since_at, kept.c.since_at).label("oldest_at"),
        )
        .outerjoin(beat, beat.c.user_id == everybody.c.person_id)
        .outerjoin(photos, photos.c.person_id == everybody.c.person_id)
        .outerjoin(kept, kept.c.author_id == everybody.c.person_id)
        .subquery("waiting")
    )


def _beats() -> sa.Subquery:
    # A phone whose clock runs ahead cannot have waited since tomorrow.
    since = sa.func.least(
        sa.func.coalesce(Heartbeat.oldest_pending_at, Heartbeat.pending_since_at), Heartbeat.reported_at
    )
    return (
        sa.select(
            Heartbeat.user_id,
            sa.func.sum(Heartbeat.pending_records).label("pending_records"),
            sa.func.sum(Heartbeat.pending_photos).label("pending_photos"),
            sa.func.min(since).label("since_at"),
        )
        .where(HOLDS)
        .group_by(Heartbeat.user_id)
        .subquery()
    )


def _kept() -> sa.Subquery:
    def because(what: KeptBecause, name: str) -> sa.ColumnElement[int]:
        return sa.func.count().filter(KeptSubmission.because == what).label(name)

    return (
        sa.select(
            KeptSubmission.author_id,
            because(KeptBecause.QUARANTINED, "quarantined"),
            because(KeptBecause.CONFLICT, "conflicts"),
            because(KeptBecause.UNPERMITTED, "unpermitted"),
            because(KeptBecause.ID_TAKEN, "id_taken"),
            sa.func.min(KeptSubmission.received_at).label("since_at"),
        )
        .where(KeptSubmission.settled_at.is_(None))
        .group_by(KeptSubmission.author_id)
        .subquery()
    )


def _place(after: Sequence[str]) -> tuple[int, int, UUID, datetime, UUID]:
    try:
        depth, position, unit_id, oldest_at, person_id = after
        return int(depth), int(position), UUID(unit_id), datetime.fromisoformat(oldest_at), UUID(person_id)
    except ValueError as error:
        raise fault("/cursor", "分页游标无效", "The cursor is not valid") from error


def _person(row: Any) -> PersonWaiting:
    return PersonWaiting(
        person_id=row.person_id,
        person_name=row.name,
        person_phone=row.phone,
        unit_id=row.unit_id,
        unit_name=row.unit_name,
        pending_records=row.pending_records,
        pending_photos=row.pending_photos,
        photos_awaited=row.photos_awaited,
        kept=KeptCounts(row.quarantined, row.conflicts, row.unpermitted, row.id_taken),
        oldest_waiting_at=row.oldest_at,
        last_contact_at=None,
        phones=(),
        place=(
            str(row.depth),
            str(row.position),
            str(row.unit_id),
            row.oldest_at.isoformat(),
            str(row.person_id),
        ),
    )


def _with_phones(
    session: Session, people: Sequence[PersonWaiting], too_old: TooOld
) -> tuple[PersonWaiting, ...]:
    ids = [person.person_id for person in people]
    phones, contacts = phones_of(session, ids, too_old), last_contacts(session, ids)
    return tuple(
        replace(
            person, phones=tuple(phones[person.person_id]), last_contact_at=contacts.get(person.person_id)
        )
        for person in people
    )
