"""Whom to ring about a problem is masked until somebody who works on it says why; that is kept in the audit log."""

from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from service.accounts.models import User
from service.audit import commands as audit
from service.issues.errors import UnknownIssue
from service.issues.models import GONE_STATES, Issue, IssueEvent
from service.issues.queries import visible
from service.issues.reading import calls_of, is_of_office, standing_of
from service.kernel.actor import Actor, Role
from service.kernel.errors import Forbidden
from service.visits.contacts import masked_text

MAY_REVEAL = frozenset({Role.HEADQUARTERS, Role.INSPECTOR, Role.ADMINISTRATOR})
"""Of any problem, as of any visit; leaders read figures and records, and ring nobody."""


@dataclass(frozen=True, slots=True)
class Reachable:
    """Who raised the problem, with the telephone of their account, where it has one."""

    id: UUID
    name: str
    phone: str | None


@dataclass(frozen=True, slots=True)
class SaidWhole:
    """The text of an event in which others see a number masked."""

    id: UUID
    text: str


@dataclass(frozen=True, slots=True)
class IssueContacts:
    """What of a problem is masked elsewhere, and its raiser's telephone."""

    id: UUID
    raiser: Reachable
    text: str
    extended_because: str | None
    withdrawn_because: str | None
    events: tuple[SaidWhole, ...]


def reveal_issue_contacts(session: Session, actor: Actor, issue_id: UUID, reason: str) -> IssueContacts:
    """The texts of a problem as they were written; who read them, and why, is noted at once.

    Besides those who read contacts of any visit: its raiser, whom a reply may name somebody to ring, the departments
    that are called, as long as they are, and the office of the raiser's unit; none of these once it is withdrawn or
    voided. To look after the site is not enough.

    Raises:
        UnknownIssue: there is none such in scope.
        Forbidden: the actor reads the problem, and has nobody to ring about it.
    """
    issue = session.scalar(sa.select(Issue).where(Issue.id == issue_id, visible(actor)))
    if issue is None:
        raise UnknownIssue
    if not _has_to_ring(session, actor, issue):
        raise Forbidden
    audit.record(session, actor, "issue.reveal_contacts", "issue", issue_id, reason=reason)
    return IssueContacts(
        id=issue.id,
        raiser=_raiser_of(session, issue),
        text=issue.text,
        extended_because=issue.extended_because,
        withdrawn_because=issue.withdrawn_because,
        events=_masked_events(session, issue_id),
    )


def _has_to_ring(session: Session, actor: Actor, issue: Issue) -> bool:
    if actor.has(*MAY_REVEAL) or issue.state in GONE_STATES:
        return actor.has(*MAY_REVEAL)
    calls = calls_of(session, actor, [issue.id]).get(issue.id, [])
    who = standing_of(actor, issue, calls, is_of_office=is_of_office(session, actor, issue))
    return who.is_raiser or who.is_called or who.is_raisers_office


def _raiser_of(session: Session, issue: Issue) -> Reachable:
    columns = sa.select(User.id, User.name, User.phone).where(User.id == issue.raised_by)
    return Reachable(*session.execute(columns).one())


def _masked_events(session: Session, issue_id: UUID) -> tuple[SaidWhole, ...]:
    said = session.execute(
        sa.select(IssueEvent.id, IssueEvent.text)
        .where(IssueEvent.issue_id == issue_id, IssueEvent.text.is_not(None))
        .order_by(IssueEvent.received_at, IssueEvent.id)
    )
    return tuple(SaidWhole(id_, text) for id_, text in said if text and masked_text(text) != text)
