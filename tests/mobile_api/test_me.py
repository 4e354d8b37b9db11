"""The person's own page."""

from uuid import uuid4

import pytest

from service.accounts.models import User
from service.programmes.models import Line, Target, TargetLevel
from tests.factories.accounts import PASSWORD, credentials, give_password

ME = "/api/v1/me"
NEW = "green tea in the rain"


@pytest.mark.parametrize(
    ("method", "path"), [("GET", ME), ("PUT", f"{ME}/password"), ("DELETE", "/api/v1/sessions/current")]
)
def test_it_lets_no_stranger_in(client, method, path):
    answer = client.request(method, path, json={})
    assert (answer.status_code, answer.json["client_action"]) == (401, "login")


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", "Basic eDp4", "bearer x", "Bearer " + "x" * 5000, "Bearer é"]
)
def test_it_takes_no_bad_token(client, header):
    answer = client.get(ME, headers={"Authorization": header})
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_it_says_who_i_am_and_what_my_unit_is_to_achieve(client, session, world):
    for level, subjects in (
        (TargetLevel.BASELINE, 80),
        (TargetLevel.WORKING, 90),
        (TargetLevel.STRIVING, 100),
    ):
        target = Target(
            id=uuid4(),
            programme_id=world.programme.id,
            line=Line.THOUSAND,
            unit_id=world.dongchangfu.id,
            level=level,
            subjects=subjects,
        )
        session.add(target)
    session.commit()
    answer = client.as_(world.field1, device_id="phone-1").get(ME)
    assert answer.status_code == 200
    assert answer.json["id"] == str(world.field1.user_id)
    assert answer.json["unit"] == {"id": str(world.dongchangfu.id), "name": "东昌府区", "kind": "county"}
    assert (answer.json["roles"], answer.json["device_id"]) == (["field_staff"], "phone-1")
    (line,) = answer.json["targets"]
    assert (line["line"], line["baseline"], line["working"], line["striving"]) == ("thousand", 80, 90, 100)


def test_it_shows_headquarters_the_targets_of_the_city(client, world):
    lines = {one["line"]: one["working"] for one in client.as_(world.hq1).get(ME).json["targets"]}
    assert lines == {"thousand": 1000, "hundred": 100}


def test_it_changes_my_password_and_signs_my_other_devices_out(client, session, world):
    give_password(session, world.field1)
    here, there = client.as_(world.field1, device_id="here"), client.as_(world.field1, device_id="there")
    assert here.put(f"{ME}/password", json={"old_password": PASSWORD, "new_password": NEW}).status_code == 204
    assert here.get(ME).status_code == 200
    assert there.get(ME).status_code == 401
    assert client.post("/api/v1/sessions", json=credentials("field1")).status_code == 401
    assert client.post("/api/v1/sessions", json=credentials("field1", NEW)).status_code == 201


def test_it_refuses_a_wrong_old_password_and_counts_it(client, session, world):
    give_password(session, world.field1)
    before = session.get_one(User, world.field1.user_id).password_hash
    me = client.as_(world.field1)
    change = {"old_password": "not the password", "new_password": NEW}
    answers = [me.put(f"{ME}/password", json=change) for _ in range(6)]
    assert [one.status_code for one in answers] == [403] * 5 + [429]
    assert answers[0].json["code"] == "wrong_old_password"
    session.expire_all()
    assert session.get_one(User, world.field1.user_id).password_hash == before


@pytest.mark.parametrize("new", ["short", "password2026", "field1 is my name", PASSWORD, "1234567890"])
def test_it_refuses_a_new_password_that_is_easy_to_guess(client, session, world, new):
    give_password(session, world.field1)
    answer = client.as_(world.field1).put(
        f"{ME}/password", json={"old_password": PASSWORD, "new_password": new}
    )
    assert (answer.status_code, answer.json["code"]) == (422, "weak_password")
    assert answer.json["errors"][0]["pointer"] == "/new_password"
