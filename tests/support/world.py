"""The cast of every test: one city, its units, its people, and the programme of the year that stories are told of."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from uuid import uuid4

from sqlalchemy.orm import Session

from service.accounts.models import Posting, Unit, UnitKind, User
from service.kernel.actor import Actor, Role
from service.kernel.db import Base
from service.programmes.models import (
    CountingPolicy,
    ElapsedBy,
    Line,
    Programme,
    Target,
    TargetLevel,
    ThousandScope,
)
from tests.support.today import last_day_of_the_programme, told_year

LONG_AGO = date(2020, 1, 1)
BEGINNING = datetime(2020, 1, 1, tzinfo=UTC)
MODES = ["door_to_door", "reception", "online", "event"]
TOP500 = ["fortune_global_500", "china_500", "china_private_500"]


@dataclass(frozen=True)
class World:
    """Who and what is there. People are actors, ready for commands."""

    city: Unit
    dongchangfu: Unit
    chiping: Unit
    linqing: Unit
    zone: Unit
    town: Unit
    department: Unit
    field1: Actor
    field2: Actor
    colleague: Actor
    commissioner1: Actor
    department1: Actor
    unit1: Actor
    unit2: Actor
    hq1: Actor
    leader1: Actor
    inspector1: Actor
    admin: Actor
    programme: Programme


def build_world(session: Session) -> World:
    """Write the cast; `dongchangfu` has field1, colleague, commissioner1 and unit1, `chiping` field2 and unit2."""
    city = _unit(None, "聊城市", UnitKind.CITY)
    dongchangfu = _unit(city, "东昌府区", UnitKind.COUNTY, group="县市区", position=1, code="371502")
    chiping = _unit(city, "茌平区", UnitKind.COUNTY, group="县市区", position=2, code="371503")
    linqing = _unit(city, "临清市", UnitKind.COUNTY, group="县市区", position=3, code="371581")
    zone = _unit(city, "高新技术产业开发区", UnitKind.ZONE, group="市属开发区", position=4)
    town = _unit(dongchangfu, "古楼街道", UnitKind.TOWN, position=1)
    department = _unit(city, "市自然资源局", UnitKind.DEPARTMENT, group="市直部门", position=5)
    _write(session, [city, dongchangfu, chiping, linqing, zone, town, department])
    people = {
        name: _person(name, unit, *roles)
        for name, unit, roles in (
            ("field1", dongchangfu, [Role.FIELD_STAFF]),
            ("field2", chiping, [Role.FIELD_STAFF]),
            ("colleague", dongchangfu, [Role.FIELD_STAFF]),
            ("commissioner1", dongchangfu, [Role.SITE_COMMISSIONER]),
            ("department1", department, [Role.DEPARTMENT_OFFICER]),
            ("unit1", dongchangfu, [Role.UNIT_OFFICE]),
            ("unit2", chiping, [Role.UNIT_OFFICE]),
            ("hq1", city, [Role.HEADQUARTERS]),
            ("leader1", city, [Role.LEADER]),
            ("inspector1", city, [Role.INSPECTOR]),
            ("admin", city, [Role.ADMINISTRATOR]),
        )
    }
    _write(session, [user for _, user, _ in people.values()])
    _write(session, [posting for _, _, posting in people.values()])
    programme = add_programme(session)
    return World(
        city=city,
        dongchangfu=dongchangfu,
        chiping=chiping,
        linqing=linqing,
        zone=zone,
        town=town,
        department=department,
        programme=programme,
        **{name: actor for name, (actor, _, _) in people.items()},
    )


def add_unit(
    session: Session,
    parent: Unit | None,
    name: str,
    kind: UnitKind,
    *,
    group: str | None = None,
    position: int = 0,
    code: str | None = None,
) -> Unit:
    """A unit in force since long ago."""
    unit = _unit(parent, name, kind, group=group, position=position, code=code)
    _write(session, [unit])
    return unit


def _unit(
    parent: Unit | None,
    name: str,
    kind: UnitKind,
    *,
    group: str | None = None,
    position: int = 0,
    code: str | None = None,
) -> Unit:
    unit_id = uuid4()
    return Unit(
        id=unit_id,
        parent_id=parent.id if parent else None,
        lineage=[*(parent.lineage if parent else []), unit_id],
        name=name,
        short_name=name[:3],
        kind=kind,
        division_code=code,
        comparison_group=group,
        position=position,
        valid_from=LONG_AGO,
    )


def add_person(session: Session, username: str, unit: Unit, *roles: Role, name: str | None = None) -> Actor:
    """A person without a password, posted to the unit for ever, as an actor."""
    actor, user, posting = _person(username, unit, *roles, name=name)
    _write(session, [user])
    _write(session, [posting])
    return actor


def _person(username: str, unit: Unit, *roles: Role, name: str | None = None) -> tuple[Actor, User, Posting]:
    user = User(
        id=uuid4(),
        username=username,
        name=name or username,
        unit_id=unit.id,
        roles=[role.value for role in roles],
        created_at=BEGINNING,
    )
    posting = Posting(id=uuid4(), user_id=user.id, unit_id=unit.id, from_on=LONG_AGO)
    actor = Actor(user_id=user.id, name=user.name, unit_id=unit.id, roles=frozenset(roles))
    return actor, user, posting


def _write(session: Session, rows: Iterable[Base]) -> None:
    """All in one statement: every test begins with the cast."""
    session.add_all(rows)
    session.flush()


def add_programme(session: Session, year: int | None = None, **changes: object) -> Programme:
    """A programme of 1,000 + 100 for the told year (or `year`) with the default rules and the city's targets."""
    ends_on = date(year, 12, 31) if year else last_day_of_the_programme()
    year = year or told_year()
    facts: dict[str, object] = {
        "name": f"{year}年登门招商“千百工程”",
        "counting_policy": CountingPolicy.APPROVED,
        "thousand_scope": ThousandScope.LISTED,
        "hundred_within_thousand": True,
        "elapsed_by": ElapsedBy.DAYS,
        "counted_modes": list(MODES),
        "top500_lists": list(TOP500),
    }
    programme = Programme(
        id=uuid4(),
        year=year,
        starts_on=date(year, 1, 1),
        ends_on=ends_on,
        created_at=BEGINNING,
        **(facts | changes),
    )
    _write(session, [programme])
    figures = {Line.THOUSAND: (900, 1000, 1200), Line.HUNDRED: (90, 100, 120)}
    targets = [
        Target(id=uuid4(), programme_id=programme.id, line=line, level=level, subjects=subjects)
        for line, levels in figures.items()
        for level, subjects in zip(TargetLevel, levels, strict=True)
    ]
    _write(session, targets)
    return programme
