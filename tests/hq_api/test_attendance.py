"""Offices see which sites were signed for, day by day."""

from datetime import UTC, date, datetime
from uuid import uuid4

import pytest
import time_machine

from service.checkins.attendance import STATEMENTS
from service.projects.models import Duty
from service.submissions.review_states import ReviewState
from tests.factories.sites import add_assignment, add_checkin, add_site, add_station
from tests.support.counting import statements

PATH = "/api/hq/v1/sites/attendance"
TODAY = datetime(2026, 10, 15, 8, tzinfo=UTC)  # a Thursday, 16:00 in Shanghai; 1 to 7 October are holidays
OPENED = datetime(2026, 9, 1, tzinfo=UTC)
SPAN = "from=2026-10-08&to=2026-10-17"
EIGHT_TO_SIXTEEN = range(8, 17)


@pytest.fixture
def staffed(session, world):
    """A site since September with a commissioner."""

    def make(unit=None, name="一号工地", duty=Duty.SITE_COMMISSIONER, **facts):
        site = add_site(session, unit or world.dongchangfu, name)
        site.created_at = OPENED
        add_assignment(session, world.commissioner1, site, duty=duty, **facts)
        session.commit()
        return site

    return make


@pytest.fixture
def signs(session, world):
    """A check-in at a site at noon of an October day."""

    def make(site, day, by=None, **facts):
        at = datetime(2026, 10, day, 4, tzinfo=UTC)
        add_checkin(session, by or world.commissioner1, site, at, **facts)
        session.commit()

    return make


@pytest.fixture
def table(client, world):
    """What somebody reads in the middle of October."""

    def read(query=SPAN, person=None):
        with time_machine.travel(TODAY, tick=False):
            answer = client.as_(person or world.hq1).get(f"{PATH}?{query}")
        assert answer.status_code == 200, answer.json
        return answer.json

    return read


def states(row):
    return [one["state"] for one in row["days"]]


def test_the_outsider_sees_no_site(client, world, table, staffed):
    staffed()
    assert client.get(PATH).status_code == 401
    assert client.as_(world.commissioner1).get(PATH).status_code == 403
    assert table(person=world.unit2)["items"] == []
    assert len(table(person=world.unit1)["items"]) == 1


def test_it_tells_each_day_and_adds_it_up(table, staffed, signs):
    site = staffed()
    for day in (9, 9, 11, 13):  # the 10th is a Saturday that is worked, the 11th a Sunday
        signs(site, day)
    found = table()
    (row,) = found["items"]
    assert dict(zip(EIGHT_TO_SIXTEEN, states(row), strict=True)) == {
        8: "absent",
        9: "signed",
        10: "absent",
        11: "signed",
        12: "absent",
        13: "signed",
        14: "absent",
        15: "not_yet",
        16: "not_yet",
    }
    assert [one["checkins"] for one in row["days"]][:4] == [0, 2, 0, 1]
    assert (row["signed_days"], row["expected_days"]) == (3, 7)
    assert (row["month_signed_days"], row["month_expected_days"]) == (3, 7)
    assert (row["unsigned_in_a_row"], row["last_signed_on"]) == (1, "2026-10-13")
    assert [one["name"] for one in row["people"]] == ["commissioner1"]
    assert found["as_of"] == "2026-10-15"
    assert found["on_last_day"] == {"sites": 1, "expected": 1, "signed": 0, "unsigned": 1}
    working = {one["on"][-2:]: one["working"] for one in found["calendar"]}
    assert [day for day, is_worked in working.items() if not is_worked] == ["11"]
    assert all(one["certain"] for one in found["calendar"])


def test_its_numbers_open_their_records(client, world, table, staffed, signs):
    site = staffed()
    signs(site, 9)
    signs(site, 9)
    signs(site, 12)
    (row,) = table()["items"]
    records = client.as_(world.hq1).get(row["records_url"]).json["items"]
    assert {one["on_day"] for one in records} == {"2026-10-09", "2026-10-12"}
    assert len(records) == sum(one["checkins"] for one in row["days"]) == 3
    of_month = client.as_(world.hq1).get(row["month_records_url"]).json["items"]
    assert len({one["on_day"] for one in of_month}) == row["month_signed_days"] == 2


@pytest.mark.parametrize(
    "facts",
    [
        {"withdrawn_at": OPENED},
        {"review_state": ReviewState.RETURNED},
        {"review_state": ReviewState.VOIDED},
    ],
)
def test_a_checkin_that_does_not_stand_signs_nothing(client, world, table, staffed, signs, facts):
    site = staffed()
    signs(site, 9, **facts)
    (row,) = table()["items"]
    assert "signed" not in states(row)
    assert (row["last_signed_on"], row["signed_days"]) == (None, 0)
    assert client.as_(world.hq1).get(row["records_url"]).json["items"] == []


def test_nobody_is_expected_where_nobody_is_stationed(session, world, table, staffed):
    staffed(duty=Duty.SPONSOR, name="包联")
    ends = staffed(name="到期", until_on=date(2026, 10, 10))
    stationed = add_site(session, world.dongchangfu, "驻点")
    stationed.created_at = OPENED
    add_station(session, world.dongchangfu, stationed).created_at = datetime(2026, 10, 12, tzinfo=UTC)
    session.commit()
    rows = {row["site"]["name"]: row for row in table()["items"]}
    assert set(states(rows["包联"])) == {"not_expected"}
    assert states(rows["到期"])[:3] == ["absent", "absent", "not_expected"]
    assert rows["到期"]["people"] == []
    assert states(rows["驻点"])[3:6] == ["not_expected", "absent", "absent"]
    assert ends.id is not None


def test_it_puts_the_longest_unsigned_first_and_keeps_zeros(table, staffed, signs, world):
    fresh, never, late = staffed(name="甲"), staffed(name="乙"), staffed(name="丙")
    empty = staffed(name="丁", duty=Duty.SPONSOR)
    signs(fresh, 14)
    signs(late, 9)
    rows = table()["items"]
    assert [row["site"]["id"] for row in rows] == [str(one.id) for one in (never, late, empty, fresh)]
    assert [row["unsigned_in_a_row"] for row in rows] == [28, 4, 0, 0]  # 22 in September


def test_a_site_is_expected_from_its_opening_until_its_closing(session, table, staffed):
    site = staffed()
    site.created_at = datetime(2026, 10, 8, 17, tzinfo=UTC)  # the 9th in Shanghai
    site.closed_at = datetime(2026, 10, 13, 2, tzinfo=UTC)
    session.commit()
    (row,) = table()["items"]
    assert states(row)[:6] == ["not_expected", "absent", "absent", "rest_day", "absent", "not_expected"]
    assert table("from=2026-10-14&to=2026-10-20")["items"] == []


def test_it_takes_this_month_and_a_unit(world, table, staffed):
    staffed()
    staffed(world.chiping, "茌平")
    found = table("")
    assert (found["from"], found["to"]) == ("2026-10-01", "2026-10-16")
    assert len(table(f"{SPAN}&unit={world.city.id}")["items"]) == 2
    (row,) = table(f"{SPAN}&unit={world.chiping.id}")["items"]
    assert row["site"]["name"] == "茌平"


@pytest.mark.parametrize(
    "query", ["from=2026-10-10&to=2026-10-10", "from=2026-01-01&to=2026-12-31", "hours=8"]
)
def test_it_refuses_other_spans(client, world, query):
    assert client.as_(world.hq1).get(f"{PATH}?{query}").status_code == 422


def test_it_pages_and_takes_a_fixed_number_of_statements(client, session, world, table, staffed, signs):
    sites = [staffed(name=f"工地{n}") for n in range(5)]
    first = table(f"{SPAN}&limit=2")
    rest = table(f"{SPAN}&limit=9&cursor={first['next_cursor']}")
    names = [row["site"]["name"] for row in (*first["items"], *rest["items"])]
    assert sorted(names) == [one.name for one in sites]
    assert rest["next_cursor"] is None
    assert first["on_last_day"]["sites"] == 5
    hq = client.as_(world.hq1)
    few = statements(session, lambda: hq.get(f"{PATH}?{SPAN}&limit=1"))
    for site in sites:
        signs(site, 12)
    many = statements(session, lambda: hq.get(f"{PATH}?{SPAN}"))
    assert many == few
    of_one = statements(session, lambda: hq.get(f"/api/hq/v1/checkins/{uuid4()}"))
    assert many - of_one == STATEMENTS - 1


def test_a_day_signed_by_another_unit_opens_its_record_for_the_office_of_the_site(
    client, world, table, staffed, signs
):
    site = staffed()
    signs(site, 9, by=world.field2)
    (row,) = table(person=world.unit1)["items"]
    assert row["signed_days"] == 1
    office = client.as_(world.unit1)
    assert len(office.get(row["records_url"]).json["items"]) == 1
    assert len(office.get(row["month_records_url"]).json["items"]) == 1
    assert client.as_(world.unit2).get(row["records_url"]).json["items"][0]["user"]["name"] == "field2"
    assert office.get("/api/hq/v1/checkins").json["items"] == []
