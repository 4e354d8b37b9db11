"""A photo's way: expected, uploaded, complete; and every way it may go wrong."""

import io
from uuid import uuid4

import pytest
import sqlalchemy as sa

from service.jobs.workshop import Workshop
from service.photos import jobs
from service.photos.claims import StampFacts, claim
from service.photos.flags import unreadable_flags
from service.photos.models import Photo, PhotoState
from service.photos.queries import tally
from service.submissions.jobs import sweep_photos
from tests.support.photos import announcement, kept_key, picture

STAMP = StampFacts(place="聊城市东昌府区", unit="东昌府区", number="LC-2026-000001", subject="某企业")


@pytest.fixture
def phone(client, world):
    return client.as_(world.field1)


@pytest.fixture
def workshop(settings, sessions, store):
    return Workshop(settings, sessions, store)


def expect(phone, content, **changes):
    return phone.post("/api/v1/photos", json=announcement(content, **changes))


def send(phone, granted, content, **changes):
    upload = granted.get_json()["upload"]
    headers = upload["headers"] | changes.pop("headers", {})
    return phone.app.test_client().open(upload["url"], method=upload["method"], data=content, headers=headers)


def test_the_outsider_sees_nothing(client, world, phone):
    photo_id = expect(phone, picture()).get_json()["id"]
    assert client.get(f"/api/v1/photos/{photo_id}").status_code == 401
    assert client.as_(world.field2).get(f"/api/v1/photos/{photo_id}").status_code == 404
    assert client.as_(world.field2).post(f"/api/v1/photos/{photo_id}/complete").status_code == 404


def test_it_takes_a_photo_from_announcement_to_renditions(phone, workshop, session):
    content = picture()
    granted = expect(phone, content)
    assert (granted.status_code, granted.get_json()["state"]) == (201, "expected")
    assert send(phone, granted, content).status_code == 200
    photo_id = granted.get_json()["id"]
    done = phone.post(f"/api/v1/photos/{photo_id}/complete")
    assert done.get_json()["receipt"]["sha256"] == announcement(content)["sha256"]
    not_yet = phone.get(f"/api/v1/photos/{photo_id}/renditions/thumb")
    assert (not_yet.status_code, not_yet.get_json()["code"]) == (404, "not_ready")
    assert not_yet.headers["Retry-After"]
    jobs.develop_photo(workshop, photo_id)
    session.expire_all()
    facts = phone.get(f"/api/v1/photos/{photo_id}").get_json()
    assert facts["state"] == "ready"
    assert facts["facts"]["capture"]["gps"]["lat"] == pytest.approx(36.456684, abs=1e-5)
    thumb = phone.get(f"/api/v1/photos/{photo_id}/renditions/thumb")
    assert (thumb.status_code, thumb.mimetype, thumb.headers["X-Content-Type-Options"]) == (
        200,
        "image/jpeg",
        "nosniff",
    )
    assert b"Exif" not in thumb.data


def test_it_takes_the_announced_bytes_from_a_server_that_ends_bodies_itself(phone):
    """As gunicorn does: werkzeug then limits the stream by our limit instead of the length header."""
    content = picture()
    upload = expect(phone, content).get_json()["upload"]
    ended = {"wsgi.input_terminated": True}
    sent = phone.app.test_client().put(
        upload["url"], data=content, headers=upload["headers"], environ_overrides=ended
    )
    assert (sent.status_code, sent.get_json()["state"]) == (200, "received")


def test_it_answers_an_announcement_twice_with_the_same_photo(phone):
    content, photo_id = picture(), uuid4()
    first = expect(phone, content, photo_id=photo_id)
    again = expect(phone, content, photo_id=photo_id)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.get_json()["id"] == again.get_json()["id"]


def test_it_gives_the_receipt_at_once_when_these_bytes_of_this_person_are_here(phone, client, world, store):
    content = picture()
    send(phone, expect(phone, content), content)
    known = expect(phone, content)
    assert (known.status_code, known.get_json()["state"]) == (200, "received")
    assert known.get_json()["receipt"]["id"] == known.get_json()["id"]
    stranger = expect(client.as_(world.field2), content)
    assert stranger.status_code == 201, "never by the hash alone"


def test_complete_is_idempotent_and_its_receipt_never_changes(phone):
    content = picture()
    granted = expect(phone, content)
    send(phone, granted, content)
    path = f"/api/v1/photos/{granted.get_json()['id']}/complete"
    assert phone.post(path).get_json() == phone.post(path).get_json()


def test_complete_without_bytes_says_so(phone):
    answer = phone.post(f"/api/v1/photos/{expect(phone, picture()).get_json()['id']}/complete")
    assert (answer.status_code, answer.get_json()["code"]) == (409, "not_uploaded")


def test_complete_refuses_and_removes_other_bytes_that_reached_the_store(phone, store):
    import hashlib

    content = picture()
    photo_id = expect(phone, content).get_json()["id"]
    other = content[:-1] + bytes([content[-1] ^ 1])
    key = f"photos/{photo_id}/original"
    store.put(
        key, [other], size=len(other), sha256=hashlib.sha256(other).hexdigest(), content_type="image/jpeg"
    )
    answer = phone.post(f"/api/v1/photos/{photo_id}/complete")
    assert (answer.status_code, answer.get_json()["code"]) == (422, "bytes_differ")
    assert store.stat(key) is None


def test_a_misreading_store_does_not_cost_a_photo_that_another_request_has_verified(
    phone, store, monkeypatch
):
    import hashlib
    import io

    content = picture()
    photo_id = expect(phone, content).get_json()["id"]
    right = hashlib.sha256(content).hexdigest()
    key = f"photos/{photo_id}/original"
    store.put(key, [content], size=len(content), sha256=right, content_type="image/jpeg")
    whole = type(store).open

    def misread_while_another_completes(self, *asked):
        monkeypatch.setattr(type(store), "open", whole)
        other = phone.post(f"/api/v1/photos/{photo_id}/complete")
        assert (other.status_code, other.get_json()["receipt"]["sha256"]) == (200, right)
        return io.BytesIO(content[:-1] + b"?")

    monkeypatch.setattr(type(store), "open", misread_while_another_completes)
    assert phone.post(f"/api/v1/photos/{photo_id}/complete").get_json()["code"] == "bytes_differ"
    assert phone.post(f"/api/v1/photos/{photo_id}/complete").get_json()["receipt"]["sha256"] == right
    lying = [one.key for one in store.list("photos/") if photo_id in one.key]
    assert [store.open(one).read() for one in lying] == [content]


@pytest.mark.parametrize(
    "damage", [lambda c: c[:-1], lambda c: c + b"x", lambda c: c[:-1] + bytes([c[-1] ^ 1])]
)
def test_it_refuses_bytes_that_were_not_announced(phone, store, damage):
    content = picture()
    granted = expect(phone, content)
    answer = send(phone, granted, damage(content))
    assert (answer.status_code, answer.get_json()["code"]) == (422, "bytes_differ")
    assert kept_key(store, granted.get_json()["id"]) is None


def test_it_refuses_a_forged_or_expired_address(phone, client):
    content = picture()
    url = expect(phone, content).get_json()["upload"]["url"]
    for bad in (url[:-1] + ("0" if url[-1] != "0" else "1"), url.replace("until=", "until=1"), url + "0"):
        answer = phone.app.test_client().put(bad, data=content)
        assert (answer.status_code, answer.get_json()["code"]) == (403, "grant_invalid"), bad


def test_a_mini_program_sends_one_file_as_a_form(phone):
    content = picture()
    photo_id = expect(phone, content).get_json()["id"]
    answer = phone.post(
        f"/api/v1/photos/{photo_id}/content",
        data={"file": (io.BytesIO(content), "wx.jpg")},
        content_type="multipart/form-data",
    )
    assert (answer.status_code, answer.get_json()["state"]) == (200, "received")


def test_it_refuses_somebody_elses_id(phone, client, world):
    photo_id = uuid4()
    expect(phone, picture(), photo_id=photo_id)
    answer = expect(client.as_(world.field2), picture(2), photo_id=photo_id)
    assert (answer.status_code, answer.get_json()["code"]) == (409, "id_taken")


def test_it_refuses_other_bytes_under_an_announced_id(phone):
    photo_id = uuid4()
    expect(phone, picture(1), photo_id=photo_id)
    assert expect(phone, picture(2), photo_id=photo_id).get_json()["code"] == "other_photo_announced"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("sha256", "A" * 64),
        ("sha256", "a" * 63),
        ("md5", "a" * 32 + "\n"),
        ("size", 0),
        ("size", "5"),
        ("content_type", "image/gif"),
        ("source", "scanner"),
        ("taken_at", "2026-05-06T09:30:00"),
        ("location", {"lat": 91, "lng": 0, "datum": "wgs84", "source": "gps"}),
        ("location", {"lat": 1, "lng": 1, "datum": "mars", "source": "gps"}),
    ],
)
def test_it_points_at_what_is_wrong_with_an_announcement(phone, field, value):
    answer = expect(phone, picture(), **{field: value})
    assert answer.status_code == 422
    assert answer.get_json()["errors"][0]["pointer"].startswith(f"/{field}")


def test_it_says_how_large_a_photo_may_be(phone):
    answer = expect(phone, picture(), size=21 * 1024 * 1024)
    assert (answer.status_code, answer.get_json()["code"]) == (413, "photo_too_large")


@pytest.mark.parametrize(
    ("content", "reason"),
    [(b"not a picture at all" * 50, "not_a_picture"), (picture()[:20_000], "truncated")],
)
def test_what_cannot_be_developed_is_kept_and_rejected_with_a_reason(
    phone, workshop, session, store, content, reason
):
    granted = expect(phone, content)
    send(phone, granted, content)
    photo_id = granted.get_json()["id"]
    jobs.develop_photo(workshop, photo_id)
    session.expire_all()
    facts = phone.get(f"/api/v1/photos/{photo_id}").get_json()
    assert (facts["state"], facts["rejected_because"]) == ("rejected", reason)
    assert store.stat(kept_key(store, photo_id)).size == len(content)


def test_a_claim_may_come_before_the_announcement_and_its_stamp_waits(phone, world, session, workshop):
    content, photo_id, record_id = picture(), uuid4(), uuid4()
    claim(session, world.field1, record_type="visit", record_id=record_id, photo_ids=[photo_id], stamp=STAMP)
    session.commit()
    assert tally(session, [record_id])[record_id].missing == (photo_id,)
    granted = expect(phone, content, photo_id=photo_id)
    send(phone, granted, content)
    assert tally(session, [record_id])[record_id].missing == ()
    jobs.develop_photo(workshop, str(photo_id))
    session.expire_all()
    assert session.get_one(Photo, photo_id).stamp["number"] == "LC-2026-000001"
    assert phone.get(f"/api/v1/photos/{photo_id}/renditions/stamped").status_code == 200


def test_the_first_claim_writes_the_stamp_and_a_later_one_does_not(phone, world, session):
    content = picture()
    granted = expect(phone, content)
    send(phone, granted, content)
    photo_id = session.scalar(sa.select(Photo.id))
    first, second = uuid4(), uuid4()
    for number, record_id in (("LC-2026-000001", first), ("LC-2026-000002", second)):
        stamp = StampFacts(place="聊城", unit="东昌府区", number=number)
        claim(
            session, world.field1, record_type="visit", record_id=record_id, photo_ids=[photo_id], stamp=stamp
        )
    session.expire_all()
    assert session.get_one(Photo, photo_id).stamp["number"] == "LC-2026-000001"


def test_somebody_elses_claim_leaves_no_stamp(phone, world, session):
    photo_id = expect(phone, picture()).get_json()["id"]
    claim(session, world.field2, record_type="visit", record_id=uuid4(), photo_ids=[photo_id], stamp=STAMP)
    session.expire_all()
    assert session.get_one(Photo, photo_id).stamp is None


def test_developing_twice_changes_nothing(phone, workshop, session):
    content = picture()
    granted = expect(phone, content)
    send(phone, granted, content)
    photo_id = granted.get_json()["id"]
    jobs.develop_photo(workshop, photo_id)
    session.expire_all()
    once = phone.get(f"/api/v1/photos/{photo_id}").get_json()
    jobs.develop_photo(workshop, photo_id)
    session.expire_all()
    assert phone.get(f"/api/v1/photos/{photo_id}").get_json() == once


def test_photos_that_nobody_claims_are_swept_after_thirty_days(phone, workshop, session, world, store):
    from datetime import timedelta

    contents = [picture(1), picture(2)]
    granted = [expect(phone, content) for content in contents]
    for grant, content in zip(granted, contents, strict=True):
        send(phone, grant, content)
    claimed, unclaimed = (grant.get_json()["id"] for grant in granted)
    claim(session, world.field1, record_type="visit", record_id=uuid4(), photo_ids=[claimed], stamp=STAMP)
    session.execute(sa.update(Photo).values(expected_at=Photo.expected_at - timedelta(days=31)))
    session.commit()
    sweep_photos(workshop)
    session.expire_all()
    assert session.scalars(sa.select(Photo.state)).all() == [PhotoState.RECEIVED]
    assert kept_key(store, claimed) is not None
    assert kept_key(store, unclaimed) is None


def test_bytes_that_change_after_they_were_verified_are_found_out(phone, workshop, session, store):
    import hashlib

    content, other = picture(1), picture(2)
    granted = expect(phone, content)
    send(phone, granted, content)
    photo_id = granted.get_json()["id"]
    store.put(
        kept_key(store, photo_id),
        [other],
        size=len(other),
        sha256=hashlib.sha256(other).hexdigest(),
        content_type="image/jpeg",
    )
    jobs.develop_photo(workshop, photo_id)
    session.expire_all()
    facts = phone.get(f"/api/v1/photos/{photo_id}").get_json()
    assert (facts["state"], facts["rejected_because"]) == ("rejected", "bytes_changed")


def test_a_record_says_which_of_its_photos_are_no_pictures(phone, workshop, session, world):
    content, record_id = b"not a picture at all" * 50, uuid4()
    granted = expect(phone, content)
    send(phone, granted, content)
    photo_id = session.scalar(sa.select(Photo.id))
    claim(session, world.field1, record_type="visit", record_id=record_id, photo_ids=[photo_id], stamp=STAMP)
    session.commit()
    jobs.develop_photo(workshop, str(photo_id))
    assert tally(session, [record_id])[record_id].rejected == (photo_id,)
    assert [flag["code"] for flag in unreadable_flags(tally(session, [record_id])[record_id])] == [
        "photo_unreadable"
    ]


def test_a_visit_says_that_its_picture_was_used_before_under_another_id(phone, world, session):
    from tests.factories.submissions import visit_body

    content, codes = picture(), []
    for _ in range(2):
        photo_id = expect(phone, content).get_json()["id"]
        answer = phone.put(f"/api/v1/visits/{uuid4()}", json=visit_body(photo_ids=[photo_id]))
        codes.append({flag["code"] for flag in answer.get_json()["flags"]})
    assert "photo_reused" not in codes[0]
    assert "photo_reused" in codes[1]
