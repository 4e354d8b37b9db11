"""All that became of a record: its accepted revisions and the decisions about it, the same for every type."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session

from service.accounts.models import User
from service.submissions.models import RecordRevision
from service.submissions.receipt import Receipt
from service.submissions.review_states import ReviewState


@dataclass(frozen=True, slots=True)
class Revision:
    """One accepted revision with the body as it was sent."""

    rev: int
    receipt: Receipt
    author_id: UUID
    author_name: str
    device_id: str | None
    body: dict[str, Any]


@dataclass(frozen=True, slots=True)
class DecisionTaken:
    """One decision of a review."""

    rev: int
    decision: str
    from_state: ReviewState
    to_state: ReviewState
    reason: str | None
    reason_code: str | None
    """Of the list of reasons; `policy` where nobody looked and a review policy approved it."""
    remarks: tuple[str, ...]
    """The flags and doubts it bore then."""
    decided_by: UUID
    decided_by_name: str
    decided_at: datetime


@dataclass(frozen=True, slots=True)
class History:
    """All that became of a record, oldest first."""

    revisions: tuple[Revision, ...]
    decisions: tuple[DecisionTaken, ...]


def revisions_of(session: Session, record_id: UUID) -> tuple[Revision, ...]:
    """Every accepted revision of a record, oldest first, with the body as it was sent."""
    found = session.execute(
        sa.select(RecordRevision, User.name)
        .join(User, User.id == RecordRevision.author_id)
        .where(RecordRevision.record_id == record_id)
        .order_by(RecordRevision.rev)
    )
    return tuple(
        Revision(
            rev=one.rev,
            receipt=Receipt(record_id, one.rev, one.sha256, one.received_at, one.seal),
            author_id=one.author_id,
            author_name=name,
            device_id=one.device_id,
            body=one.body,
        )
        for one, name in found
    )


def decisions_about(
    session: Session, about: InstrumentedAttribute[UUID], record_id: UUID
) -> tuple[DecisionTaken, ...]:
    """Every decision about a record, oldest first; `about` is the column of the history that names the record."""
    table: Any = about.class_
    found = session.execute(
        sa.select(table, User.name.label("by_name"))
        .join(User, User.id == table.decided_by)
        .where(about == record_id)
        .order_by(table.id)
    )
    return tuple(
        DecisionTaken(
            rev=one.rev,
            decision=one.decision.value,
            from_state=one.from_state,
            to_state=one.to_state,
            reason=one.reason,
            reason_code=one.reason_code,
            remarks=tuple(one.remarks or ()),
            decided_by=one.decided_by,
            decided_by_name=name,
            decided_at=one.decided_at,
        )
        for one, name in found
    )
