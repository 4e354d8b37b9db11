"""Headquarters settles what was kept, once, by one of six decisions.

::

    server_stands   conflict                 the server's content stays
    replace         conflict, unpermitted    the kept body becomes the next revision, as its author's
    merge           conflict                 a body with fields of both becomes the next revision
    new_record      conflict, id_taken,      the kept body becomes a record of its own, with a new id where its
                    unpermitted              own is another record's
    repair          quarantined, unpermitted a corrected body (or the kept one, tried again) is accepted
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
from service.kernel.errors import Forbidden, Stale, fault
from service.kernel.ids import uuid7
from service.kernel.revisions import Malformed, NotRepresentable, strict_json
from service.submissions.doors import door_for, is_open
from service.submissions.errors import AlreadySettled, CannotSettleSo, UnknownKept
from service.submissions.models import KeptBecause, KeptSubmission, RecordRevision, Settlement
from service.submissions.sent import Sent


class How(StrEnum):
    """The decisions headquarters may take about a kept body."""

    SERVER_STANDS = "server_stands"
    REPLACE = "replace"
    MERGE = "merge"
    NEW_RECORD = "new_record"
    REPAIR = "repair"
    DISCARD = "discard"


FITS = {
    How.SERVER_STANDS: frozenset({KeptBecause.CONFLICT}),
    How.REPLACE: frozenset({KeptBecause.CONFLICT, KeptBecause.UNPERMITTED}),
    How.MERGE: frozenset({KeptBecause.CONFLICT}),
    How.NEW_RECORD: frozenset({KeptBecause.CONFLICT, KeptBecause.ID_TAKEN, KeptBecause.UNPERMITTED}),
    How.REPAIR: frozenset({KeptBecause.QUARANTINED, KeptBecause.UNPERMITTED}),
    How.DISCARD: frozenset(KeptBecause),
}
_SETTLEMENTS = {
    How.SERVER_STANDS: Settlement.SERVER_STANDS,
    How.REPLACE: Settlement.REPLACED_SERVER,
    How.MERGE: Settlement.MERGED,
    How.NEW_RECORD: Settlement.BECAME_A_NEW_RECORD,
    How.REPAIR: Settlement.REPAIRED,
    How.DISCARD: Settlement.DISCARDED,
}


_BRING_A_BODY = frozenset({How.REPAIR, How.MERGE})
_WRITE_OVER = frozenset({How.REPLACE, How.MERGE, How.REPAIR})
_WHY = {
    KeptBecause.QUARANTINED: ("被隔离", "What is quarantined"),
    KeptBecause.CONFLICT: ("与服务器版本冲突", "A conflict"),
    KeptBecause.ID_TAKEN: ("编号已被占用", "What met a taken id"),
    KeptBecause.UNPERMITTED: ("无权限提交", "What was not permitted"),
}
_WORDS = {
    How.SERVER_STANDS: ("保留服务器版本", "the server stands"),
    How.REPLACE: ("采用这份内容", "take this content"),
    How.MERGE: ("合并两份内容", "merge both"),
    How.NEW_RECORD: ("另立一条记录", "make it a record of its own"),
    How.REPAIR: ("更正后采用", "repair"),
    How.DISCARD: ("不采用", "discard"),
}


@dataclass(frozen=True, slots=True)
class Decision:
    """What headquarters decides; `body` is the corrected body of a repair, or the merged one.

    `base_rev` is the revision the person had before their eyes: a record that has moved on since is not written over.
    """

    how: How
    note: str | None = None
    body: Mapping[str, Any] | None = None
    base_rev: int | None = None


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
        Stale: the record is no longer at the revision that the decision names.
        Invalid: the body is not valid by the schema and the rules of its record.
    """
    kept = _demand_settleable(session, actor, kept_id, decision)
    before = _current(session, kept.record_id)
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
        kept_sha256=kept.sha256,
        server_rev=before.rev if before else None,
        server_sha256=before.sha256 if before else None,
    )
    return Settled(kept.id, settlement, record_id)


def _demand_settleable(session: Session, actor: Actor, kept_id: UUID, decision: Decision) -> KeptSubmission:
    if not actor.has(Role.HEADQUARTERS, Role.ADMINISTRATOR):
        raise Forbidden
    if decision.body is not None and decision.how not in _BRING_A_BODY:
        raise fault(
            "/body", "只有更正或合并才能提交新内容", "Only a repair or a merge brings a body of its own"
        )
    if decision.how is How.MERGE and (decision.body is None or decision.base_rev is None):
        raise fault(
            "/body" if decision.body is None else "/base_rev",
            "合并需要提供合并后的内容和所依据的版本号",
            "A merge needs the merged body and the revision it was made from",
        )
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
    if kept.because not in FITS[decision.how] or not _can_be_let_in(kept, decision):
        raise _does_not_fit(kept, decision.how)
    if decision.base_rev is not None and decision.how in _WRITE_OVER:
        current = _current(session, kept.record_id)
        if current is None or current.rev != decision.base_rev:
            raise Stale
    return kept


def _does_not_fit(kept: KeptSubmission, how: How) -> CannotSettleSo:
    fitting = [one for one in How if kept.because in FITS[one] and _can_be_let_in(kept, Decision(one))]
    (why_zh, why_en), (how_zh, how_en) = _WHY[kept.because], _WORDS[how]
    return CannotSettleSo(
        because_zh=why_zh,
        because_en=why_en,
        how_zh=how_zh,
        how_en=how_en,
        fitting_zh="、".join(_WORDS[one][0] for one in fitting),
        fitting_en=", ".join(_WORDS[one][1] for one in fitting),
    )


def _can_be_let_in(kept: KeptSubmission, decision: Decision) -> bool:
    """Announcements of photos, withdrawals, and what names no record are the phone's to send again."""
    return decision.how in {How.SERVER_STANDS, How.DISCARD} or is_open(kept.record_type)


def _carry_out(session: Session, actor: Actor, kept: KeptSubmission, decision: Decision) -> UUID | None:
    """Submit what the decision lets in; None when nothing is."""
    if decision.how in {How.SERVER_STANDS, How.DISCARD}:
        return None
    body = _kept_body(kept) if decision.body is None else decision.body
    current = _current(session, kept.record_id)
    # Under a free id it stays: its phone may send it again, and is then told that it is here.
    is_renamed = decision.how is How.NEW_RECORD and current is not None
    record_id = uuid7() if is_renamed else kept.record_id
    base_rev = None if current is None or is_renamed else current.rev

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


def _current(session: Session, record_id: UUID) -> sa.Row[int, str] | None:
    return session.execute(
        sa.select(RecordRevision.rev, RecordRevision.sha256)
        .where(RecordRevision.record_id == record_id)
        .order_by(RecordRevision.rev.desc())
        .limit(1)
    ).one_or_none()
