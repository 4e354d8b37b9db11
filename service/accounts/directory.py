"""Lists of units, people and devices, within what the actor sees."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from service.accounts.errors import UnknownPerson
from service.accounts.models import Device, DeviceHolder, SignIn, Unit, UnitKind, User
from service.accounts.queries import UnitBrief, current_unit_column, unit_in_force
from service.accounts.visibility import within_scope
from service.kernel.actor import Actor, Role
from service.kernel.calendar import local_date
from service.kernel.clock import now
from service.kernel.errors import fault
from service.kernel.pages import Page, PageRequest, page_of


@dataclass(frozen=True, slots=True)
class UnitRow:
    """A unit of the tree; `depth` is 0 at the root."""

    id: UUID
    parent_id: UUID | None
    depth: int
    name: str
    short_name: str
    kind: UnitKind
    division_code: str | None
    comparison_group: str | None
    position: int
    valid_from: date
    valid_until: date | None


@dataclass(frozen=True, slots=True)
class PersonRow:
    """A person with today's unit."""

    id: UUID
    username: str
    name: str
    phone: str | None
    rank: str | None
    unit: UnitBrief
    roles: tuple[Role, ...]
    has_password: bool
    must_change_password: bool
    created_at: datetime
    closed_at: datetime | None


@dataclass(frozen=True, slots=True)
class HolderRow:
    """Who holds a device."""

    id: UUID
    name: str
    since_at: datetime


@dataclass(frozen=True, slots=True)
class DeviceRow:
    """A device with its present holders."""

    id: str
    platform: str | None
    model: str | None
    app_version: str | None
    first_seen_at: datetime
    last_used_at: datetime
    revoked_at: datetime | None
    holders: tuple[HolderRow, ...]


@dataclass(frozen=True, slots=True)
class PersonFilter:
    """Which people are asked for."""

    text: str | None = None
    unit_id: UUID | None = None
    role: Role | None = None
    closed: bool = False


def unit_row(unit: Unit) -> UnitRow:
    """A unit as the list shows it."""
    return UnitRow(
        id=unit.id,
        parent_id=unit.parent_id,
        depth=len(unit.lineage) - 1,
        name=unit.name,
        short_name=unit.short_name,
        kind=unit.kind,
        division_code=unit.division_code,
        comparison_group=unit.comparison_group,
        position=unit.position,
        valid_from=unit.valid_from,
        valid_until=unit.valid_until,
    )


def units_seen(session: Session, actor: Actor, page: PageRequest, *, on: date | None = None) -> Page[UnitRow]:
    """The units in scope by depth and order; `on` leaves out those that do not exist on that day."""
    depth = sa.func.cardinality(Unit.lineage)
    wanted = sa.select(Unit).where(within_scope(actor, Unit.id))
    if on is not None:
        wanted = wanted.where(unit_in_force(on))
    if page.after is not None:
        wanted = wanted.where(sa.tuple_(depth, Unit.position, Unit.id) > _place_in_tree(page.after))
    rows = session.scalars(wanted.order_by(depth, Unit.position, Unit.id).limit(page.limit + 1)).all()
    return page_of(
        [unit_row(unit) for unit in rows],
        limit=page.limit,
        key=lambda row: (str(row.depth + 1), str(row.position), str(row.id)),
    )


def people_seen(session: Session, actor: Actor, page: PageRequest, which: PersonFilter) -> Page[PersonRow]:
    """The people of units in scope, by user name."""
    wanted = _people(actor).where(User.closed_at.is_not(None) if which.closed else User.closed_at.is_(None))
    if which.text:
        wanted = wanted.where(
            sa.or_(
                User.name.contains(which.text, autoescape=True),
                User.username.contains(which.text.casefold(), autoescape=True),
            )
        )
    if which.unit_id is not None:
        wanted = wanted.where(Unit.id == which.unit_id)
    if which.role is not None:
        wanted = wanted.where(User.roles.contains([which.role.value]))
    if page.after is not None:
        wanted = wanted.where(User.username > page.after[0])
    rows = session.execute(wanted.order_by(User.username).limit(page.limit + 1)).all()
    return page_of([_person(row) for row in rows], limit=page.limit, key=lambda row: (row.username,))


def person_seen(session: Session, actor: Actor, user_id: UUID) -> PersonRow:
    """One person in scope.

    Raises:
        UnknownPerson: there is none for this actor to see.
    """
    row = session.execute(_people(actor).where(User.id == user_id)).one_or_none()
    if row is None:
        raise UnknownPerson
    return _person(row)


def devices_seen(
    session: Session, actor: Actor, page: PageRequest, *, user_id: UUID | None = None
) -> Page[DeviceRow]:
    """The devices that people in scope have signed in on, by id; a person's own when `user_id` is given."""
    held = (
        sa.select(DeviceHolder.device_id)
        .join(User, User.id == DeviceHolder.user_id)
        .where(within_scope(actor, User.unit_id))
    )
    if user_id is not None:
        held = held.where(User.id == user_id)
    last_used = (
        sa.select(sa.func.max(SignIn.last_used_at)).where(SignIn.device_id == Device.id).scalar_subquery()
    )
    wanted = sa.select(Device, sa.func.greatest(Device.last_seen_at, last_used).label("last_used_at")).where(
        Device.id.in_(held)
    )
    if page.after is not None:
        wanted = wanted.where(Device.id > page.after[0])
    rows = session.execute(wanted.order_by(Device.id).limit(page.limit + 1)).all()
    holders = _holders(session, [row.Device.id for row in rows])
    return page_of([_device(row, holders) for row in rows], limit=page.limit, key=lambda row: (row.id,))


def _place_in_tree(key: Sequence[str]) -> tuple[int, int, UUID]:
    try:
        return int(key[0]), int(key[1]), UUID(key[2])
    except ValueError as error:
        raise fault("/cursor", "分页游标无效", "The cursor is not valid") from error


def _people(actor: Actor) -> sa.Select[*tuple[Any, ...]]:
    here = sa.func.coalesce(current_unit_column(local_date(now())), User.unit_id)
    return (
        sa.select(User, Unit.id.label("at_id"), Unit.name.label("at_name"), Unit.kind, Unit.short_name)
        .join(Unit, Unit.id == here)
        .where(within_scope(actor, Unit.id))
    )


def _person(row: Any) -> PersonRow:
    user: User = row.User
    return PersonRow(
        id=user.id,
        username=user.username,
        name=user.name,
        phone=user.phone,
        rank=user.rank,
        unit=UnitBrief(row.at_id, row.at_name, row.kind, row.short_name),
        roles=tuple(Role(role) for role in user.roles),
        has_password=user.password_hash is not None,
        must_change_password=user.must_change_password,
        created_at=user.created_at,
        closed_at=user.closed_at,
    )


def _holders(session: Session, device_ids: Sequence[str]) -> dict[str, list[HolderRow]]:
    rows = session.execute(
        sa.select(DeviceHolder.device_id, DeviceHolder.since_at, User.id, User.name)
        .join(User, User.id == DeviceHolder.user_id)
        .where(DeviceHolder.device_id.in_(device_ids), DeviceHolder.revoked_at.is_(None))
        .order_by(DeviceHolder.since_at)
    )
    found: dict[str, list[HolderRow]] = {}
    for row in rows:
        found.setdefault(row.device_id, []).append(HolderRow(row.id, row.name, row.since_at))
    return found


def _device(row: Any, holders: dict[str, list[HolderRow]]) -> DeviceRow:
    device: Device = row.Device
    return DeviceRow(
        id=device.id,
        platform=device.platform,
        model=device.model,
        app_version=device.app_version,
        first_seen_at=device.first_seen_at,
        last_used_at=row.last_used_at,
        revoked_at=device.revoked_at,
        holders=tuple(holders.get(device.id, ())),
    )
