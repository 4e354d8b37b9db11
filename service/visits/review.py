"""Reviewing visits: each decision stands or falls alone, and the ledgers follow all of them at once."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from service.accounts.visibility import within_scope
from service.kernel.actor import Actor
from service.submissions.models import RecordType
from service.submissions.review_reasons import BY_POLICY
from service.submissions.review_states import UNDER_REVIEW
from service.submissions.reviewing import (
    Decision,
    DecisionResult,
    Made,
    Reviewable,
    decide_each,
    take_decision,
)
from service.visits.ledger import recount
from service.visits.models import ReviewChoice, ReviewDecision, ReviewState, Visit


@dataclass(frozen=True, slots=True)
class PolicyApproval:
    """A visit's revision that a review policy lets through, who answers for the policy, and its words."""

    visit_id: UUID
    rev: int
    answerable_id: UUID
    words: str


def decide(
    session: Session,
    actor: Actor,
    decisions: Sequence[Decision],
    *,
    language: str = "zh",
    doubts: Mapping[UUID, Sequence[str]] | None = None,
) -> list[DecisionResult]:
    """Apply each decision about a visit that may be applied; answers in the order they came."""
    results = decide_each(session, actor, VISITS, decisions, language=language, doubts=doubts or {})
    recount(session, {result.id for result in results if result.status == "applied"})
    return results


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
        if visit is None or visit.review_state not in UNDER_REVIEW or one.answerable_id in _whose(visit):
            continue
        made = Decision(
            VISITS.type, visit.id, visit.rev, ReviewChoice.APPROVE, one.words, reason_code=BY_POLICY
        )
        take_decision(
            session, house, VISITS, visit, decision=made, after=ReviewState.APPROVED, by=one.answerable_id
        )
        approved.append(visit.id)
    recount(session, approved)
    return approved


def _lock(session: Session, actor: Actor, visit_id: UUID) -> Visit | None:
    return session.scalar(
        sa.select(Visit)
        .where(Visit.id == visit_id, within_scope(actor, Visit.unit_id))
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )


def _whose(visit: Visit) -> Collection[UUID]:
    return {visit.visitor_id, visit.recorded_by}


def _kept(visit: Visit, made: Made) -> ReviewDecision:
    return ReviewDecision(visit_id=visit.id, **asdict(made))


VISITS = Reviewable(RecordType.VISIT, _lock, _whose, _kept)
"""How visits are reviewed."""
