"""What is shown of projects, sites, stations and assignments, and the one statement that reads each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from service.accounts.models import Unit, User
from service.enterprises.models import Enterprise
from service.kernel.geo import EARTH_RADIUS_M, Point
from service.kernel.named import Named
from service.projects.fence import FenceShown, fence_shown
from service.projects.models import Assignment, ContractKind, Duty, Project, ProjectStage, Site, Station
from service.projects.tracking import Tracked

Read = sa.Row[*tuple[Any, ...]]
Reading = sa.Select[*tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class ProjectRow:
    """A project; the investment is in 万元."""

    id: UUID
    name: str
    stage: ProjectStage
    total_investment_wan: Decimal | None
    started_on: date | None
    contract_signed_on: date | None
    contract_kind: ContractKind | None
    planned_start_on: date | None
    planned_completion_on: date | None
    completed_on: date | None
    stat_entered_on: date | None
    created_at: datetime
    closed_at: datetime | None
    unit: Named
    enterprise: Named | None
    tracked: Tracked


@dataclass(frozen=True, slots=True)
class SiteRow:
    """A site; `distance_m` is from the place that was asked about to the fence's centre, when one was."""

    id: UUID
    name: str
    address: str | None
    fence: FenceShown
    fence_as_given: dict[str, Any]
    created_at: datetime
    closed_at: datetime | None
    unit: Named
    project: Named | None
    distance_m: float | None


@dataclass(frozen=True, slots=True)
class StationRow:
    """A station with its site."""

    id: UUID
    name: str
    created_at: datetime
    closed_at: datetime | None
    unit: Named
    site: Named


@dataclass(frozen=True, slots=True)
class AssignmentRow:
    """Who looks after which site in what capacity; `until_on` is the first day without them."""

    id: UUID
    duty: Duty
    from_on: date
    until_on: date | None
    user: Named
    site: Named


@dataclass(frozen=True, slots=True)
class SiteCard:
    """A site with its open stations and everybody who was ever assigned to it, the latest first."""

    site: SiteRow
    stations: Sequence[StationRow]
    assignments: Sequence[AssignmentRow]


@dataclass(frozen=True, slots=True)
class MySite:
    """An open site of the actor's own: assigned to them today, or of their unit, or with a station of it."""

    site: SiteRow
    stations: tuple[Named, ...]
    duties: tuple[Duty, ...]


def project_rows() -> Reading:
    """Every project with the names beside it."""
    rows: Reading = sa.select(Project, Unit.name, Enterprise.name)
    return rows.join(Unit, Unit.id == Project.unit_id).outerjoin(
        Enterprise, Enterprise.id == Project.enterprise_id
    )


def project_row(read: Read, tracked: Tracked) -> ProjectRow:
    """One project that `project_rows` read, with how far it is."""
    project, unit_name, enterprise_name = read
    return ProjectRow(
        id=project.id,
        name=project.name,
        stage=project.stage,
        total_investment_wan=project.total_investment_wan,
        started_on=project.started_on,
        contract_signed_on=project.contract_signed_on,
        contract_kind=project.contract_kind,
        planned_start_on=project.planned_start_on,
        planned_completion_on=project.planned_completion_on,
        completed_on=project.completed_on,
        stat_entered_on=project.stat_entered_on,
        created_at=project.created_at,
        closed_at=project.closed_at,
        unit=Named(project.unit_id, unit_name),
        enterprise=_named(project.enterprise_id, enterprise_name),
        tracked=tracked,
    )


def site_rows(near: Point | None) -> Reading:
    """Every site with the names beside it, and its distance when a place is given."""
    distance = sa.null() if near is None else metres_from(near)
    rows: Reading = sa.select(Site, Unit.name, Project.name, distance)
    return rows.join(Unit, Unit.id == Site.unit_id).outerjoin(Project, Project.id == Site.project_id)


def site_row(read: Read) -> SiteRow:
    """One site that `site_rows` read."""
    site, unit_name, project_name, distance = read
    return SiteRow(
        id=site.id,
        name=site.name,
        address=site.address,
        fence=fence_shown(site),
        fence_as_given=site.fence_as_given,
        created_at=site.created_at,
        closed_at=site.closed_at,
        unit=Named(site.unit_id, unit_name),
        project=_named(site.project_id, project_name),
        distance_m=distance,
    )


def station_rows() -> Reading:
    """Every station with the names beside it."""
    rows: Reading = sa.select(Station, Unit.name, Site.name)
    return rows.join(Unit, Unit.id == Station.unit_id).join(Site, Site.id == Station.site_id)


def station_row(read: Read) -> StationRow:
    """One station that `station_rows` read."""
    station, unit_name, site_name = read
    return StationRow(
        id=station.id,
        name=station.name,
        created_at=station.created_at,
        closed_at=station.closed_at,
        unit=Named(station.unit_id, unit_name),
        site=Named(station.site_id, site_name),
    )


def assignment_rows() -> Reading:
    """Every assignment with the names beside it."""
    rows: Reading = sa.select(Assignment, User.name, Site.name)
    return rows.join(User, User.id == Assignment.user_id).join(Site, Site.id == Assignment.site_id)


def assignment_row(read: Read) -> AssignmentRow:
    """One assignment that `assignment_rows` read."""
    assignment, user_name, site_name = read
    return AssignmentRow(
        id=assignment.id,
        duty=assignment.duty,
        from_on=assignment.from_on,
        until_on=assignment.until_on,
        user=Named(assignment.user_id, user_name),
        site=Named(assignment.site_id, site_name),
    )


def metres_from(place: Point) -> sa.ColumnElement[float]:
    """Metres from a place to a site's centre along the great circle, as `kernel.geo` measures them."""
    half_lat = sa.func.radians(Site.latitude - place.lat) / 2
    half_lng = sa.func.radians(Site.longitude - place.lng) / 2
    chord = sa.func.power(sa.func.sin(half_lat), 2) + (
        sa.func.cos(sa.func.radians(place.lat))
        * sa.func.cos(sa.func.radians(Site.latitude))
        * sa.func.power(sa.func.sin(half_lng), 2)
    )
    metres = 2 * EARTH_RADIUS_M * sa.func.asin(sa.func.sqrt(sa.func.least(1.0, chord)))
    return sa.type_coerce(metres, sa.Double())


def _named(row_id: UUID | None, name: str | None) -> Named | None:
    return None if row_id is None or name is None else Named(row_id, name)
