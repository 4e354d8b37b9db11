"""Problems where commits are commits: two who act at once, and what the raiser's phone pulls."""

from uuid import uuid4

import pytest

from service.kernel.actor import Role
from service.kernel.ids import uuid7
from service.photos.models import Photo, PhotoState
from tests.factories.issues import event_body, issue_body
from tests.factories.photos import add_photo
from tests.factories.sites import add_site, checkin_body
from tests.support.committed import at_once, committed_house
from tests.support.pulling import Pulled
from tests.support.world import add_person

SENDERS = 8


@pytest.fixture(scope="module")
def house(quiet_postgres_url, tmp_path_factory):
    with committed_house(quiet_postgres_url, tmp_path_factory.mktemp("house")) as made:
        yield made


@pytest.fixture(scope="module")
def site(house):
    with house.sessions.begin() as session:
        return add_site(session, house.world.dongchangfu)


@pytest.fixture
def raiser(house):
    with house.sessions.begin() as session:
        return add_person(session, f"p{uuid4()}", house.world.dongchangfu, Role.SITE_COMMISSIONER)


@pytest.fixture
def called(house, raiser, site):
    issue_id = uuid7()
    body = issue_body(site, call=[str(house.world.department.id)])
    house.phone(raiser).put(f"/api/v1/issues/{issue_id}", json=body)
    return issue_id


def officers(house, count):
    with house.sessions.begin() as session:
        made = [
            add_person(session, f"p{uuid4()}", house.world.department, Role.DEPARTMENT_OFFICER)
            for _ in range(count)
        ]
    return [house.phone(one) for one in made]


def test_of_many_that_send_one_problem_at_once_one_is_first_and_all_get_its_receipt(house, raiser, site):
    path, body = f"/api/v1/issues/{uuid7()}", issue_body(site, call=[str(house.world.department.id)])
    phones = [house.phone(raiser) for _ in range(SENDERS)]
    answers = at_once([lambda phone=phone: phone.put(path, json=body) for phone in phones])
    assert sorted(answer.status_code for answer in answers) == [200] * (SENDERS - 1) + [201]
    assert len({str(answer.json["receipt"]) for answer in answers}) == 1
    assert len(house.phone(raiser).get(path).json["events"]) == 1


def test_of_two_officers_who_report_in_at_once_the_second_is_told_the_state(house, called):
    path = f"/api/v1/issues/{called}/events"
    phones = officers(house, SENDERS)
    answers = at_once(
        [lambda phone=phone: phone.post(path, json=event_body("report_in")) for phone in phones]
    )
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * (SENDERS - 1)
    refused = [answer.json for answer in answers if answer.status_code == 409]
    assert {one["code"] for one in refused} == {"wrong_state"}
    assert {one["issue"]["state"] for one in refused} == {"in_progress"}
    assert {str(one["issue"]["may"]) for one in refused} == {"['reply', 'resolve']"}


def test_one_event_sent_by_many_lines_at_once_happens_once(house, called):
    path, event = f"/api/v1/issues/{called}/events", event_body("reply", text="已派人")
    (phone,) = officers(house, 1)
    answers = at_once([lambda: phone.post(path, json=event)] * SENDERS)
    assert {answer.status_code for answer in answers} == {200}
    assert sum("Idempotency-Replayed" in answer.headers for answer in answers) == SENDERS - 1
    kinds = [one["kind"] for one in phone.get(f"/api/v1/issues/{called}").json["events"]]
    assert kinds == ["assign", "reply"]


def test_of_two_confirmations_at_once_one_closes_it(house, raiser, called):
    (officer,) = officers(house, 1)
    for kind in ("report_in", "resolve"):
        officer.post(f"/api/v1/issues/{called}/events", json=event_body(kind, text="已送电"))
    path, phone = f"/api/v1/issues/{called}/events", house.phone(raiser)
    headquarters = house.phone(house.world.hq1)
    answers = at_once(
        [
            lambda: phone.post(path, json=event_body("confirm")),
            lambda: headquarters.post(path, json=event_body("confirm", text="电话核实")),
        ]
    )
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    assert phone.get(f"/api/v1/issues/{called}").json["state"] == "closed"


def test_of_two_offices_that_take_a_problem_out_of_one_check_in_the_second_is_told_of_the_first(
    house, raiser, site
):
    checkin_id = str(uuid7())
    told = checkin_body(site, note="【用电】三号塔吊没有电")
    house.phone(raiser).put(f"/api/v1/checkins/{checkin_id}", json=told)
    offices = [house.phone(house.world.hq1), house.phone(house.world.unit1)]
    answers = at_once(
        [lambda one=one: one.post("/api/hq/v1/issues", json={"checkin_id": checkin_id}) for one in offices]
    )
    assert sorted(answer.status_code for answer in answers) == [201, 409]
    made, refused = sorted((answer.json for answer in answers), key=lambda one: "code" in one)
    assert (refused["code"], refused["issue_id"]) == ("checkin_taken", made["id"])


def test_of_two_problems_that_are_each_said_to_be_part_of_the_other_one_stands(house, raiser, site):
    one, other = uuid7(), uuid7()
    phone, headquarters = house.phone(raiser), house.phone(house.world.hq1)
    for issue_id in (one, other):
        phone.put(f"/api/v1/issues/{issue_id}", json=issue_body(site))

    def merge(issue_id, into):
        event = event_body("void", text="同一问题", duplicate_of=str(into))
        return headquarters.post(f"/api/v1/issues/{issue_id}/events", json=event)

    answers = at_once([lambda: merge(one, other), lambda: merge(other, one)])
    assert sorted(answer.status_code for answer in answers) == [200, 422]
    states = [phone.get(f"/api/v1/issues/{issue_id}").json["state"] for issue_id in (one, other)]
    assert sorted(states) == ["raised", "voided"]


def test_an_edit_and_a_withdrawal_at_once_both_find_their_end(house, raiser, site):
    issue_id = uuid7()
    phone = house.phone(raiser)
    phone.put(f"/api/v1/issues/{issue_id}", json=issue_body(site))
    edit = issue_body(site, text="改", base_rev=1)
    answers = at_once(
        [
            lambda: phone.put(f"/api/v1/issues/{issue_id}", json=edit),
            lambda: phone.post(f"/api/v1/issues/{issue_id}/withdrawal", json={"reason": "填错"}),
        ]
    )
    assert {answer.status_code for answer in answers} <= {200, 409}
    assert phone.get(f"/api/v1/issues/{issue_id}").json["state"] == "withdrawn"


def test_the_raiser_pulls_a_problem_and_hears_what_becomes_of_it(house, raiser, called):
    phone = Pulled(house.phone(raiser))
    phone.all()
    assert phone.rows["issue", str(called)]["state"] == "called"
    (officer,) = officers(house, 1)
    officer.post(f"/api/v1/issues/{called}/events", json=event_body("report_in"))
    phone.all()
    assert phone.rows["issue", str(called)]["state"] == "in_progress"
    other = Pulled(house.phone(house.world.colleague))
    other.all()
    assert ("issue", str(called)) not in other.rows


def test_the_raiser_hears_when_the_photo_of_somebody_elses_event_arrives(house, raiser, called):
    phone, photo_id = Pulled(house.phone(raiser)), uuid7()
    (officer,) = officers(house, 1)
    event = event_body("report_in", photo_ids=[str(photo_id)])
    officer.post(f"/api/v1/issues/{called}/events", json=event)
    phone.all()
    assert phone.rows["issue", str(called)]["photos"]["received"] == 0
    with house.sessions.begin() as session:
        add_photo(session, house.world.department1, id=photo_id)
    phone.all()
    assert phone.rows["issue", str(called)]["photos"] == {"expected": 1, "received": 1, "missing": []}
    with house.sessions.begin() as session:
        session.get_one(Photo, photo_id).state = PhotoState.REJECTED
    assert [row["type"] for row in phone.all()] == ["issue"]
