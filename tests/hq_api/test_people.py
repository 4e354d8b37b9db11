"""People and their accounts at headquarters' door."""

import io

import pytest

from service.kernel.calendar import local_date
from service.kernel.clock import now
from tests.factories.accounts import PHONE, credentials, give_password

PEOPLE = "/api/hq/v1/people"
MISSING = "00000000-0000-4000-8000-000000000000"


def newcomer(world, **facts):
    given = {
        "username": "newcomer",
        "name": "李宁",
        "unit_id": str(world.chiping.id),
        "roles": ["field_staff"],
    }
    return given | facts


@pytest.mark.parametrize("person", ["field1", "commissioner1", "department1"])
def test_it_shows_field_staff_nothing(client, world, person):
    outsider = client.as_(getattr(world, person))
    assert outsider.get(PEOPLE).status_code == 403
    assert outsider.get(f"{PEOPLE}/{world.field1.user_id}").status_code == 403


def test_it_shows_an_office_only_its_own_people(client, world):
    office = client.as_(world.unit1)
    names = {one["username"] for one in office.get(PEOPLE).json["items"]}
    assert names == {"field1", "colleague", "commissioner1", "unit1"}
    assert office.get(f"{PEOPLE}/{world.field1.user_id}").status_code == 200
    foreign, unknown = office.get(f"{PEOPLE}/{world.field2.user_id}"), office.get(f"{PEOPLE}/{MISSING}")
    assert foreign.status_code == unknown.status_code == 404
    assert foreign.json["code"] == unknown.json["code"]


@pytest.mark.parametrize("person", ["unit1", "leader1", "inspector1"])
@pytest.mark.parametrize("action", ["posting", "password", "enrolments", "closing", "reopening"])
def test_it_lets_only_headquarters_act(client, world, person, action):
    body = {"unit_id": str(world.chiping.id), "from_on": "2026-06-01"} if action == "posting" else None
    answer = client.as_(getattr(world, person)).post(f"{PEOPLE}/{world.field1.user_id}/{action}", json=body)
    assert answer.status_code == 403


def test_it_opens_an_account_that_can_sign_in(client, world):
    made = client.as_(world.hq1).post(
        PEOPLE, json=newcomer(world, username="NewComer", password="blue horse on tuesday")
    )
    assert made.status_code == 201
    assert (made.json["username"], made.json["unit"]["name"], made.json["has_password"]) == (
        "newcomer",
        "茌平区",
        True,
    )
    assert "password_hash" not in made.text
    answer = client.post("/api/v1/sessions", json=credentials("newcomer"))
    assert (answer.status_code, answer.json["user"]["must_change_password"]) == (201, True)


@pytest.mark.parametrize(
    "facts",
    [
        {"username": "a b"},
        {"username": "x"},
        {"username": "../etc"},
        {"name": ""},
        {"name": None},
        {"roles": []},
        {"roles": ["king"]},
        {"roles": "field_staff"},
        {"phone": "call me"},
        {"password": "password2026"},
        {"is_admin": True},
        {"closed_at": None},
        {"unit_id": "not a uuid"},
        {"posted_on": "9999-01-01"},
    ],
)
def test_it_refuses_an_account_with(client, world, facts):
    assert client.as_(world.admin).post(PEOPLE, json=newcomer(world, **facts)).status_code == 422


def test_it_refuses_a_name_that_is_taken_and_a_unit_that_is_not_there(client, world):
    admin = client.as_(world.admin)
    assert admin.post(PEOPLE, json=newcomer(world, username="FIELD1")).status_code == 409
    assert admin.post(PEOPLE, json=newcomer(world, unit_id=MISSING)).status_code == 404


def test_it_lets_only_administrators_make_administrators(client, world):
    wanted = newcomer(world, roles=["administrator"])
    refused = client.as_(world.hq1).post(PEOPLE, json=wanted)
    assert (refused.status_code, refused.json["code"]) == (403, "may_not_administer")
    assert client.as_(world.admin).post(PEOPLE, json=wanted).status_code == 201


def test_it_finds_people_by_name_unit_and_role_page_by_page(client, world):
    hq = client.as_(world.hq1)

    def found(query):
        return [one["username"] for one in hq.get(f"{PEOPLE}?{query}").json["items"]]

    assert found("q=field") == ["field1", "field2"]
    assert found("q=%25") == []
    assert found(f"unit_id={world.chiping.id}") == ["field2", "unit2"]
    assert found("role=leader") == ["leader1"]
    first = hq.get(f"{PEOPLE}?limit=4")
    assert first.headers["Link"].endswith('rel="next"')
    rest = hq.get(f"{PEOPLE}?cursor={first.json['next_cursor']}")
    assert len(first.json["items"]) + len(rest.json["items"]) == 11
    assert rest.json["next_cursor"] is None


def test_it_amends_a_person(client, world):
    change = {
        "name": "王芳",
        "phone": "13800000000",
        "rank": None,
        "roles": ["site_commissioner", "field_staff"],
    }
    answer = client.as_(world.hq1).patch(f"{PEOPLE}/{world.field1.user_id}", json=change)
    assert (answer.status_code, answer.json["name"], answer.json["phone"]) == (200, "王芳", "13800000000")
    assert answer.json["roles"] == ["field_staff", "site_commissioner"]


@pytest.mark.parametrize("field", ["username", "unit_id", "password", "closed_at", "password_hash"])
def test_it_does_not_amend(client, world, field):
    answer = client.as_(world.admin).patch(f"{PEOPLE}/{world.field1.user_id}", json={field: None})
    assert answer.status_code == 422


def test_it_moves_a_person_from_a_day_on(client, world):
    today = local_date(now()).isoformat()
    move = {"unit_id": str(world.chiping.id), "from_on": today}
    answer = client.as_(world.hq1).post(f"{PEOPLE}/{world.field1.user_id}/posting", json=move)
    assert (answer.status_code, answer.json["unit"]["name"]) == (200, "茌平区")
    assert client.as_(world.field1).get("/api/v1/me").json["unit"]["name"] == "茌平区"
    earlier = {"unit_id": str(world.linqing.id), "from_on": "2021-01-01"}
    refused = client.as_(world.hq1).post(f"{PEOPLE}/{world.field1.user_id}/posting", json=earlier)
    assert (refused.status_code, refused.json["code"]) == (409, "posting_before_the_last")


def test_it_resets_a_password_and_ends_every_sign_in(client, session, world):
    give_password(session, world.field1)
    phone = client.as_(world.field1, device_id="phone-1")
    answer = client.as_(world.hq1).post(f"{PEOPLE}/{world.field1.user_id}/password")
    assert answer.status_code == 201
    assert phone.get("/api/v1/me").status_code == 401
    assert client.post("/api/v1/sessions", json=credentials("field1")).status_code == 401
    one_time = answer.json["one_time_password"]
    assert client.post("/api/v1/sessions", json=credentials("field1", one_time)).status_code == 201


def test_it_issues_a_pin_with_its_qr_code(client, world):
    answer = client.as_(world.hq1).post(f"{PEOPLE}/{world.field1.user_id}/enrolments")
    assert answer.status_code == 201
    pin = answer.json["pin"]
    assert answer.json["qr"] == f"http://localhost/m/#/enrol?pin={pin}"
    assert answer.json["qr_svg"].startswith("<svg")
    enrolled = client.post("/api/v1/sessions/enrol", json={"pin": pin, "device": PHONE})
    assert (enrolled.status_code, enrolled.json["user"]["name"]) == (201, "field1")


def test_it_closes_an_account_at_once_and_reopens_it(client, session, world):
    give_password(session, world.field1)
    phone, hq = client.as_(world.field1, device_id="phone-1"), client.as_(world.hq1)
    closed = hq.post(f"{PEOPLE}/{world.field1.user_id}/closing")
    assert closed.status_code == 200
    assert closed.json["closed_at"] is not None
    assert phone.get("/api/v1/me").status_code == 401
    assert "field1" in [one["username"] for one in hq.get(f"{PEOPLE}?closed=true").json["items"]]
    assert hq.post(f"{PEOPLE}/{world.field1.user_id}/enrolments").status_code == 409
    assert hq.post(f"{PEOPLE}/{world.field1.user_id}/password").status_code == 409
    assert hq.post(f"{PEOPLE}/{world.field1.user_id}/reopening").json["closed_at"] is None
    assert phone.get("/api/v1/me").status_code == 401
    assert client.post("/api/v1/sessions", json=credentials("field1")).status_code == 201


def test_it_lets_nobody_close_themselves(client, world):
    answer = client.as_(world.admin).post(f"{PEOPLE}/{world.admin.user_id}/closing")
    assert (answer.status_code, answer.json["code"]) == (409, "not_oneself")


def test_it_imports_people(client, world):
    text = "姓名,手机号,单位,角色\n张三,13800000001,茌平区,登门招商人员\n李四,13800000002,火星,外勤\n"
    hq = client.as_(world.hq1)
    answer = hq.post(f"{PEOPLE}/imports", data={"file": (io.BytesIO(text.encode()), "人员.csv")})
    assert (answer.json["opened"], answer.json["refused"]) == (1, 1)
    english = hq.post(
        f"{PEOPLE}/imports",
        data={"file": (io.BytesIO(text.encode()), "人员.csv")},
        headers={"Accept-Language": "en"},
    )
    assert english.json["unchanged"] == 1
    assert english.json["lines"][1]["reasons"] == ["There is no unit named 火星"]
