"""The evidence of records as reviewers read it, for one record or for a page."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from service.accounts.models import User
from service.checkins import queries as checkins
from service.evidence import gathering
from service.evidence.checks import Check, Verdict, check, weight_beyond_flags
from service.evidence.models import CheckinExplanation, RecordExplanation, VisitExplanation
from service.evidence.subject import Subject
from service.kernel.actor import Actor
from service.submissions.models import RecordType
from service.visits import queries as visits

EXPLAINED: Mapping[RecordType, type[RecordExplanation]] = {
    RecordType.VISIT: VisitExplanation,
    RecordType.CHECKIN: CheckinExplanation,
}
"""Where the words about records of each type are kept."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """What the author of a record says to its flags."""

    id: UUID
    rev: int
    text: str
    author_name: str
    written_at: datetime


@dataclass(frozen=True, slots=True)
class Assessed:
    """The checks of one record's present revision."""

    rev: int
    checks: tuple[Check, ...]
    weight: int
    """What its doubts weigh beyond its flags."""

    @property
    def doubts(self) -> list[str]:
        """The checks that are doubtful."""
        return [one.check for one in self.checks if one.verdict is Verdict.DOUBT]


@dataclass(frozen=True, slots=True)
class RecordEvidence:
    """All checks of a record, and what its author says."""

    id: UUID
    rev: int
    checks: tuple[Check, ...]
    explanations: list[Explanation]


def evidence_of_visit(session: Session, actor: Actor, visit_id: UUID, *, language: str) -> RecordEvidence:
    """The evidence of a visit in the actor's scope.

    Raises:
        UnknownVisit: there is none such in scope.
    """
    visits.visit_in_scope(session, actor, visit_id, language=language)
    found = assess_visits(session, [visit_id])[visit_id]
    explained = explanations(session, RecordType.VISIT, [visit_id]).get(visit_id, [])
    return RecordEvidence(visit_id, found.rev, found.checks, explained)


def evidence_of_checkin(session: Session, actor: Actor, checkin_id: UUID) -> RecordEvidence:
    """The evidence of a check-in in the actor's scope.

    Raises:
        UnknownCheckin: there is none such in scope.
    """
    checkins.checkin_in_scope(session, actor, checkin_id)
    subject = gathering.checkins(session, [checkin_id])[checkin_id]
    explained = explanations(session, RecordType.CHECKIN, [checkin_id]).get(checkin_id, [])
    return RecordEvidence(checkin_id, subject.rev, check(subject), explained)


def assess_visits(session: Session, visit_ids: Collection[UUID]) -> dict[UUID, Assessed]:
    """The checks of these visits, in a fixed number of statements."""
    return _assessed(gathering.visits(session, visit_ids))


def assess_checkins(session: Session, checkin_ids: Collection[UUID]) -> dict[UUID, Assessed]:
    """The checks of these check-ins, in a fixed number of statements."""
    return _assessed(gathering.checkins(session, checkin_ids))


def _assessed(subjects: Mapping[UUID, Subject]) -> dict[UUID, Assessed]:
    found = {}
    for record_id, subject in subjects.items():
        checks = check(subject)
        found[record_id] = Assessed(subject.rev, checks, weight_beyond_flags(subject, checks))
    return found


def explanations(
    session: Session, kind: RecordType, record_ids: Collection[UUID]
) -> dict[UUID, list[Explanation]]:
    """What the authors of these records of one type say, oldest first."""
    if not record_ids:
        return {}
    table = EXPLAINED[kind]
    rows = session.execute(
        sa.select(table, User.name)
        .join(User, User.id == table.author_id)
        .where(table.record_id.in_(record_ids))
        .order_by(table.written_at, table.id)
    )
    found: dict[UUID, list[Explanation]] = {}
    for one, name in rows:
        told = Explanation(one.id, one.rev, one.text, name, one.written_at)
        found.setdefault(one.record_id, []).append(told)
    return found
