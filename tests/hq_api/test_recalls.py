"""Recall: a phone is asked to send again, by its heartbeat, and says what became of it."""

from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from service.audit.models import AuditEntry
from service.jobs.workshop import Workshop
from service.outboxes import jobs
from service.photos.models import Photo, PhotoState
from tests.factories.submissions import visit_body
from tests.support.photos import announcement, picture

RECALLS = "/api/hq/v1/recalls"


@pytest.fixture
def phone(client, world):
    return client.as_(world.field1, device_id="phone-1")


@pytest.fixture
def hq(client, world):
    return client.as_(world.hq1)


@pytest.fixture
def workshop(settings, sessions, store):
    return Workshop(settings, sessions, store)


def ask(hq, world, **facts):
    body = {"user_id": str(world.field1.user_id), "reason": "服务器更换后核对"} | facts
    return hq.post(RECALLS, json=body)


def heard(phone):
    answer = phone.post("/api/v1/heartbeats", json={"pending_records": 0, "pending_photos": 0})
    return answer.get_json()["recalls"]


def tell(phone, recall_id, **outcome):
    return phone.post(f"/api/v1/recalls/{recall_id}/outcome", json=outcome)


def shown(hq, recall_id):
    return hq.get(f"{RECALLS}/{recall_id}").get_json()


def became(hq, recall_id):
    return {one["id"]: one["came"] for one in shown(hq, recall_id)["items"]}


def received_photo(phone, seed=1):
    content = picture(seed)
    announced = announcement(content)
    phone.post("/api/v1/photos", json=announced)
    phone.put(f"/api/v1/photos/{announced['id']}/content", data=content)
    assert phone.post(f"/api/v1/photos/{announced['id']}/complete").status_code == 200
    return announced, content


def test_only_headquarters_asks_and_nobody_else_hears(client, world, hq, phone):
    visit_id = str(uuid4())
    for person in (world.unit1, world.leader1, world.field1):
        assert ask(client.as_(person), world, record_ids=[visit_id]).status_code == 403
    recall_id = ask(hq, world, record_ids=[visit_id]).get_json()["id"]
    assert heard(client.as_(world.field2)) == []
    assert tell(client.as_(world.field2), recall_id, missing=[visit_id]).status_code == 404
    assert client.as_(world.unit2).get(f"{RECALLS}/{recall_id}").status_code == 404
    assert client.as_(world.unit1).get(f"{RECALLS}/{recall_id}").status_code == 200
    assert client.as_(world.unit1).delete(f"{RECALLS}/{recall_id}").status_code == 403


def test_the_phone_hears_it_once_it_is_asked_and_until_it_has_answered(hq, world, phone):
    visit_id = str(uuid4())
    asked = ask(hq, world, record_ids=[visit_id, visit_id], since_on="2026-01-01")
    assert (asked.status_code, asked.get_json()["state"]) == (201, "asked")
    recall_id = asked.get_json()["id"]
    (told,) = heard(phone)
    assert (told["id"], told["record_ids"], told["since_on"]) == (recall_id, [visit_id], "2026-01-01")
    assert shown(hq, recall_id)["state"] == "seen"
    assert heard(phone) == [told]
    said = tell(phone, recall_id, missing=[visit_id])
    assert (said.status_code, said.get_json()["missing"]) == (200, [visit_id])
    assert heard(phone) == []
    now_shown = shown(hq, recall_id)
    assert (now_shown["state"], now_shown["phones"][0]["device_id"]) == ("answered", "phone-1")
    assert became(hq, recall_id) == {visit_id: "given_up"}


def test_every_phone_of_the_person_is_asked_or_the_one_that_is_named(client, hq, world, phone):
    other = client.as_(world.field1, device_id="phone-2")
    ask(hq, world, record_ids=[str(uuid4())])
    only = ask(hq, world, record_ids=[str(uuid4())], device_id="phone-2").get_json()["id"]
    assert (len(heard(phone)), len(heard(other))) == (1, 2)
    assert tell(phone, only, sent=[]).status_code == 404
    assert ask(hq, world, record_ids=[str(uuid4())], device_id="phone-9").status_code == 404


def test_it_tells_a_repeat_from_what_is_new_edited_kept_or_never_came(hq, world, phone):
    known, body = str(uuid4()), visit_body()
    phone.put(f"/api/v1/visits/{known}", json=body)
    edited = str(uuid4())
    phone.put(f"/api/v1/visits/{edited}", json=body)
    new, broken, never, waiting = (str(uuid4()) for _ in range(4))
    recall_id = ask(hq, world, record_ids=[known, edited, new, broken, never, waiting]).get_json()["id"]
    again = phone.put(f"/api/v1/visits/{known}", json=body)
    assert again.headers["Idempotency-Replayed"] == "true"
    phone.put(f"/api/v1/visits/{edited}", json=body | {"summary": "补充", "base_rev": 1})
    phone.put(f"/api/v1/visits/{new}", json=body)
    phone.put(f"/api/v1/visits/{broken}", json={"mode": "by magic"})
    tell(phone, recall_id, sent=[known, edited, new, broken, never])
    assert became(hq, recall_id) == {
        known: "repeated",
        edited: "edited",
        new: "received",
        broken: "kept",
        never: "unknown",
        waiting: "waiting",
    }


def test_a_later_word_adds_to_the_first_and_a_repeat_changes_nothing(hq, world, phone, session):
    one, two = str(uuid4()), str(uuid4())
    recall_id = ask(hq, world, record_ids=[one, two]).get_json()["id"]
    tell(phone, recall_id, missing=[one, two])
    tell(phone, recall_id, sent=[one])
    tell(phone, recall_id, sent=[one])
    answered = shown(hq, recall_id)["phones"][0]
    assert (answered["sent"], answered["missing"]) == (1, 1)
    told = sa.select(sa.func.count()).where(AuditEntry.action == "recall.answer")
    assert session.scalar(told) == 2


def test_what_a_phone_may_say_of_one_recall_is_bounded(hq, world, phone, monkeypatch):
    monkeypatch.setattr("service.outboxes.recalls.MOST_TOLD", 2)
    recall_id = ask(hq, world, since_on="2026-05-01").get_json()["id"]
    assert tell(phone, recall_id, sent=[str(uuid4())], missing=[str(uuid4())]).status_code == 200
    refused = tell(phone, recall_id, sent=[str(uuid4())])
    assert (refused.status_code, refused.get_json()["errors"][0]["pointer"]) == (422, "/sent")
    answered = shown(hq, recall_id)["phones"][0]
    assert (answered["sent"], answered["missing"]) == (1, 1)


def test_a_cancelled_recall_is_heard_no_more(hq, world, phone):
    recall_id = ask(hq, world, since_on="2026-05-01").get_json()["id"]
    assert hq.delete(f"{RECALLS}/{recall_id}").status_code == 204
    assert hq.delete(f"{RECALLS}/{recall_id}").status_code == 204
    assert heard(phone) == []
    refused = tell(phone, recall_id, sent=[])
    assert (refused.status_code, refused.get_json()["code"]) == (409, "recall_cancelled")
    assert shown(hq, recall_id)["state"] == "cancelled"


def test_it_lists_recalls_of_a_person_and_those_that_are_open(hq, world, phone):
    first = ask(hq, world, since_on="2026-05-01").get_json()["id"]
    second = ask(hq, world, since_on="2026-06-01").get_json()["id"]
    tell(phone, first, sent=[])
    listed = hq.get(RECALLS).get_json()["items"]
    assert [one["id"] for one in listed] == [second, first]
    assert [one["id"] for one in hq.get(f"{RECALLS}?open=true").get_json()["items"]] == [second]
    assert hq.get(f"{RECALLS}?person={world.field2.user_id}").get_json()["items"] == []
    page = hq.get(f"{RECALLS}?limit=1").get_json()
    rest = hq.get(f"{RECALLS}?limit=1&cursor={page['next_cursor']}").get_json()
    assert rest["items"][0]["id"] == first


@pytest.mark.parametrize(
    "facts",
    [{}, {"record_ids": ["x"]}, {"record_ids": [], "photo_ids": []}, {"since_on": "soon"}, {"reason": ""}],
)
def test_it_says_what_is_wrong_with_a_recall(hq, world, facts):
    assert ask(hq, world, **facts).status_code == 422


def test_nobody_is_asked_whom_nobody_knows(hq, world):
    assert ask(hq, world, user_id=str(uuid4()), since_on="2026-05-01").status_code == 404


def test_a_photo_whose_bytes_are_lost_is_taken_again(hq, world, phone, workshop, store, session):
    lost, content = received_photo(phone, seed=1)
    damaged, other_content = received_photo(phone, seed=2)
    whole, _ = received_photo(phone, seed=3)
    keys = {str(photo.id): photo.object_key for photo in session.scalars(sa.select(Photo))}
    store.delete([keys[lost["id"]]])
    flip_a_byte(store, keys[damaged["id"]])
    ids = [lost["id"], damaged["id"], whole["id"]]
    recall_id = ask(hq, world, photo_ids=ids).get_json()["id"]
    assert heard(phone) == []
    assert not shown(hq, recall_id)["is_ready"]
    jobs.look_up_photos(workshop, recall_id)
    jobs.look_up_photos(workshop, recall_id)
    (told,) = heard(phone)
    assert told["photo_ids"] == [lost["id"], damaged["id"]]
    assert became(hq, recall_id) == {lost["id"]: "waiting", damaged["id"]: "waiting", whole["id"]: "intact"}
    for announced, bytes_ in ((lost, content), (damaged, other_content)):
        granted = phone.post("/api/v1/photos", json=announced)
        assert (granted.status_code, granted.get_json()["state"]) == (201, "expected")
        sent = phone.put(f"/api/v1/photos/{announced['id']}/content", data=bytes_)
        assert sent.status_code == 200, sent.get_data(as_text=True)
        done = phone.post(f"/api/v1/photos/{announced['id']}/complete")
        assert done.get_json()["receipt"]["sha256"] == announced["sha256"]
    tell(phone, recall_id, sent=[lost["id"], damaged["id"]])
    assert set(became(hq, recall_id).values()) == {"received", "intact"}
    session.expire_all()
    assert {photo.state for photo in session.scalars(sa.select(Photo))} == {PhotoState.RECEIVED}
    again = session.scalar(sa.select(Photo.object_key).where(Photo.id == UUID(damaged["id"])))
    with store.open(again) as stream:
        assert stream.read() == other_content


def test_a_broken_file_of_the_store_can_be_replaced(hq, world, phone, workshop, store, session):
    announced, content = received_photo(phone)
    path = store._path(session.scalars(sa.select(Photo.object_key)).one())
    path.write_bytes(path.read_bytes()[:-40])
    recall_id = ask(hq, world, photo_ids=[announced["id"]]).get_json()["id"]
    jobs.look_up_photos(workshop, recall_id)
    phone.post("/api/v1/photos", json=announced)
    assert phone.put(f"/api/v1/photos/{announced['id']}/content", data=content).status_code == 200
    assert phone.post(f"/api/v1/photos/{announced['id']}/complete").status_code == 200


def test_a_photo_that_nobody_has_announced_is_asked_for_as_it_is(hq, world, phone, workshop):
    photo_id = str(uuid4())
    recall_id = ask(hq, world, photo_ids=[photo_id]).get_json()["id"]
    jobs.look_up_photos(workshop, recall_id)
    assert heard(phone)[0]["photo_ids"] == [photo_id]


def flip_a_byte(store, key):
    path = store._path(key)
    content = bytearray(path.read_bytes())
    content[100] ^= 1
    path.write_bytes(content)
