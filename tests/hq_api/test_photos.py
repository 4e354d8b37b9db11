"""Offices look at the photos of their units as a wall."""

import io
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from uuid import uuid4

import pytest

from service.evidence.assessing import assess_waiting_visits
from service.evidence.photo_wall import STATEMENTS_A_PAGE
from service.kernel.actor import Role
from service.photos.models import PhotoSource, PhotoState
from service.visits.models import ReviewState
from tests.factories.issues import event_body, issue_body
from tests.factories.photos import LONG_AGO, SCENE, add_claim, add_photo
from tests.factories.sites import add_site, checkin_body
from tests.factories.visits import add_enterprise, add_visit
from tests.support.counting import statements
from tests.support.world import add_person

PATH = "/api/hq/v1/photos"
DAY = timedelta(days=1)


@pytest.fixture
def enterprise(session):
    return add_enterprise(session, "信发集团")


@pytest.fixture
def pictured(session, world, enterprise):
    """A photo of a visit under review, and the visit."""

    def make(by=None, *, about=enterprise, received_at=None, **facts):
        who = by or world.field1
        usual = {"review_state": ReviewState.SUBMITTED}
        if received_at is not None:
            usual["received_at"] = received_at
        visit = add_visit(session, who, about, date(world.programme.year, 1, 5), **usual)
        photo = add_photo(session, who, **facts)
        visit.photo_ids = [photo.id]
        add_claim(session, who, visit.id, photo)
        session.commit()
        return photo, visit

    return make


def shown(client, query=""):
    answer = client.get(f"{PATH}?{query}")
    assert answer.status_code == 200, answer.json
    return answer.json["items"]


def ids(client, query=""):
    return {one["id"] for one in shown(client, query)}


def test_the_outsider_sees_no_photo(client, world, pictured):
    photo, _ = pictured()
    assert client.get(PATH).status_code == 401
    assert client.as_(world.field1).get(PATH).status_code == 403
    assert shown(client.as_(world.unit2)) == []
    assert client.as_(world.unit2).get(f"{PATH}?like={photo.id}").status_code == 404
    assert ids(client.as_(world.unit1)) == {str(photo.id)}


def test_it_shows_whose_a_photo_is_and_of_which_record(client, world, pictured, enterprise):
    made = {name: {"key": name, "width": 1, "height": 1, "size": 1} for name in ("thumb", "small")}
    photo, visit = pictured(renditions=made, sha256="a" * 64)
    (one,) = shown(client.as_(world.hq1))
    assert one["urls"] == {name: f"/api/v1/photos/{photo.id}/renditions/{name}" for name in made}
    assert (one["unit"]["name"], one["person"]["name"]) == ("东昌府区", "field1")
    assert (one["taken_at"], one["taken_on"]) == ("2026-01-05T02:00:00Z", "2026-01-05")
    assert one["sha256"] == "a" * 64
    assert one["records"] == [
        {
            "type": "visit",
            "id": str(visit.id),
            "number": visit.number,
            "review_state": "submitted",
            "issue_state": None,
            "enterprise": {"id": str(enterprise.id), "name": "信发集团"},
            "site": None,
            "url": f"/api/hq/v1/visits/{visit.id}",
        }
    ]
    assert (one["doubts"], one["near_duplicates"]) == ([], 0)
    assert client.as_(world.hq1).get(one["records"][0]["url"]).status_code == 200


def test_whoever_sees_a_photo_on_the_wall_may_open_its_pictures(client, world, pictured, store):
    made = {"thumb": {"key": "renditions/thumb", "width": 1, "height": 1, "size": 4}}
    photo, _ = pictured(renditions=made)
    picture = b"jpeg"
    facts = {"size": len(picture), "sha256": sha256(picture).hexdigest(), "content_type": "image/jpeg"}
    store.put("renditions/thumb", io.BytesIO(picture), **facts)
    for person in (world.hq1, world.unit1, world.leader1, world.inspector1):
        (one,) = shown(client.as_(person))
        assert client.as_(person).get(one["urls"]["thumb"]).status_code == 200
    assert client.as_(world.unit2).get(f"/api/v1/photos/{photo.id}/renditions/thumb").status_code == 404


def test_it_shows_a_free_entry_by_name_and_a_photo_without_a_record(client, world, session, pictured):
    alone = add_photo(session, world.field1, taken_at=LONG_AGO + DAY)
    _, visit = pictured(about=None)
    visit.free_enterprise = {"name": "某某公司"}
    session.commit()
    first, second = shown(client.as_(world.hq1))
    assert (first["id"], first["records"]) == (str(alone.id), [])
    assert second["records"][0]["enterprise"] == {"id": None, "name": "某某公司"}


def test_it_shows_no_photo_that_has_not_arrived(client, world, session):
    add_photo(session, world.field1, state=PhotoState.EXPECTED, received_at=None, developed_at=None)
    session.commit()
    assert shown(client.as_(world.hq1)) == []


def test_it_filters_by_whom_what_and_when(client, world, session, pictured, enterprise):
    mine, _ = pictured(taken_at=datetime(2026, 3, 1, 15, 59, 59, tzinfo=UTC))
    theirs, _ = pictured(world.field2, about=add_enterprise(session, "另一家"))
    site = add_site(session, world.dongchangfu)
    at_site = add_photo(session, world.commissioner1)
    session.commit()
    path, body = f"/api/v1/checkins/{uuid4()}", checkin_body(site, photo_ids=[str(at_site.id)])
    assert client.as_(world.commissioner1).put(path, json=body).status_code == 201
    hq = client.as_(world.hq1)
    for query, expected in (
        ("", [mine, theirs, at_site]),
        (f"unit={world.dongchangfu.id}", [mine, at_site]),
        (f"unit={world.city.id}", [mine, theirs, at_site]),
        (f"enterprise={enterprise.id}", [mine]),
        (f"site={site.id}", [at_site]),
        (f"person={world.field2.person_id}", [theirs]),
        ("from=2026-03-01&to=2026-03-02", [mine]),
        ("from=2026-03-02", []),
        ("to=2026-03-01", [theirs, at_site]),
        ("type=visit", [mine, theirs]),
        ("type=checkin", [at_site]),
        ("flag=doubt", []),
        (f"like={mine.id}", [mine]),
    ):
        assert ids(hq, query) == {str(one.id) for one in expected}, query
    (one,) = shown(hq, "type=checkin")
    assert one["records"][0]["site"] == {"id": str(site.id), "name": "一号工地"}
    assert hq.get(f"{PATH}?type=trip").status_code == 422
    assert hq.get(f"{PATH}?flag=ugly").status_code == 422


def test_it_finds_what_is_doubtful_about_photos(client, world, session, pictured):
    gallery, _ = pictured(source=PhotoSource.GALLERY)
    broken, _ = pictured(state=PhotoState.REJECTED)
    pictured()
    shown_by_id = {one["id"]: one["doubts"] for one in shown(client.as_(world.hq1), "flag=doubt")}
    assert shown_by_id == {str(gallery.id): ["photo_source"], str(broken.id): ["photo_missing"]}


def test_it_stacks_near_duplicates_and_finds_the_later_ones(client, world, session, pictured):
    first, _ = pictured(world.field2, difference_hash=SCENE, received_at=LONG_AGO - DAY)
    copy, _ = pictured(difference_hash=SCENE, sha256=first.sha256)
    alike, visit = pictured(difference_hash=SCENE ^ 0b111, taken_at=LONG_AGO + DAY)
    other = add_photo(session, world.field1, difference_hash=~SCENE)
    visit.photo_ids = [*visit.photo_ids, other.id]
    add_claim(session, world.field1, visit.id, other)
    session.flush()
    assess_waiting_visits(session)
    session.commit()
    hq = client.as_(world.hq1)
    found = {one["id"]: one for one in shown(hq, "flag=near_duplicate")}
    assert set(found) == {str(copy.id), str(alike.id)}
    assert [one["near_duplicates"] for one in found.values()] == [2, 2]
    assert ids(hq, f"like={copy.id}") == {str(one.id) for one in (first, copy, alike)}
    assert ids(hq, found[str(alike.id)]["near_duplicates_url"].partition("?")[2]) == {
        str(one.id) for one in (first, copy, alike)
    }
    assert "photo_bytes" in found[str(copy.id)]["doubts"]
    assert ids(hq, "flag=doubt") == {str(one.id) for one in (copy, alike, other)}
    counted = {one["id"]: one["near_duplicates"] for one in shown(client.as_(world.unit1))}
    assert counted == {str(copy.id): 1, str(alike.id): 1, str(other.id): 0}


def test_it_pages_by_key_and_answers_what_is_known_already(client, world, pictured):
    made = {str(pictured(taken_at=LONG_AGO + n % 2 * DAY)[0].id) for n in range(5)}
    hq, query, seen = client.as_(world.hq1), "limit=2", []
    answer = hq.get(f"{PATH}?{query}")
    again = hq.get(f"{PATH}?{query}", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304
    while True:
        seen += [one["id"] for one in answer.json["items"]]
        if answer.json["next_cursor"] is None:
            break
        answer = hq.get(f"{PATH}?{query}&cursor={answer.json['next_cursor']}")
    assert (len(seen), set(seen)) == (5, made)
    assert hq.get(f"{PATH}?cursor=x").status_code == 422


def test_it_takes_a_fixed_number_of_statements(client, world, session, pictured):
    hq = client.as_(world.hq1)
    empty = statements(session, lambda: hq.get(PATH))
    pictured(difference_hash=SCENE)
    few = statements(session, lambda: hq.get(PATH))
    for n in range(12):
        pictured(difference_hash=SCENE ^ (1 << n))
    assert statements(session, lambda: hq.get(PATH)) == few
    assert few - empty <= STATEMENTS_A_PAGE - 1


def test_it_takes_photos_of_a_withdrawn_checkin_as_withdrawn(client, world, session):
    site, photo = add_site(session, world.dongchangfu), add_photo(session, world.commissioner1)
    session.commit()
    phone, path = client.as_(world.commissioner1), f"/api/v1/checkins/{uuid4()}"
    phone.put(path, json=checkin_body(site, photo_ids=[str(photo.id)]))
    assert phone.post(f"{path}/withdrawal", json={"reason": "点错了"}).status_code == 200
    (one,) = shown(client.as_(world.hq1))
    assert one["records"][0]["review_state"] == "withdrawn"


@pytest.fixture
def problem(client, world, session):
    """A problem at a site, with a photo of its raiser and one of what the department did."""
    site = add_site(session, world.dongchangfu)
    raised, done = (add_photo(session, by) for by in (world.commissioner1, world.department1))
    session.commit()
    path = f"/api/v1/issues/{uuid4()}"
    body = issue_body(site, photo_ids=[str(raised.id)], call=[str(world.department.id)])
    assert client.as_(world.commissioner1).put(path, json=body).status_code == 201
    event = event_body("report_in", photo_ids=[str(done.id)])
    answer = client.as_(world.department1).post(f"{path}/events", json=event)
    return answer.json, site, raised, done


def test_it_names_the_problem_of_a_photo_and_of_what_was_done_about_it(client, world, session, problem):
    issue, site, raised, done = problem
    found = {one["id"]: one["records"] for one in shown(client.as_(world.hq1))}
    told = {
        "type": "issue",
        "id": issue["id"],
        "number": issue["number"],
        "review_state": None,
        "issue_state": "in_progress",
        "enterprise": None,
        "site": {"id": str(site.id), "name": "一号工地"},
        "url": f"/api/hq/v1/issues/{issue['id']}",
    }
    assert found == {str(raised.id): [told], str(done.id): [told]}
    assert client.as_(world.hq1).get(told["url"]).status_code == 200
    (mine,) = shown(client.as_(world.unit1))
    assert (mine["id"], mine["records"]) == (str(raised.id), [told])
    assert shown(client.as_(world.unit2)) == []


def test_it_filters_by_problems_as_by_visits_and_check_ins(client, world, session, problem, pictured):
    _, site, raised, done = problem
    enterprise, merged = add_enterprise(session, "并入"), add_enterprise(session, "原名")
    merged.merged_into_id = enterprise.id
    at_enterprise = add_photo(session, world.field2)
    visited, _ = pictured()
    body = issue_body(None, enterprise_id=str(merged.id), photo_ids=[str(at_enterprise.id)])
    assert client.as_(world.field2).put(f"/api/v1/issues/{uuid4()}", json=body).status_code == 201
    hq = client.as_(world.hq1)
    for query, expected in (
        ("type=issue", [raised, done, at_enterprise]),
        ("type=visit", [visited]),
        (f"site={site.id}", [raised, done]),
        (f"enterprise={enterprise.id}", [at_enterprise]),
        (f"type=issue&unit={world.chiping.id}", [at_enterprise]),
    ):
        assert ids(hq, query) == {str(one.id) for one in expected}, query
    (one,) = shown(hq, f"enterprise={enterprise.id}")
    assert one["records"][0]["enterprise"]["name"] == "原名"


def test_an_office_that_is_called_no_more_sees_its_photo_and_not_the_problem(client, world, session, problem):
    issue, _, _, done = problem
    office = client.as_(add_person(session, "office", world.department, Role.UNIT_OFFICE))
    assert [one["records"][0]["id"] for one in shown(office)] == [issue["id"]]
    event = {"kind": "assign", "lead_unit_id": str(world.chiping.id)}
    hq = client.as_(world.hq1)
    assert hq.post(f"/api/hq/v1/issues/{issue['id']}/events", json=event).status_code == 200
    assert [(one["id"], one["records"]) for one in shown(office)] == [(str(done.id), [])]
