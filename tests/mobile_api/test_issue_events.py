"""Phones deal with a problem: each event once, by whom it is, where it fits."""

from uuid import uuid4

import pytest

from service.issues.models import EventKind
from service.kernel.ids import uuid7
from tests.factories.issues import add_issue, assign, event_body, happen, issue_body
from tests.factories.sites import add_site


@pytest.fixture
def site(session, world):
    made = add_site(session, world.dongchangfu)
    session.commit()
    return made


@pytest.fixture
def called(session, world, site):
    """A problem of commissioner1's that calls the department."""
    issue_id = add_issue(session, world.commissioner1, site, call=[world.department])
    session.commit()
    return issue_id


@pytest.fixture
def raiser(client, world):
    return client.as_(world.commissioner1)


@pytest.fixture
def department(client, world):
    return client.as_(world.department1)


def post(phone, issue_id, kind, **facts):
    return phone.post(f"/api/v1/issues/{issue_id}/events", json=event_body(kind, **facts))


def test_it_goes_from_the_whistle_to_its_confirmation(raiser, department, called):
    assert post(department, called, "report_in").json["state"] == "in_progress"
    assert post(department, called, "reply", text="已派人").json["first_reply_at"]
    assert post(department, called, "resolve", text="已送电").json["state"] == "resolved"
    confirmed = post(raiser, called, "confirm", satisfied=True).json
    assert (confirmed["state"], confirmed["first_try"], confirmed["satisfied"]) == ("closed", True, True)
    assert [event["kind"] for event in confirmed["events"]] == [
        "assign",
        "report_in",
        "reply",
        "resolve",
        "confirm",
    ]
    assert confirmed["light"] is None


def test_the_raiser_sends_it_back_and_its_clock_does_not_start_anew(raiser, department, called):
    before = post(department, called, "report_in").json["due_at"]
    post(department, called, "resolve", text="已送电")
    reopened = post(raiser, called, "reopen", text="只送了半天").json
    assert (reopened["state"], reopened["first_try"], reopened["due_at"]) == ("in_progress", False, before)
    assert reopened["resolved_at"] is None
    post(department, called, "resolve", text="全天送电")
    assert post(raiser, called, "confirm", satisfied=False).json["satisfied"] is False


def test_the_same_event_again_changes_nothing(department, called):
    event = event_body("reply", text="已派人")
    path = f"/api/v1/issues/{called}/events"
    first = department.post(path, json=event)
    again = department.post(path, json=event)
    assert (first.status_code, again.status_code) == (200, 200)
    assert "Idempotency-Replayed" not in first.headers
    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.json["events"] == first.json["events"]


def test_a_repeat_shows_nothing_to_a_department_that_is_no_longer_called(session, world, department, called):
    event, path = event_body("reply", text="已派人"), f"/api/v1/issues/{called}/events"
    assert department.post(path, json=event).status_code == 200
    assign(session, world.hq1, called, world.zone)
    session.commit()
    again = department.post(path, json=event)
    assert (again.status_code, again.json["code"]) == (404, "unknown_issue")


def test_it_answers_a_repeat_even_after_the_state_has_moved_on(raiser, department, called):
    event = event_body("report_in")
    path = f"/api/v1/issues/{called}/events"
    department.post(path, json=event)
    post(department, called, "resolve", text="已送电")
    again = department.post(path, json=event)
    assert (again.status_code, again.headers["Idempotency-Replayed"]) == (200, "true")
    assert again.json["state"] == "resolved"


@pytest.mark.parametrize("other", [{"text": "别的"}, {"kind": "report_in"}, {"photo_ids": [str(uuid4())]}])
def test_other_content_under_a_known_event_id_is_refused(department, called, other):
    event = event_body("reply", text="已派人")
    path = f"/api/v1/issues/{called}/events"
    department.post(path, json=event)
    answer = department.post(path, json=event | other)
    assert (answer.status_code, answer.json["code"]) == (409, "event_id_taken")


def test_an_event_id_of_another_problem_or_person_is_taken(session, world, site, raiser, department, called):
    event = event_body("reply", text="已派人")
    department.post(f"/api/v1/issues/{called}/events", json=event)
    other = add_issue(session, world.commissioner1, site, call=[world.department])
    session.commit()
    answers = [
        department.post(f"/api/v1/issues/{other}/events", json=event),
        raiser.post(f"/api/v1/issues/{called}/events", json=event),
    ]
    assert {(answer.status_code, answer.json["code"]) for answer in answers} == {(409, "event_id_taken")}


def test_what_does_not_fit_is_told_where_it_is_and_what_one_may_do(department, raiser, called):
    answer = post(department, called, "resolve", text="已送电")
    assert (answer.status_code, answer.json["code"]) == (409, "wrong_state")
    assert answer.json["issue"] == {"id": str(called), "state": "called", "may": ["report_in", "reply"]}
    assert answer.json["detail"] == "该问题现在是“待报到”，不能“办结”；您可以：报到、反馈进展"
    nothing = post(raiser, called, "confirm")
    assert nothing.json["issue"]["may"] == []


def test_a_second_report_in_of_the_same_department_is_told_the_state(department, called):
    post(department, called, "report_in")
    again = post(department, called, "report_in")
    assert (again.status_code, again.json["issue"]["may"]) == (409, ["reply", "resolve"])


@pytest.mark.parametrize("kind", ["report_in", "reply", "resolve", "assign", "supervise", "extend", "void"])
def test_what_is_not_for_the_raiser_to_do_is_forbidden(raiser, called, kind):
    answer = post(raiser, called, kind, text="x", lead_unit_id=str(uuid4()), until_on="2030-01-01")
    assert (answer.status_code, answer.json["code"]) == (403, "may_not_act")


@pytest.mark.parametrize(
    ("kind", "pointer"), [("reply", "/text"), ("resolve", "/text"), ("reply_blank", "/text")]
)
def test_a_department_says_in_words_what_it_did(department, called, kind, pointer):
    post(department, called, "report_in")
    answer = post(department, called, kind.removesuffix("_blank"), text="" if "blank" in kind else None)
    assert (answer.status_code, answer.json["code"]) == (422, "bad_issue_event")
    assert [one["pointer"] for one in answer.json["errors"]] == [pointer]


@pytest.mark.parametrize(
    ("facts", "pointer"),
    [({"kind": "dance"}, "/kind"), ({"id": "7"}, "/id"), ({"satisfied": "maybe"}, "/satisfied")],
)
def test_what_cannot_be_read_is_pointed_at(department, called, facts, pointer):
    answer = department.post(f"/api/v1/issues/{called}/events", json=event_body("reply", text="x") | facts)
    assert answer.status_code == 422
    assert [one["pointer"] for one in answer.json["errors"]] == [pointer]


def test_a_phone_with_its_clock_in_1970_reports_in_all_the_same(department, called):
    answer = post(department, called, "report_in", at="1970-01-01T00:00:00+08:00")
    assert answer.status_code == 200
    assert answer.json["calls"][0]["in_time"] is True


def test_a_units_office_assigns_and_asks_for_the_lead(client, world, raiser, site):
    issue_id = uuid7()
    raiser.put(f"/api/v1/issues/{issue_id}", json=issue_body(site))
    office = client.as_(world.unit1)
    missing = post(office, issue_id, "assign")
    assert [one["pointer"] for one in missing.json["errors"]] == ["/lead_unit_id"]
    unknown = post(office, issue_id, "assign", lead_unit_id=str(uuid4()))
    assert [one["pointer"] for one in unknown.json["errors"]] == ["/lead_unit_id"]
    made = post(
        office,
        issue_id,
        "assign",
        lead_unit_id=str(world.department.id),
        support_unit_ids=[str(world.zone.id)],
        severity="major",
    ).json
    assert (made["state"], made["severity"], made["lead"]["name"]) == ("called", "major", "市自然资源局")
    assert made["events"][0]["facts"]["because"] == "decision"


def test_headquarters_confirms_for_the_raiser_with_a_reason(client, world, session, called):
    for kind in (EventKind.REPORT_IN, EventKind.RESOLVE):
        happen(session, world.department1, called, kind)
    session.commit()
    headquarters = client.as_(world.hq1)
    assert post(headquarters, called, "confirm").status_code == 422
    made = post(headquarters, called, "confirm", text="专员已调离，电话核实").json
    assert (made["state"], made["events"][-1]["by"]["name"]) == ("closed", "hq1")
