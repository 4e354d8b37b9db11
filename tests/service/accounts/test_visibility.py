"""Row scope: who sees the rows of which units and persons."""

import pytest
import sqlalchemy as sa

from service.accounts.models import Unit, User
from service.accounts.visibility import own_records, within_scope
from service.kernel.actor import Actor

EVERY = {"聊城市", "东昌府区", "茌平区", "临清市", "高新技术产业开发区", "古楼街道", "市自然资源局"}


@pytest.mark.parametrize(
    ("person", "units"),
    [
        ("field1", {"东昌府区"}),
        ("commissioner1", {"东昌府区"}),
        ("department1", {"市自然资源局"}),
        ("unit1", {"东昌府区", "古楼街道"}),
        ("unit2", {"茌平区"}),
        ("hq1", EVERY),
        ("leader1", EVERY),
        ("inspector1", EVERY),
        ("admin", EVERY),
    ],
)
def test_it_shows_the_rows_of(session, world, person, units):
    seen = session.scalars(sa.select(Unit.name).where(within_scope(getattr(world, person), Unit.id)))
    assert set(seen) == units


def test_it_shows_nothing_to_somebody_without_a_unit(session, world):
    nobody = Actor(user_id=world.field1.user_id, name="?", unit_id=None, roles=world.field1.roles)
    assert session.scalars(sa.select(Unit.id).where(within_scope(nobody, Unit.id))).all() == []


@pytest.mark.parametrize(
    ("person", "names"),
    [
        ("field1", {"field1"}),
        ("unit1", {"field1", "colleague", "commissioner1", "unit1"}),
        ("hq1", {"field1", "field2", "colleague", "commissioner1", "department1", "unit1", "unit2"}),
    ],
)
def test_it_shows_field_staff_only_what_names_them(session, world, person, names):
    seen = set(
        session.scalars(
            sa.select(User.name).where(own_records(getattr(world, person), User.unit_id, User.id))
        )
    )
    assert seen & {"field1", "field2", "colleague", "commissioner1", "department1", "unit1", "unit2"} == names
