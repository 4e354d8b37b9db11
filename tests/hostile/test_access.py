"""The access table holds, cell by cell, and what is not yours cannot be told from what is not there."""

import pytest

from tests.hostile.access import PEOPLE, nobody, open_doors, what_it_says, word
from tests.hostile.access_table import access
from tests.hostile.contract import routes

pytestmark = pytest.mark.slow

FOREIGN = {"site_id": "unit2", "user_id": "unit2"}
"""Ids in bodies: who must not learn from them whether something of another unit exists."""


@pytest.fixture(scope="module")
def doors(siege_session):
    attack, session = siege_session
    around = attack.connection.begin_nested()
    yield open_doors(attack, session)
    around.rollback()


def route_called(name):
    return next(route for route in routes() if str(route) == name)


def test_every_route_has_a_row_and_every_row_a_route():
    assert sorted(access()) == sorted(str(route) for route in routes())


@pytest.mark.parametrize("route", routes(), ids=str)
def test_everybody_gets_what_the_table_says(doors, route):
    found = {person: word(doors.ask(route, person)) for person in PEOPLE}
    assert found == access()[str(route)]


@pytest.mark.parametrize(
    "name", [name for name, row in access().items() if "404" in row.values() and "<" in name]
)
def test_what_is_somebody_elses_answers_as_what_is_not_there(doors, name):
    route = route_called(name)
    for person, told in access()[name].items():
        if told == "404":
            theirs = doors.ask(route, person)
            unknown = doors.ask(route, person, nobody())
            assert what_it_says(theirs) == what_it_says(unknown), person


@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("POST /api/hq/v1/stations", "site_id"),
        ("POST /api/hq/v1/assignments", "site_id"),
        ("POST /api/hq/v1/assignments", "user_id"),
    ],
)
def test_an_id_in_a_body_says_nothing_either(doors, name, field):
    route = route_called(name)
    body = doors.attack.body(route)
    other = doors.clients[FOREIGN[field]]
    if "unit_id" in body:
        body["unit_id"] = str(doors.attack.town.world.chiping.id)
    theirs = other.post(route.rule, json=body)
    unknown = other.post(route.rule, json={**body, field: "6ba7b810-9dad-11d1-80b4-00c04fd430c8"})
    assert theirs.status_code >= 400
    assert what_it_says(theirs) == what_it_says(unknown)


@pytest.mark.parametrize("act", ["password", "closing", "enrolments"])
def test_headquarters_cannot_take_an_administrators_place(doors, act):
    admin = doors.attack.town.world.admin.person_id
    answer = doors.clients["hq1"].post(f"/api/hq/v1/people/{admin}/{act}")
    assert (answer.status_code, answer.json["code"]) == (403, "may_not_administer")


@pytest.mark.parametrize("whom", ["hq1", "colleague"])
def test_nobody_but_an_administrator_makes_administrators(doors, whom):
    person = getattr(doors.attack.town.world, whom).person_id
    answer = doors.clients["hq1"].patch(f"/api/hq/v1/people/{person}", json={"roles": ["administrator"]})
    assert answer.status_code == 403


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Bearer",
        "Bearer ",
        "bearer x",
        "Basic YTpi",
        "Bearer null",
        "Bearer " + "A" * 43,
        "Bearer ../../x",
        "Token x",
    ]
    + [f"Bearer {text}" for text in ("eyJhbGciOiJub25lIn0.e30.", "' OR 1=1--", "%00", "x" * 5000, "é")],
)
def test_a_token_that_is_none_opens_nothing(doors, header):
    stranger = doors.clients["signed_out"]
    answer = stranger.get("/api/v1/me", headers={"Authorization": header})
    assert (answer.status_code, answer.json["client_action"]) == (401, "login")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
