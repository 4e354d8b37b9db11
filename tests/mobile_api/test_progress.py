"""The headline on a phone: my unit's figures for field staff, the city's for those who read it whole."""

from datetime import date

import pytest
import time_machine

from service.visits.ledger import recount
from service.visits.models import ReviewState
from tests.factories.visits import add_enterprise, add_visit

MARCH = date(2026, 3, 2)


@pytest.fixture(autouse=True)
def today():
    with time_machine.travel("2026-11-21T04:00:00+00:00", tick=True):
        yield


@pytest.fixture
def visited(session, world):
    """One counted visit of each county, and one that waits."""
    known = [
        add_enterprise(session, name) for name in ("浪潮集团有限公司", "歌尔股份有限公司", "南山集团有限公司")
    ]
    visits = [
        add_visit(session, world.field1, known[0], MARCH),
        add_visit(session, world.field2, known[1], MARCH),
        add_visit(session, world.field1, known[2], MARCH, review_state=ReviewState.SUBMITTED),
    ]
    recount(session, [visit.id for visit in visits])
    session.commit()


def headline(phone, **query):
    answer = phone.get("/api/v1/progress", query_string=query)
    assert answer.status_code == 200
    thousand = next(line for line in answer.get_json()["lines"] if line["code"] == "thousand")
    return answer.get_json()["unit"], thousand


def test_it_shows_nothing_to_a_stranger(client):
    assert client.get("/api/v1/progress").status_code == 401


def test_it_shows_field_staff_their_own_unit(client, world, visited):
    unit, thousand = headline(client.as_(world.field1))
    assert unit["name"] == "东昌府区"
    assert (thousand["counted"], thousand["pending"]) == (1, 1)


def test_it_shows_leaders_the_city(client, world, visited):
    unit, thousand = headline(client.as_(world.leader1))
    assert unit is None
    assert (thousand["counted"], thousand["pending"]) == (2, 1)
    assert thousand["targets"]["working"] == 1000


def test_it_counts_up_to_the_day_that_was_asked_for(client, world, visited):
    _, before = headline(client.as_(world.leader1), as_of="2026-03-01")
    assert (before["counted"], before["pending"]) == (0, 0)
