from datetime import date

import pytest
import time_machine

PATH = "/api/hq/v1/events"


@pytest.fixture(autouse=True)
def today():
    with time_machine.travel("2026-11-21T04:00:00+00:00", tick=False):
        yield


@pytest.fixture
def body(world):
    return {
        "programme_id": str(world.programme.id),
        "name": "产业招商大会",
        "prepares_on": "2026-11-01",
        "held_on": "2026-12-20",
    }


@pytest.fixture
def event(client, world, body):
    answer = client.as_(world.hq1).post(PATH, json=body)
    assert answer.status_code == 201
    return answer.json


@pytest.mark.parametrize("who", ["field1", "unit1", "commissioner1"])
def test_it_shows_no_event_to_people_of_a_unit(client, world, event, who):
    assert client.as_(getattr(world, who)).get(PATH).status_code == 403


def test_it_lets_a_leader_read_and_not_write(client, world, event, body):
    leader = client.as_(world.leader1)
    assert [one["id"] for one in leader.get(PATH).json["items"]] == [event["id"]]
    assert leader.post(PATH, json=body).status_code == 403
    assert leader.patch(f"{PATH}/{event['id']}", json={"name": "大会"}).status_code == 403


def test_it_moves_and_cancels_an_event(client, world, event):
    path = f"{PATH}/{event['id']}"
    moved = client.as_(world.hq1).patch(path, json={"held_on": "2026-12-25"}).json
    assert (moved["held_on"], moved["name"], moved["cancelled_at"]) == ("2026-12-25", event["name"], None)
    cancelled = client.as_(world.hq1).patch(path, json={"cancelled": True}).json
    assert cancelled["cancelled_at"] is not None


def test_it_refuses_days_in_the_wrong_order(client, world, event, body):
    answer = client.as_(world.hq1).post(PATH, json=body | {"held_on": "2026-11-01"})
    assert (answer.status_code, answer.json["code"]) == (422, "bad_event")
    assert [one["pointer"] for one in answer.json["errors"]] == ["/held_on"]


def test_it_pages_its_list(client, world, event, body):
    client.as_(world.hq1).post(PATH, json=body | {"held_on": "2027-03-01", "name": "招商周"})
    first = client.as_(world.hq1).get(f"{PATH}?limit=1").json
    second = client.as_(world.hq1).get(f"{PATH}?limit=1&cursor={first['next_cursor']}").json
    assert [first["items"][0]["name"], second["items"][0]["name"]] == ["招商周", "产业招商大会"]


def test_it_drafts_a_count_down(client, world, event):
    order = {"kind": "event_countdown", "on": str(date(2026, 11, 21)), "event_id": event["id"]}
    answer = client.as_(world.hq1).post("/api/hq/v1/reports", json=order)
    assert answer.status_code == 201
    assert answer.json["title"].startswith("产业招商大会倒计时29天")
    assert answer.json["event_id"] == event["id"]
    for cell in (
        cell for table in answer.json["figures"]["tables"].values() for row in table["rows"] for cell in row
    ):
        if cell.get("url"):
            assert client.as_(world.hq1).get(cell["url"]).status_code == 200


def test_it_refuses_a_count_down_without_an_event(client, world, event):
    answer = client.as_(world.hq1).post(
        "/api/hq/v1/reports", json={"kind": "event_countdown", "on": "2026-11-21"}
    )
    assert (answer.status_code, answer.json["code"]) == (422, "event_missing")


def test_it_refuses_a_ranking_before_a_board_is_published(client, world, event):
    answer = client.as_(world.hq1).post(
        "/api/hq/v1/reports", json={"kind": "quarterly_board", "on": "2026-09-30"}
    )
    assert (answer.status_code, answer.json["code"]) == (409, "nothing_published")
