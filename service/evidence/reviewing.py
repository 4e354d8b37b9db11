"""The review with its evidence: the queue, decisions, and batches that let nothing doubtful through."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from service.accounts.visibility import within_scope
from service.checkins import review as checkin_review
from service.checkins.models import Checkin
from service.checkins.review import checkins_to_review
from service.checkins.views import CheckinView
from service.evidence.checks import Check
from service.evidence.errors import Doubtful
from service.evidence.models import CheckinAssessment, VisitAssessment
from service.evidence.queries import Explanation, assess_checkins, assess_visits, explanations
from service.evidence.remark_names import remark_name
from service.kernel.actor import Actor
from service.kernel.pages import Page, PageRequest, page_of
from service.submissions.models import RecordType
from service.submissions.review_errors import NotReviewed
from service.submissions.review_places import first_places
from service.submissions.reviewing import Decision, DecisionResult, refused
from service.visits import review as visit_review
from service.visits.models import ReviewChoice, Visit
from service.visits.review_queue import visits_to_review
from service.visits.views import VisitView

REVIEWED = (RecordType.VISIT, RecordType.CHECKIN)
"""The types of record that go through review, in the order in which their rows are locked."""
_Doubts = Mapping[UUID, Sequence[str]]


@dataclass(frozen=True, slots=True)
class WaitingWithEvidence:
    """A record to be decided about, how suspicious it is, every check, and what its author says."""

    type: RecordType
    id: UUID
    rev: int
    suspicion: int
    record: VisitView | None
    """The visit, if it is one."""
    checkin: CheckinView | None
    """The check-in, if it is one."""
    evidence: tuple[Check, ...]
    explanations: list[Explanation]


def queue(
    session: Session, actor: Actor, page: PageRequest, *, language: str, kind: RecordType | None = None
) -> Page[WaitingWithEvidence]:
    """What this reviewer may decide about next, the suspicious first, then the oldest, each with its evidence.

    A record is placed by its flags and by what the checks said when they last ran; the checks shown are of now.
    """
    places = [
        place for one in REVIEWED if kind in (None, one) for place in first_places(session, actor, one, page)
    ]
    waiting = page_of(sorted(places, key=lambda one: one.order), limit=page.limit, key=lambda one: one.key)
    visit_ids = [one.id for one in waiting.items if one.type is RecordType.VISIT]
    checkin_ids = [one.id for one in waiting.items if one.type is RecordType.CHECKIN]
    visits = visits_to_review(session, visit_ids, language=language)
    checkins = checkins_to_review(session, checkin_ids)
    assessed = assess_visits(session, visit_ids) | assess_checkins(session, checkin_ids)
    told = explanations(session, RecordType.VISIT, visit_ids)
    told |= explanations(session, RecordType.CHECKIN, checkin_ids)
    found = [
        WaitingWithEvidence(
            one.type,
            one.id,
            assessed[one.id].rev,
            one.suspicion,
            visits.get(one.id),
            checkins.get(one.id),
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
    return _decide(session, actor, decisions, _known_doubts(session, ids), language)


def decide_in_batch(
    session: Session, actor: Actor, decisions: Sequence[Decision], *, language: str
) -> list[DecisionResult]:
    """The same, but every approval is checked at this moment, and one of a doubtful record is refused."""
    approved = {one.id for one in decisions if one.decision is ReviewChoice.APPROVE}
    visits = sa.select(Visit.id).where(Visit.id.in_(approved), within_scope(actor, Visit.unit_id))
    checkins = sa.select(Checkin.id).where(Checkin.id.in_(approved), within_scope(actor, Checkin.unit_id))
    assessed = assess_visits(session, session.scalars(visits).all())
    assessed |= assess_checkins(session, session.scalars(checkins).all())
    doubts = {record_id: found.doubts for record_id, found in assessed.items()}
    clear = [one for one in decisions if not _is_doubtful(one, doubts)]
    results = iter(_decide(session, actor, clear, doubts, language))
    return [
        refused(one, _doubtful(doubts[one.id]), language) if _is_doubtful(one, doubts) else next(results)
        for one in decisions
    ]


def _decide(
    session: Session, actor: Actor, decisions: Sequence[Decision], doubts: _Doubts, language: str
) -> list[DecisionResult]:
    """Each decision by the room of its record, one type after the other; answers in the order they came."""
    results: dict[int, DecisionResult] = {
        place: refused(one, NotReviewed(), language)
        for place, one in enumerate(decisions)
        if one.type not in REVIEWED
    }
    for kind, room in ((RecordType.VISIT, visit_review), (RecordType.CHECKIN, checkin_review)):
        places = [place for place, one in enumerate(decisions) if one.type == kind]
        if places:
            told = [decisions[place] for place in places]
            decided = room.decide(session, actor, told, language=language, doubts=doubts)
            results |= dict(zip(places, decided, strict=True))
    return [results[place] for place in range(len(decisions))]


def _known_doubts(session: Session, ids: set[UUID]) -> dict[UUID, list[str]]:
    """What the checks doubted of the present revisions when they last ran."""
    visits = (
        sa.select(VisitAssessment.record_id.label("id"), VisitAssessment.doubts)
        .join(Visit, sa.and_(Visit.id == VisitAssessment.record_id, Visit.rev == VisitAssessment.rev))
        .where(VisitAssessment.record_id.in_(ids))
    )
    checkins = (
        sa.select(CheckinAssessment.record_id, CheckinAssessment.doubts)
        .join(
            Checkin, sa.and_(Checkin.id == CheckinAssessment.record_id, Checkin.rev == CheckinAssessment.rev)
        )
        .where(CheckinAssessment.record_id.in_(ids))
    )
    return {row.id: row.doubts for row in session.execute(visits.union_all(checkins))}


def _doubtful(codes: Sequence[str]) -> Doubtful:
    return Doubtful(doubts=", ".join(codes), named="、".join(remark_name(code) for code in codes))


def _is_doubtful(one: Decision, doubts: _Doubts) -> bool:
    return one.decision is ReviewChoice.APPROVE and bool(doubts.get(one.id))
