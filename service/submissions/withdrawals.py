"""A withdrawal is remembered as it was sent, so that its receipt can be checked and a repeat is given the same one."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from service.audit.commands import latest_seal
from service.kernel.actor import Actor
from service.kernel.clock import now
from service.kernel.revisions import body_sha256
from service.submissions.models import RecordRevision, RecordType, Withdrawal
from service.submissions.receipt import Receipt


@dataclass(frozen=True, slots=True)
class TakenBack:
    """The record is withdrawn at this revision, by this call or by one before."""

    rev: int
    is_first: bool


def record_type_of(session: Session, record_id: UUID) -> RecordType | None:
    """The type of the record with this id; None when there is no such record yet."""
    return session.scalar(
        sa.select(RecordRevision.record_type).where(RecordRevision.record_id == record_id).limit(1)
    )


def receipt_of_withdrawal(
    session: Session, actor: Actor, record_id: UUID, rev: int, body: Mapping[str, Any]
) -> Receipt:
    """The receipt of this very body, the same each time."""
    sha256 = body_sha256(body)
    noting = (
        insert(Withdrawal)
        .values(
            record_id=record_id,
            sha256=sha256,
            body=dict(body),
            rev=rev,
            author_id=actor.person_id,
            device_id=actor.device_id,
            received_at=now(),
            seal=latest_seal(session),
        )
        .on_conflict_do_nothing(index_elements=["record_id", "sha256"])
        .returning(*_RECEIPT)
    )
    return Receipt(
        *(session.execute(noting).one_or_none() or session.execute(_known(record_id, sha256)).one())
    )


def receipt_given(session: Session, actor: Actor, record_id: UUID, sha256: str) -> Receipt | None:
    """The receipt that this person was given for a withdrawal with this hash; None when there was none."""
    row = session.execute(
        _known(record_id, sha256).where(Withdrawal.author_id == actor.person_id)
    ).one_or_none()
    return None if row is None else Receipt(*row)


def _known(record_id: UUID, sha256: str) -> sa.Select[UUID, int, str, datetime, str | None]:
    return sa.select(*_RECEIPT).where(Withdrawal.record_id == record_id, Withdrawal.sha256 == sha256)


_RECEIPT = (
    Withdrawal.record_id,
    Withdrawal.rev,
    Withdrawal.sha256,
    Withdrawal.received_at,
    Withdrawal.seal,
)
