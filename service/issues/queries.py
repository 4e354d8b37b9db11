"""Reads of problems: those in scope by the filters that every figure's address uses, one's own, and one card."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from service.accounts.visibility import units_below, within_scope
from service.enterprises.models import Enterprise
from service.issues.clock import soon_before
from service.issues.clocks import clock_in_force
from service.issues.errors import UnknownIssue
from service.issues.models import (
    GONE_STATES,
    CallRole,
    Issue,
    IssueCall,
    IssueCategory,
    IssueSeverity,
    IssueState,
)
from service.issues.reading import answers_for, read_card, read_views, rows
from service.issues.views import IssueCard, IssueView
from service.kernel.actor import Actor, Role
from service.kernel.calendar import local_date
from service.kernel.clock import now
from service.kernel.pages import Page, PageRequest, day_and_id, page_of
from service.photos.models import Photo, PhotoClaim
from service.projects.models import Assignment
from service.projects.queries import in_force_on
from service.submissions.histories import Revision, revisions_of
from service.submissions.models import RecordType
from service.submissions.receipt import Receipt
from service.visits.contacts import masked_body


class Box(StrEnum):
    """Which of one's own: those one raised, or those that call one's unit."""

    RAISED = "raised"
    CALLED = "called"


class Due(StrEnum):
    """`overdue` is exactly what shows red, `soon` what shows yellow."""

    OVERDUE = "overdue"
    SOON = "soon"


@dataclass(frozen=True, slots=True)
class IssueFilter:
    """Which problems: raised on the days from `from_on` up to, and without, `until_on`; a unit with all below it."""

    states: Collection[IssueState] = ()
    """None named: all but the withdrawn and voided ones."""
    category: IssueCategory | None = None
    severity: IssueSeverity | None = None
    unit_id: UUID | None = None
    """The raiser's."""
    department_id: UUID | None = None
    """A department that is called now."""
    department_role: CallRole | None = None
    due: Due | None = None
    site_id: UUID | None = None
    enterprise_id: UUID | None = None
    checkin_id: UUID | None = None
    from_on: date | None = None
    until_on: date | None = None
    q: str | None = None
    """Part of the number or the text."""


def own_issues(
    session: Session, actor: Actor, box: Box, states: Collection[IssueState], page: PageRequest
) -> Page[IssueView]:
    """Those the actor raised, or those that call their unit, the latest first; the cursor has two parts."""
    own = Issue.raised_by == actor.person_id if box is Box.RAISED else _calls_theirs(actor)
    found = [own, Issue.state.in_(states)] if states else [own]
    if not states and box is Box.CALLED:
        found.append(Issue.state.not_in(GONE_STATES))
    return _listed(session, actor, found, page)


def one_issue(session: Session, actor: Actor, issue_id: UUID) -> IssueCard:
    """A problem in the actor's scope with all that was done.

    Raises:
        UnknownIssue: there is none such.
    """
    card = read_card(session, actor, rows(actor).where(Issue.id == issue_id, visible(actor)))
    if card is None:
        raise UnknownIssue
    return card


def card_of(session: Session, actor: Actor, issue_id: UUID) -> IssueCard:
    """A problem that the actor has just written, or has written before."""
    card = read_card(session, actor, rows(actor).where(Issue.id == issue_id))
    if card is None:
        raise UnknownIssue
    return card


def card_with_receipt(session: Session, actor: Actor, issue_id: UUID, receipt: Receipt) -> IssueCard:
    """The problem as it is now, with the receipt of the revision that was sent (again)."""
    return replace(card_of(session, actor, issue_id), receipt=receipt)


def revisions_in_scope(session: Session, actor: Actor, issue_id: UUID) -> tuple[Revision, ...]:
    """Every accepted revision of a problem in the actor's scope, oldest first; phones are masked but for its authors.

    Raises:
        UnknownIssue: there is none such.
    """
    raised_by = session.scalar(sa.select(Issue.raised_by).where(Issue.id == issue_id, visible(actor)))
    if raised_by is None:
        raise UnknownIssue
    return tuple(
        one if actor.user_id in {raised_by, one.author_id} else replace(one, body=masked_body(one.body))
        for one in revisions_of(session, issue_id)
    )


def visible(actor: Actor) -> sa.ColumnElement[bool]:
    """The problems the actor reads, as a condition for a statement over `Issue`.

    Everybody reads what they raised and what is at a site of theirs today, an office what its units raised, and a
    department or its office what calls it; headquarters, leaders and inspectors read all.
    """
    if actor.sees_every_unit:
        return sa.true()
    today = local_date(now())
    at_own_site = Issue.site_id.in_(
        sa.select(Assignment.site_id).where(Assignment.user_id == actor.user_id, in_force_on(today))
    )
    of_unit = within_scope(actor, Issue.unit_id) if actor.has(Role.UNIT_OFFICE) else sa.false()
    return sa.or_(Issue.raised_by == actor.user_id, at_own_site, of_unit, _calls_theirs(actor))


def shown_photo(actor: Actor) -> sa.ColumnElement[bool]:
    """The photos of problems the actor reads, as a condition for a statement over `Photo`.

    Whoever names a stranger's photo does not come to see it so: it is the claimer's, or the raiser's own.
    """
    return sa.exists().where(
        PhotoClaim.photo_id == Photo.id,
        PhotoClaim.record_type == RecordType.ISSUE.value,
        PhotoClaim.record_id == Issue.id,
        Photo.owner_id.in_((PhotoClaim.claimed_by, Issue.raised_by)),
        visible(actor),
    )


def conditions(session: Session, actor: Actor, what: IssueFilter) -> list[sa.ColumnElement[bool]]:
    """What the filter says of problems in the actor's scope; figures are taken by the very same."""
    found = [visible(actor)]
    found.append(Issue.state.in_(what.states) if what.states else Issue.state.not_in(GONE_STATES))
    equal = (
        (Issue.category, what.category),
        (Issue.severity, what.severity),
        (Issue.site_id, what.site_id),
        (Issue.checkin_id, what.checkin_id),
    )
    found += [column == value for column, value in equal if value is not None]
    if what.unit_id is not None:
        found.append(Issue.unit_id.in_(units_below(what.unit_id)))
    if what.department_id is not None:
        found.append(called(what.department_id, what.department_role))
    if what.enterprise_id is not None:
        found.append(of_enterprise(what.enterprise_id))
    if what.from_on is not None:
        found.append(Issue.on_day >= what.from_on)
    if what.until_on is not None:
        found.append(Issue.on_day < what.until_on)
    if what.q:
        found.append(
            sa.or_(
                Issue.text.contains(what.q, autoescape=True), Issue.number.contains(what.q, autoescape=True)
            )
        )
    if what.due is not None:
        found.append(overdue(now()) if what.due is Due.OVERDUE else _soon(session))
    return found


def called(unit_id: UUID, role: CallRole | None = None) -> sa.ColumnElement[bool]:
    """The problems that call this unit, or one below it, now."""
    found = [IssueCall.issue_id == Issue.id, IssueCall.withdrawn_at.is_(None)]
    found.append(IssueCall.unit_id.in_(units_below(unit_id)))
    if role is not None:
        found.append(IssueCall.role == role)
    return sa.exists().where(*found)


def overdue(at: datetime) -> sa.ColumnElement[bool]:
    """逾期问题, wherever they are counted or listed: not assigned on their day, or past their limit and not resolved."""
    unassigned = sa.and_(Issue.state == IssueState.RAISED, Issue.assign_due_at <= at)
    return sa.or_(unassigned, past_limit(at))


def past_limit(at: datetime) -> sa.ColumnElement[bool]:
    """The problems whose limit is over and which are not resolved."""
    return sa.and_(_under_way(), Issue.due_at <= at)


def overdue_count(session: Session, actor: Actor) -> int:
    """How many problems in the actor's scope are overdue: as many as the filter `overdue` lists."""
    counted = sa.select(sa.func.count()).select_from(Issue).where(visible(actor), overdue(now()))
    return session.scalar(counted) or 0


def _soon(session: Session) -> sa.ColumnElement[bool]:
    moment = now()
    before = soon_before(moment, clock_in_force(session).setting)
    return sa.and_(_under_way(), Issue.due_at > moment, Issue.due_on < before)


def _under_way() -> sa.ColumnElement[bool]:
    return Issue.state.in_((IssueState.CALLED, IssueState.IN_PROGRESS))


def _calls_theirs(actor: Actor) -> sa.ColumnElement[bool]:
    return sa.exists().where(
        IssueCall.issue_id == Issue.id,
        IssueCall.withdrawn_at.is_(None),
        answers_for(actor, IssueCall.unit_id),
    )


def of_enterprise(enterprise_id: UUID) -> sa.ColumnElement[bool]:
    """The problems of an enterprise, also of those that were merged into it."""
    merged = sa.select(Enterprise.id).where(Enterprise.merged_into_id == enterprise_id)
    return sa.or_(Issue.enterprise_id == enterprise_id, Issue.enterprise_id.in_(merged))


def _listed(
    session: Session, actor: Actor, which: Sequence[sa.ColumnElement[bool]], page: PageRequest
) -> Page[IssueView]:
    found = rows(actor).where(*which)
    if page.after is not None:
        found = found.where(sa.tuple_(Issue.on_day, Issue.id) < sa.tuple_(*day_and_id(page.after)))
    newest = found.order_by(Issue.on_day.desc(), Issue.id.desc()).limit(page.limit + 1)
    return page_of(
        read_views(session, actor, newest),
        limit=page.limit,
        key=lambda view: (view.on_day.isoformat(), str(view.id)),
    )
