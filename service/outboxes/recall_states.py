"""How recalls stand: what was asked, which phones have read it, and what became of each id."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from service.accounts.models import Unit, User
from service.accounts.visibility import units_below, within_scope
from service.kernel.actor import Actor
from service.kernel.pages import Page, PageRequest, moment_and_id, page_of
from service.outboxes.errors import UnknownRecall
from service.outboxes.models import UNNAMED_DEVICE, Recall, RecallAnswer
from service.photos.models import Photo
from service.submissions.models import KeptSubmission, RecordRevision


class RecallState(StrEnum):
    """Where a recall stands; it is answered when any phone that was asked has answered."""

    ASKED = "asked"
    SEEN = "seen"
    ANSWERED = "answered"
    CANCELLED = "cancelled"


class Came(StrEnum):
    """What became of one id that was asked for."""

    WAITING = "waiting"
    RECEIVED = "received"
    EDITED = "edited"
    REPEATED = "repeated"
    KEPT = "kept"
    INTACT = "intact"
    UNKNOWN = "unknown"
    GIVEN_UP = "given_up"


@dataclass(frozen=True, slots=True)
class IdFacts:
    """What is known of an id since it was asked for."""

    first_at: datetime | None = None
    """When it first arrived; None when nothing of it is here."""
    last_at: datetime | None = None
    kept_at: datetime | None = None
    intact: bool = False


@dataclass(frozen=True, slots=True)
class RecalledId:
    """One id, and what became of it."""

    type: str
    id: UUID
    came: Came
    at: datetime | None


@dataclass(frozen=True, slots=True)
class PhoneAnswer:
    """What one phone made of a recall."""

    device_id: str | None
    seen_at: datetime
    answered_at: datetime | None
    sent: int
    missing: int


@dataclass(frozen=True, slots=True)
class RecallShown:
    """A recall as headquarters follows it."""

    id: UUID
    state: RecallState
    person_id: UUID
    person_name: str
    unit_id: UUID
    unit_name: str
    device_id: str | None
    reason: str
    since_on: date | None
    asked_by: UUID
    asked_by_name: str
    asked_at: datetime
    is_ready: bool
    cancelled_at: datetime | None
    phones: tuple[PhoneAnswer, ...]
    items: tuple[RecalledId, ...]


@dataclass(frozen=True, slots=True)
class RecallFilter:
    """Which recalls; a unit's with all below it."""

    unit_id: UUID | None = None
    person_id: UUID | None = None
    is_open: bool | None = None


def came(facts: IdFacts, asked_at: datetime, *, sent: bool, missing: bool) -> Came:
    """What became of an id, from what arrived and from what the phones say."""
    if facts.intact:
        return Came.INTACT
    if facts.last_at is not None and facts.last_at >= asked_at:
        is_first = facts.first_at is not None and facts.first_at >= asked_at
        return Came.RECEIVED if is_first else Came.EDITED
    if facts.kept_at is not None and facts.kept_at >= asked_at:
        return Came.KEPT
    if sent:
        return Came.UNKNOWN if facts.last_at is None else Came.REPEATED
    return Came.GIVEN_UP if missing else Came.WAITING


def recalls_in_scope(
    session: Session, actor: Actor, what: RecallFilter, page: PageRequest
) -> Page[RecallShown]:
    """The recalls of people in the actor's scope, the newest first."""
    rows = _rows().where(within_scope(actor, User.unit_id), *_conditions(what))
    if page.after is not None:
        rows = rows.where(sa.tuple_(Recall.asked_at, Recall.id) < sa.tuple_(*moment_and_id(page.after)))
    found = session.execute(rows.order_by(Recall.asked_at.desc(), Recall.id.desc()).limit(page.limit + 1))
    shown = _shown(session, found.all())
    return page_of(shown, limit=page.limit, key=lambda one: (one.asked_at.isoformat(), str(one.id)))


def one_recall(session: Session, actor: Actor, recall_id: UUID) -> RecallShown:
    """One recall in the actor's scope.

    Raises:
        UnknownRecall: there is none such.
    """
    row = session.execute(_rows().where(Recall.id == recall_id, within_scope(actor, User.unit_id))).all()
    if not row:
        raise UnknownRecall
    return _shown(session, row)[0]


def _rows() -> sa.Select[*tuple[Any, ...]]:
    asker = aliased(User)
    return (
        sa.select(
            Recall, User.name, User.unit_id, Unit.name.label("unit_name"), asker.name.label("asked_by_name")
        )
        .join(User, User.id == Recall.user_id)
        .join(Unit, Unit.id == User.unit_id)
        .join(asker, asker.id == Recall.asked_by)
    )


def _conditions(what: RecallFilter) -> list[sa.ColumnElement[bool]]:
    found: list[sa.ColumnElement[bool]] = []
    if what.unit_id is not None:
        found.append(User.unit_id.in_(units_below(what.unit_id)))
    if what.person_id is not None:
        found.append(Recall.user_id == what.person_id)
    if what.is_open is not None:
        answered = sa.exists().where(
            RecallAnswer.recall_id == Recall.id, RecallAnswer.answered_at.is_not(None)
        )
        found.append(sa.and_(Recall.cancelled_at.is_(None), ~answered) == what.is_open)
    return found


def _shown(session: Session, rows: Sequence[Any]) -> list[RecallShown]:
    answers = _answers(session, [row.Recall.id for row in rows])
    ids = {one for row in rows for one in _asked_for(row.Recall, answers.get(row.Recall.id, []))}
    records, photos = _records(session, ids), _photos(session, ids)
    return [_one(row, answers.get(row.Recall.id, []), records, photos) for row in rows]


def _asked_for(recall: Recall, answers: Sequence[RecallAnswer]) -> list[UUID]:
    """What was named, and what phones named when they were asked for everything since a day."""
    told = [one for answer in answers for one in (*answer.sent_ids, *answer.missing_ids)]
    return list(dict.fromkeys([*recall.record_ids, *recall.photo_ids, *told]))


def _one(
    row: Any,
    answers: Sequence[RecallAnswer],
    records: dict[UUID, IdFacts],
    photos: dict[UUID, IdFacts],
) -> RecallShown:
    recall: Recall = row.Recall
    return RecallShown(
        id=recall.id,
        state=_state(recall, answers),
        person_id=recall.user_id,
        person_name=row.name,
        unit_id=row.unit_id,
        unit_name=row.unit_name,
        device_id=recall.device_id,
        reason=recall.reason,
        since_on=recall.since_on,
        asked_by=recall.asked_by,
        asked_by_name=row.asked_by_name,
        asked_at=recall.asked_at,
        is_ready=recall.ready_at is not None,
        cancelled_at=recall.cancelled_at,
        phones=tuple(_phone(answer) for answer in answers),
        items=tuple(_items(recall, answers, records, photos)),
    )


def _state(recall: Recall, answers: Sequence[RecallAnswer]) -> RecallState:
    if recall.cancelled_at is not None:
        return RecallState.CANCELLED
    if any(answer.answered_at is not None for answer in answers):
        return RecallState.ANSWERED
    return RecallState.SEEN if answers else RecallState.ASKED


def _phone(answer: RecallAnswer) -> PhoneAnswer:
    return PhoneAnswer(
        device_id=None if answer.device_id == UNNAMED_DEVICE else answer.device_id,
        seen_at=answer.seen_at,
        answered_at=answer.answered_at,
        sent=len(answer.sent_ids),
        missing=len(answer.missing_ids),
    )


def _items(
    recall: Recall,
    answers: Sequence[RecallAnswer],
    records: dict[UUID, IdFacts],
    photos: dict[UUID, IdFacts],
) -> list[RecalledId]:
    sent = {one for answer in answers for one in answer.sent_ids}
    missing = {one for answer in answers for one in answer.missing_ids}
    intact = set(recall.intact_photo_ids)
    asked_photos, found = set(recall.photo_ids), []
    for one in _asked_for(recall, answers):
        is_photo = one in asked_photos or (one in photos and one not in records)
        known = (photos if is_photo else records).get(one, IdFacts())
        facts = IdFacts(intact=True) if one in intact else known
        became = came(facts, recall.asked_at, sent=one in sent, missing=one in missing)
        found.append(RecalledId("photo" if is_photo else "record", one, became, facts.last_at))
    return found


def _answers(session: Session, recall_ids: Sequence[UUID]) -> dict[UUID, list[RecallAnswer]]:
    found: dict[UUID, list[RecallAnswer]] = {}
    rows = session.scalars(
        sa.select(RecallAnswer)
        .where(RecallAnswer.recall_id.in_(recall_ids))
        .order_by(RecallAnswer.seen_at, RecallAnswer.device_id)
    )
    for answer in rows:
        found.setdefault(answer.recall_id, []).append(answer)
    return found


def _records(session: Session, ids: Collection[UUID]) -> dict[UUID, IdFacts]:
    revision, kept = RecordRevision, KeptSubmission
    known = session.execute(
        sa.select(revision.record_id, sa.func.min(revision.received_at), sa.func.max(revision.received_at))
        .where(revision.record_id.in_(ids))
        .group_by(revision.record_id)
    )
    waiting = session.execute(
        sa.select(kept.record_id, sa.func.max(kept.received_at))
        .where(kept.record_id.in_(ids), kept.settled_at.is_(None))
        .group_by(kept.record_id)
    )
    shelved = {row[0]: row[1] for row in waiting}
    found = {one: IdFacts(first, last, shelved.get(one)) for one, first, last in known}
    return {one: IdFacts(kept_at=at) for one, at in shelved.items()} | found


def _photos(session: Session, ids: Collection[UUID]) -> dict[UUID, IdFacts]:
    rows = session.execute(sa.select(Photo.id, Photo.received_at).where(Photo.id.in_(ids)))
    return {one: IdFacts(received_at, received_at) for one, received_at in rows}
