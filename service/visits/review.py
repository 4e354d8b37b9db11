"""Reviewing visits: each decision stands or falls alone, and the ledgers follow all of them at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from service.accounts.visibility import within_scope
from service.audit import commands as audit
from service.kernel.actor import Actor, Role
from service.kernel.clock import now
from service.kernel.errors import Refusal
from service.visits.ledger import recount
from service.visits.models import ReviewChoice, ReviewDecision, ReviewState, Visit
from service.visits.review_errors import NotReviewed, OwnRecord, ReasonMissing, RevisionChanged, UnknownRecord
from service.visits.reviewing import NEEDS_REASON, state_after

VISIT = "visit"


@dataclass(frozen=True, slots=True)
class Decision:
    """What a reviewer decided about the revision of a record they have read."""

    type: str
    id: UUID
    rev: int
    decision: ReviewChoice
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class DecisionResult:
    """What became of a decision; a refused one has the refusal's code and sentence."""

    type: str
    id: UUID
    status: str
    review_state: ReviewState | None = None
    code: str | None = None
    detail: str | None = None


def decide(
    session: Session, actor: Actor, decisions: Sequence[Decision], *, language: str = "zh"
) -> list[DecisionResult]:
    """Apply each decision that may be applied; answers in the order they came."""
    results: dict[int, DecisionResult] = {}
    # Rows are locked in the order of their ids, so that two reviewers of the same records do not deadlock.
    for place, decision in sorted(enumerate(decisions), key=lambda one: one[1].id):
        results[place] = _decide_alone(session, actor, decision, language)
    recount(session, {result.id for result in results.values() if result.status == "applied"})
    return [results[place] for place in range(len(decisions))]


def _decide_alone(session: Session, actor: Actor, decision: Decision, language: str) -> DecisionResult:
    try:
        with session.begin_nested():
            state = _decide(session, actor, decision)
    except Refusal as refusal:
        return DecisionResult(
            decision.type, decision.id, "refused", code=refusal.code, detail=refusal.text(language)
        )
    return DecisionResult(decision.type, decision.id, "applied", review_state=state)


def _decide(session: Session, actor: Actor, decision: Decision) -> ReviewState:
    visit = _locked(session, actor, decision)
    before = visit.review_state
    visit.review_state = state_after(
        before, decision.decision, by_headquarters=actor.has(Role.HEADQUARTERS, Role.ADMINISTRATOR)
    )
    visit.review_reason = decision.reason if decision.decision in NEEDS_REASON else None
    visit.updated_at = now()
    session.add(
        ReviewDecision(
            visit_id=visit.id,
            rev=visit.rev,
            decision=decision.decision,
            from_state=before,
            to_state=visit.review_state,
            reason=decision.reason,
            decided_by=actor.person_id,
            decided_at=visit.updated_at,
        )
    )
    audit.record(
        session,
        actor,
        f"visit.{decision.decision}",
        VISIT,
        visit.id,
        rev=visit.rev,
        from_state=before,
        to_state=visit.review_state,
        reason=decision.reason,
    )
    return visit.review_state


def _locked(session: Session, actor: Actor, decision: Decision) -> Visit:
    """The visit, locked, if this decision about it may be considered at all."""
    if decision.type != VISIT:
        raise NotReviewed
    visit = session.scalar(
        sa.select(Visit)
        .where(Visit.id == decision.id, within_scope(actor, Visit.unit_id))
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    if visit is None:
        raise UnknownRecord
    if visit.rev != decision.rev:
        raise RevisionChanged(rev=visit.rev)
    if decision.decision is ReviewChoice.APPROVE and actor.user_id in {visit.visitor_id, visit.recorded_by}:
        raise OwnRecord
    if decision.decision in NEEDS_REASON and not (decision.reason or "").strip():
        raise ReasonMissing
    return visit
