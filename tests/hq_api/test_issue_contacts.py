"""Whom to ring about a problem: shown for a reason to those who work on it, noted, and masked again afterwards."""

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa

from service.accounts.models import User
from service.audit.models import AuditEntry
from service.issues.models import EventKind
from service.jobs.workshop import Workshop
from service.kernel.calendar import local_date
from service.kernel.clock import now
from service.kernel.ids import uuid7
from service.privacy.jobs import erase, search
from tests.factories.issues import add_issue, assign, event_body, happen, issue_body
from tests.factories.sites import add_assignment, add_site

DOORS = ("/api/hq/v1", "/api/v1")
REASON = {"reason": "联系现场送电"}
TOLD = "停电，请联系王五 13806351234"
MASKED = "停电，请联系王五 138****1234"


@pytest.fixture
def site(session, world):
    site = add_site(session, world.dongchangfu)
    add_assignment(session, world.commissioner1, site)
    session.commit()
    return site


@pytest.fixture
def issue_id(session, world, site):
    """Raised by `field1`, and not assigned yet."""
    issue_id = add_issue(session, world.field1, site, text=TOLD)
    session.commit()
    return issue_id


@pytest.fixture
def called(session, world, issue_id):
    assign(session, world.hq1, issue_id, world.department)
    session.commit()
    return issue_id


def status(client, door, person, issue_id):
    return client.as_(person).post(f"{door}/issues/{issue_id}/contacts", json=REASON).status_code


def looks(session):
    session.expire_all()
    found = sa.select(AuditEntry).where(AuditEntry.action == "issue.reveal_contacts").order_by(AuditEntry.id)
    return [(one.actor_id, one.subject_id, one.details) for one in session.scalars(found)]


@pytest.mark.parametrize("door", DOORS)
def test_nobody_outside_the_problem_learns_whom_to_ring(client, session, world, issue_id, door):
    assert client.post(f"{door}/issues/{issue_id}/contacts", json=REASON).status_code == 401
    for person in ("department1", "unit2"):
        assert status(client, door, getattr(world, person), issue_id) == 404, person
    assert status(client, door, world.hq1, uuid7()) == 404
    assert looks(session) == []


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("person", ["leader1", "commissioner1"])
def test_to_read_a_problem_is_not_enough(client, session, world, issue_id, door, person):
    """Leaders read all, and whoever looks after the site; neither calls anybody."""
    assert status(client, door, getattr(world, person), issue_id) == 403
    assert looks(session) == []


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("person", ["department1", "unit1", "hq1", "inspector1", "admin"])
def test_who_works_on_it_reads_them_and_is_noted(client, session, world, called, door, person):
    who = getattr(world, person)
    assert status(client, door, who, called) == 200
    assert looks(session) == [(who.person_id, str(called), REASON)]


def test_its_raiser_rings_whom_a_reply_names(client, session, world, called):
    happen(session, world.department1, called, EventKind.REPLY, text="请联系张工 13900002222")
    session.commit()
    raiser = client.as_(world.field1)
    assert "13900002222" not in raiser.get(f"/api/v1/issues/{called}").text
    told = raiser.post(f"/api/v1/issues/{called}/contacts", json=REASON).json
    assert [one["text"] for one in told["events"]] == ["请联系张工 13900002222"]
    assert looks(session) == [(world.field1.person_id, str(called), REASON)]


@pytest.mark.parametrize("door", DOORS)
def test_it_tells_the_words_as_they_were_written_and_whom_to_ring(client, session, world, called, door):
    session.get_one(User, world.field1.person_id).phone = "13700001111"
    plan = happen(session, world.hq1, called, EventKind.EXTEND, text="等李工 0635-8123456 的批文",
                  until_on=local_date(now()) + timedelta(days=90)).view.events[-1]  # fmt: skip
    happen(session, world.department1, called, EventKind.REPLY, text="已派人")
    session.commit()
    told = client.as_(world.unit1).post(f"{door}/issues/{called}/contacts", json=REASON).json
    assert told == {
        "id": str(called),
        "raiser": {"id": str(world.field1.person_id), "name": world.field1.name, "phone": "13700001111"},
        "text": TOLD,
        "extended_because": "等李工 0635-8123456 的批文",
        "withdrawn_because": None,
        "events": [{"id": str(plan.id), "text": "等李工 0635-8123456 的批文"}],
    }


def test_an_account_without_a_telephone_tells_none(client, world, called):
    told = client.as_(world.hq1).post(f"/api/hq/v1/issues/{called}/contacts", json=REASON).json
    assert told["raiser"]["phone"] is None


def test_a_supporting_department_rings_too_and_one_that_is_called_no_more_does_not(
    client, session, world, issue_id
):
    door = "/api/v1"
    assign(session, world.hq1, issue_id, world.dongchangfu, world.department)
    session.commit()
    assert status(client, door, world.department1, issue_id) == 200
    assign(session, world.hq1, issue_id, world.dongchangfu)
    session.commit()
    assert status(client, door, world.department1, issue_id) == 404


def test_nobody_is_rung_about_one_that_was_taken_back(client, world, called):
    phone = client.as_(world.field1)
    gone = phone.post(f"/api/v1/issues/{called}/withdrawal", json={"reason": "已自行解决"})
    assert gone.status_code == 200, gone.json
    for person in ("department1", "unit1", "field1"):
        assert status(client, "/api/v1", getattr(world, person), called) == 403, person
    assert status(client, "/api/v1", world.inspector1, called) == 200


@pytest.mark.parametrize("door", DOORS)
def test_it_is_masked_again_afterwards(client, world, called, door):
    department = client.as_(world.department1)
    path = f"{door}/issues/{called}"
    assert department.get(path).json["text"] == MASKED
    assert department.post(f"{path}/contacts", json=REASON).json["text"] == TOLD
    assert department.get(path).json["text"] == MASKED
    listed = department.get(f"{door}/issues", query_string={"box": "called"} if door == "/api/v1" else {})
    assert [one["text"] for one in listed.json["items"]] == [MASKED]


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize(
    "body",
    [
        {},
        {"reason": ""},
        {"reason": "\u200b \u200b\u2060\ufeff"},
        {"reason": "看"},
        {"reason": None},
        {"reason": "字" * 201},
    ],
)
def test_no_reason_no_contacts(client, session, world, called, door, body):
    answer = client.as_(world.hq1).post(f"{door}/issues/{called}/contacts", json=body)
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, "/reason")
    assert looks(session) == []


def test_inspectors_read_who_looked_and_why_and_each_look_is_one(client, world, called):
    for _ in range(2):
        assert status(client, "/api/v1", world.department1, called) == 200
    asked = {"subject_type": "issue", "subject_id": str(called), "action": "issue.reveal_contacts"}
    shown = client.as_(world.inspector1).get("/api/hq/v1/audit", query_string=asked).json["items"]
    assert [(one["actor_name"], one["details"]) for one in shown] == [(world.department1.name, REASON)] * 2
    assert all(one["at"] for one in shown)


def test_nothing_of_a_person_who_was_erased_is_left_to_be_revealed(
    client, session, world, site, settings, sessions, store
):
    """However the number was written: in the problem, in what it said before, in its withdrawal, and in each event."""
    raiser, issue_id = client.as_(world.commissioner1), uuid7()
    path = f"/api/v1/issues/{issue_id}"
    body = issue_body(site, text="联系王五１３８０６３５１２３４", call=[str(world.department.id)])
    assert raiser.put(path, json=body).status_code == 201
    edit = body | {"text": "联系王五 008613806351234", "base_rev": 1}
    assert raiser.put(path, json=edit).status_code == 200
    reply = event_body("reply", text="已约王五 138 0635 1234")
    assert client.as_(world.department1).post(f"{path}/events", json=reply).status_code == 200
    until_on = (local_date(now()) + timedelta(days=90)).isoformat()
    plan = event_body("extend", text="等王五（13806351234）的批文", until_on=until_on)
    assert client.as_(world.hq1).post(f"{path}/events", json=plan).status_code == 200
    gone = {"reason": "王五 13806351234 说已通电"}
    assert raiser.post(f"{path}/withdrawal", json=gone).status_code == 200

    workshop, hq = Workshop(settings, sessions, store), client.as_(world.hq1)
    asked = {"kind": "erasure", "name": "王五", "phone": "13806351234"}
    request_id = hq.post("/api/hq/v1/privacy/requests", json=asked).json["id"]
    search(workshop, request_id)
    granted = hq.post(f"/api/hq/v1/privacy/requests/{request_id}/decision", json={"granted": True})
    assert granted.status_code == 200
    erase(workshop, request_id)

    whole = hq.post(f"{path}/contacts", json=REASON).json
    assert whole["events"] == []
    card, history = hq.get(path).json, hq.get(f"{path}/revisions").json
    assert len(history["items"]) == 2
    # No shorter digits: hashes and ids hold any four of them now and then.
    assert not re.search("王五|13806351234|138 0635|0635 1234|０６３５|１２３４", f"{whole} {card} {history}")
