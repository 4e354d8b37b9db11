"""Which event leads from which state to which, and whose it is; pure.

::

    raised ──assign──▶ called ──the lead's report_in──▶ in_progress ──resolve──▶ resolved ──confirm──▶ closed
       └──────────── assign (a lead that was here already) ──▶ ▲                    │                    │
                                                               └──────reopen────────┴──────reopen────────┘
    raised, called, in_progress, resolved ──void──▶ voided          ──withdrawal by the raiser──▶ withdrawn

Reply, supervise, extend and escalate leave the state as it is; so does the report-in of a supporting department.
"""

from collections.abc import Callable
from dataclasses import dataclass

from service.issues.models import EventKind, IssueState

RAISED, CALLED, IN_PROGRESS = IssueState.RAISED, IssueState.CALLED, IssueState.IN_PROGRESS
RESOLVED, CLOSED = IssueState.RESOLVED, IssueState.CLOSED

FROM: dict[EventKind, tuple[IssueState, ...]] = {
    EventKind.ASSIGN: (RAISED, CALLED, IN_PROGRESS),
    EventKind.REPORT_IN: (CALLED, IN_PROGRESS),
    EventKind.REPLY: (CALLED, IN_PROGRESS),
    EventKind.RESOLVE: (IN_PROGRESS,),
    EventKind.CONFIRM: (RESOLVED,),
    EventKind.REOPEN: (RESOLVED, CLOSED),
    EventKind.SUPERVISE: (CALLED, IN_PROGRESS),
    EventKind.EXTEND: (CALLED, IN_PROGRESS),
    EventKind.ESCALATE: (RAISED, CALLED, IN_PROGRESS),
    EventKind.VOID: (RAISED, CALLED, IN_PROGRESS, RESOLVED),
}
"""The states in which each kind of event is possible at all."""

WITHDRAWABLE = (RAISED, CALLED, IN_PROGRESS, RESOLVED)
EDITABLE = WITHDRAWABLE


@dataclass(frozen=True, slots=True)
class Standing:
    """What somebody is to a problem."""

    is_headquarters: bool = False
    is_inspector: bool = False
    is_raiser: bool = False
    is_raisers_office: bool = False
    leads: bool = False
    """Of the department that leads, or its office."""
    is_called: bool = False
    """Of any department that is called, the leading one included."""
    has_to_report_in: bool = False
    """One of theirs is called and has not reported in."""


@dataclass(frozen=True, slots=True)
class Place:
    """As much of a problem as decides what is possible."""

    state: IssueState
    lead_has_reported_in: bool = False
    is_before_joint_meeting: bool = False


def may(place: Place, who: Standing) -> tuple[EventKind, ...]:
    """What somebody may do now, in the order of the life of a problem."""
    return tuple(kind for kind in EventKind if fits(kind, place) and is_theirs(kind, who))


def fits(kind: EventKind, place: Place) -> bool:
    """Whether this kind of event is possible where the problem is now."""
    if kind is EventKind.ESCALATE and place.is_before_joint_meeting:
        return False
    return place.state in FROM[kind]


def is_theirs(kind: EventKind, who: Standing) -> bool:
    """Whether such events are this person's to write; a department that has reported in has done so."""
    if kind is EventKind.REPORT_IN:
        return who.has_to_report_in
    return _CALLED_FOR[kind](who)


def is_somebodys(kind: EventKind, who: Standing) -> bool:
    """Whether such events are this person's at all, were it another moment."""
    return who.is_called if kind is EventKind.REPORT_IN else _CALLED_FOR[kind](who)


def after(kind: EventKind, place: Place, *, lead_has_reported_in: bool) -> IssueState:
    """The state after an event that fits; `lead_has_reported_in` is as it is with the event."""
    if kind is EventKind.REOPEN:
        return IN_PROGRESS
    if kind in {EventKind.ASSIGN, EventKind.REPORT_IN}:
        return IN_PROGRESS if lead_has_reported_in else CALLED
    return _LEADS_TO.get(kind, place.state)


_LEADS_TO = {
    EventKind.RESOLVE: RESOLVED,
    EventKind.CONFIRM: CLOSED,
    EventKind.VOID: IssueState.VOIDED,
}
_CALLED_FOR: dict[EventKind, Callable[[Standing], bool]] = {
    EventKind.ASSIGN: lambda who: who.is_headquarters or who.is_raisers_office,
    EventKind.REPLY: lambda who: who.is_called,
    EventKind.RESOLVE: lambda who: who.leads,
    EventKind.CONFIRM: lambda who: who.is_raiser or who.is_headquarters,
    EventKind.REOPEN: lambda who: who.is_raiser or who.is_headquarters,
    EventKind.SUPERVISE: lambda who: who.is_headquarters or who.is_inspector,
    EventKind.EXTEND: lambda who: who.is_headquarters,
    EventKind.ESCALATE: lambda who: who.is_headquarters,
    EventKind.VOID: lambda who: who.is_headquarters,
}
