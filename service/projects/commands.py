"""Projects and sites are opened, amended and closed here, by headquarters or by the office of their unit."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
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
from service.kernel.calendar import local_date
from service.kernel.clock import now
from service.kernel.errors import Fault, Forbidden, Invalid, NotFound, fault
from service.kernel.ids import uuid7
from service.projects.errors import UnknownProject, UnknownSite
from service.projects.fence import FenceAsGiven, columns_of, measured
from service.projects.models import ContractKind, Project, ProjectStage, Site
from service.projects.stages import last_reached_on, note_stage
from service.projects.year_plans import YearPlans, set_year_plans

Row = TypeVar("Row")

_IN_ORDER = (
    (
        "planned_completion_on",
        "planned_start_on",
        "计划竣工不能早于计划开工",
        "It cannot be planned to end before it starts",
    ),
    ("completed_on", "started_on", "竣工不能早于开工", "It cannot be completed before it started"),
)


@dataclass(frozen=True, slots=True)
class NewProject:
    """What an office enters of a project; the investment is in 万元."""

    name: str
    unit_id: UUID
    stage: ProjectStage = ProjectStage.STARTED
    enterprise_id: UUID | None = None
    total_investment_wan: Decimal | None = None
    started_on: date | None = None
    contract_signed_on: date | None = None
    contract_kind: ContractKind | None = None
    planned_start_on: date | None = None
    planned_completion_on: date | None = None
    completed_on: date | None = None
    stat_entered_on: date | None = None
    year_plans: YearPlans = field(default_factory=dict)
    """The planned investment of each year, in 万元."""


@dataclass(frozen=True, slots=True)
class ProjectAmendment:
    """What an office changes of a project: facts by their names; `year_plans` sets the years it names."""

    project_id: UUID
    facts: Mapping[str, Any]
    stage_on: date | None = None
    """When the stage among the facts was reached; today without it."""
    year_plans: YearPlans = field(default_factory=dict)


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
    facts = {one.name: getattr(new, one.name) for one in fields(new) if one.name != "year_plans"}
    project = Project(id=uuid7(), created_at=now(), **facts)
    refuse_impossible_dates(project)
    session.add(project)
    session.flush()
    note_stage(session, project, None, by=actor.user_id)
    set_year_plans(session, project.id, new.year_plans, by=actor.user_id)
    audit.record(session, actor, "project.open", "project", project.id, name=new.name, unit=new.unit_id)
    session.flush()
    return project


def amend_project(session: Session, actor: Actor, what: ProjectAmendment) -> Project:
    """Change the facts that are named; a new stage, or another day for the one it has, goes into the project's history.

    Raises:
        Forbidden: the actor only reads.
        UnknownProject: it is of another unit, or not there.
        Invalid: it names what is not there, or its dates contradict each other.
    """
    project = claim_project(session, actor, what.project_id)
    require_in_scope(session, what.facts.get("enterprise_id"), Enterprise.id, sa.true(), "/enterprise_id")
    before = {name: getattr(project, name) for name in what.facts}
    changed = {name: value for name, value in what.facts.items() if value != before[name]}
    for name, value in changed.items():
        setattr(project, name, value)
    refuse_impossible_dates(project)
    if what.stage_on is not None and what.stage_on > local_date(now()):
        raise fault("/stage_on", "日期不能晚于今天", "This day has not come yet")
    plans = set_year_plans(session, project.id, what.year_plans, by=actor.user_id)
    stage = changed.pop("stage", None)
    if stage is not None or what.stage_on not in (None, last_reached_on(session, project.id)):
        stage_before = before.get("stage", project.stage)
        note_stage(session, project, stage_before, reached_on=what.stage_on, by=actor.user_id)
        moved = {"before": stage_before, "after": project.stage}
        audit.record(session, actor, "project.move", "project", project.id, **moved, reached_on=what.stage_on)
    if changed or plans:
        told = {name: {"from": before[name], "to": value} for name, value in changed.items()}
        by_year = {str(year): planned for year, planned in plans.items()}
        audit.record(session, actor, "project.amend", "project", project.id, changed=told, year_plans=by_year)
    session.flush()
    return project


def claim_project(session: Session, actor: Actor, project_id: UUID) -> Project:
    """The project in the actor's scope, locked until the transaction ends.

    Raises:
        Forbidden: the actor only reads.
        UnknownProject: it is of another unit, or not there.
    """
    require_office(actor)
    seen = sa.select(Project).where(Project.id == project_id, within_scope(actor, Project.unit_id))
    return found(session.scalar(seen.with_for_update()), UnknownProject)


def refuse_impossible_dates(project: Project) -> None:
    """Refuse dates that contradict each other, and days to come of what has happened."""
    today = local_date(now())
    faults = [
        Fault(f"/{name}", "日期不能晚于今天", "This day has not come yet")
        for name in ("contract_signed_on", "completed_on", "stat_entered_on")
        if (getattr(project, name) or today) > today
    ]
    for later, earlier, zh, en in _IN_ORDER:
        first, last = getattr(project, earlier), getattr(project, later)
        if first is not None and last is not None and last < first:
            faults.append(Fault(f"/{later}", zh, en))
    if faults:
        raise Invalid(faults=faults)


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
