"""Stations are set up at sites, and people are put in charge of sites and relieved, here."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from service.accounts.models import Unit, User
from service.accounts.visibility import within_scope
from service.audit import commands as audit
from service.kernel.actor import Actor
from service.kernel.clock import now
from service.kernel.errors import fault
from service.kernel.ids import uuid7
from service.projects.commands import claim_open_site, found, require_in_scope, require_office
from service.projects.errors import AlreadyAssigned, UnknownAssignment, UnknownStation
from service.projects.models import Assignment, Duty, Site, Station


@dataclass(frozen=True, slots=True)
class NewStation:
    """A standing post at a site."""

    name: str
    unit_id: UUID
    site_id: UUID


@dataclass(frozen=True, slots=True)
class NewAssignment:
    """A person looks after a site from a day until a day (exclusive)."""

    user_id: UUID
    site_id: UUID
    duty: Duty
    from_on: date
    until_on: date | None = None


def open_station(session: Session, actor: Actor, new: NewStation) -> Station:
    """Set up a station at a site."""
    claim_open_site(session, actor, new.site_id)
    require_in_scope(session, new.unit_id, Unit.id, within_scope(actor, Unit.id), "/unit_id")
    station = Station(id=uuid7(), name=new.name, unit_id=new.unit_id, site_id=new.site_id, created_at=now())
    session.add(station)
    audit.record(session, actor, "station.open", "station", station.id, name=new.name, site=new.site_id)
    session.flush()
    return station


def close_station(session: Session, actor: Actor, station_id: UUID) -> Station:
    """End a station; its site stays."""
    require_office(actor)
    seen = sa.select(Station).where(
        Station.id == station_id, Station.closed_at.is_(None), within_scope(actor, Station.unit_id)
    )
    station = found(session.scalar(seen.with_for_update()), UnknownStation)
    station.closed_at = now()
    audit.record(session, actor, "station.close", "station", station_id)
    session.flush()
    return station


def assign(session: Session, actor: Actor, new: NewAssignment) -> Assignment:
    """Put a person, of whichever unit, in charge of a site in one capacity.

    Raises:
        AlreadyAssigned: the person has this duty there on one of these days.
    """
    _refuse_backwards(new.from_on, new.until_on)
    # The lock on the site makes two offices that assign at once wait for each other.
    claim_open_site(session, actor, new.site_id)
    require_in_scope(session, new.user_id, User.id, User.closed_at.is_(None), "/user_id")
    if session.scalar(sa.select(_overlapping(new).exists())):
        raise AlreadyAssigned
    assignment = Assignment(
        id=uuid7(),
        user_id=new.user_id,
        site_id=new.site_id,
        duty=new.duty,
        from_on=new.from_on,
        until_on=new.until_on,
    )
    session.add(assignment)
    audit.record(
        session,
        actor,
        "assignment.open",
        "assignment",
        assignment.id,
        user=new.user_id,
        site=new.site_id,
        duty=new.duty,
        from_on=new.from_on,
        until_on=new.until_on,
    )
    session.flush()
    return assignment


def end_assignment(session: Session, actor: Actor, assignment_id: UUID, until_on: date) -> Assignment:
    """Relieve a person from a day on; an end that was set before moves only closer.

    Raises:
        UnknownAssignment: it is not there, or its site is not in the actor's scope.
    """
    require_office(actor)
    seen = (
        sa.select(Assignment)
        .join(Site, Site.id == Assignment.site_id)
        .where(Assignment.id == assignment_id, within_scope(actor, Site.unit_id))
    )
    assignment = found(session.scalar(seen.with_for_update(of=Assignment)), UnknownAssignment)
    _refuse_backwards(assignment.from_on, until_on)
    if assignment.until_on is not None and until_on > assignment.until_on:
        # A later end could meet an assignment that follows this one; a new one is entered instead.
        raise fault(
            "/until_on", "不能晚于原定结束日期，请另行分派", "It cannot lie after the end that was set"
        )
    before, assignment.until_on = assignment.until_on, until_on
    audit.record(
        session, actor, "assignment.end", "assignment", assignment_id, before=before, until_on=until_on
    )
    session.flush()
    return assignment


def _refuse_backwards(from_on: date, until_on: date | None) -> None:
    if until_on is not None and until_on <= from_on:
        raise fault("/until_on", "结束日期应晚于开始日期", "The end must lie after the start")


def _overlapping(new: NewAssignment) -> sa.Select[UUID]:
    same = sa.select(Assignment.id).where(
        Assignment.user_id == new.user_id, Assignment.site_id == new.site_id, Assignment.duty == new.duty
    )
    same = same.where(sa.or_(Assignment.until_on.is_(None), Assignment.until_on > new.from_on))
    return same if new.until_on is None else same.where(Assignment.from_on < new.until_on)
