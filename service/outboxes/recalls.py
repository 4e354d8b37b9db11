"""Recalls: a phone is asked to send records or photos again, and says what it sent and what it no longer has.

::

    asked ── photos looked up in the store ──▶ ready ── a phone reads it ──▶ seen ── its outcome ──▶ answered
      └───────────────────────────── cancelled, at any time ─────────────────────────────┘

Sending again is free: what is known is answered as the first time, so a recall may ask for too much.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from service.accounts.errors import UnknownDevice, UnknownPerson
from service.accounts.models import DeviceHolder, User
from service.accounts.rules import refuse_unless_administering
from service.accounts.visibility import within_scope
from service.audit import commands as audit
from service.jobs.queue import defer
from service.kernel.actor import Actor
from service.kernel.clock import now
from service.kernel.errors import fault
from service.kernel.ids import uuid7
from service.outboxes.errors import RecallCancelled, UnknownRecall
from service.outboxes.models import UNNAMED_DEVICE, Recall, RecallAnswer

LOOK_UP = "outboxes.look_up"
"""The job that looks the photos of a recall up in the store."""
MOST_TOLD = 20_000
"""Ids that one phone may say of one recall: a year of work, and no more than a list can show."""


@dataclass(frozen=True, slots=True)
class NewRecall:
    """Whom to ask for what; without a device every phone of the person is asked."""

    user_id: UUID
    reason: str
    device_id: str | None = None
    record_ids: tuple[UUID, ...] = ()
    photo_ids: tuple[UUID, ...] = ()
    since_on: date | None = None


@dataclass(frozen=True, slots=True)
class RecallOutcome:
    """What a phone made of a recall: the ids it has sent again, and those it no longer has."""

    sent: tuple[UUID, ...] = ()
    missing: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True)
class RecallAnswered:
    """All that a phone has said of a recall so far."""

    id: UUID
    answered_at: datetime
    sent: tuple[UUID, ...]
    missing: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class RecallOfPhone:
    """A recall as the phone reads it."""

    id: UUID
    reason: str
    record_ids: tuple[UUID, ...]
    photo_ids: tuple[UUID, ...]
    since_on: date | None
    asked_at: datetime


def ask_again(session: Session, actor: Actor, new: NewRecall) -> UUID:
    """Ask a person's phones to send again; they hear of it with their next heartbeat or pull.

    Raises:
        Forbidden: the actor is not headquarters.
        UnknownPerson, UnknownDevice: there is none such, or the person never signed in on that device.
        Invalid: nothing is asked for.
    """
    refuse_unless_administering(actor)
    if not (new.record_ids or new.photo_ids or new.since_on):
        raise fault(
            "/record_ids",
            "请指定要补传的记录、照片或起始日期",
            "Name records or photos, or a day from which all is asked for",
        )
    _demand_holder(session, actor, new)
    recall = _recall(actor, new)
    session.add(recall)
    session.flush()
    if new.photo_ids:
        defer(session, LOOK_UP, waited_for=True, recall_id=recall.id)
    audit.record(
        session,
        actor,
        "recall.ask",
        "recall",
        recall.id,
        user_id=new.user_id,
        device_id=new.device_id,
        records=recall.record_ids,
        photos=recall.photo_ids,
        since_on=new.since_on,
        reason=new.reason,
    )
    return recall.id


def _recall(actor: Actor, new: NewRecall) -> Recall:
    """Phones may read it at once, unless its photos are looked up first."""
    moment = now()
    return Recall(
        id=uuid7(),
        user_id=new.user_id,
        device_id=new.device_id,
        record_ids=_once(new.record_ids),
        photo_ids=_once(new.photo_ids),
        since_on=new.since_on,
        reason=new.reason,
        asked_by=actor.person_id,
        asked_at=moment,
        ready_at=None if new.photo_ids else moment,
        intact_photo_ids=[],
    )


def cancel_recall(session: Session, actor: Actor, recall_id: UUID) -> None:
    """Ask no longer; what was sent meanwhile stays. Cancelling twice is cancelling once.

    Raises:
        Forbidden: the actor is not headquarters.
        UnknownRecall: there is none such.
    """
    refuse_unless_administering(actor)
    recall = session.get(Recall, recall_id, with_for_update=True, populate_existing=True)
    if recall is None:
        raise UnknownRecall
    if recall.cancelled_at is None:
        recall.cancelled_at, recall.cancelled_by = now(), actor.user_id
        session.flush()
        audit.record(session, actor, "recall.cancel", "recall", recall_id)


def read_recalls(session: Session, actor: Actor) -> Sequence[RecallOfPhone]:
    """What this phone is asked for and has not answered, the oldest first; it is noted as read."""
    found = open_recalls(session, actor)
    if found:
        note_seen(session, [one.id for one in found], device_of(actor))
    return found


def open_recalls(
    session: Session, actor: Actor, ids: Collection[UUID] | None = None
) -> Sequence[RecallOfPhone]:
    """The same, of these alone when some are named; nothing is noted."""
    which = sa.true() if ids is None else Recall.id.in_(ids)
    rows = session.execute(
        sa.select(
            Recall.id,
            Recall.reason,
            Recall.record_ids,
            Recall.photo_ids,
            Recall.intact_photo_ids,
            Recall.since_on,
            Recall.asked_at,
        )
        .where(which, *for_phone_of(actor))
        .order_by(Recall.asked_at, Recall.id)
    )
    return tuple(
        RecallOfPhone(
            id=row.id,
            reason=row.reason,
            record_ids=tuple(row.record_ids),
            photo_ids=tuple(one for one in row.photo_ids if one not in set(row.intact_photo_ids)),
            since_on=row.since_on,
            asked_at=row.asked_at,
        )
        for row in rows
    )


def device_of(actor: Actor) -> str:
    """The device a person speaks from, in the form the tables of this room key it by."""
    return actor.device_id or UNNAMED_DEVICE


def for_phone_of(actor: Actor) -> Sequence[sa.ColumnElement[bool]]:
    """The conditions that a recall is for the phone this person speaks from to carry out."""
    device_id = device_of(actor)
    answered = sa.exists().where(
        RecallAnswer.recall_id == Recall.id,
        RecallAnswer.device_id == device_id,
        RecallAnswer.answered_at.is_not(None),
    )
    return (
        Recall.user_id == actor.person_id,
        Recall.cancelled_at.is_(None),
        Recall.ready_at.is_not(None),
        sa.or_(Recall.device_id.is_(None), Recall.device_id == device_id),
        ~answered,
    )


def note_seen(session: Session, recall_ids: Collection[UUID], device_id: str) -> None:
    """These recalls have reached this phone; the first time stays."""
    moment = now()
    rows = [
        {"recall_id": one, "device_id": device_id, "seen_at": moment, "sent_ids": [], "missing_ids": []}
        for one in recall_ids
    ]
    session.execute(insert(RecallAnswer).values(rows).on_conflict_do_nothing())


def answer_recall(session: Session, actor: Actor, recall_id: UUID, outcome: RecallOutcome) -> RecallAnswered:
    """Note what this phone sent again and what it no longer has; a later word adds to the earlier ones.

    Raises:
        UnknownRecall: this person, or this phone, is not asked.
        RecallCancelled: it is no longer asked for.
        Invalid: it would be more than `MOST_TOLD` ids.
    """
    device_id = device_of(actor)
    _demand_asked(session, actor, recall_id)
    note_seen(session, [recall_id], device_id)
    answer = session.get_one(
        RecallAnswer, (recall_id, device_id), with_for_update=True, populate_existing=True
    )
    before, answered_at = (answer.sent_ids, answer.missing_ids), answer.answered_at
    sent = _once([*answer.sent_ids, *outcome.sent])
    missing = [one for one in _once([*answer.missing_ids, *outcome.missing]) if one not in set(sent)]
    if before == (sent, missing) and answered_at is not None:
        return RecallAnswered(recall_id, answered_at, tuple(sent), tuple(missing))
    if len(sent) + len(missing) > MOST_TOLD:
        raise fault("/sent", f"最多 {MOST_TOLD} 个编号", f"At most {MOST_TOLD} ids")
    answer.sent_ids, answer.missing_ids = sent, missing
    answer.answered_at = answered_at or now()
    session.flush()
    audit.record(
        session,
        actor,
        "recall.answer",
        "recall",
        recall_id,
        sent=len(sent),
        missing=missing,
        device_id=device_id,
    )
    return RecallAnswered(recall_id, answer.answered_at, tuple(sent), tuple(missing))


def _demand_asked(session: Session, actor: Actor, recall_id: UUID) -> None:
    recall = session.get(Recall, recall_id)
    if (
        recall is None
        or recall.user_id != actor.user_id
        or recall.ready_at is None
        or recall.device_id not in (None, device_of(actor))
    ):
        raise UnknownRecall
    if recall.cancelled_at is not None:
        raise RecallCancelled


def _demand_holder(session: Session, actor: Actor, new: NewRecall) -> None:
    found = session.scalar(
        sa.select(User.id).where(User.id == new.user_id, within_scope(actor, User.unit_id))
    )
    if found is None:
        raise UnknownPerson
    if new.device_id is None:
        return
    held = sa.select(DeviceHolder.user_id).where(
        DeviceHolder.device_id == new.device_id, DeviceHolder.user_id == new.user_id
    )
    if session.scalar(held) is None:
        raise UnknownDevice


def _once(ids: Collection[UUID]) -> list[UUID]:
    return list(dict.fromkeys(ids))
