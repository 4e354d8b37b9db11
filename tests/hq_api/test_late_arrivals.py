"""A visit of last week that arrives today belongs to its own week, also when that week was over and reported."""

from uuid import uuid4

import pytest
import time_machine

from tests.factories.submissions import visit_body
from tests.factories.visits import add_enterprise

WEEKLY = "/api/hq/v1/progress/weekly?line=thousand"
MONDAY_AFTER = "2026-06-08T01:00:00+00:00"
"""The Monday after the week of 1 to 7 June."""


@pytest.fixture
def clock():
    with time_machine.travel("2026-06-05T04:00:00+00:00", tick=False) as traveller:
        yield traveller


@pytest.fixture
def enterprise(session):
    made = add_enterprise(session, well_known=True)
    session.commit()
    return made


@pytest.fixture
def hq(client, world):
    return client.as_(world.hq1)


def send(client, person, enterprise, visited_at, **facts):
    body = visit_body(
        enterprise_id=str(enterprise.id), visited_at=visited_at, captured_at=visited_at, **facts
    )
    visit_id = uuid4()
    answer = client.as_(person).put(f"/api/v1/visits/{visit_id}", json=body)
    assert answer.status_code == 201, answer.get_data(as_text=True)
    return str(visit_id)


def approve(hq, visit_id):
    decision = {"type": "visit", "id": visit_id, "rev": 1, "decision": "approve"}
    answer = hq.post("/api/hq/v1/reviews", json={"decisions": [decision]})
    assert answer.get_json()["results"][0]["status"] == "applied", answer.get_data(as_text=True)


def week(reader, start_on="2026-06-01", query=""):
    rows = reader.get(WEEKLY + query).get_json()["items"]
    return next(row for row in rows if row["start_on"] == start_on)


def test_a_closed_week_changes_and_says_so(client, world, hq, enterprise, clock):
    clock.move_to(MONDAY_AFTER)
    before = week(hq)
    assert (before["complete"], before["first_counted"], before["late"], before["latest_at"]) == (
        True,
        0,
        0,
        None,
    )
    visit_id = send(client, world.field1, enterprise, "2026-06-05T10:00:00+08:00")
    waiting = week(hq)
    assert (waiting["pending"], waiting["late"], waiting["latest_at"]) == (1, 1, "2026-06-08T01:00:00Z")
    approve(hq, visit_id)
    after = week(hq)
    assert (after["first_counted"], after["visits"], after["late"], after["complete"]) == (1, 1, 1, True)
    assert week(hq, "2026-06-08")["first_counted"] == 0
    listed = hq.get(after["late_url"]).get_json()["items"]
    assert [one["id"] for one in listed] == [visit_id]


@pytest.mark.parametrize(
    ("visited_at", "received_at", "late"),
    [
        ("2026-06-07T23:59:00+08:00", "2026-06-07T15:59:59+00:00", 0),  # Sunday night in Shanghai
        ("2026-06-07T23:59:00+08:00", "2026-06-07T16:00:00+00:00", 1),  # Monday 00:00 in Shanghai
        ("2026-06-01T00:00:00+08:00", "2026-06-07T15:59:00+00:00", 0),
        ("2026-06-01T00:00:00+08:00", "2026-08-20T01:00:00+00:00", 1),
    ],
)
def test_the_week_ends_on_sunday_at_midnight_in_shanghai(
    client, world, hq, enterprise, clock, visited_at, received_at, late
):
    clock.move_to(received_at)
    send(client, world.field1, enterprise, visited_at)
    assert week(hq)["late"] == late


def test_the_first_week_of_a_programme_is_cut_and_still_knows_its_late_visits(
    client, world, hq, enterprise, clock
):
    """1 January 2026 is a Thursday: the week began in the year before."""
    send(client, world.field1, enterprise, "2026-01-02T10:00:00+08:00")
    first = week(hq, "2026-01-01")
    assert (first["end_on"], first["late"]) == ("2026-01-05", 1)


def test_it_belongs_to_the_unit_of_its_visitor(client, world, hq, enterprise, clock):
    clock.move_to(MONDAY_AFTER)
    send(client, world.field1, enterprise, "2026-06-05T10:00:00+08:00")
    assert week(hq, query=f"&unit={world.dongchangfu.id}")["late"] == 1
    assert week(hq, query=f"&unit={world.chiping.id}")["late"] == 0
    assert week(client.as_(world.unit2))["late"] == 0


def test_what_is_withdrawn_is_no_late_visit(client, world, hq, enterprise, clock):
    clock.move_to(MONDAY_AFTER)
    visit_id = send(client, world.field1, enterprise, "2026-06-05T10:00:00+08:00")
    phone = client.as_(world.field1)
    assert phone.post(f"/api/v1/visits/{visit_id}/withdrawal", json={"reason": "记错"}).status_code == 200
    assert week(hq)["late"] == 0


def test_the_repeat_of_a_visit_that_came_in_time_is_not_late(client, world, hq, enterprise, clock):
    body = visit_body(
        enterprise_id=str(enterprise.id),
        visited_at="2026-06-05T10:00:00+08:00",
        captured_at="2026-06-05T10:00:00+08:00",
    )
    phone, visit_id = client.as_(world.field1), uuid4()
    phone.put(f"/api/v1/visits/{visit_id}", json=body)
    clock.move_to(MONDAY_AFTER)
    again = client.as_(world.field1).put(f"/api/v1/visits/{visit_id}", json=body)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert week(hq)["late"] == 0


def test_what_was_quarantined_in_time_and_repaired_late_counts_in_its_own_week_and_says_so(
    client, world, hq, enterprise, clock
):
    at = "2026-06-05T10:00:00+08:00"
    body = visit_body(enterprise_id=str(enterprise.id), visited_at=at, captured_at=at)
    visit_id = uuid4()
    phone = client.as_(world.field1)
    refused = phone.put(f"/api/v1/visits/{visit_id}", json=body | {"mode": "by_balloon"})
    kept_id = refused.get_json()["quarantine"]["id"]
    assert (week(hq)["pending"], week(hq)["late"]) == (0, 0)
    clock.move_to("2026-06-22T01:00:00+00:00")
    hq = client.as_(world.hq1)
    repair = {"how": "repair", "body": body}
    assert hq.post(f"/api/hq/v1/kept/{kept_id}/settlement", json=repair).status_code == 200
    shown = week(hq)
    assert (shown["pending"], shown["late"], shown["latest_at"]) == (1, 1, "2026-06-22T01:00:00Z")
    assert week(hq, "2026-06-22")["pending"] == 0
