"""A photo and its record come in any order, and neither is lost for being early, late or in doubt."""

from datetime import timedelta
from uuid import uuid4

import pytest
import sqlalchemy as sa

from service.jobs.workshop import Workshop
from service.photos import jobs
from service.photos.claims import StampFacts, claim
from service.photos.models import Photo
from service.submissions.jobs import sweep_photos
from tests.factories.submissions import visit_body
from tests.support.photos import announcement, picture

STAMP = StampFacts(place="聊城市东昌府区", unit="东昌府区", number="LC-2026-000001", subject="某企业")


@pytest.fixture
def phone(client, world):
    return client.as_(world.field1)


@pytest.fixture
def workshop(settings, sessions, store):
    return Workshop(settings, sessions, store)


@pytest.fixture
def photo_id(phone):
    """A photo whose bytes are here."""
    content = picture()
    granted = phone.post("/api/v1/photos", json=announcement(content)).get_json()
    upload = granted["upload"]
    assert (
        phone.app.test_client().put(upload["url"], data=content, headers=upload["headers"]).status_code == 200
    )
    return granted["id"]


def claimed(session, world, photo_id):
    claim(session, world.field1, record_type="visit", record_id=uuid4(), photo_ids=[photo_id], stamp=STAMP)
    session.commit()


def stamped(phone, session, photo_id):
    session.expire_all()
    return phone.get(f"/api/v1/photos/{photo_id}/renditions/stamped")


def test_a_stamp_that_is_still_to_come_is_not_ready_rather_than_none(
    phone, world, session, workshop, photo_id
):
    jobs.develop_photo(workshop, photo_id)
    assert stamped(phone, session, photo_id).get_json()["code"] == "no_rendition"
    claimed(session, world, photo_id)
    waiting = stamped(phone, session, photo_id)
    assert (waiting.get_json()["code"], waiting.headers["Retry-After"]) == ("not_ready", "5")
    jobs.develop_photo(workshop, photo_id)
    assert stamped(phone, session, photo_id).status_code == 200


def test_a_claim_during_development_has_it_developed_again(
    phone, world, session, workshop, photo_id, monkeypatch
):
    develop = jobs.develop

    def claimed_meanwhile(original, *, stamp):
        claimed(session, world, photo_id)
        # The job the claim asked for came first and found the photo as it was then.
        session.execute(sa.text("DELETE FROM procrastinate_jobs"))
        session.commit()
        return develop(original, stamp=stamp)

    monkeypatch.setattr(jobs, "develop", claimed_meanwhile)
    jobs.develop_photo(workshop, photo_id)
    waiting = session.scalars(sa.text("SELECT args->>'photo_id' FROM procrastinate_jobs")).all()
    assert waiting == [photo_id]


def test_an_address_of_no_photo_is_answered_like_a_forged_one(phone, photo_id):
    stranger = phone.app.test_client()
    answers = [
        stranger.put(f"/api/v1/photos/{one}/content?until=99999999999&signature=00", data=b"x")
        for one in (photo_id, uuid4())
    ]
    assert [(one.status_code, one.get_json()["code"]) for one in answers] == [(403, "grant_invalid")] * 2


def test_photos_of_a_kept_body_are_not_swept_before_it_is_settled(
    phone, client, world, session, workshop, photo_id
):
    body = visit_body(mode="by_balloon", photo_ids=[photo_id])
    assert phone.put(f"/api/v1/visits/{uuid4()}", json=body).status_code == 422
    session.execute(sa.update(Photo).values(expected_at=Photo.expected_at - timedelta(days=31)))
    session.commit()
    sweep_photos(workshop)
    assert session.scalar(sa.select(sa.func.count()).select_from(Photo)) == 1
    kept_id = phone.get("/api/v1/kept").get_json()["items"][0]["id"]
    repaired = {"how": "repair", "body": body | {"mode": "online"}}
    settled = client.as_(world.hq1).post(f"/api/hq/v1/kept/{kept_id}/settlement", json=repaired)
    assert settled.status_code == 200
    visit = phone.get(f"/api/v1/visits/{settled.get_json()['record_id']}").get_json()
    assert visit["photos"] == {"expected": 1, "received": 1, "missing": []}
    session.expire_all()
    stamp = session.scalar(sa.select(Photo.stamp))
    assert stamp["number"] == visit["number"], (
        "what headquarters lets in is its author's, and so is the stamp"
    )
