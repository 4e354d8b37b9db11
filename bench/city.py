"""A city to measure in: counties, field staff who sign in for real, a register and a programme."""

import hashlib
import http.client
import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from service.accounts.models import UnitKind
from service.accounts.people import NewPerson, register_person
from service.accounts.queries import root_unit_id
from service.accounts.units import NewUnit, open_unit
from service.enterprises.models import Enterprise, EnterpriseKind
from service.kernel.actor import Actor, Role
from service.kernel.clock import now
from service.kernel.db import make_engine, make_sessions
from service.kernel.ids import uuid7
from service.programmes.models import CountingPolicy, ElapsedBy, Programme, ThousandScope

PASSWORD = "walks-9-miles-daily"
COUNTIES = 8
ENTERPRISES = 5_000
_SYSTEM = Actor.system("measurement")


@dataclass(frozen=True, slots=True)
class City:
    """Who may visit whom."""

    usernames: tuple[str, ...]
    enterprise_ids: tuple[UUID, ...]


def found_city(database_url: str, *, people: int) -> City:
    """Fill an empty installation with what visits need."""
    engine = make_engine(database_url, pool_size=1)
    try:
        with make_sessions(engine).begin() as session:
            usernames = _people(session, _counties(session), people)
            ids = _register(session)
            _programme(session)
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(sa.text("ANALYZE"))
    finally:
        engine.dispose()
    return City(usernames, ids)


def sign_in(port: int, usernames: Sequence[str]) -> list[str]:
    """The access token of each person, got as a phone gets it."""
    tokens = []
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    for username in usernames:
        device = {"id": f"bench-{username}", "platform": "android", "model": "bench", "app_version": "1.0"}
        body = json.dumps({"username": username, "password": PASSWORD, "device": device})
        connection.request("POST", "/api/v1/sessions", body, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        document = json.loads(answer.read())
        if answer.status != 201:
            raise SystemExit(f"sign-in failed: {document}")
        tokens.append(document["access_token"])
    connection.close()
    return tokens


def _counties(session: Session) -> list[UUID]:
    year = now().year
    return [
        open_unit(
            session,
            _SYSTEM,
            NewUnit(
                name=f"第{number}区",
                kind=UnitKind.COUNTY,
                parent_id=root_unit_id(session),
                valid_from=date(year, 1, 1),
            ),
        ).id
        for number in range(1, COUNTIES + 1)
    ]


def _people(session: Session, unit_ids: Sequence[UUID], count: int) -> tuple[str, ...]:
    for number in range(count):
        new = NewPerson(
            username=f"phone{number}",
            name=f"外勤{number}",
            unit_id=unit_ids[number % len(unit_ids)],
            roles=frozenset({Role.FIELD_STAFF}),
            password=PASSWORD,
            must_change_password=False,
        )
        register_person(session, _SYSTEM, new)
    return tuple(f"phone{number}" for number in range(count))


def _register(session: Session) -> tuple[UUID, ...]:
    moment = now()
    rows = []
    for number in range(ENTERPRISES):
        name = f"聊城第{number}智能装备制造股份有限公司"
        key = hashlib.sha256(name.encode()).hexdigest()[:12]
        rows.append(
            {
                "id": uuid7(),
                "name": name,
                "name_key": key,
                "kind": EnterpriseKind.ENTERPRISE,
                "well_known": number % 2 == 0,
                "initials": "LC",
                "grams": [key],
                "search_text": f"\n{name}\n",
                "tags": [],
                "facts": {},
                "latitude": 36.4 + number % 100 / 1000,
                "longitude": 115.9 + number // 100 / 1000,
                "created_at": moment,
                "updated_at": moment,
            }
        )
    session.execute(sa.insert(Enterprise), rows)
    ids = [row["id"] for row in rows]
    random.Random(7).shuffle(ids)
    return tuple(ids)


def _programme(session: Session) -> None:
    year = now().year
    session.add(
        Programme(
            id=uuid7(),
            name=f"{year}年登门招商“千百工程”",
            year=year,
            starts_on=date(year, 1, 1),
            ends_on=date(year, 12, 31),
            counting_policy=CountingPolicy.APPROVED,
            thousand_scope=ThousandScope.LISTED,
            hundred_within_thousand=True,
            elapsed_by=ElapsedBy.DAYS,
            counted_modes=["door_to_door", "reception", "online", "event"],
            top500_lists=["fortune_global_500", "china_500", "china_private_500"],
            created_at=now(),
        )
    )
