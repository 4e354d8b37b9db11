"""Reviewing visits: each decision stands or falls alone, and the ledgers follow all of them at once."""

from collections.abc import Iterable, Mapping, Sequence
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
from service.visits.reasons import BY_POLICY, reason_told
from service.visits.review_errors import NotReviewed, OwnRecord, RevisionChanged, UnknownRecord
from service.visits.reviewing import state_after

VISIT = "visit"


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


def decide(
    session: Session,
    actor: Actor,
    decisions: Sequence[Decision],
    *,
    language: str = "zh",
    doubts: Mapping[UUID, Sequence[str]] | None = None,
) -> list[DecisionResult]:
    """Apply each decision that may be applied; answers in the order they came.

    `doubts` names the checks that were doubtful of a visit: they are kept with the decision, beside its flags.
    """
    results: dict[int, DecisionResult] = {}
    known = doubts or {}
    # Rows are locked in the order of their ids, so that two reviewers of the same records do not deadlock.
    for place, decision in sorted(enumerate(decisions), key=lambda one: one[1].id):
        results[place] = _decide_alone(session, actor, decision, language, known.get(decision.id, ()))
    recount(session, {result.id for result in results.values() if result.status == "applied"})
    return [results[place] for place in range(len(decisions))]


@dataclass(frozen=True, slots=True)
class PolicyApproval:
    """A visit's revision that a review policy lets through, who answers for the policy, and its words."""

    visit_id: UUID
    rev: int
    answerable_id: UUID
    words: str


def approve_by_policy(session: Session, approvals: Iterable[PolicyApproval]) -> list[UUID]:
    """Approve what the policies let through and nobody has touched meanwhile; answers which were approved.

    The history names the policy as the reason and the person who answers for it; nobody's own records pass so.
    """
    house, approved = Actor.system("review_policy"), []
    for one in sorted(approvals, key=lambda one: one.visit_id):
        visit = session.scalar(
            sa.select(Visit)
            .where(Visit.id == one.visit_id, Visit.rev == one.rev)
            .with_for_update(key_share=True, skip_locked=True)
            .execution_options(populate_existing=True)
        )
        if visit is None or visit.review_state not in _WAITS:
            continue
        if one.answerable_id in {visit.visitor_id, visit.recorded_by}:
            continue
        made = Decision(VISIT, visit.id, visit.rev, ReviewChoice.APPROVE, one.words, BY_POLICY)
        _note(session, house, visit, made, ReviewState.APPROVED, by=one.answerable_id, doubts=())
        approved.append(visit.id)
    recount(session, approved)
    return approved


_WAITS = (ReviewState.SUBMITTED, ReviewState.UNIT_APPROVED)


def _decide_alone(
    session: Session, actor: Actor, decision: Decision, language: str, doubts: Sequence[str]
) -> DecisionResult:
    try:
        with session.begin_nested():
            state = _decide(session, actor, decision, doubts)
    except Refusal as refusal:
        return DecisionResult(
            decision.type, decision.id, "refused", code=refusal.code, detail=refusal.text(language)
        )
    return DecisionResult(decision.type, decision.id, "applied", review_state=state)


def _decide(session: Session, actor: Actor, decision: Decision, doubts: Sequence[str]) -> ReviewState:
    visit = _locked(session, actor, decision)
    told = reason_told(decision.decision, decision.reason_code, decision.reason)
    after = state_after(
        visit.review_state,
        decision.decision,
        by_headquarters=actor.has(Role.HEADQUARTERS, Role.ADMINISTRATOR),
    )
    _note(session, actor, visit, decision, after, by=actor.person_id, doubts=doubts)
    visit.review_reason = told
    return after


def _note(
    session: Session,
    actor: Actor,
    visit: Visit,
    decision: Decision,
    after: ReviewState,
    *,
    by: UUID,
    doubts: Sequence[str],
) -> None:
    """Change the visit's state, and keep the decision with all that it was taken on."""
    before, visit.review_state = visit.review_state, after
    visit.review_reason = None
    visit.updated_at = now()
    session.add(
        ReviewDecision(
            visit_id=visit.id,
            rev=visit.rev,
            decision=decision.decision,
            from_state=before,
            to_state=after,
            reason=decision.reason,
            reason_code=decision.reason_code,
            remarks=sorted({str(flag["code"]) for flag in visit.flags} | set(doubts)),
            decided_by=by,
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
        to_state=after,
        reason=decision.reason,
        reason_code=decision.reason_code,
    )


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
    return visit
