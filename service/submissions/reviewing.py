"""Reviewing records of any type: who may decide what, what becomes of the record, and what is kept of it.

::

    decide_each ─▶ each decision in a savepoint ─▶ lock ─▶ may it be? ─▶ change the state ─▶ history and audit

A room that has records to review says how its own are locked, whose they are, and where their history is kept.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, Protocol, TypeVar
from uuid import UUID

from sqlalchemy.orm import Session

from service.audit import commands as audit
from service.kernel.actor import Actor, Role
from service.kernel.clock import now
from service.kernel.db import Base
from service.kernel.errors import Refusal
from service.submissions.models import RecordType
from service.submissions.review_errors import NotReviewed, OwnRecord, RevisionChanged, UnknownRecord
from service.submissions.review_reasons import reason_told
from service.submissions.review_rules import state_after
from service.submissions.review_states import ReviewChoice, ReviewState


class Reviewed(Protocol):
    """A stored record with the columns of its review."""

    review_state: Any
    review_reason: Any
    updated_at: Any

    @property
    def id(self) -> UUID:
        """The record's id."""
        ...

    @property
    def rev(self) -> int:
        """Its present revision."""
        ...

    @property
    def state(self) -> ReviewState:
        """Where its review is, or that its sender has taken it back."""
        ...

    @property
    def flags(self) -> list[dict[str, Any]]:
        """What it bears against itself."""
        ...


Record = TypeVar("Record", bound=Reviewed)


@dataclass(frozen=True, slots=True)
class Decision:
    """What a reviewer decided about the revision of a record they have read."""

    type: str
    id: UUID
    rev: int
    decision: ReviewChoice
    reason: str | None = None
    reason_code: str | None = None
    """Of the list of reasons; text may stand beside it or instead of it."""


@dataclass(frozen=True, slots=True)
class DecisionResult:
    """What became of a decision; a refused one has the refusal's code and sentence."""

    type: str
    id: UUID
    status: str
    review_state: ReviewState | None = None
    code: str | None = None
    detail: str | None = None


@dataclass(frozen=True, slots=True)
class Made:
    """A decision that was taken, with all that is kept of it for ever."""

    rev: int
    decision: ReviewChoice
    from_state: ReviewState
    to_state: ReviewState
    reason: str | None
    reason_code: str | None
    remarks: list[str]
    """The codes of the flags and doubts it bore when it was decided about: their fairness is measured by these."""
    decided_by: UUID
    decided_at: datetime


@dataclass(frozen=True, slots=True)
class Reviewable(Generic[Record]):
    """What a type of record brings to its review."""

    type: RecordType
    lock: Callable[[Session, Actor, UUID], Record | None]
    """The record in the reviewer's scope as it is now, locked."""
    whose: Callable[[Record], Collection[UUID]]
    """The people who did or wrote it: they do not approve it."""
    kept: Callable[[Record, Made], Base]
    """The row of its history."""


def decide_each(
    session: Session,
    actor: Actor,
    kind: Reviewable[Record],
    decisions: Sequence[Decision],
    *,
    language: str,
    doubts: Mapping[UUID, Sequence[str]],
) -> list[DecisionResult]:
    """Apply each decision that may be applied, alone; answers in the order they came.

    `doubts` names the checks that were doubtful of a record: they are kept with the decision, beside its flags.
    """
    results: dict[int, DecisionResult] = {}
    # Rows are locked in the order of their ids, so that two reviewers of the same records do not deadlock.
    for place, decision in sorted(enumerate(decisions), key=lambda one: one[1].id):
        try:
            with session.begin_nested():
                state = _decide(session, actor, kind, decision, doubts.get(decision.id, ()))
        except Refusal as refusal:
            results[place] = refused(decision, refusal, language)
        else:
            results[place] = DecisionResult(decision.type, decision.id, "applied", review_state=state)
    return [results[place] for place in range(len(decisions))]


def refused(decision: Decision, refusal: Refusal, language: str) -> DecisionResult:
    """The answer about a decision that is not applied."""
    return DecisionResult(
        decision.type, decision.id, "refused", code=refusal.code, detail=refusal.text(language)
    )


def take_decision(
    session: Session,
    actor: Actor,
    kind: Reviewable[Record],
    record: Record,
    *,
    decision: Decision,
    after: ReviewState,
    by: UUID,
    doubts: Sequence[str] = (),
) -> None:
    """Change the state of a locked record, and keep the decision with all that it was taken on."""
    before, record.review_state = record.state, after
    record.review_reason = None
    record.updated_at = now()
    made = Made(
        rev=record.rev,
        decision=decision.decision,
        from_state=before,
        to_state=after,
        reason=decision.reason,
        reason_code=decision.reason_code,
        remarks=sorted({str(flag["code"]) for flag in record.flags} | set(doubts)),
        decided_by=by,
        decided_at=record.updated_at,
    )
    session.add(kind.kept(record, made))
    audit.record(
        session,
        actor,
        f"{kind.type}.{decision.decision}",
        kind.type,
        record.id,
        rev=record.rev,
        from_state=before,
        to_state=after,
        reason=decision.reason,
        reason_code=decision.reason_code,
    )


def _decide(
    session: Session, actor: Actor, kind: Reviewable[Record], decision: Decision, doubts: Sequence[str]
) -> ReviewState:
    record = _locked(session, actor, kind, decision)
    told = reason_told(decision.decision, decision.reason_code, decision.reason)
    after = state_after(
        record.state,
        decision.decision,
        by_headquarters=actor.has(Role.HEADQUARTERS, Role.ADMINISTRATOR),
    )
    take_decision(
        session, actor, kind, record, decision=decision, after=after, by=actor.person_id, doubts=doubts
    )
    record.review_reason = told
    return after


def _locked(session: Session, actor: Actor, kind: Reviewable[Record], decision: Decision) -> Record:
    """The record, locked, if this decision about it may be considered at all."""
    if decision.type != kind.type:
        raise NotReviewed
    record = kind.lock(session, actor, decision.id)
    if record is None:
        raise UnknownRecord
    if record.rev != decision.rev:
        raise RevisionChanged(rev=record.rev)
    if decision.decision is ReviewChoice.APPROVE and actor.user_id in kind.whose(record):
        raise OwnRecord
    return record
