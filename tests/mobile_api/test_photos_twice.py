"""What is receipted stays as it is, whatever comes twice or late, even where the store corrupts what it is given then."""

import hashlib
import urllib.error
import urllib.request
from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from media.keys import arrival_key, original_key
from service.http.work import EXTENSION, install
from service.jobs.workshop import Workshop
from service.photos import completing, jobs
from service.photos.commands import my_photo
from service.photos.kinds import LARGE_BYTES
from service.photos.models import Photo, PhotoState
from tests.support.client import Client
from tests.support.photos import announcement, kept_key, picture
from tests.support.s3_stores import opened_s3, s3_parameter


@pytest.fixture
def phone(client, world):
    return client.as_(world.field1)


@pytest.fixture
def content():
    return picture()


@pytest.fixture(params=[s3_parameter("s3emu")])
def s3_store(request, s3_server):
    with opened_s3(request.param, s3_server) as store:
        yield store


@pytest.fixture
def remote(app, session, world, s3_store):
    """A phone whose house keeps its photos in S3."""
    install(app, replace(app.extensions[EXTENSION], store=s3_store))
    return Client(app, session).as_(world.field1)


@pytest.fixture
def workshop(settings, sessions, store):
    return Workshop(settings, sessions, store)


@pytest.fixture
def old_enough(monkeypatch):
    """Everything in the store is old enough for the sweep."""
    monkeypatch.setattr("service.photos.sweeping.YOUNG", timedelta(days=-1))


def announce(phone, content, **changes):
    granted = phone.post("/api/v1/photos", json=announcement(content, **changes)).get_json()
    return granted["id"], granted["upload"]


def send_straight(upload, content):
    request = urllib.request.Request(
        upload["url"], data=content, method=upload["method"], headers=upload["headers"]
    )
    with urllib.request.urlopen(request, timeout=20) as answer:
        assert answer.status == 200


def lie(store, key, content=b"damaged"):
    store.put(
        key,
        [content],
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        content_type="image/jpeg",
    )


def bytes_of(session, store, photo_id):
    session.expire_all()
    with store.open(session.get_one(Photo, UUID(photo_id)).object_key) as stream:
        return stream.read()


@pytest.fixture
def corrupting(monkeypatch):
    """From now on the store keeps other bytes than it is given, and says nothing."""

    def begin(store):
        honest = store.put

        def put(key, body, *, size, sha256, content_type):
            del body, sha256
            wrong = b"\0" * size
            return honest(
                key, [wrong], size=size, sha256=hashlib.sha256(wrong).hexdigest(), content_type=content_type
            )

        monkeypatch.setattr(store, "put", put)

    return begin


def test_a_second_put_into_a_store_that_corrupts_does_not_touch_what_was_receipted(
    phone, store, session, content, corrupting
):
    photo_id, upload = announce(phone, content)
    address = f"/api/v1/photos/{photo_id}/content"
    first = phone.put(address, data=content, headers=upload["headers"]).get_json()
    corrupting(store)
    again = phone.put(address, data=content, headers=upload["headers"])
    assert (again.status_code, again.get_json()["receipt"]) == (200, first["receipt"])
    assert bytes_of(session, store, photo_id) == content
    assert kept_key(store, photo_id) is not None, "nothing lies beside it"


def test_a_first_put_into_a_bucket_that_corrupts_is_not_receipted(remote, s3_store, content, corrupting):
    photo_id, _ = announce(remote, content)
    corrupting(s3_store)
    answer = remote.put(f"/api/v1/photos/{photo_id}/content", data=content)
    assert (answer.status_code, answer.get_json()["code"]) == (422, "bytes_differ")
    assert kept_key(s3_store, photo_id) is None


def test_a_presigned_address_used_after_the_receipt_does_not_touch_it_and_is_swept(
    remote, s3_store, settings, sessions, session, content, old_enough
):
    photo_id, upload = announce(remote, content)
    send_straight(upload, content)
    assert remote.post(f"/api/v1/photos/{photo_id}/complete").status_code == 200
    send_straight(upload, content)
    lie(s3_store, original_key(UUID(photo_id)))  # as a store that corrupts keeps it
    assert remote.post(f"/api/v1/photos/{photo_id}/complete").status_code == 200
    assert bytes_of(session, s3_store, photo_id) == content
    jobs.sweep_leftovers(Workshop(settings, sessions, s3_store))
    assert kept_key(s3_store, photo_id) == session.get_one(Photo, UUID(photo_id)).object_key


def test_whoever_comes_second_with_the_same_completion_hears_that_the_photo_is_here(
    remote, s3_store, sessions, session, world, content
):
    photo_id, upload = announce(remote, content)
    send_straight(upload, content)
    with sessions.begin() as own:
        arrived = completing.what_arrived(own, my_photo(own, world.field1, UUID(photo_id)))
    first = completing.bring_in(sessions.begin, s3_store, world.field1, arrived)
    second = completing.bring_in(sessions.begin, s3_store, world.field1, arrived)
    assert second.object_key == first.object_key
    assert bytes_of(session, s3_store, photo_id) == content


def test_bringing_a_photo_in_leaves_alone_what_is_another_photos(
    remote, s3_store, sessions, session, world, content
):
    """As in a photo that was lost while its twin shares the key where a phone sends it anew."""
    twin_id, upload = announce(remote, content)
    photo_id, _ = announce(remote, content)
    send_straight(upload, content)
    key = original_key(UUID(twin_id))
    session.execute(
        sa.update(Photo)
        .where(Photo.id == UUID(photo_id))
        .values(object_key=key, received_at=sa.func.now(), state=PhotoState.RECEIVED)
    )
    session.commit()
    assert remote.post(f"/api/v1/photos/{twin_id}/complete").status_code == 200
    assert bytes_of(session, s3_store, photo_id) == content


def test_the_sweep_takes_what_a_killed_request_left_beside_a_photo_that_is_here(
    phone, store, session, workshop, content, old_enough
):
    photo_id, upload = announce(phone, content)
    lie(store, arrival_key(UUID(photo_id)), content)
    jobs.sweep_leftovers(workshop)
    assert kept_key(store, photo_id) is not None, "not before the photo is here"
    phone.put(f"/api/v1/photos/{photo_id}/content", data=content, headers=upload["headers"])
    twin_id = phone.post("/api/v1/photos", json=announcement(content)).get_json()["id"]
    unknown = arrival_key(uuid4())
    lie(store, unknown)
    jobs.sweep_leftovers(workshop)
    for known in (photo_id, twin_id):
        assert bytes_of(session, store, known) == content
    assert kept_key(store, photo_id) is not None
    assert store.stat(unknown) is not None, "a restored database may be behind its store"


def test_a_large_file_is_taken_over_without_asking_the_store_to_copy_it(
    remote, s3_store, settings, sessions, session, monkeypatch
):
    """Which may take longer than the store is waited for."""
    large = b"\0\0\0\x18ftypisom" + bytes(LARGE_BYTES)
    photo_id, upload = announce(remote, large, content_type="video/mp4")
    send_straight(upload, large)
    monkeypatch.setattr(s3_store, "copy", None)
    assert remote.post(f"/api/v1/photos/{photo_id}/complete").status_code == 202
    jobs.verify_photo(Workshop(settings, sessions, s3_store), photo_id)
    assert bytes_of(session, s3_store, photo_id) == large
    assert kept_key(s3_store, photo_id) != original_key(UUID(photo_id))
