"""Authors say what is behind a doubt or a return of their visits and check-ins; nothing they said is changed."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from service.audit import commands as audit
from service.checkins.errors import UnknownCheckin
from service.checkins.models import Checkin
from service.evidence.errors import NothingToExplain
from service.evidence.models import CheckinAssessment, VisitAssessment
from service.evidence.queries import EXPLAINED, Explanation, explanations
from service.kernel.actor import Actor
from service.kernel.clock import now
from service.kernel.errors import NotFound
from service.kernel.ids import uuid7
from service.submissions.models import RecordType
from service.submissions.review_states import ReviewState
from service.visits.errors import UnknownVisit
from service.visits.models import Visit
from service.visits.queries import is_own

_CONTESTED = frozenset({ReviewState.RETURNED, ReviewState.VOIDED})


@dataclass(frozen=True, slots=True)
class Explainable:
    """A type of record whose authors may explain: how its rows and their doubts are found, and what is said of none."""

    kind: RecordType
    own: sa.Select[Any]
    doubts: sa.Select[Any]
    unknown: type[NotFound]


def explain_visit(session: Session, actor: Actor, visit_id: UUID, text: str) -> Explanation:
    """Keep what the author says of a flagged, doubted, returned or voided visit; said twice, it is kept once.

    Raises:
        UnknownVisit: it is not the actor's.
        NothingToExplain: nothing about it is flagged, and nobody returned it.
    """
    return _explain(session, actor, _visit(actor, visit_id), visit_id, text)


def explain_checkin(session: Session, actor: Actor, checkin_id: UUID, text: str) -> Explanation:
    """The same of a check-in.

    Raises:
        UnknownCheckin: it is not the actor's.
        NothingToExplain: nothing about it is flagged, and nobody returned it.
    """
    return _explain(session, actor, _checkin(actor, checkin_id), checkin_id, text)


def said_of_own_visit(session: Session, actor: Actor, visit_id: UUID) -> list[Explanation]:
    """What was said of one's own visit, oldest first.

    Raises:
        UnknownVisit: it is not the actor's.
    """
    return _said(session, _visit(actor, visit_id), visit_id)


def said_of_own_checkin(session: Session, actor: Actor, checkin_id: UUID) -> list[Explanation]:
    """What was said of one's own check-in, oldest first.

    Raises:
        UnknownCheckin: it is not the actor's.
    """
    return _said(session, _checkin(actor, checkin_id), checkin_id)


def _visit(actor: Actor, visit_id: UUID) -> Explainable:
    own = sa.select(Visit).where(Visit.id == visit_id, is_own(actor))
    doubts = sa.select(sa.func.cardinality(VisitAssessment.doubts))
    return Explainable(
        RecordType.VISIT, own, doubts.where(VisitAssessment.record_id == visit_id), UnknownVisit
    )


def _checkin(actor: Actor, checkin_id: UUID) -> Explainable:
    own = sa.select(Checkin).where(Checkin.id == checkin_id, Checkin.user_id == actor.person_id)
    doubts = sa.select(sa.func.cardinality(CheckinAssessment.doubts))
    return Explainable(
        RecordType.CHECKIN, own, doubts.where(CheckinAssessment.record_id == checkin_id), UnknownCheckin
    )


def _explain(session: Session, actor: Actor, what: Explainable, record_id: UUID, text: str) -> Explanation:
    record = _own(session, what)
    if not record.flags and not session.scalar(what.doubts) and record.review_state not in _CONTESTED:
        raise NothingToExplain
    table = EXPLAINED[what.kind]
    said = session.scalar(
        sa.select(table).where(
            table.record_id == record_id,
            table.rev == record.rev,
            table.author_id == actor.person_id,
            table.text == text,
        )
    )
    if said is None:
        said = table(
            id=uuid7(),
            record_id=record_id,
            rev=record.rev,
            text=text,
            author_id=actor.person_id,
            written_at=now(),
        )
        session.add(said)
        audit.record(session, actor, f"{what.kind.value}.explain", what.kind, record_id, rev=record.rev)
        session.flush()
    return Explanation(said.id, said.rev, said.text, actor.name, said.written_at)


def _said(session: Session, what: Explainable, record_id: UUID) -> list[Explanation]:
    _own(session, what)
    return explanations(session, what.kind, [record_id]).get(record_id, [])


def _own(session: Session, what: Explainable) -> Visit | Checkin:
    # Locked, so that the same words sent twice at once are kept once.
    record: Visit | Checkin | None = session.scalar(what.own.with_for_update(key_share=True))
    if record is None:
        raise what.unknown
    return record
