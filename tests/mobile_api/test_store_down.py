"""While the photo store is down records are taken and photos announced; their bytes wait on the phone."""

import hashlib
from base64 import b64encode
from dataclasses import replace
from uuid import uuid4

import pytest

from media.errors import StoreUnavailable
from service.http.work import EXTENSION, install
from tests.factories.submissions import visit_body

CONTENT = b"\xff\xd8\xff" + b"x" * 500


ARITHMETIC = {"parts", "upload_grant", "download_url"}
"""What a store says without asking anybody: presigning is no network."""


class Down:
    """A store of which every call fails, as it does after its timeouts."""

    def __init__(self, real):
        self._real = real

    def __getattr__(self, name):
        if name in ARITHMETIC:
            return getattr(self._real, name)

        def fail(*_, **__):
            raise StoreUnavailable("the store does not answer")

        return fail


@pytest.fixture
def phone(client, world):
    return client.as_(world.field1)


@pytest.fixture
def store_down(app):
    house = app.extensions[EXTENSION]
    install(app, replace(house, store=Down(house.store)))


def announce(phone):
    body = {
        "id": str(uuid4()),
        "sha256": hashlib.sha256(CONTENT).hexdigest(),
        "md5": hashlib.md5(CONTENT).hexdigest(),
        "size": len(CONTENT),
        "content_type": "image/jpeg",
        "taken_at": "1970-01-01T00:00:00Z",
        "source": "camera",
    }
    return body["id"], phone.post("/api/v1/photos", json=body)


def demand_wait(answer):
    assert (answer.status_code, answer.get_json()["client_action"]) == (503, "wait")
    assert int(answer.headers["Retry-After"]) > 0


@pytest.mark.usefixtures("store_down")
def test_records_are_taken_and_photos_wait(phone):
    photo_id, announced = announce(phone)
    assert announced.status_code == 201, announced.get_json()
    answer = phone.put(f"/api/v1/visits/{uuid4()}", json=visit_body(photo_ids=[photo_id]))
    assert answer.status_code == 201
    assert answer.get_json()["photos"]["missing"] == [photo_id]
    upload = announced.get_json()["upload"]
    md5 = b64encode(hashlib.md5(CONTENT).digest()).decode()
    assert upload["headers"]["Content-MD5"] == md5
    demand_wait(phone.put(upload["url"], data=CONTENT, headers=upload["headers"]))
    completed = phone.post(f"/api/v1/photos/{photo_id}/complete")
    assert completed.status_code in {409, 503}
    assert completed.status_code != 503 or completed.get_json()["client_action"] == "wait"


def test_the_photo_is_received_when_the_store_is_back(app, phone):
    house = app.extensions[EXTENSION]
    install(app, replace(house, store=Down(house.store)))
    photo_id, announced = announce(phone)
    upload = announced.get_json()["upload"]
    demand_wait(phone.put(upload["url"], data=CONTENT, headers=upload["headers"]))
    install(app, house)
    assert phone.put(upload["url"], data=CONTENT, headers=upload["headers"]).status_code < 300
    done = phone.post(f"/api/v1/photos/{photo_id}/complete")
    assert (done.status_code, done.get_json()["state"]) == (200, "received")
