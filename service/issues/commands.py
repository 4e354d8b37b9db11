"""Problems are raised, edited and withdrawn here; what is done about them is in `events`."""

from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from service.audit import commands as audit
from service.checkins.models import Checkin
from service.checkins.queries import checkin_in_scope
from service.checkins.views import CheckinView
from service.issues.acceptance import TakenOut, accept, owners
from service.issues.errors import CheckinTaken, UnknownIssue
from service.issues.events import wrong_state
from service.issues.models import GONE_STATES, Issue, IssueCategory, IssueState
from service.issues.queries import card_of, card_with_receipt
from service.issues.submission import IssueSubmission, NewIssue
from service.issues.untaken import heading_and_text
from service.issues.views import IssueCard
from service.issues.words import category_called
from service.issues.workflow import WITHDRAWABLE
from service.kernel.actor import Actor, Role
from service.kernel.clock import now
from service.kernel.errors import Fault, Invalid
from service.submissions.errors import MayNotRecord
from service.submissions.models import RecordType
from service.submissions.receiving import Arrival, receive
from service.submissions.review_errors import AlreadyVoided
from service.submissions.review_states import ReviewState
from service.submissions.sent import Sent
from service.submissions.terms import Terms
from service.submissions.withdrawals import TakenBack

DEFAULT_TERMS = Terms()
FALLEN = (ReviewState.RETURNED, ReviewState.VOIDED, ReviewState.WITHDRAWN)
"""Check-ins that say nothing."""


@dataclass(frozen=True, slots=True)
class SubmittedIssue:
    """The problem as it is now; `created` and `replayed` say what the submission did to it."""

    view: IssueCard
    created: bool
    replayed: bool


def submit_issue(
    session: Session, actor: Actor, issue_id: UUID, what: IssueSubmission, *, terms: Terms = DEFAULT_TERMS
) -> SubmittedIssue:
    """Take a problem in as new, as an edit, or as a repeat of what is known; a repeat gets its own first receipt.

    Raises:
        RecordConflict, IdTaken, Stale: see `receive`; RecordClosed for an edit of one that is closed or gone.
        WaitsForParent: its site or enterprise is not here yet, and nothing else is wrong.
        Invalid: it is at no site and of no enterprise, or calls a unit that does not exist.
        MayNotRecord: the person only reads.
    """
    arrival = take_issue(session, actor, issue_id, what, terms=terms)
    return _submitted(session, actor, what, arrival)


def take_issue(
    session: Session, actor: Actor, issue_id: UUID, what: IssueSubmission, *, terms: Terms = DEFAULT_TERMS
) -> Arrival:
    """`submit_issue` for one of many: nobody asks for a view."""
    return _taken(session, actor, issue_id, what, terms=terms)


def raise_for_office(
    session: Session, actor: Actor, what: NewIssue, *, terms: Terms = DEFAULT_TERMS
) -> SubmittedIssue:
    """Raise a problem as headquarters or as a unit's office, or take it out of a check-in, whose author raises it then.

    Raises:
        MayNotRecord: the actor is neither.
        UnknownCheckin: there is no such check-in in the actor's scope.
        CheckinTaken: a problem stands that was made of it.
        Invalid, WaitsForParent, RecordConflict, IdTaken: as of a phone's.
    """
    if not actor.has(Role.HEADQUARTERS, Role.UNIT_OFFICE):
        raise MayNotRecord
    checkin = None if what.checkin_id is None else _takeable(session, actor, what.checkin_id, what.id)
    submission = _of_office(what, checkin)
    taken_out = None if checkin is None else TakenOut(checkin.user.id)
    arrival = _taken(session, actor, what.id, submission, terms=terms, taken_out=taken_out)
    return _submitted(session, actor, submission, arrival)


def withdraw_issue(session: Session, actor: Actor, issue_id: UUID, reason: str) -> IssueCard:
    """Take back what one raised, while it is not closed or voided; a repeat keeps the first reason.

    Raises:
        UnknownIssue: the actor raised none such.
        AlreadyVoided, WrongState: headquarters has voided it, or it is closed.
    """
    take_back_issue(session, actor, issue_id, reason)
    return card_of(session, actor, issue_id)


def take_back_issue(session: Session, actor: Actor, issue_id: UUID, reason: str) -> TakenBack:
    """`withdraw_issue` for one of many: nobody asks for a view."""
    own = sa.select(Issue).where(Issue.id == issue_id, Issue.raised_by == actor.person_id)
    issue = session.scalar(own.with_for_update(), execution_options={"populate_existing": True})
    if issue is None:
        raise UnknownIssue
    if issue.withdrawn_at is not None:
        return TakenBack(issue.rev, is_first=False)
    if issue.state is IssueState.VOIDED:
        raise AlreadyVoided
    if issue.state not in WITHDRAWABLE:
        raise wrong_state(issue, ("撤回", "Withdraw"), ())
    before, issue.state = issue.state, IssueState.WITHDRAWN
    issue.withdrawn_at = issue.updated_at = now()
    issue.withdrawn_because = reason
    audit.record(
        session, actor, "issue.withdraw", "issue", issue_id, rev=issue.rev, reason=reason, from_state=before
    )
    session.flush()
    return TakenBack(issue.rev, is_first=True)


def _submitted(session: Session, actor: Actor, what: IssueSubmission, arrival: Arrival) -> SubmittedIssue:
    """What a submission is answered."""
    view = card_with_receipt(session, actor, arrival.receipt.id, arrival.receipt)
    view = replace(view, ignored_fields=what.sent.ignored_fields)
    return SubmittedIssue(view=view, created=arrival.is_new, replayed=arrival.is_repeat)


def _taken(
    session: Session,
    actor: Actor,
    issue_id: UUID,
    what: IssueSubmission,
    *,
    terms: Terms,
    taken_out: TakenOut | None = None,
) -> Arrival:
    arrival = receive(session, actor, RecordType.ISSUE, issue_id, what.sent, owners=owners)
    if not arrival.is_repeat:
        accept(session, actor, arrival, what, terms=terms, taken_out=taken_out)
    return arrival


def _takeable(session: Session, actor: Actor, checkin_id: UUID, issue_id: UUID) -> CheckinView:
    # Of two offices that take it at once, the second waits here and then sees what the first has made of it.
    session.execute(sa.select(Checkin.id).where(Checkin.id == checkin_id).with_for_update())
    checkin = checkin_in_scope(session, actor, checkin_id)
    if session.get(Issue, issue_id) is not None:
        # A repeat, which is answered as before whatever has become of the check-in.
        return checkin
    if checkin.review_state in FALLEN:
        words = ("这条驻点记录已退回、作废或撤回", "This check-in was returned, voided or withdrawn")
        raise Invalid(faults=[Fault("/checkin_id", *words)])
    standing = sa.select(Issue.id).where(
        Issue.checkin_id == checkin_id, Issue.id != issue_id, Issue.state.not_in(GONE_STATES)
    )
    taken_by = session.scalar(standing.limit(1))
    if taken_by is not None:
        raise CheckinTaken(extra={"issue_id": taken_by})
    return checkin


def _of_office(what: NewIssue, checkin: CheckinView | None) -> IssueSubmission:
    """What is left out comes from the check-in."""
    heading, told = heading_and_text((checkin and checkin.note) or "")
    text = what.text or told.strip() or heading
    if not text:
        raise Invalid(faults=[Fault("/text", "请写明问题", "Say what the problem is")])
    moment = now()
    return IssueSubmission(
        sent=Sent.of(_document(what)),
        captured_at=moment,
        category=what.category or category_called(heading) or IssueCategory.OTHER,
        severity=what.severity,
        text=text,
        raised_at=what.raised_at or (checkin.at if checkin else moment),
        site_id=what.site_id or (checkin.site.id if checkin else None),
        enterprise_id=what.enterprise_id,
        checkin_id=what.checkin_id,
        photo_ids=what.photo_ids,
        call=what.call,
    )


def _document(what: NewIssue) -> dict[str, Any]:
    """As it stands in the record's history: what the office sent, in the words of a phone's body."""
    return {name: _plain(value) for name, value in asdict(what).items() if value not in (None, ())}


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [str(one) for one in value]
    return value.isoformat() if isinstance(value, datetime) else str(value)
