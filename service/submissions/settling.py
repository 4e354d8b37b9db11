"""Headquarters settles what was kept, once, by one of five decisions.

::

    server_stands   conflict                 the server's content stays
    replace         conflict, unpermitted    the kept body becomes the next revision, as its author's
    new_record      conflict, id_taken,      the kept body becomes a record of its own with a new id
                    unpermitted
    repair          quarantined              a corrected body (or the kept one, tried again) is accepted
    discard         any                      with a reason; the bytes stay
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from service.accounts.visibility import within_scope
from service.audit import commands as audit
from service.kernel.actor import Actor, Role
from service.kernel.clock import now
from service.kernel.errors import Forbidden, fault
from service.kernel.ids import uuid7
from service.kernel.revisions import Malformed, NotRepresentable, strict_json
from service.submissions.doors import door_for
from service.submissions.errors import AlreadySettled, CannotSettleSo, UnknownKept
from service.submissions.models import KeptBecause, KeptSubmission, RecordRevision, Settlement
from service.submissions.sent import Sent


class How(StrEnum):
    """The decisions headquarters may take about a kept body."""

    SERVER_STANDS = "server_stands"
    REPLACE = "replace"
    NEW_RECORD = "new_record"
    REPAIR = "repair"
    DISCARD = "discard"


FITS = {
    How.SERVER_STANDS: frozenset({KeptBecause.CONFLICT}),
    How.REPLACE: frozenset({KeptBecause.CONFLICT, KeptBecause.UNPERMITTED}),
    How.NEW_RECORD: frozenset({KeptBecause.CONFLICT, KeptBecause.ID_TAKEN, KeptBecause.UNPERMITTED}),
    How.REPAIR: frozenset({KeptBecause.QUARANTINED}),
    How.DISCARD: frozenset(KeptBecause),
}
_SETTLEMENTS = {
    How.SERVER_STANDS: Settlement.SERVER_STANDS,
    How.REPLACE: Settlement.REPLACED_SERVER,
    How.NEW_RECORD: Settlement.BECAME_A_NEW_RECORD,
    How.REPAIR: Settlement.REPAIRED,
    How.DISCARD: Settlement.DISCARDED,
}


@dataclass(frozen=True, slots=True)
class Decision:
    """What headquarters decides; `body` is the corrected body of a repair."""

    how: How
    note: str | None = None
    body: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of the kept body, and the record it is in now, if it is in one."""

    id: UUID
    settlement: Settlement
    record_id: UUID | None


def settle(session: Session, actor: Actor, kept_id: UUID, decision: Decision) -> Settled:
    """Carry the decision out; the record that comes of it is its author's, decided by the actor.

    Raises:
        Forbidden: the actor is not headquarters.
        UnknownKept: there is no such body in the actor's scope.
        AlreadySettled: somebody was quicker, or an accepted body has settled it.
        CannotSettleSo: the decision does not fit why the body was kept.
        Invalid: the body is not valid by the schema and the rules of its record.
    """
    kept = _demand_settleable(session, actor, kept_id, decision)
    record_id = _carry_out(session, actor, kept, decision)
    settlement = _SETTLEMENTS[decision.how]
    kept.settled_at = now()
    kept.settled_by = actor.user_id
    kept.settlement = settlement
    kept.settlement_note = decision.note
    kept.became_record_id = record_id
    audit.record(
        session,
        actor,
        f"{kept.record_type}.settle",
        kept.record_type,
        kept.record_id,
        kept_id=kept.id,
        how=decision.how,
        note=decision.note,
        author_id=kept.author_id,
        record_id=record_id,
    )
    return Settled(kept.id, settlement, record_id)


def _demand_settleable(session: Session, actor: Actor, kept_id: UUID, decision: Decision) -> KeptSubmission:
    if not actor.has(Role.HEADQUARTERS, Role.ADMINISTRATOR):
        raise Forbidden
    if decision.body is not None and decision.how is not How.REPAIR:
        raise fault("/body", "只有更正（repair）才能提交新内容", "Only a repair brings a body of its own")
    if decision.how is How.DISCARD and not decision.note:
        raise fault("/note", "请说明不采用的原因", "Say why it is discarded")
    kept = session.scalar(
        sa.select(KeptSubmission)
        .where(KeptSubmission.id == kept_id, within_scope(actor, KeptSubmission.unit_id))
        .with_for_update()
    )
    if kept is None:
        raise UnknownKept
    if kept.settled_at is not None:
        raise AlreadySettled
    if kept.because not in FITS[decision.how]:
        raise CannotSettleSo(reason=f"{kept.because} ≠ {decision.how}")
    return kept


def _carry_out(session: Session, actor: Actor, kept: KeptSubmission, decision: Decision) -> UUID | None:
    """Submit what the decision lets in; None when nothing is."""
    if decision.how in {How.SERVER_STANDS, How.DISCARD}:
        return None
    body = _kept_body(kept) if decision.body is None else decision.body
    record_id = uuid7() if decision.how is How.NEW_RECORD else kept.record_id
    base_rev = _current_rev(session, record_id)

    def shape(sent: Sent) -> Sent:
        return sent.on_top_of(base_rev).by(kept.author_id)

    submit_body = door_for(kept.record_type)
    submit_body(session, actor, record_id, body, shape=shape)
    return record_id


def _kept_body(kept: KeptSubmission) -> Mapping[str, Any]:
    try:
        body = strict_json(kept.raw)
    except (Malformed, NotRepresentable):
        body = None
    if not isinstance(body, dict):
        raise fault(
            "/body",
            "原内容无法直接采用，请提供更正后的内容",
            "The kept bytes cannot be used; give a corrected body",
        )
    return body


def _current_rev(session: Session, record_id: UUID) -> int | None:
    return session.scalar(
        sa.select(sa.func.max(RecordRevision.rev)).where(RecordRevision.record_id == record_id)
    )
