"""The help list: who may need help with a phone, unit by unit, the longest waiting first."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
import sqlalchemy as sa

from service.accounts.devices import revoke_device
from service.http.work import House, install
from service.kernel.clock import now
from service.outboxes.models import Heartbeat
from tests.factories.issues import issue_body
from tests.factories.sites import add_site
from tests.factories.submissions import visit_body
from tests.support.photos import announcement, picture

OUTBOXES, UNITS, MISSING = "/api/hq/v1/outboxes", "/api/hq/v1/outboxes/units", "/api/hq/v1/photos/missing"


def beat(client, person, device_id, **facts):
    body = {"pending_records": 0, "pending_photos": 0} | facts
    answer = client.as_(person, device_id=device_id).post("/api/v1/heartbeats", json=body)
    assert answer.status_code == 200, answer.get_data(as_text=True)


def ago(**time):
    return (now() - timedelta(**time)).isoformat()


@pytest.fixture
def hq(client, world):
    return client.as_(world.hq1)


def people(reader, query=""):
    return reader.get(OUTBOXES + query).get_json()["items"]


@pytest.mark.parametrize("person", ["field1", "commissioner1", "department1", "leader1", "inspector1"])
@pytest.mark.parametrize("path", [OUTBOXES, UNITS, MISSING, "/api/hq/v1/recalls"])
def test_only_those_who_help_come_in(client, world, person, path):
    assert client.as_(getattr(world, person)).get(path).status_code == 403
    assert client.get(path).status_code == 401


def test_it_names_nobody_who_has_sent_everything(client, world, hq):
    beat(client, world.field1, "a")
    client.as_(world.field2, device_id="b").put(f"/api/v1/visits/{uuid4()}", json=visit_body())
    assert people(hq) == []
    assert {unit["people"] for unit in hq.get(UNITS).get_json()["items"]} == {0}


def test_it_lists_people_by_unit_and_by_who_waits_longest(client, world, hq):
    beat(client, world.field2, "f2", pending_records=90, oldest_pending_at=ago(days=30))
    beat(client, world.field1, "f1", pending_records=1, oldest_pending_at=ago(days=1))
    beat(client, world.colleague, "c1", pending_photos=2, oldest_pending_at=ago(days=9))
    listed = people(hq)
    assert [one["person_name"] for one in listed] == ["colleague", "field1", "field2"]
    assert (listed[2]["pending_records"], listed[2]["pending_photos"]) == (90, 0)
    assert listed[2]["last_contact_at"] is not None
    assert all("score" not in one and "rank" not in one for one in listed)
    first = hq.get(f"{OUTBOXES}?limit=2").get_json()
    rest = hq.get(f"{OUTBOXES}?limit=2&cursor={first['next_cursor']}").get_json()
    assert [one["person_name"] for one in (*first["items"], *rest["items"])] == [
        "colleague",
        "field1",
        "field2",
    ]
    assert rest["next_cursor"] is None
    assert hq.get(f"{OUTBOXES}?cursor=W10").status_code == 422


def test_a_phone_whose_clock_is_ten_years_off_waits_no_longer_for_that(client, world, hq):
    """It is no reason to stand first in the list, nor to be told that one waits since 2016."""
    behind, long_ago = ago(days=3650), ago(days=3652)
    facts = {"pending_records": 1, "pending_photos": 0, "oldest_pending_at": long_ago}
    told = client.as_(world.field1, device_id="f1")
    told.post("/api/v1/heartbeats", json=facts, headers={"X-Phone-Time": behind})
    beat(client, world.colleague, "c1", pending_records=1, oldest_pending_at=long_ago)
    listed = {one["person_name"]: one["oldest_waiting_at"] for one in people(hq)}
    assert list(listed) == ["field1", "colleague"]
    assert ago(days=2, minutes=1) < listed["field1"] < ago(days=1)
    assert ago(minutes=1) < listed["colleague"]


def test_an_office_sees_its_own_people_alone(client, world):
    beat(client, world.field1, "f1", pending_records=1)
    beat(client, world.field2, "f2", pending_records=1)
    office = client.as_(world.unit1)
    assert [one["person_name"] for one in people(office)] == ["field1"]
    assert people(office, f"?unit={world.chiping.id}") == []
    names = [unit["name"] for unit in office.get(UNITS).get_json()["items"]]
    assert names == ["东昌府区", "古楼街道"]


def test_it_adds_up_a_persons_phones_and_says_what_may_be_in_the_way(client, world, hq, session):
    beat(client, world.field1, "old", pending_records=2, free_disk_bytes=1024, background_restricted=True)
    beat(client, world.field1, "new", pending_photos=4, app_version="3.1", model="Mate 60")
    session.execute(
        sa.update(Heartbeat)
        .where(Heartbeat.device_id == "old")
        .values(reported_at=now() - timedelta(days=3), pending_since_at=now() - timedelta(days=4))
    )
    revoke_device(session, world.admin, "old")
    session.commit()
    (person,) = people(hq)
    assert (person["pending_records"], person["pending_photos"]) == (2, 4)
    new, old = person["phones"]
    assert (new["device_id"], new["model"], new["is_silent"], new["hints"]) == ("new", "Mate 60", False, [])
    assert [hint["code"] for hint in old["hints"]] == [
        "cut_off",
        "silent",
        "disk_low",
        "background_restricted",
    ]
    assert all(hint["text"] for hint in old["hints"])
    (unit,) = [one for one in hq.get(UNITS).get_json()["items"] if one["name"] == "东昌府区"]
    assert (unit["people"], unit["pending_records"], unit["pending_photos"], unit["silent_phones"]) == (
        1,
        2,
        4,
        1,
    )


def test_a_phone_whose_clock_runs_ahead_waits_from_its_own_word_on(client, world, hq):
    beat(client, world.field1, "f1", pending_records=1, oldest_pending_at="2036-01-01T00:00:00Z")
    (person,) = people(hq)
    assert person["oldest_waiting_at"] < (now() + timedelta(minutes=1)).isoformat()


def test_it_counts_what_waits_to_be_settled(client, world, hq):
    phone = client.as_(world.field1)
    visit_id = uuid4()
    phone.put(f"/api/v1/visits/{visit_id}", json=visit_body())
    phone.put(f"/api/v1/visits/{visit_id}", json=visit_body(summary="另一份"))
    phone.put(f"/api/v1/visits/{uuid4()}", json={"mode": "by magic"})
    (person,) = people(hq)
    assert person["kept"] == {"quarantined": 1, "conflicts": 1, "unpermitted": 0, "id_taken": 0}
    (unit,) = [one for one in hq.get(UNITS).get_json()["items"] if one["name"] == "东昌府区"]
    assert unit["kept_open"] == 2


def test_it_lists_photos_that_were_announced_or_only_named(client, world, hq):
    phone = client.as_(world.field1, device_id="f1")
    content = picture()
    announced = announcement(content)
    phone.post("/api/v1/photos", json=announced)
    named, visit_id = str(uuid4()), uuid4()
    made = phone.put(
        f"/api/v1/visits/{visit_id}", json=visit_body(photo_ids=[announced["id"], named])
    ).get_json()
    listed = hq.get(MISSING).get_json()["items"]
    assert [(one["id"], one["announced"], one["device_id"]) for one in listed] == [
        (announced["id"], True, "f1"),
        (named, False, None),
    ]
    assert {one["record"]["number"] for one in listed} == {made["number"]}
    (person,) = people(hq)
    assert person["photos_awaited"] == 2
    assert len(hq.get(person["photos_url"]).get_json()["items"]) == 2
    assert client.as_(world.unit2).get(MISSING).get_json()["items"] == []
    page = hq.get(f"{MISSING}?limit=1").get_json()
    rest = hq.get(f"{MISSING}?limit=1&cursor={page['next_cursor']}").get_json()
    assert [page["items"][0]["id"], rest["items"][0]["id"]] == [announced["id"], named]


def test_it_asks_for_no_photo_that_arrived_or_whose_record_was_withdrawn(client, world, hq):
    phone = client.as_(world.field1)
    content = picture()
    announced = announcement(content)
    phone.post("/api/v1/photos", json=announced)
    phone.put(f"/api/v1/photos/{announced['id']}/content", data=content)
    visit_id, named = uuid4(), str(uuid4())
    phone.put(f"/api/v1/visits/{visit_id}", json=visit_body(photo_ids=[announced["id"], named]))
    phone.post(f"/api/v1/photos/{announced['id']}/complete")
    assert [one["id"] for one in hq.get(MISSING).get_json()["items"]] == [named]
    phone.post(f"/api/v1/visits/{visit_id}/withdrawal", json={"reason": "记错了"})
    assert hq.get(MISSING).get_json()["items"] == []
    assert people(hq) == []


def test_it_asks_for_the_photos_of_a_problem_until_it_is_taken_back(client, session, world, hq):
    phone, named = client.as_(world.commissioner1), str(uuid4())
    site = add_site(session, world.dongchangfu)
    session.commit()
    path = f"/api/v1/issues/{uuid4()}"
    made = phone.put(path, json=issue_body(site, photo_ids=[named])).get_json()
    (awaited,) = hq.get(MISSING).get_json()["items"]
    assert (awaited["id"], awaited["record"]["type"], awaited["record"]["number"]) == (
        named,
        "issue",
        made["number"],
    )
    phone.post(f"{path}/withdrawal", json={"reason": "已自行解决"})
    assert hq.get(MISSING).get_json()["items"] == []


@pytest.mark.parametrize(
    ("version", "too_old"), [("1.9", True), ("2.0", False), (None, False), ("beta", False)]
)
def test_it_says_when_the_app_is_too_old(client, world, hq, app, settings, sessions, store, version, too_old):
    install(app, House(replace(settings, oldest_app="2.0"), None, sessions, store))
    beat(client, world.field1, "f1", pending_records=1, app_version=version)
    (phone,) = people(hq)[0]["phones"]
    assert phone["app_is_too_old"] is too_old
    assert ("app_too_old" in [hint["code"] for hint in phone["hints"]]) is too_old
