"""Projects, sites, stations and assignments are opened, amended and closed here."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from service.accounts.models import Unit, User
from service.audit import commands as audit
from service.enterprises.models import Enterprise
from service.kernel.actor import Actor
from service.kernel.clock import now
from service.kernel.db import Base
from service.kernel.errors import fault
from service.kernel.ids import uuid7
from service.projects.errors import AlreadyAssigned, UnknownProject, UnknownSite
from service.projects.fence import FenceAsGiven, columns_of, measured
from service.projects.models import Assignment, Duty, Project, ProjectStage, Site, Station


@dataclass(frozen=True, slots=True)
class NewProject:
    """What headquarters enters of a project; the investment is in 万元."""

    name: str
    unit_id: UUID
    stage: ProjectStage = ProjectStage.STARTED
    enterprise_id: UUID | None = None
    total_investment_wan: Decimal | None = None
    started_on: date | None = None


@dataclass(frozen=True, slots=True)
class NewSite:
    """A place people will check in at."""

    name: str
    unit_id: UUID
    fence: FenceAsGiven
    project_id: UUID | None = None
    address: str | None = None


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


def open_project(session: Session, actor: Actor, new: NewProject) -> Project:
    """Enter a project."""
    _require(session, Unit, new.unit_id, "/unit_id")
    if new.enterprise_id is not None:
        _require(session, Enterprise, new.enterprise_id, "/enterprise_id")
    project = Project(
        id=uuid7(),
        name=new.name,
        unit_id=new.unit_id,
        stage=new.stage,
        enterprise_id=new.enterprise_id,
        total_investment_wan=new.total_investment_wan,
        started_on=new.started_on,
        created_at=now(),
    )
    session.add(project)
    audit.record(session, actor, "project.open", "project", str(project.id), name=new.name)
    session.flush()
    return project


def move_project(session: Session, actor: Actor, project_id: UUID, stage: ProjectStage) -> Project:
    """Set the stage a project has reached."""
    project = session.get(Project, project_id)
    if project is None:
        raise UnknownProject
    before, project.stage = project.stage, stage
    audit.record(session, actor, "project.move", "project", str(project_id), before=before.value, after=stage.value)
    return project


def open_site(session: Session, actor: Actor, new: NewSite) -> Site:
    """Enter a site with its fence.

    Raises:
        BadFence: the coordinates make no fence.
    """
    fence = measured(new.fence)
    _require(session, Unit, new.unit_id, "/unit_id")
    if new.project_id is not None:
        _require(session, Project, new.project_id, "/project_id")
    site = Site(
        id=uuid7(),
        project_id=new.project_id,
        unit_id=new.unit_id,
        name=new.name,
        address=new.address,
        fence_kind=new.fence.kind,
        fence_as_given=new.fence.as_document(),
        created_at=now(),
        **columns_of(fence),
    )
    session.add(site)
    audit.record(session, actor, "site.open", "site", str(site.id), name=new.name, fence=new.fence.as_document())
    session.flush()
    return site


def redraw_site(session: Session, actor: Actor, site_id: UUID, given: FenceAsGiven) -> Site:
    """Give a site another fence; check-ins already made keep the verdict they were given."""
    site = _open_site(session, site_id)
    fence = measured(given)
    before = site.fence_as_given
    site.fence_kind, site.fence_as_given = given.kind, given.as_document()
    for column, value in columns_of(fence).items():
        setattr(site, column, value)
    audit.record(session, actor, "site.redraw", "site", str(site_id), before=before, after=given.as_document())
    return site


def close_site(session: Session, actor: Actor, site_id: UUID) -> Site:
    """End a site: it leaves everybody's list, its check-ins stay."""
    site = _open_site(session, site_id)
    site.closed_at = now()
    audit.record(session, actor, "site.close", "site", str(site_id))
    return site


def open_station(session: Session, actor: Actor, new: NewStation) -> Station:
    """Set up a station at a site."""
    _require(session, Unit, new.unit_id, "/unit_id")
    _open_site(session, new.site_id)
    station = Station(id=uuid7(), name=new.name, unit_id=new.unit_id, site_id=new.site_id, created_at=now())
    session.add(station)
    audit.record(session, actor, "station.open", "station", str(station.id), name=new.name)
    session.flush()
    return station


def assign(session: Session, actor: Actor, new: NewAssignment) -> Assignment:
    """Put a person in charge of a site in one capacity.

    Raises:
        AlreadyAssigned: the person has this duty there on one of these days.
    """
    if new.until_on is not None and new.until_on <= new.from_on:
        raise fault("/until_on", "结束日期应晚于开始日期", "The end must lie after the start")
    _require(session, User, new.user_id, "/user_id")
    _open_site(session, new.site_id)
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
        session, actor, "assignment.open", "assignment", str(assignment.id), user=str(new.user_id), duty=new.duty.value
    )
    session.flush()
    return assignment


def end_assignment(session: Session, actor: Actor, assignment_id: UUID, until_on: date) -> Assignment:
    """Relieve a person from a day on."""
    assignment = session.get(Assignment, assignment_id)
    if assignment is None:
        raise UnknownSite
    if until_on <= assignment.from_on:
        raise fault("/until_on", "结束日期应晚于开始日期", "The end must lie after the start")
    assignment.until_on = until_on
    audit.record(session, actor, "assignment.end", "assignment", str(assignment_id), until_on=until_on.isoformat())
    return assignment


def _overlapping(new: NewAssignment) -> sa.Select[tuple[UUID]]:
    same = sa.select(Assignment.id).where(
        Assignment.user_id == new.user_id, Assignment.site_id == new.site_id, Assignment.duty == new.duty
    )
    same = same.where(sa.or_(Assignment.until_on.is_(None), Assignment.until_on > new.from_on))
    return same if new.until_on is None else same.where(Assignment.from_on < new.until_on)


def _open_site(session: Session, site_id: UUID) -> Site:
    site = session.get(Site, site_id)
    if site is None or site.closed_at is not None:
        raise UnknownSite
    return site


def _require(session: Session, table: type[Base], row_id: UUID, pointer: str) -> None:
    if session.get(table, row_id) is None:
        raise fault(pointer, "没有找到", "Not found")
