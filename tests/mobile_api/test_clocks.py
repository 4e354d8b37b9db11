"""Phones with wrong clocks: every record is taken, shown with what is known of its time, and counted by its own day."""

import random
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
import sqlalchemy as sa
import time_machine

from service.kernel.calendar import local_date
from service.visits.models import Visit, VisitCredit
from tests.factories.sites import add_assignment, add_site, checkin_body
from tests.factories.submissions import visit_body
from tests.factories.visits import add_enterprise

NOON = datetime(2026, 6, 17, 4, tzinfo=UTC)
TEN_YEARS = timedelta(days=3653)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def phone(client, world):
    return client.as_(world.field1)


def put(phone, body, *, sent_at=None, visit_id=None):
    headers = {} if sent_at is None else {"X-Phone-Time": sent_at}
    return phone.put(f"/api/v1/visits/{visit_id or uuid4()}", json=body, headers=headers)


def text(moment):
    return moment.isoformat()


def clocks(wrong_by, *, age=timedelta(hours=2)):
    """What a phone whose clock is wrong by so much says of a capture `age` ago."""
    heard = NOON - age - timedelta(hours=5)
    return {
        "captured_at": text(NOON - age + wrong_by),
        "clock": {"server_time": text(heard), "elapsed_ms": 5 * 3_600_000},
    }


@pytest.mark.parametrize("years", [-10, -1, 0, 1, 10])
def test_a_clock_years_off_is_taken_shown_and_flagged(phone, client, world, years):
    wrong_by = years * TEN_YEARS / 10
    answer = put(phone, visit_body(visited_at=text(NOON - timedelta(hours=3)), **clocks(wrong_by)))
    visit = answer.get_json()
    assert answer.status_code == 201, visit
    assert visit["capture"] == {
        "claimed_at": (NOON - timedelta(hours=2) + wrong_by).isoformat().replace("+00:00", "Z"),
        "at": "2026-06-17T02:00:00Z",
        "earliest": "2026-06-17T01:59:54.400000Z",
        "latest": "2026-06-17T02:01:03.600000Z",
        "skew_s": wrong_by.total_seconds(),
        "basis": "monotonic",
    }
    skews = [(flag["value"], flag["limit"]) for flag in visit["flags"] if flag["code"] == "clock_skew"]
    assert skews == ([(round(wrong_by.total_seconds()), 600)] if years else [])
    shown = client.as_(world.hq1).get(f"/api/hq/v1/visits/{visit['id']}").get_json()
    assert shown["capture"] == visit["capture"]


@pytest.mark.parametrize(
    "year", ["0001-01-01T00:00:00+14:00", "1970-01-01T08:00:00+08:00", "2126-06-01T00:00:00Z"]
)
def test_a_phone_that_woke_in_another_century_loses_nothing(phone, year):
    answer = put(phone, visit_body(captured_at=year), sent_at=year)
    assert answer.status_code == 201, answer.get_json()
    visit = answer.get_json()
    assert (visit["capture"]["basis"], visit["visited_on"]) == ("sending_skew", "2026-06-17")
    assert [flag["code"] for flag in visit["flags"]] == ["clock_skew"]
    (revision,) = phone.get(f"/api/v1/visits/{visit['id']}/revisions").get_json()["items"]
    assert revision["body"]["captured_at"] == year


@pytest.mark.parametrize(
    "told",
    ["yesterday", 5, [], {"server_time": "soon"}, {"elapsed_ms": -1}, {"server_time": "2026-06-17T00:00:00"}],
)
def test_clocks_that_cannot_be_read_refuse_nothing(phone, told):
    answer = put(phone, visit_body(clock=told), sent_at="whenever")
    assert answer.status_code == 201, answer.get_json()
    assert [flag["code"] for flag in answer.get_json()["flags"]] == ["clock_unreadable"]


def test_the_visits_own_date_stays_under_the_rule(phone):
    answer = put(phone, visit_body(visited_at="1970-01-01T08:00:00+08:00"))
    assert answer.status_code == 422
    assert answer.get_json()["quarantine"]["id"]


def test_an_edit_carries_its_own_capture(phone):
    visit_id = uuid4()
    put(phone, visit_body(**clocks(TEN_YEARS)), visit_id=visit_id)
    edited = put(phone, visit_body(base_rev=1, summary="补充"), visit_id=visit_id).get_json()
    assert (edited["capture"]["basis"], edited["capture"]["skew_s"]) == ("phone_only", None)


def test_a_repeat_is_a_repeat_whatever_the_clock_says_meanwhile(phone):
    visit_id, body = uuid4(), visit_body()
    first = put(phone, body, sent_at="1970-01-01T00:00:00Z", visit_id=visit_id).get_json()
    again = put(phone, body, sent_at="2126-01-01T00:00:00Z", visit_id=visit_id)
    assert (again.status_code, again.get_json()["receipt"]) == (200, first["receipt"])
    assert again.get_json()["capture"] == first["capture"]


def test_checkins_are_told_the_same_way(phone, session, world):
    site = add_site(session, world.dongchangfu)
    add_assignment(session, world.field1, site)
    session.commit()
    body = checkin_body(site) | clocks(-TEN_YEARS)
    body["at"] = text(NOON - timedelta(hours=2))
    made = phone.put(f"/api/v1/checkins/{uuid4()}", json=body).get_json()
    assert (made["capture"]["basis"], made["capture"]["at"]) == ("monotonic", "2026-06-17T02:00:00Z")
    assert [flag["code"] for flag in made["flags"] if flag["code"].startswith(("clock", "recorded"))] == [
        "clock_skew"
    ]


@pytest.mark.parametrize("seed", range(4))
def test_order_and_figures_follow_the_visits_own_dates_and_no_clock(phone, session, seed):
    """Sorting or counting by any of the phone's times would show here: each visit has another wrong clock."""
    dice = random.Random(seed)
    moments = {}
    for day in dice.sample(range(120), 10):
        enterprise = add_enterprise(session, name=f"企业 {seed}-{day}")
        visited_at = NOON - timedelta(days=day, minutes=dice.randrange(1440))
        wrong_by = timedelta(seconds=dice.uniform(-1, 1) * TEN_YEARS.total_seconds())
        body = visit_body(enterprise_id=str(enterprise.id), visited_at=text(visited_at), **clocks(wrong_by))
        answer = put(phone, body, sent_at=text(NOON + wrong_by))
        assert answer.status_code == 201, answer.get_json()
        moments[answer.get_json()["id"]] = visited_at
    listed = [one["id"] for one in phone.get("/api/v1/visits").get_json()["items"]]
    assert listed == sorted(moments, key=moments.get, reverse=True)
    days = session.execute(sa.select(Visit.id, Visit.visited_on)).all()
    assert {str(one.id): one.visited_on for one in days} == {
        visit_id: local_date(moment) for visit_id, moment in moments.items()
    }
    credited = session.execute(sa.select(VisitCredit.visit_id, VisitCredit.visited_on)).all()
    assert all(local_date(moments[str(one.visit_id)]) == one.visited_on for one in credited)


def test_an_access_token_outlives_its_end_by_five_minutes_and_a_step_back(phone, clock):
    clock.shift(timedelta(minutes=34))
    assert phone.get("/api/v1/me").status_code == 200
    clock.shift(timedelta(minutes=2))
    assert phone.get("/api/v1/me").status_code == 401
    clock.shift(timedelta(hours=-2))
    assert phone.get("/api/v1/me").status_code == 200
