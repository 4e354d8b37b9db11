"""The review with its evidence: the queue, decisions, batches that let nothing doubtful through, and explanations."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from service.accounts.visibility import within_scope
from service.audit import commands as audit
from service.evidence.checks import Check
from service.evidence.errors import Doubtful, NothingToExplain
from service.evidence.models import VisitAssessment, VisitExplanation
from service.evidence.queries import Explanation, assess_visits, explanations
from service.kernel.actor import Actor
from service.kernel.clock import now
from service.kernel.ids import uuid7
from service.kernel.pages import Page, PageRequest
from service.visits import review_queue
from service.visits.errors import UnknownVisit
from service.visits.models import ReviewChoice, ReviewState, Visit
from service.visits.queries import is_own
from service.visits.review import VISIT, Decision, DecisionResult, decide
from service.visits.views import VisitView

_CONTESTED = frozenset({ReviewState.RETURNED, ReviewState.VOIDED})


@dataclass(frozen=True, slots=True)
class WaitingWithEvidence:
    """A record to be decided about, how suspicious it is, every check, and what its author says."""

    type: str
    id: UUID
    rev: int
    suspicion: int
    record: VisitView
    evidence: tuple[Check, ...]
    explanations: list[Explanation]


def queue(session: Session, actor: Actor, page: PageRequest, *, language: str) -> Page[WaitingWithEvidence]:
    """What this reviewer may decide about next, the suspicious first, then the oldest, each with its evidence.

    A record is placed by its flags and by what the checks said when they last ran; the checks shown are of now.
    """
    weight = sa.select(VisitAssessment.weight).where(
        VisitAssessment.visit_id == Visit.id, VisitAssessment.rev == Visit.rev
    )
    waiting = review_queue.queue(
        session, actor, page, language=language, beyond_flags=weight.scalar_subquery()
    )
    ids = [one.id for one in waiting.items]
    assessed, told = assess_visits(session, ids), explanations(session, ids) if ids else {}
    found = [
        WaitingWithEvidence(
            one.type,
            one.id,
            one.rev,
            one.suspicion,
            one.record,
            assessed[one.id].checks,
            told.get(one.id, []),
        )
        for one in waiting.items
    ]
    return Page(found, waiting.next_cursor)


def decide_with_evidence(
    session: Session, actor: Actor, decisions: Sequence[Decision], *, language: str
) -> list[DecisionResult]:
    """Apply each decision that may be applied; the doubts of each record are kept with it."""
    ids = {one.id for one in decisions}
    known = session.execute(
        sa.select(VisitAssessment.visit_id, VisitAssessment.doubts)
        .join(Visit, sa.and_(Visit.id == VisitAssessment.visit_id, Visit.rev == VisitAssessment.rev))
        .where(VisitAssessment.visit_id.in_(ids))
    )
    doubts = {row.visit_id: row.doubts for row in known}
    return decide(session, actor, decisions, language=language, doubts=doubts)


def decide_in_batch(
    session: Session, actor: Actor, decisions: Sequence[Decision], *, language: str
) -> list[DecisionResult]:
    """The same, but every approval is checked at this moment, and one of a doubtful record is refused."""
    asked = {one.id for one in decisions if one.type == VISIT and one.decision is ReviewChoice.APPROVE}
    in_scope = session.scalars(
        sa.select(Visit.id).where(Visit.id.in_(asked), within_scope(actor, Visit.unit_id))
    ).all()
    doubts = {visit_id: found.doubts for visit_id, found in assess_visits(session, in_scope).items()}
    clear = [one for one in decisions if not _is_doubtful(one, doubts)]
    results = iter(decide(session, actor, clear, language=language, doubts=doubts))
    return [
        _refused(one, doubts[one.id], language) if _is_doubtful(one, doubts) else next(results)
        for one in decisions
    ]


def _is_doubtful(one: Decision, doubts: dict[UUID, list[str]]) -> bool:
    return one.decision is ReviewChoice.APPROVE and bool(doubts.get(one.id))


def _refused(one: Decision, doubts: list[str], language: str) -> DecisionResult:
    refusal = Doubtful(doubts=", ".join(doubts))
    return DecisionResult(one.type, one.id, "refused", code=refusal.code, detail=refusal.text(language))


def explain(session: Session, actor: Actor, visit_id: UUID, text: str) -> Explanation:
    """Keep what the author says of a flagged, doubted, returned or voided visit; said twice, it is kept once.

    Raises:
        UnknownVisit: it is not the actor's.
        NothingToExplain: nothing about it is flagged, and nobody returned it.
    """
    visit = _own(session, actor, visit_id)
    doubted = session.scalar(
        sa.select(sa.func.cardinality(VisitAssessment.doubts)).where(VisitAssessment.visit_id == visit_id)
    )
    if not visit.flags and not doubted and visit.review_state not in _CONTESTED:
        raise NothingToExplain
    said = session.scalar(
        sa.select(VisitExplanation).where(
            VisitExplanation.visit_id == visit_id,
            VisitExplanation.rev == visit.rev,
            VisitExplanation.author_id == actor.person_id,
            VisitExplanation.text == text,
        )
    )
    if said is None:
        said = VisitExplanation(
            id=uuid7(),
            visit_id=visit_id,
            rev=visit.rev,
            text=text,
            author_id=actor.person_id,
            written_at=now(),
        )
        session.add(said)
        audit.record(session, actor, "visit.explain", VISIT, visit_id, rev=visit.rev)
        session.flush()
    return Explanation(said.id, said.rev, said.text, actor.name, said.written_at)


def own_explanations(session: Session, actor: Actor, visit_id: UUID) -> list[Explanation]:
    """What was said of one's own visit, oldest first.

    Raises:
        UnknownVisit: it is not the actor's.
    """
    _own(session, actor, visit_id)
    return explanations(session, [visit_id]).get(visit_id, [])


def _own(session: Session, actor: Actor, visit_id: UUID) -> Visit:
    # Locked, so that the same words sent twice at once are kept once.
    own = sa.select(Visit).where(Visit.id == visit_id, is_own(actor)).with_for_update(key_share=True)
    visit = session.scalar(own)
    if visit is None:
        raise UnknownVisit
    return visit
