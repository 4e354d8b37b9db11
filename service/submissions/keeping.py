"""The shelf: what was not accepted is written down with its reason, byte for byte, and never twice.

::

    Invalid (422)        quarantined   the problem carries quarantine:{id, sha256, received_at}
    RecordConflict (409) conflict      … conflict:{id, server_rev, server_sha256, href, kept_sha256}
    IdTaken (409)        id_taken      no facts about the other record
    Forbidden (403)      unpermitted
    WaitsForParent (422) quarantined, and let in by itself when what it names arrives (`waiting`)
    anything else        nothing is kept: the phone still has it, and may send it again as it is
"""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from service.audit import commands as audit
from service.kernel.actor import Actor
from service.kernel.clock import now
from service.kernel.errors import Conflict, Forbidden, Invalid, Refusal
from service.kernel.ids import uuid7
from service.kernel.revisions import Malformed, NotRepresentable, body_sha256, strict_json
from service.submissions.errors import WAITS, IdTaken, KeptFull, WaitsForParent
from service.submissions.models import KeptBecause, KeptSubmission, RecordType, Settlement, WaitingSubmission

MOST_KEPT_BYTES = 64 * 1024 * 1024
"""Of one person, beside the number of bodies: a thousand bodies may be a gigabyte."""


@dataclass(frozen=True, slots=True)
class Unaccepted:
    """What was sent, exactly, and the record it was meant for."""

    record_type: RecordType
    record_id: UUID
    raw: bytes
    base_rev: int | None = None
    """The revision a push item names beside its body; a body may also name it at its top."""


def keep(session: Session, actor: Actor, what: Unaccepted, refusal: Refusal, *, most: int) -> Refusal:
    """Write down what was sent if this refusal keeps it, and give the refusal to answer with.

    The same body again finds what is kept and gets the same answer.

    Raises:
        KeptFull: more than `most` bodies of this person wait to be settled.
    """
    because = because_of(refusal)
    if because is None:
        return refusal
    facts = _facts(actor, what, refusal, because)
    written = session.execute(_writing(facts)).one_or_none()
    kept = written or session.execute(_finding(facts)).one()
    if written is not None:
        _demand_room(session, actor, most)
        audit.record(
            session,
            actor,
            f"{what.record_type}.keep",
            what.record_type,
            what.record_id,
            kept_id=kept.id,
            because=because,
            code=refusal.code,
            sha256=kept.sha256,
        )
    if isinstance(refusal, WaitsForParent):
        session.execute(_waiting(kept.id, refusal))
    return _answer(refusal, because, kept)


def settle_accepted(session: Session, actor: Actor, record_type: RecordType, record_id: UUID) -> None:
    """Whatever of this person's waited for that id is settled by what was accepted."""
    session.execute(
        sa.update(KeptSubmission)
        .values(settled_at=now(), settled_by=actor.person_id, settlement=Settlement.ACCEPTED_LATER)
        .where(
            KeptSubmission.author_id == actor.person_id,
            KeptSubmission.record_id == record_id,
            KeptSubmission.record_type == record_type,
            KeptSubmission.because != KeptBecause.ID_TAKEN,
            KeptSubmission.settled_at.is_(None),
        ),
        execution_options={"synchronize_session": False},
    )


def because_of(refusal: Refusal) -> KeptBecause | None:
    """Why a body with this refusal is kept; None when it is not."""
    kinds: tuple[tuple[type[Refusal], KeptBecause], ...] = (
        (Invalid, KeptBecause.QUARANTINED),
        (IdTaken, KeptBecause.ID_TAKEN),
        (Conflict, KeptBecause.CONFLICT),
        (Forbidden, KeptBecause.UNPERMITTED),
    )
    return next((because for kind, because in kinds if isinstance(refusal, kind)), None)


def _facts(actor: Actor, what: Unaccepted, refusal: Refusal, because: KeptBecause) -> dict[str, Any]:
    sha256, base_rev = _hash_and_base(what.raw)
    return {
        "id": uuid7(),
        "record_type": what.record_type,
        "record_id": what.record_id,
        "because": because,
        **facts_of_refusal(refusal),
        "sha256": sha256,
        "raw": what.raw,
        "base_rev": base_rev if what.base_rev is None else what.base_rev,
        "author_id": actor.person_id,
        "unit_id": actor.unit_id,
        "device_id": actor.device_id,
        "received_at": now(),
    }


def facts_of_refusal(refusal: Refusal) -> dict[str, Any]:
    """The columns of a kept body that tell why it is not accepted."""
    return {
        "code": refusal.code,
        "faults": [{"pointer": one.pointer, "zh": one.zh, "en": one.en} for one in refusal.faults],
        "server_rev": refusal.extra.get("conflict", {}).get("server_rev"),
    }


def _hash_and_base(raw: bytes) -> tuple[str, int | None]:
    """The hash a receipt would have had, or that of the bytes when they have no canonical form."""
    try:
        body = strict_json(raw)
    except (Malformed, NotRepresentable):
        return hashlib.sha256(raw).hexdigest(), None
    if not isinstance(body, dict):
        return body_sha256(body), None
    base_rev = body.pop("base_rev", None)
    is_revision = isinstance(base_rev, int) and not isinstance(base_rev, bool) and 0 <= base_rev < 2**31
    return body_sha256(body), base_rev if is_revision else None


def _writing(facts: dict[str, Any]) -> sa.Executable:
    return (
        insert(KeptSubmission)
        .values(facts)
        .on_conflict_do_nothing(index_elements=["author_id", "record_type", "record_id", "sha256", "because"])
        .returning(KeptSubmission.id, KeptSubmission.sha256, KeptSubmission.received_at)
    )


def _waiting(kept_id: UUID, refusal: WaitsForParent) -> sa.Executable:
    """It waits from now on; sent again it waits no longer, unless its time is over."""
    moment = now()
    row = insert(WaitingSubmission).values(
        kept_id=kept_id,
        parent_type=refusal.parent_type,
        parent_id=refusal.parent_id,
        until_at=moment + WAITS,
    )
    return row.on_conflict_do_update(
        index_elements=["kept_id"],
        set_={"until_at": row.excluded.until_at},
        where=WaitingSubmission.until_at <= moment,
    )


def _finding(facts: dict[str, Any]) -> sa.Select[UUID, str, datetime]:
    return sa.select(KeptSubmission.id, KeptSubmission.sha256, KeptSubmission.received_at).where(
        KeptSubmission.author_id == facts["author_id"],
        KeptSubmission.record_type == facts["record_type"],
        KeptSubmission.record_id == facts["record_id"],
        KeptSubmission.sha256 == facts["sha256"],
        KeptSubmission.because == facts["because"],
    )


def _demand_room(session: Session, actor: Actor, most: int) -> None:
    waiting = sa.select(
        sa.func.count(), sa.func.coalesce(sa.func.sum(sa.func.octet_length(KeptSubmission.raw)), 0)
    ).where(KeptSubmission.author_id == actor.person_id, KeptSubmission.settled_at.is_(None))
    bodies, total = session.execute(waiting).one()
    if bodies > most or total > MOST_KEPT_BYTES:
        raise KeptFull


def _answer(refusal: Refusal, because: KeptBecause, kept: sa.Row[*tuple[Any, ...]]) -> Refusal:
    facts = {"id": kept.id, "sha256": kept.sha256, "received_at": _text(kept.received_at)}
    if because is KeptBecause.QUARANTINED:
        refusal.client_action = "quarantine"
        refusal.extra["quarantine"] = facts
    elif because is not KeptBecause.ID_TAKEN:
        refusal.extra["kept"] = facts
    return refusal


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
