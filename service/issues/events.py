"""What is done about a problem: one event at a time, decided on the locked row, so that two at once cannot both win."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from service.audit import commands as audit
from service.issues import workflow
from service.issues.calling import call
from service.issues.clocks import clock_in_force
from service.issues.effects import Effect, Happening, bring_about, called_facts
from service.issues.errors import BadEvent, EventIdTaken, MayNotAct, UnknownIssue, WrongState
from service.issues.models import CallRole, EventKind, Issue, IssueEvent
from service.issues.photographs import claim_photos
from service.issues.queries import card_of, visible
from service.issues.reading import CallRow, calls_of, is_of_office, place_of, standing_of
from service.issues.rules import faults_of_event
from service.issues.submission import NewEvent
from service.issues.views import IssueCard
from service.issues.words import EVENTS, STATES
from service.issues.workflow import Place, Standing
from service.kernel.actor import Actor
from service.kernel.calendar import local_date
from service.kernel.clock import now
from service.kernel.ids import uuid7

__all__ = ["AddedEvent", "NewEvent", "add_event", "call_at_once", "wrong_state"]

BY_THE_CALLED = frozenset({EventKind.REPORT_IN, EventKind.REPLY, EventKind.RESOLVE})


@dataclass(frozen=True, slots=True)
class AddedEvent:
    """The problem as it is now; `replayed` when the event was known."""

    view: IssueCard
    replayed: bool


def add_event(session: Session, actor: Actor, issue_id: UUID, what: NewEvent) -> AddedEvent:
    """Do something about a problem; the same event again changes nothing.

    Raises:
        UnknownIssue: there is none such in the actor's scope.
        EventIdTaken: the id is known with other content.
        MayNotAct: it is not for the actor to do.
        WrongState: it does not fit where the problem is, perhaps because somebody was quicker.
        BadEvent: something it needs is missing or wrong.
    """
    issue = _locked(session, issue_id, what.duplicate_of)
    # First of all: a repeat shows nothing to a department that is no longer called.
    if session.scalar(sa.select(Issue.id).where(Issue.id == issue_id, visible(actor))) is None:
        raise UnknownIssue
    if _is_known(session, actor, issue_id, what):
        return AddedEvent(card_of(session, actor, issue_id), replayed=True)
    _happen(session, actor, issue, what)
    return AddedEvent(card_of(session, actor, issue_id), replayed=False)


def call_at_once(
    session: Session, actor: Actor, issue: Issue, unit_ids: Sequence[UUID], because: str
) -> None:
    """Call these units to a problem that was just raised, without anybody's decision: by its route, or by its raiser."""
    moment = now()
    place = Place(issue.state)
    is_here = call(session, issue, unit_ids, clock_in_force(session).setting, moment)
    state = workflow.after(EventKind.ASSIGN, place, lead_has_reported_in=is_here)
    facts = called_facts(session, unit_ids, issue, because)
    event_id = uuid7()
    what = NewEvent(
        id=event_id, kind=EventKind.ASSIGN, lead_unit_id=unit_ids[0], support_unit_ids=tuple(unit_ids[1:])
    )
    _write(session, actor, issue, what, Effect(state, facts), by_unit=issue.unit_id, moment=moment)


def wrong_state(issue: Issue, doing: tuple[str, str], may: Sequence[EventKind]) -> WrongState:
    """The refusal that says where the problem is and what its reader may do now."""
    state_zh, state_en = STATES[issue.state]
    allowed = [EVENTS[kind] for kind in may]
    return WrongState(
        extra={"issue": {"id": issue.id, "state": issue.state.value, "may": [kind.value for kind in may]}},
        state_zh=state_zh,
        state_en=state_en,
        kind_zh=doing[0],
        kind_en=doing[1],
        instead_zh=f"您可以：{'、'.join(zh for zh, _ in allowed)}" if allowed else "目前没有需要您办理的",
        instead_en=f"you may: {', '.join(en for _, en in allowed)}"
        if allowed
        else "nothing is yours to do now",
    )


def _locked(session: Session, issue_id: UUID, other_id: UUID | None) -> Issue:
    # Both in the order of their ids: of two problems of which each is said to be part of the other, one stands.
    ids = {issue_id} if other_id is None else {issue_id, other_id}
    found = sa.select(Issue).where(Issue.id.in_(ids)).order_by(Issue.id).with_for_update()
    locked = session.scalars(found, execution_options={"populate_existing": True})
    issue = next((one for one in locked if one.id == issue_id), None)
    if issue is None:
        raise UnknownIssue
    return issue


def _is_known(session: Session, actor: Actor, issue_id: UUID, what: NewEvent) -> bool:
    known = session.execute(
        sa.select(IssueEvent.issue_id, IssueEvent.by_user, IssueEvent.sha256).where(IssueEvent.id == what.id)
    ).one_or_none()
    if known is None:
        return False
    if tuple(known) != (issue_id, actor.user_id, what.sha256):
        raise EventIdTaken
    return True


@dataclass(frozen=True, slots=True)
class _Scene:
    """A locked problem as the actor meets it."""

    issue: Issue
    calls: Sequence[CallRow]
    place: Place
    who: Standing

    def refusal(self, kind: EventKind) -> WrongState:
        return wrong_state(self.issue, EVENTS[kind], workflow.may(self.place, self.who))


def _happen(session: Session, actor: Actor, issue: Issue, what: NewEvent) -> None:
    calls = calls_of(session, actor, [issue.id]).get(issue.id, [])
    who = standing_of(actor, issue, calls, is_of_office=is_of_office(session, actor, issue))
    scene = _Scene(issue, calls, place_of(issue, calls), who)
    _demand_fits(scene, what.kind)
    own_call = _own_call(actor, scene, what)
    moment = now()
    faults = [*faults_of_event(what, who, local_date(moment))]
    if faults:
        raise BadEvent(faults=faults)
    setting = clock_in_force(session).setting
    effect = bring_about(Happening(session, issue, scene.place, own_call, what, setting, moment))
    by_unit = actor.unit_id if own_call is None else own_call.unit.id
    _write(session, actor, issue, what, effect, by_unit=by_unit, moment=moment)
    if what.photo_ids:
        claim_photos(session, actor, issue, owner_id=actor.person_id)


def _demand_fits(scene: _Scene, kind: EventKind) -> None:
    if not workflow.is_somebodys(kind, scene.who):
        raise MayNotAct(kind_zh=EVENTS[kind][0], kind_en=EVENTS[kind][1])
    if kind not in workflow.may(scene.place, scene.who):
        raise scene.refusal(kind)


def _own_call(actor: Actor, scene: _Scene, what: NewEvent) -> CallRow | None:
    """The call that it answers; None for what is no answer of a called department.

    Raises:
        WrongState: the department that it names has nothing of the kind to do now.
    """
    if what.kind not in BY_THE_CALLED:
        return None
    fitting = [call for call in scene.calls if call.is_mine and _answers(call, what.kind)]
    if what.unit_id is not None:
        fitting = [call for call in fitting if call.unit.id == what.unit_id]
    if not fitting:
        raise scene.refusal(what.kind)
    own = [call for call in fitting if call.unit.id == actor.unit_id]
    return (own or fitting)[0]


def _answers(call: CallRow, kind: EventKind) -> bool:
    if kind is EventKind.REPORT_IN:
        return call.reported_in_at is None
    return kind is EventKind.REPLY or call.role is CallRole.LEAD


def _write(
    session: Session,
    actor: Actor,
    issue: Issue,
    what: NewEvent,
    effect: Effect,
    *,
    by_unit: UUID | None,
    moment: datetime,
) -> None:
    """Keep the event, move the problem on, and note it.

    Raises:
        EventIdTaken: another problem has got an event of this id just now.
    """
    before, issue.state, issue.updated_at = issue.state, effect.state, moment
    session.flush()
    values = {
        "id": what.id,
        "issue_id": issue.id,
        "kind": what.kind,
        "by_user": actor.person_id,
        "by_unit": by_unit,
        "at": what.at or moment,
        "received_at": moment,
        "text": what.text,
        "photo_ids": list(dict.fromkeys(what.photo_ids)),
        "facts": effect.facts,
        "from_state": before,
        "to_state": effect.state,
        "sha256": what.sha256,
    }
    written = insert(IssueEvent).values(values).on_conflict_do_nothing(index_elements=["id"])
    if session.scalar(written.returning(IssueEvent.id)) is None:
        raise EventIdTaken
    audit.record(
        session,
        actor,
        f"issue.{what.kind}",
        "issue",
        issue.id,
        event_id=what.id,
        number=issue.number,
        from_state=before,
        to_state=effect.state,
        facts=effect.facts,
    )
