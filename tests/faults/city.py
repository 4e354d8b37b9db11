"""A small city for phones that are hurt: two counties, field staff who also watch a site, a register, a programme."""

from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from service.accounts.models import Unit, UnitKind, User
from service.accounts.passwords import hash_password
from service.accounts.queries import root_unit_id
from service.enterprises.models import Enterprise, EnterpriseKind
from service.kernel.actor import Role
from service.kernel.clock import now
from service.kernel.db import make_engine
from service.kernel.ids import uuid7
from tests.factories.sites import add_assignment, add_site
from tests.faults.installation import Installation
from tests.support.world import add_person, add_programme, add_unit

PASSWORD = "a quiet evening in Liaocheng"
ENTERPRISES = 40


@dataclass(frozen=True, slots=True)
class City:
    """Whom phones belong to, and what they write about."""

    usernames: tuple[str, ...]
    enterprise_ids: tuple[UUID, ...]
    site_id: UUID


def found(installation: Installation, *, people: int) -> City:
    """Fill a fresh installation with what phones need; the first administrator is there already."""
    engine = make_engine(installation.database.url, pool_size=1)
    try:
        with Session(engine, expire_on_commit=False) as session:
            city = _fill(session, people)
            session.commit()
    finally:
        engine.dispose()
    return city


def _fill(session: Session, people: int) -> City:
    root = session.get_one(Unit, root_unit_id(session))
    counties = [add_unit(session, root, name, UnitKind.COUNTY) for name in ("东昌府区", "茌平区")]
    usernames = tuple(f"field{number}" for number in range(people))
    roles = (Role.FIELD_STAFF, Role.SITE_COMMISSIONER)
    site = add_site(session, counties[0])
    for number, username in enumerate(usernames):
        person = add_person(session, username, counties[number % 2], *roles)
        add_assignment(session, person, site)
    everybody = sa.update(User).where(User.username.in_(usernames))
    session.execute(everybody.values(password_hash=hash_password(PASSWORD)))
    if session.scalar(sa.text("SELECT count(*) FROM programmes")) == 0:
        add_programme(session)
    return City(usernames, _register(session), site.id)


def _register(session: Session) -> tuple[UUID, ...]:
    moment = now()
    rows = [
        {
            "id": uuid7(),
            "name": f"聊城第{number}轴承有限公司",
            "name_key": f"聊城第{number}轴承",
            "kind": EnterpriseKind.ENTERPRISE,
            "well_known": True,
            "initials": "LC",
            "grams": [],
            "search_text": "",
            "tags": [],
            "facts": {},
            "created_at": moment,
            "updated_at": moment,
        }
        for number in range(ENTERPRISES)
    ]
    session.execute(sa.insert(Enterprise), rows)
    return tuple(row["id"] for row in rows)
