"""Projects and sites are opened, amended and closed here, by headquarters or by the office of their unit."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from service.accounts.models import Unit
from service.accounts.visibility import within_scope
from service.audit import commands as audit
from service.enterprises.models import Enterprise
from service.kernel.actor import Actor, Role
from service.kernel.clock import now
from service.kernel.errors import Forbidden, NotFound, fault
from service.kernel.ids import uuid7
from service.projects.errors import UnknownProject, UnknownSite
from service.projects.fence import FenceAsGiven, columns_of, measured
from service.projects.models import Project, ProjectStage, Site

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class NewProject:
    """What an office enters of a project; the investment is in 万元."""

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


def open_project(session: Session, actor: Actor, new: NewProject) -> Project:
    """Enter a project of a unit that the actor answers for."""
    require_office(actor)
    require_in_scope(session, new.unit_id, Unit.id, within_scope(actor, Unit.id), "/unit_id")
    require_in_scope(session, new.enterprise_id, Enterprise.id, sa.true(), "/enterprise_id")
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
    audit.record(session, actor, "project.open", "project", project.id, name=new.name, unit=new.unit_id)
    session.flush()
    return project


def move_project(session: Session, actor: Actor, project_id: UUID, stage: ProjectStage) -> Project:
    """Set the stage a project has reached."""
    require_office(actor)
    seen = sa.select(Project).where(Project.id == project_id, within_scope(actor, Project.unit_id))
    project = found(session.scalar(seen.with_for_update()), UnknownProject)
    before, project.stage = project.stage, stage
    audit.record(session, actor, "project.move", "project", project_id, before=before, after=stage)
    session.flush()
    return project


def open_site(session: Session, actor: Actor, new: NewSite) -> Site:
    """Enter a site with its fence.

    Raises:
        BadFence: the coordinates make no fence.
    """
    require_office(actor)
    fence = measured(new.fence)
    require_in_scope(session, new.unit_id, Unit.id, within_scope(actor, Unit.id), "/unit_id")
    require_in_scope(session, new.project_id, Project.id, within_scope(actor, Project.unit_id), "/project_id")
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
    audit.record(
        session,
        actor,
        "site.open",
        "site",
        site.id,
        name=new.name,
        unit=new.unit_id,
        fence=new.fence.as_document(),
    )
    session.flush()
    return site


def redraw_site(session: Session, actor: Actor, site_id: UUID, given: FenceAsGiven) -> Site:
    """Give a site another fence; check-ins already made keep the verdict they were given."""
    site = claim_open_site(session, actor, site_id)
    columns = columns_of(measured(given))
    before = site.fence_as_given
    site.fence_kind, site.fence_as_given = given.kind, given.as_document()
    for column, value in columns.items():
        setattr(site, column, value)
    audit.record(session, actor, "site.redraw", "site", site_id, before=before, after=given.as_document())
    session.flush()
    return site


def close_site(session: Session, actor: Actor, site_id: UUID) -> Site:
    """End a site: it leaves everybody's list, its check-ins stay."""
    site = claim_open_site(session, actor, site_id)
    site.closed_at = now()
    audit.record(session, actor, "site.close", "site", site_id)
    session.flush()
    return site


def claim_open_site(session: Session, actor: Actor, site_id: UUID) -> Site:
    """The open site in the actor's scope, locked until the transaction ends.

    Raises:
        Forbidden: the actor only reads.
        UnknownSite: it is closed, of another unit, or not there.
    """
    require_office(actor)
    seen = sa.select(Site).where(
        Site.id == site_id, Site.closed_at.is_(None), within_scope(actor, Site.unit_id)
    )
    return found(session.scalar(seen.with_for_update()), UnknownSite)


def require_office(actor: Actor) -> None:
    """Let offices, and the house itself, write; leaders and inspectors only read."""
    is_house = actor.user_id is None
    if not is_house and not actor.has(Role.UNIT_OFFICE, Role.HEADQUARTERS, Role.ADMINISTRATOR):
        raise Forbidden


def require_in_scope(
    session: Session, row_id: UUID | None, id_column: Any, scope: sa.ColumnElement[bool], pointer: str
) -> None:
    """Refuse, at this pointer, the id of a row that the actor does not see; no id is no fault."""
    if row_id is None:
        return
    if session.scalar(sa.select(id_column).where(id_column == row_id, scope)) is None:
        raise fault(pointer, "没有找到", "Not found")


def found(row: Row | None, refusal: type[NotFound]) -> Row:
    """The row, or the refusal that says it is not there."""
    if row is None:
        raise refusal
    return row
