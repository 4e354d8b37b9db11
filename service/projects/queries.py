"""Projects, sites, stations and assignments as offices and field staff see them, each within the actor's scope."""

from collections import defaultdict
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from service.accounts.visibility import units_below, within_scope
from service.kernel.actor import Actor
from service.kernel.calendar import local_date
from service.kernel.clock import now
from service.kernel.db import among
from service.kernel.geo import Point
from service.kernel.named import Named
from service.kernel.pages import Page, PageRequest, id_alone, metres_and_id, page_of
from service.projects.errors import UnknownProject, UnknownSite
from service.projects.lights import ProjectLight
from service.projects.models import Assignment, Duty, Project, ProjectStage, Site, Station
from service.projects.rows import (
    AssignmentRow,
    MySite,
    ProjectRow,
    Read,
    Reading,
    SiteCard,
    SiteRow,
    StationRow,
    assignment_row,
    assignment_rows,
    metres_from,
    project_row,
    project_rows,
    site_row,
    site_rows,
    station_row,
    station_rows,
)
from service.projects.stages import StageChangeRow, stage_changes
from service.projects.tracking import AsOf, lit, tracked

Row = TypeVar("Row", StationRow, AssignmentRow, SiteRow)


@dataclass(frozen=True, slots=True)
class ProjectFilter:
    """Which projects are asked for; None asks for all. A unit stands for all below it as well."""

    unit_id: UUID | None = None
    stage: ProjectStage | None = None
    light: ProjectLight | None = None
    month: date | None = None
    """Figures and lights as of this month's end; None takes today, and each project's latest month."""


@dataclass(frozen=True, slots=True)
class SiteFilter:
    """Which sites are asked for; `near` sorts by distance and gives it."""

    unit_id: UUID | None = None
    project_id: UUID | None = None
    near: Point | None = None
    is_open: bool | None = True

    @property
    def key_parts(self) -> int:
        """How many strings the list's cursor has: a distance stands before the id."""
        return 1 if self.near is None else 2


@dataclass(frozen=True, slots=True)
class AssignmentFilter:
    """Which assignments are asked for; `on` is a day on which they are in force."""

    site_id: UUID | None = None
    user_id: UUID | None = None
    on: date | None = None


def projects(session: Session, actor: Actor, what: ProjectFilter, page: PageRequest) -> Page[ProjectRow]:
    """The projects in scope, newest first, each with its light and its latest month."""
    as_of = AsOf.month(what.month)
    rows = project_rows().where(*project_conditions(session, actor, what))
    if page.after is not None:
        rows = rows.where(Project.id < id_alone(page.after))
    read = session.execute(rows.order_by(Project.id.desc()).limit(page.limit + 1)).all()
    known = tracked(session, [row.Project.id for row in read], as_of)
    return page_of(
        [project_row(row, known[row.Project.id]) for row in read],
        limit=page.limit,
        key=lambda row: (str(row.id),),
    )


def project_conditions(session: Session, actor: Actor, what: ProjectFilter) -> list[sa.ColumnElement[bool]]:
    """What the projects of a list have in common, in scope; a light is found by lighting all of them."""
    found = [within_scope(actor, Project.unit_id)]
    if what.unit_id is not None:
        found.append(Project.unit_id.in_(units_below(what.unit_id)))
    if what.stage is not None:
        found.append(Project.stage == what.stage)
    if what.light is not None:
        found.append(Project.id == among(lit(session, found, AsOf.month(what.month), what.light)))
    return found


def one_project(session: Session, actor: Actor, project_id: UUID) -> ProjectRow:
    """One project in scope."""
    row = session.execute(
        project_rows().where(Project.id == project_id, within_scope(actor, Project.unit_id))
    ).one_or_none()
    if row is None:
        raise UnknownProject
    return project_row(row, tracked(session, [project_id], AsOf.month(None))[project_id])


def stages_of(session: Session, actor: Actor, project_id: UUID) -> list[StageChangeRow]:
    """The stages a project in scope has reached, the newest first."""
    seen = sa.select(Project.id).where(Project.id == project_id, within_scope(actor, Project.unit_id))
    if session.scalar(seen) is None:
        raise UnknownProject
    return stage_changes(session, project_id)


def sites(session: Session, actor: Actor, what: SiteFilter, page: PageRequest) -> Page[SiteRow]:
    """The sites in scope: nearest first when a place was given, else newest first."""
    rows = site_rows(what.near).where(within_scope(actor, Site.unit_id))
    if what.unit_id is not None:
        rows = rows.where(Site.unit_id.in_(units_below(what.unit_id)))
    if what.project_id is not None:
        rows = rows.where(Site.project_id == what.project_id)
    if what.is_open is not None:
        rows = rows.where(Site.closed_at.is_(None) == what.is_open)
    return _site_page(session, rows, what.near, page)


def site_card(session: Session, actor: Actor, site_id: UUID) -> SiteCard:
    """One site in scope with all that hangs on it."""
    row = session.execute(
        site_rows(None).where(Site.id == site_id, within_scope(actor, Site.unit_id))
    ).one_or_none()
    if row is None:
        raise UnknownSite
    standing = station_rows().where(Station.site_id == site_id, Station.closed_at.is_(None))
    assigned = assignment_rows().where(Assignment.site_id == site_id)
    return SiteCard(
        site_row(row),
        [station_row(one) for one in session.execute(standing.order_by(Station.id))],
        [
            assignment_row(one)
            for one in session.execute(assigned.order_by(Assignment.from_on.desc(), Assignment.id))
        ],
    )


def stations(session: Session, actor: Actor, site_id: UUID | None, page: PageRequest) -> Page[StationRow]:
    """The open stations in scope, newest first."""
    rows = station_rows().where(within_scope(actor, Station.unit_id), Station.closed_at.is_(None))
    if site_id is not None:
        rows = rows.where(Station.site_id == site_id)
    return _newest_first(session, rows, Station.id, page, station_row)


def assignments(
    session: Session, actor: Actor, what: AssignmentFilter, page: PageRequest
) -> Page[AssignmentRow]:
    """The assignments to sites in scope, newest first."""
    rows = assignment_rows().where(within_scope(actor, Site.unit_id))
    if what.site_id is not None:
        rows = rows.where(Assignment.site_id == what.site_id)
    if what.user_id is not None:
        rows = rows.where(Assignment.user_id == what.user_id)
    if what.on is not None:
        rows = rows.where(in_force_on(what.on))
    return _newest_first(session, rows, Assignment.id, page, assignment_row)


def one_station(session: Session, station_id: UUID) -> StationRow:
    """A station that the caller has just written."""
    return station_row(session.execute(station_rows().where(Station.id == station_id)).one())


def one_assignment(session: Session, assignment_id: UUID) -> AssignmentRow:
    """An assignment that the caller has just written."""
    return assignment_row(session.execute(assignment_rows().where(Assignment.id == assignment_id)).one())


def my_sites(session: Session, actor: Actor, near: Point | None, page: PageRequest) -> Page[MySite]:
    """The open sites assigned to the actor today and those of their unit: nearest first, else newest first."""
    found = _site_page(session, site_rows(near).where(is_mine_today(actor)), near, page)
    ids = [site.id for site in found.items]
    standing, duties = _stations_at(session, ids), _own_duties(session, actor, ids)
    return Page(
        [MySite(site, standing.get(site.id, ()), duties.get(site.id, ())) for site in found.items],
        found.next_cursor,
    )


def is_mine_today(actor: Actor) -> sa.ColumnElement[bool]:
    """The open sites assigned to the actor today, of their units, or with an open station of these."""
    own_station = sa.exists().where(
        Station.site_id == Site.id, Station.closed_at.is_(None), within_scope(actor, Station.unit_id)
    )
    assigned = Site.id.in_(sa.select(Assignment.site_id).where(*own_today(actor)))
    return sa.and_(Site.closed_at.is_(None), sa.or_(within_scope(actor, Site.unit_id), own_station, assigned))


def known_site(session: Session, site_id: UUID) -> Site | None:
    """A site of anybody's, also a closed one: a record made there long ago may still arrive."""
    return session.get(Site, site_id)


def is_assigned(session: Session, user_id: UUID, site_id: UUID, day: date) -> bool:
    """Whether the person looked after the site on that day, in whichever capacity."""
    assigned = sa.exists().where(
        Assignment.user_id == user_id, Assignment.site_id == site_id, in_force_on(day)
    )
    return bool(session.scalar(sa.select(assigned)))


def in_force_on(day: date) -> sa.ColumnElement[bool]:
    """The condition that an assignment is in force on a day."""
    return sa.and_(
        Assignment.from_on <= day, sa.or_(Assignment.until_on.is_(None), Assignment.until_on > day)
    )


def _newest_first(
    session: Session, rows: Reading, key: Any, page: PageRequest, show: Callable[[Read], Row]
) -> Page[Row]:
    if page.after is not None:
        rows = rows.where(key < id_alone(page.after))
    read = session.execute(rows.order_by(key.desc()).limit(page.limit + 1))
    return page_of([show(one) for one in read], limit=page.limit, key=lambda row: (str(row.id),))


def _site_page(session: Session, rows: Reading, near: Point | None, page: PageRequest) -> Page[SiteRow]:
    if near is None:
        return _newest_first(session, rows, Site.id, page, site_row)
    distance = metres_from(near)
    if page.after is not None:
        rows = rows.where(sa.tuple_(distance, Site.id) > sa.tuple_(*metres_and_id(page.after)))
    read = session.execute(rows.order_by(distance, Site.id).limit(page.limit + 1))
    # repr gives a float that reads back as the very same number, so no row is shown twice or left out.
    return page_of(
        [site_row(one) for one in read], limit=page.limit, key=lambda row: (repr(row.distance_m), str(row.id))
    )


def own_today(actor: Actor) -> tuple[sa.ColumnElement[bool], ...]:
    """The conditions that an assignment is the actor's own and in force today."""
    return Assignment.user_id == actor.user_id, in_force_on(local_date(now()))


def _stations_at(session: Session, site_ids: Collection[UUID]) -> dict[UUID, tuple[Named, ...]]:
    rows = session.execute(
        sa.select(Station.site_id, Station.id, Station.name)
        .where(Station.site_id.in_(site_ids), Station.closed_at.is_(None))
        .order_by(Station.id)
    )
    standing: dict[UUID, tuple[Named, ...]] = defaultdict(tuple)
    for row in rows:
        standing[row.site_id] += (Named(row.id, row.name),)
    return standing


def _own_duties(session: Session, actor: Actor, site_ids: Collection[UUID]) -> dict[UUID, tuple[Duty, ...]]:
    rows = session.execute(
        sa.select(Assignment.site_id, Assignment.duty)
        .where(Assignment.site_id.in_(site_ids), *own_today(actor))
        .order_by(Assignment.duty)
    )
    duties: dict[UUID, tuple[Duty, ...]] = defaultdict(tuple)
    for row in rows:
        duties[row.site_id] += (row.duty,)
    return duties
