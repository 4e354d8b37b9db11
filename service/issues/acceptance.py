"""What the gate has let in becomes a problem: its columns, its unit, whom it calls at once, and its photos."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from service.accounts.queries import unit_on
from service.audit import commands as audit
from service.enterprises.models import Enterprise
from service.issues import clock
from service.issues.events import call_at_once
from service.issues.models import Issue, IssueState
from service.issues.photographs import claim_photos
from service.issues.routes import units_called_by, units_missing
from service.issues.rules import faults_of
from service.issues.submission import IssueSubmission
from service.issues.workflow import EDITABLE
from service.kernel.actor import FIELD_ROLES, Actor, Role
from service.kernel.calendar import local_date
from service.kernel.errors import Fault, Invalid
from service.projects.queries import known_site
from service.submissions.clocks import capture_flags
from service.submissions.errors import MayNotRecord, RecordClosed, WaitsForParent
from service.submissions.models import ParentType, RecordType
from service.submissions.queries import receipts
from service.submissions.receiving import Arrival, conflict
from service.submissions.terms import Terms

RECORDERS = FIELD_ROLES | {Role.HEADQUARTERS}
"""Leaders and inspectors read; everybody else may whistle."""


@dataclass(frozen=True, slots=True)
class TakenOut:
    """Whose problem it is when an office takes it out of a check-in: that check-in's author's, not the office's."""

    raised_by: UUID


def owners(session: Session, issue_id: UUID) -> Collection[UUID]:
    """The raiser owns it as well, where an office has taken it out of their check-in."""
    return session.scalars(sa.select(Issue.raised_by).where(Issue.id == issue_id)).all()


def accept(
    session: Session,
    actor: Actor,
    arrival: Arrival,
    what: IssueSubmission,
    *,
    terms: Terms,
    taken_out: TakenOut | None,
) -> None:
    """Write what was let in: the problem, whom it calls at once, and its photos.

    Raises:
        RecordClosed, WaitsForParent, Invalid, MayNotRecord: see `submit_issue`.
    """
    # What headquarters lets in needs no role of its author: that was the decision.
    if what.sent.author_id is None and not actor.has(*RECORDERS):
        raise MayNotRecord
    _demand_sound(session, what)
    held = None if arrival.is_new else _open_issue(session, arrival, what)
    columns = _columns(arrival, what)
    if held is None:
        raised_by = arrival.author_id if taken_out is None else taken_out.raised_by
        number = terms.numbers(columns["on_day"].year).taken(session)
        issue = _new(session, actor, arrival, raised_by, columns | {"number": number})
        issue.taken_from_checkin = taken_out is not None
        session.add(issue)
        is_to_be_routed = True
    else:
        issue, is_to_be_routed = held, held.category is not what.category
        _edit(session, issue, columns)
    session.flush()
    _note(session, actor, issue, arrival)
    if issue.state is IssueState.RAISED:
        _call(session, actor, issue, what, is_to_be_routed=is_to_be_routed)
    claim_photos(session, actor, issue, owner_id=arrival.author_id)


def _demand_sound(session: Session, what: IssueSubmission) -> None:
    faults = [*faults_of(what)]
    if units_missing(session, what.call):
        faults.append(Fault("/call", "没有这个单位", "There is no such unit"))
    lacks_site = what.site_id is not None and known_site(session, what.site_id) is None
    lacks_enterprise = what.enterprise_id is not None and session.get(Enterprise, what.enterprise_id) is None
    awaited = []
    if lacks_site:
        awaited.append(Fault("/site_id", "没有这个工地", "There is no such site"))
    if lacks_enterprise:
        awaited.append(Fault("/enterprise_id", "名录中没有这家企业", "The register has no such enterprise"))
    if faults or len(awaited) > 1:
        raise Invalid(faults=[*faults, *awaited])
    if lacks_site and what.site_id is not None:
        raise WaitsForParent(ParentType.SITE, what.site_id, awaited)
    if lacks_enterprise and what.enterprise_id is not None:
        raise WaitsForParent(ParentType.ENTERPRISE, what.enterprise_id, awaited)


def _open_issue(session: Session, arrival: Arrival, what: IssueSubmission) -> Issue:
    issue_id = arrival.receipt.id
    found = sa.select(Issue).where(Issue.id == issue_id).with_for_update()
    held = session.scalars(found, execution_options={"populate_existing": True}).one()
    if held.state not in EDITABLE:
        before = receipts(session, {issue_id})[issue_id, arrival.receipt.rev - 1]
        raise conflict(RecordClosed, RecordType.ISSUE, before, what.sent)
    return held


def _columns(arrival: Arrival, what: IssueSubmission) -> dict[str, Any]:
    received_at = arrival.receipt.received_at
    capture = what.capture(received_at)
    return {
        "rev": arrival.receipt.rev,
        "updated_at": received_at,
        "site_id": what.site_id,
        "enterprise_id": what.enterprise_id,
        "checkin_id": what.checkin_id,
        "visit_id": what.visit_id,
        "category": what.category,
        "severity": what.severity,
        "text": what.text,
        "photo_ids": list(dict.fromkeys(what.photo_ids)),
        "raised_at": what.raised_at,
        "on_day": local_date(what.raised_at),
        "flags": [flag.as_stored() for flag in capture_flags(capture, what.clock, received_at)],
        "captured_at": what.captured_at,
        **capture.columns(),
    }


def _new(
    session: Session,
    actor: Actor,
    arrival: Arrival,
    raised_by: UUID,
    columns: dict[str, Any],
) -> Issue:
    received_at = arrival.receipt.received_at
    return Issue(
        id=arrival.receipt.id,
        unit_id=unit_on(session, raised_by, columns["on_day"]),
        raised_by=raised_by,
        device_id=actor.device_id if raised_by == actor.user_id else None,
        received_at=received_at,
        state=IssueState.RAISED,
        assign_due_at=clock.assign_due(received_at),
        **columns,
    )


def _edit(session: Session, issue: Issue, columns: dict[str, Any]) -> None:
    """The unit is frozen and moves only with the day; once departments are called, how severe it is is theirs to say."""
    kept: set[str] = set()
    if issue.assigned_at is not None:
        kept.add("severity")
    if issue.taken_from_checkin:
        kept.add("checkin_id")
    if issue.on_day != columns["on_day"]:
        issue.unit_id = unit_on(session, issue.raised_by, columns["on_day"])
    for column, value in columns.items():
        if column not in kept:
            setattr(issue, column, value)


def _call(
    session: Session, actor: Actor, issue: Issue, what: IssueSubmission, *, is_to_be_routed: bool
) -> None:
    """Call whom the raiser names, else whom the category's route names; else it waits to be assigned."""
    routed = units_called_by(session, issue.category) if is_to_be_routed and not what.call else ()
    if what.call:
        call_at_once(session, actor, issue, what.call, "call")
    elif routed:
        call_at_once(session, actor, issue, routed, "route")


def _note(session: Session, actor: Actor, issue: Issue, arrival: Arrival) -> None:
    audit.record(
        session,
        actor,
        "issue.submit" if arrival.is_new else "issue.edit",
        "issue",
        issue.id,
        rev=arrival.receipt.rev,
        sha256=arrival.receipt.sha256,
        number=issue.number,
        unit_id=issue.unit_id,
        raised_by=issue.raised_by,
        author_id=arrival.author_id,
    )
