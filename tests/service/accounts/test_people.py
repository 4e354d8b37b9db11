"""Accounts change without rewriting what was."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
import sqlalchemy as sa
import time_machine

from service.accounts import enrolment, people, queries
from service.accounts.errors import (
    MayNotAdminister,
    NotOneself,
    PostingBeforeTheLast,
    UnknownPerson,
    UnknownUnit,
    UsernameTaken,
    WeakPassword,
)
from service.accounts.models import User
from service.accounts.people import Move, NewPerson, PersonAmendment
from service.audit.models import AuditEntry
from service.kernel.actor import Role
from service.kernel.calendar import local_date
from service.kernel.clock import now
from service.kernel.errors import Forbidden


def today():
    """Asked each time: a run of the tests may see midnight."""
    return local_date(now())


def newcomer(world, **facts):
    given = {
        "username": "newcomer",
        "name": "李宁",
        "unit_id": world.chiping.id,
        "roles": frozenset({Role.FIELD_STAFF}),
    }
    return NewPerson(**(given | facts))


@pytest.mark.parametrize("person", ["field1", "unit1", "leader1", "inspector1"])
def test_it_lets_nobody_else_open_accounts(session, world, person):
    with pytest.raises(Forbidden):
        people.register_person(session, getattr(world, person), newcomer(world))


@pytest.mark.parametrize("role", [Role.HEADQUARTERS, Role.ADMINISTRATOR])
def test_it_lets_only_administrators_grant_administration(session, world, role):
    wanted = newcomer(world, roles=frozenset({role, Role.FIELD_STAFF}))
    with pytest.raises(MayNotAdminister):
        people.register_person(session, world.hq1, wanted)
    assert people.register_person(session, world.admin, wanted).roles == sorted([role, Role.FIELD_STAFF])


def test_it_lets_headquarters_touch_no_administrator(session, world):
    for command in (people.reset_password, people.close_person, people.reopen_person):
        with pytest.raises(MayNotAdminister):
            command(session, world.hq1, world.admin.person_id)
    with pytest.raises(MayNotAdminister):
        enrolment.issue_pin(session, world.hq1, world.admin.person_id, secret=b"s", server="http://here")
    with pytest.raises(MayNotAdminister):
        people.amend_person(
            session, world.hq1, PersonAmendment(world.field1.person_id, {"roles": [Role.ADMINISTRATOR]})
        )


def test_it_refuses_a_username_in_another_case(session, world):
    people.register_person(session, world.admin, newcomer(world, username="LiNing"))
    with pytest.raises(UsernameTaken):
        people.register_person(session, world.admin, newcomer(world, username="lining"))


def test_it_refuses_a_password_that_everybody_tries(session, world):
    with pytest.raises(WeakPassword):
        people.register_person(session, world.admin, newcomer(world, password="password2026"))


def test_it_refuses_a_unit_that_has_ended(session, world):
    world.chiping.valid_until = today()
    session.add(world.chiping)
    session.flush()
    with pytest.raises(UnknownUnit):
        people.register_person(session, world.admin, newcomer(world))


def test_it_remembers_the_unit_of_every_day(session, world):
    one = world.field1.person_id
    people.move_person(session, world.admin, Move(one, world.chiping.id, today()))
    people.move_person(session, world.admin, Move(one, world.linqing.id, today() + timedelta(days=10)))
    assert queries.unit_on(session, one, today() - timedelta(days=1)) == world.dongchangfu.id
    assert queries.unit_on(session, one, today()) == world.chiping.id
    assert queries.unit_on(session, one, today() + timedelta(days=10)) == world.linqing.id
    assert queries.unit_on(session, one, date(2001, 1, 1)) == world.dongchangfu.id
    assert session.get_one(User, one, populate_existing=True).unit_id == world.chiping.id


def test_it_corrects_a_posting_moved_twice_on_one_day(session, world):
    one = world.field1.person_id
    people.move_person(session, world.admin, Move(one, world.chiping.id, today()))
    people.move_person(session, world.admin, Move(one, world.linqing.id, today()))
    assert queries.unit_on(session, one, today()) == world.linqing.id
    assert queries.unit_on(session, one, today() - timedelta(days=1)) == world.dongchangfu.id


def test_it_refuses_a_move_into_the_past_of_the_last(session, world):
    people.move_person(session, world.admin, Move(world.field1.person_id, world.chiping.id, today()))
    with pytest.raises(PostingBeforeTheLast):
        people.move_person(
            session, world.admin, Move(world.field1.person_id, world.linqing.id, today() - timedelta(days=1))
        )


def test_it_settles_a_move_planned_ahead_on_its_day(session, world):

    people.move_person(
        session, world.admin, Move(world.field1.person_id, world.chiping.id, today() + timedelta(days=2))
    )
    assert people.settle_postings(session) == 0
    with time_machine.travel(now() + timedelta(days=3), tick=False):
        assert people.settle_postings(session) == 1
        assert people.settle_postings(session) == 0


def test_it_lets_nobody_close_or_demote_themselves(session, world):
    with pytest.raises(NotOneself):
        people.close_person(session, world.admin, world.admin.person_id)
    with pytest.raises(NotOneself):
        people.amend_person(
            session, world.admin, PersonAmendment(world.admin.person_id, {"roles": [Role.FIELD_STAFF]})
        )


def test_it_knows_no_unknown_person(session, world):
    with pytest.raises(UnknownPerson):
        people.close_person(session, world.admin, uuid4())
    with pytest.raises(UnknownPerson):
        queries.unit_on(session, uuid4(), today())


def test_it_names_people_and_units(session, world):
    assert queries.people_named(session, [world.field1.person_id]) == {world.field1.person_id: "field1"}
    assert queries.unit_names(session, [world.town.id]) == {world.town.id: "古楼街道"}
    assert queries.lineage_of(session, world.town.id) == (world.city.id, world.dongchangfu.id, world.town.id)
    assert queries.root_unit_id(session) == world.city.id


def test_it_writes_no_phone_number_into_the_audit(session, world):
    people.amend_person(
        session, world.admin, PersonAmendment(world.field1.person_id, {"phone": "13812345678"})
    )
    session.flush()
    entry = session.scalars(sa.select(AuditEntry).where(AuditEntry.action == "person.amend")).one()
    assert "13812345678" not in str(entry.details)
