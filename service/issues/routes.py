"""分办路由: which departments a category calls at once, set by headquarters."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from service.accounts.models import Unit, UnitKind, User
from service.accounts.queries import unit_in_force, unit_names
from service.audit import commands as audit
from service.issues.errors import BadRoute
from service.issues.models import IssueCategory, IssueRoute
from service.kernel.actor import Actor, Role
from service.kernel.calendar import local_date
from service.kernel.clock import now
from service.kernel.errors import Fault, Forbidden
from service.kernel.named import Named

_Categories = defaultdict[UUID, list[IssueCategory]]


@dataclass(frozen=True, slots=True)
class NewRoute:
    """Whom a category is to call."""

    category: IssueCategory
    lead_unit_id: UUID
    support_unit_ids: tuple[UUID, ...] = ()

    @property
    def unit_ids(self) -> tuple[UUID, ...]:
        """Everybody it calls, the lead first."""
        return (self.lead_unit_id, *self.support_unit_ids)


@dataclass(frozen=True, slots=True)
class RouteShown:
    """Whom a category calls; `lead` is None where problems wait to be assigned."""

    category: IssueCategory
    lead: Named | None
    supports: tuple[Named, ...] = ()
    set_by_name: str | None = None
    set_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class CallableUnit:
    """A unit that a problem may call, and the categories whose routes call it today."""

    id: UUID
    name: str
    kind: UnitKind
    short_name: str
    leads: tuple[IssueCategory, ...]
    supports: tuple[IssueCategory, ...]


def routes(session: Session) -> list[RouteShown]:
    """One for every category, in their order."""
    kept = {
        row.IssueRoute.category: row
        for row in session.execute(
            sa.select(IssueRoute, User.name.label("set_by_name")).join(User, User.id == IssueRoute.set_by)
        )
    }
    called = {unit_id for row in kept.values() for unit_id in _units_of(row.IssueRoute)}
    names = unit_names(session, called)
    shown: list[RouteShown] = []
    for category in IssueCategory:
        row = kept.get(category)
        if row is None:
            shown.append(RouteShown(category, None))
            continue
        lead, *supports = (Named(one, names[one]) for one in _units_of(row.IssueRoute))
        shown.append(RouteShown(category, lead, tuple(supports), row.set_by_name, row.IssueRoute.set_at))
    return shown


def units_called_by(session: Session, category: IssueCategory) -> tuple[UUID, ...]:
    """The units that the route of a category calls, the lead first; none without a route, or when its lead is closed."""
    route = session.get(IssueRoute, category)
    if route is None:
        return ()
    standing = _in_force(session, _units_of(route))
    return tuple(one for one in _units_of(route) if one in standing) if route.lead_unit_id in standing else ()


def set_routes(session: Session, actor: Actor, wanted: Sequence[NewRoute]) -> list[RouteShown]:
    """Replace the whole table; categories that are left out have no route from now on.

    Raises:
        Forbidden: only headquarters sets it.
        BadRoute: a category stands twice, or a unit does not exist or stands twice.
    """
    if not actor.has(Role.HEADQUARTERS, Role.ADMINISTRATOR):
        raise Forbidden
    faults = [*_faults_in(session, wanted)]
    if faults:
        raise BadRoute(faults=faults)
    # One setter at a time; readers go on.
    session.execute(sa.text("LOCK TABLE issue_routes IN SHARE ROW EXCLUSIVE MODE"))
    before = {one.category: one for one in session.scalars(sa.select(IssueRoute))}
    was = {category.value: [str(one) for one in _units_of(route)] for category, route in before.items()}
    moment = now()
    for category in set(before) - {one.category for one in wanted}:
        session.delete(before[category])
    for one in wanted:
        route = before.get(one.category)
        if route is not None and _units_of(route) == one.unit_ids:
            continue
        session.merge(
            IssueRoute(
                category=one.category,
                lead_unit_id=one.lead_unit_id,
                support_unit_ids=list(one.support_unit_ids),
                set_by=actor.person_id,
                set_at=moment,
            )
        )
    session.flush()
    becomes = {one.category.value: [str(unit_id) for unit_id in one.unit_ids] for one in wanted}
    audit.record(session, actor, "issue.set_routes", "issue_routes", "all", before=was, after=becomes)
    return routes(session)


def callable_units(session: Session) -> list[CallableUnit]:
    """Every unit that a problem may call today, with what calls it: the departments first, each in the order of office."""
    is_department = Unit.kind == UnitKind.DEPARTMENT
    depth = sa.func.cardinality(Unit.lineage)
    found = session.execute(
        sa.select(Unit.id, Unit.name, Unit.kind, Unit.short_name)
        .where(unit_in_force(local_date(now())))
        .order_by(is_department.desc(), depth, Unit.position, Unit.name, Unit.id)
    )
    units = list(found)
    leading, supporting = _called_by(session, {row.id for row in units})
    return [
        CallableUnit(row.id, row.name, row.kind, row.short_name, (*leading[row.id],), (*supporting[row.id],))
        for row in units
    ]


def units_missing(session: Session, unit_ids: Sequence[UUID]) -> set[UUID]:
    """Those of the ids that are no unit of today."""
    return set(unit_ids) - _in_force(session, unit_ids)


def _called_by(session: Session, standing: set[UUID]) -> tuple[_Categories, _Categories]:
    """By unit, the categories that it leads and that it supports; as in `units_called_by`, nobody without the lead."""
    leading: _Categories = defaultdict(list)
    supporting: _Categories = defaultdict(list)
    for route in session.scalars(sa.select(IssueRoute).order_by(IssueRoute.category)):
        if route.lead_unit_id in standing:
            leading[route.lead_unit_id].append(route.category)
            for unit_id in route.support_unit_ids:
                supporting[unit_id].append(route.category)
    return leading, supporting


def _in_force(session: Session, unit_ids: Sequence[UUID]) -> set[UUID]:
    if not unit_ids:
        return set()
    today = local_date(now())
    return set(session.scalars(sa.select(Unit.id).where(Unit.id.in_(unit_ids), unit_in_force(today))))


def _faults_in(session: Session, wanted: Sequence[NewRoute]) -> Iterator[Fault]:
    missing = units_missing(session, [unit_id for one in wanted for unit_id in one.unit_ids])
    seen: set[IssueCategory] = set()
    for place, one in enumerate(wanted):
        at = f"/items/{place}"
        if one.category in seen:
            yield Fault(f"{at}/category", "同一类别出现两次", "This category stands twice")
        seen.add(one.category)
        if len(set(one.unit_ids)) < len(one.unit_ids):
            yield Fault(f"{at}/support_unit_ids", "同一单位出现两次", "A unit stands twice")
        if one.lead_unit_id in missing:
            yield Fault(f"{at}/lead_unit_id", "没有这个单位", "There is no such unit")
        if missing & set(one.support_unit_ids):
            yield Fault(f"{at}/support_unit_ids", "没有这个单位", "There is no such unit")


def _units_of(route: IssueRoute) -> tuple[UUID, ...]:
    return (route.lead_unit_id, *route.support_unit_ids)
