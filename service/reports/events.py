"""Events the units prepare for: made, moved, cancelled, and found when it is time to count down."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from service.audit import commands as audit
from service.kernel.actor import Actor
from service.kernel.clock import now
from service.kernel.errors import Fault
from service.kernel.ids import uuid7
from service.kernel.pages import Page, PageRequest, day_and_id, page_of
from service.programmes import queries as programmes
from service.reports.errors import BadEvent, UnknownEvent
from service.reports.models import Event
from service.reports.rules import demand_editor

EVENT = "event"


@dataclass(frozen=True, slots=True)
class NewEvent:
    """An event to make; its preparation is counted from `prepares_on`."""

    programme_id: UUID
    name: str
    prepares_on: date
    held_on: date


@dataclass(frozen=True, slots=True)
class EventEdit:
    """What changes of an event; None leaves a part as it is."""

    name: str | None = None
    prepares_on: date | None = None
    held_on: date | None = None
    cancelled: bool | None = None


def make_event(session: Session, actor: Actor, what: NewEvent) -> Event:
    """Put an event on the calendar: from the first day of its preparation it is counted down.

    Raises:
        Forbidden: only headquarters does. UnknownProgramme: there is none such.
        BadEvent: it would be held before it is prepared.
    """
    demand_editor(actor)
    programmes.programme(session, what.programme_id)
    _demand_in_order(what.prepares_on, what.held_on)
    event = Event(
        id=uuid7(),
        programme_id=what.programme_id,
        name=what.name,
        prepares_on=what.prepares_on,
        held_on=what.held_on,
        made_by=actor.person_id,
        made_at=now(),
    )
    session.add(event)
    session.flush()
    audit.record(
        session, actor, "event.make", EVENT, event.id, name=event.name, held_on=event.held_on.isoformat()
    )
    return event


def change_event(session: Session, actor: Actor, event_id: UUID, what: EventEdit) -> Event:
    """Rename, move, cancel or revive an event; reports that were drafted keep the days they were drafted with.

    Raises:
        UnknownEvent; BadEvent: it would be held before it is prepared.
    """
    demand_editor(actor)
    found = session.scalar(sa.select(Event).where(Event.id == event_id).with_for_update())
    if found is None:
        raise UnknownEvent
    prepares_on, held_on = what.prepares_on or found.prepares_on, what.held_on or found.held_on
    _demand_in_order(prepares_on, held_on)
    found.name, found.prepares_on, found.held_on = what.name or found.name, prepares_on, held_on
    if what.cancelled is not None:
        found.cancelled_at = (found.cancelled_at or now()) if what.cancelled else None
    session.flush()
    audit.record(
        session,
        actor,
        "event.change",
        EVENT,
        event_id,
        name=found.name,
        held_on=held_on.isoformat(),
        cancelled=found.cancelled_at is not None,
    )
    return found


def event(session: Session, event_id: UUID) -> Event:
    """An event.

    Raises:
        UnknownEvent: there is none such.
    """
    found = session.get(Event, event_id)
    if found is None:
        raise UnknownEvent
    return found


def events(session: Session, request: PageRequest) -> Page[Event]:
    """All events, the latest first."""
    statement = sa.select(Event)
    if request.after is not None:
        statement = statement.where(
            sa.tuple_(Event.held_on, Event.id) < sa.tuple_(*day_and_id(request.after))
        )
    rows = session.scalars(
        statement.order_by(Event.held_on.desc(), Event.id.desc()).limit(request.limit + 1)
    ).all()
    return page_of(rows, limit=request.limit, key=lambda one: (one.held_on.isoformat(), str(one.id)))


def counted_down_on(session: Session, on: date) -> list[Event]:
    """The events that are prepared on this day and still ahead."""
    ahead = (Event.cancelled_at.is_(None), Event.prepares_on <= on, Event.held_on > on)
    return list(session.scalars(sa.select(Event).where(*ahead).order_by(Event.held_on, Event.id)))


def _demand_in_order(prepares_on: date, held_on: date) -> None:
    if held_on <= prepares_on:
        raise BadEvent(faults=[Fault("/held_on", "应晚于开始筹备的日期", "must be after prepares_on")])
