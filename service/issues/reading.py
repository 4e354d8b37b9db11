"""How problems are read: one statement for the rows, one for whom they call, one for photos, one for the limits."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, overload
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from service.accounts.models import Unit, User
from service.accounts.visibility import units_below
from service.enterprises.models import Enterprise
from service.issues.clock import ClockSetting, light_of
from service.issues.clocks import clock_in_force
from service.issues.models import CallRole, Issue, IssueCall, IssueEvent, Level
from service.issues.views import CallView, EventView, IssueCard, IssueView
from service.issues.workflow import EDITABLE, Place, Standing, may
from service.kernel.actor import Actor, Role
from service.kernel.clock import now
from service.kernel.db import among
from service.kernel.named import Named
from service.photos.queries import PhotoTally, tally
from service.projects.models import Project, Site
from service.submissions.records import Rows, receipt_of, with_receipt
from service.visits.contacts import masked_text

NO_PHOTOS = PhotoTally()


@dataclass(frozen=True, slots=True)
class CallRow:
    """A call that holds, and whether it is the asker's to answer."""

    issue_id: UUID
    unit: Named
    role: CallRole
    called_at: datetime
    report_in_due_at: datetime
    reported_in_at: datetime | None
    is_mine: bool


def _name_of(table: type[Unit | User | Site | Project | Enterprise], id_column: Any) -> sa.ScalarSelect[str]:
    named = aliased(table)
    return sa.select(named.name).where(named.id == id_column).correlate(Issue).scalar_subquery()


def _project_id() -> sa.ScalarSelect[UUID | None]:
    site = aliased(Site)
    return sa.select(site.project_id).where(site.id == Issue.site_id).correlate(Issue).scalar_subquery()


# Each name is looked up on its own: to weigh the orders of eight joins took longer than to read a page of rows.
_NAMES = (
    _name_of(Unit, Issue.unit_id).label("unit_name"),
    _name_of(User, Issue.raised_by).label("raiser_name"),
    _name_of(Site, Issue.site_id).label("site_name"),
    _project_id().label("project_id"),
    _name_of(Project, _project_id()).label("project_name"),
    _name_of(Enterprise, Issue.enterprise_id).label("enterprise_name"),
    _name_of(Unit, Issue.lead_unit_id).label("lead_name"),
)


def rows(actor: Actor) -> Rows:
    """Problems with their names and receipts, and whether the asker is the raiser's office; to be narrowed."""
    columns: Rows = sa.select(Issue, *_NAMES, _of_office(actor).label("is_of_office"))
    return with_receipt(columns, Issue)


def answers_for(actor: Actor, unit_column: InstrumentedAttribute[UUID]) -> sa.ColumnElement[bool]:
    """The units for which somebody acts when they are called: a department's officers, and offices for all below."""
    if actor.unit_id is None:
        return sa.false()
    if actor.has(Role.UNIT_OFFICE):
        return unit_column.in_(units_below(actor.unit_id))
    return unit_column == actor.unit_id if actor.has(Role.DEPARTMENT_OFFICER) else sa.false()


def calls_of(session: Session, actor: Actor, issue_ids: Collection[UUID]) -> dict[UUID, list[CallRow]]:
    """Whom these problems call now: the lead first, then by the time of the call."""
    found: dict[UUID, list[CallRow]] = defaultdict(list)
    if not issue_ids:
        return found
    called = session.execute(
        sa.select(
            IssueCall.issue_id,
            IssueCall.unit_id,
            Unit.name,
            IssueCall.role,
            IssueCall.called_at,
            IssueCall.report_in_due_at,
            IssueCall.reported_in_at,
            answers_for(actor, IssueCall.unit_id).label("is_mine"),
        )
        .join(Unit, Unit.id == IssueCall.unit_id)
        .where(IssueCall.issue_id == among(issue_ids), IssueCall.withdrawn_at.is_(None))
        .order_by(IssueCall.role, IssueCall.called_at, Unit.position, Unit.id)
    )
    for row in called:
        found[row.issue_id].append(
            CallRow(
                issue_id=row.issue_id,
                unit=Named(row.unit_id, row.name),
                role=row.role,
                called_at=row.called_at,
                report_in_due_at=row.report_in_due_at,
                reported_in_at=row.reported_in_at,
                is_mine=row.is_mine,
            )
        )
    return found


def standing_of(actor: Actor, issue: Issue, calls: Sequence[CallRow], *, is_of_office: bool) -> Standing:
    """What the actor is to a problem."""
    mine = [call for call in calls if call.is_mine]
    return Standing(
        is_headquarters=actor.has(Role.HEADQUARTERS),
        is_inspector=actor.has(Role.INSPECTOR),
        is_raiser=issue.raised_by == actor.user_id,
        is_raisers_office=is_of_office,
        leads=any(call.role is CallRole.LEAD for call in mine),
        is_called=bool(mine),
        has_to_report_in=any(call.reported_in_at is None for call in mine),
    )


def place_of(issue: Issue, calls: Sequence[CallRow]) -> Place:
    """Where a problem is."""
    return Place(
        issue.state,
        lead_has_reported_in=any(
            call.role is CallRole.LEAD and call.reported_in_at is not None for call in calls
        ),
        is_before_joint_meeting=issue.level is Level.JOINT_MEETING,
    )


def is_of_office(session: Session, actor: Actor, issue: Issue) -> bool:
    """Whether the actor is the office of the raiser's unit."""
    return bool(session.scalar(sa.select(_of_office(actor)).where(Issue.id == issue.id)))


def read_views(session: Session, actor: Actor, narrowed: Rows) -> list[IssueView]:
    """What `rows`, narrowed, finds, in four statements at most."""
    found = session.execute(narrowed, execution_options={"populate_existing": True}).all()
    if not found:
        return []
    ids = [row.Issue.id for row in found]
    calls, tallies = calls_of(session, actor, ids), tally(session, ids)
    setting = clock_in_force(session).setting
    return [
        _view(actor, row, calls.get(row.Issue.id, []), tallies.get(row.Issue.id, NO_PHOTOS), setting)
        for row in found
    ]


def read_card(session: Session, actor: Actor, narrowed: Rows) -> IssueCard | None:
    """The one problem that `rows`, narrowed, finds, with all that was done; one statement more."""
    views = read_views(session, actor, narrowed)
    if not views:
        return None
    facts = {one.name: getattr(views[0], one.name) for one in fields(IssueView)}
    return IssueCard(**facts, events=_events_of(session, actor, views[0].id))


def _of_office(actor: Actor) -> sa.ColumnElement[bool]:
    if actor.unit_id is None or not actor.has(Role.UNIT_OFFICE):
        return sa.false()
    return Issue.unit_id.in_(units_below(actor.unit_id))


def _events_of(session: Session, actor: Actor, issue_id: UUID) -> tuple[EventView, ...]:
    found = session.execute(
        sa.select(IssueEvent, User.name.label("by_name"), Unit.name.label("unit_name"))
        .join(User, User.id == IssueEvent.by_user)
        .outerjoin(Unit, Unit.id == IssueEvent.by_unit)
        .where(IssueEvent.issue_id == issue_id)
        .order_by(IssueEvent.received_at, IssueEvent.id)
    )
    return tuple(
        EventView(
            id=one.id,
            kind=one.kind,
            by=Named(one.by_user, by_name),
            unit=_named(one.by_unit, unit_name),
            at=one.at,
            received_at=one.received_at,
            text=_written(one.text, is_own=one.by_user == actor.user_id),
            photo_ids=one.photo_ids,
            facts=one.facts,
            from_state=one.from_state,
            to_state=one.to_state,
        )
        for one, by_name, unit_name in found
    )


def _view(
    actor: Actor,
    row: sa.Row[*tuple[Any, ...]],
    calls: Sequence[CallRow],
    photos: PhotoTally,
    setting: ClockSetting,
) -> IssueView:
    issue: Issue = row.Issue
    moment = now()
    light = light_of(issue.state, moment, setting, assign_due_at=issue.assign_due_at, due_on=issue.due_on)
    who = standing_of(actor, issue, calls, is_of_office=row.is_of_office)
    return IssueView(
        id=issue.id,
        rev=issue.rev,
        number=issue.number,
        receipt=receipt_of(issue, row),
        unit=Named(issue.unit_id, row.unit_name),
        raiser=Named(issue.raised_by, row.raiser_name),
        site=_named(issue.site_id, row.site_name),
        project=_named(row.project_id, row.project_name),
        enterprise=_named(issue.enterprise_id, row.enterprise_name),
        checkin_id=issue.checkin_id,
        visit_id=issue.visit_id,
        category=issue.category,
        severity=issue.severity,
        text=_written(issue.text, is_own=who.is_raiser),
        photo_ids=issue.photo_ids,
        photos=photos,
        flags=issue.flags,
        raised_at=issue.raised_at,
        on_day=issue.on_day,
        captured_at=issue.captured_at,
        capture=issue.capture,
        received_at=issue.received_at,
        updated_at=issue.updated_at,
        withdrawn_at=issue.withdrawn_at,
        withdrawn_because=_written(issue.withdrawn_because, is_own=who.is_raiser),
        state=issue.state,
        level=issue.level,
        lead=_named(issue.lead_unit_id, row.lead_name),
        calls=tuple(_call(call, issue.resolved_at or moment) for call in calls),
        assign_due_at=issue.assign_due_at,
        assigned_at=issue.assigned_at,
        feedback_due_at=issue.feedback_due_at,
        first_reply_at=issue.first_reply_at,
        due_on=issue.due_on,
        due_at=issue.due_at,
        due_working_on=issue.due_working_on,
        extended_because=_written(issue.extended_because, is_own=False),
        light=light,
        in_time=_in_time(issue.resolved_at, issue.due_at),
        resolved_at=issue.resolved_at,
        closed_at=issue.closed_at,
        first_try=issue.first_try,
        satisfied=issue.satisfied,
        supervisions=issue.supervisions,
        duplicate_of=issue.duplicate_of,
        may=may(place_of(issue, calls), who),
        may_edit=who.is_raiser and issue.state in EDITABLE,
    )


def _call(call: CallRow, moment: datetime) -> CallView:
    """A call as it stands at a moment: now, or when the problem was solved, after which nobody reports in."""
    is_answered_or_over = call.reported_in_at is not None or moment >= call.report_in_due_at
    in_time = call.reported_in_at is not None and call.reported_in_at < call.report_in_due_at
    return CallView(
        unit=call.unit,
        role=call.role,
        called_at=call.called_at,
        report_in_due_at=call.report_in_due_at,
        reported_in_at=call.reported_in_at,
        in_time=in_time if is_answered_or_over else None,
    )


@overload
def _written(text: str, *, is_own: bool) -> str: ...
@overload
def _written(text: str | None, *, is_own: bool) -> str | None: ...
def _written(text: str | None, *, is_own: bool) -> str | None:
    """A text as its author wrote it; to everybody else phone numbers in it are masked, at every door."""
    return text if text is None or is_own else masked_text(text)


def _in_time(at: datetime | None, due_at: datetime | None) -> bool | None:
    return None if at is None or due_at is None else at < due_at


def _named(id_: UUID | None, name: str | None) -> Named | None:
    return None if id_ is None or name is None else Named(id_, name)
