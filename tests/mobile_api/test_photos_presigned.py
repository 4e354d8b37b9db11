"""Where the store can be reached by phones, photos go straight to it, bound to length, type and hash."""

import http.client
import json
import ssl
import urllib.error
import urllib.request

import pytest

from service.http.work import House, install
from service.jobs.workshop import Workshop
from service.photos import jobs
from tests.support.client import Client
from tests.support.photos import announcement, picture
from tests.support.s3_stores import S3_KINDS, is_given, opened_s3

HUNG_UP = 0
"""A store may turn a body down by closing the line in the middle of it."""


@pytest.fixture(params=S3_KINDS)
def server(request, s3_server):
    return request.param if is_given(request.param) else s3_server(request.param)


@pytest.fixture
def s3_store(request, server, s3_server):
    kind = server if isinstance(server, str) else server.name
    with opened_s3(kind, s3_server) as store:
        yield store


@pytest.fixture
def phone(built_app, settings, sessions, session, world, s3_store):
    install(built_app, House(settings, None, sessions, s3_store))
    return Client(built_app, session).as_(world.field1)


@pytest.fixture
def follow(server):
    """Does exactly what a grant or a link says, as a phone would, and answers the status and the body."""

    def call(method, url, headers, body=None):
        bundle = getattr(server, "ca_bundle", None)
        context = ssl.create_default_context(cafile=bundle) if url.startswith("https") else None
        request = urllib.request.Request(url, data=body, method=method, headers=headers)
        try:
            with urllib.request.urlopen(request, context=context, timeout=20) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()
        except (urllib.error.URLError, http.client.HTTPException, ConnectionError):
            return HUNG_UP, b""

    return call


def expect(phone, content):
    answer = phone.post(
        "/api/v1/photos", data=json.dumps(announcement(content)), content_type="application/json"
    )
    assert answer.status_code == 201
    return answer.get_json()["id"], answer.get_json()["upload"]


def test_a_photo_goes_straight_to_the_store_and_back(phone, follow, s3_store, settings, sessions, session):
    content = picture()
    photo_id, upload = expect(phone, content)
    assert upload["url"].startswith("http"), "another origin than ours"
    status, _ = follow(upload["method"], upload["url"], upload["headers"], content)
    assert status == 200
    done = phone.post(f"/api/v1/photos/{photo_id}/complete")
    assert (done.status_code, done.get_json()["state"]) == (200, "received")
    jobs.develop_photo(Workshop(settings, sessions, s3_store), photo_id)
    session.expire_all()
    link = phone.get(f"/api/v1/photos/{photo_id}/renditions/thumb")
    assert link.status_code == 303
    status, thumb = follow("GET", link.headers["Location"], {})
    assert (status, thumb[:3]) == (200, b"\xff\xd8\xff")


def test_the_store_refuses_what_the_grant_does_not_say(phone, follow, s3_store):
    content = picture()
    photo_id, upload = expect(phone, content)
    tampered = content[:-1] + bytes([content[-1] ^ 1])
    attempts = [
        (upload["headers"], tampered),
        (upload["headers"], content + b"x"),
        (upload["headers"] | {"Content-Type": "text/html"}, content),
        ({"Content-Type": "image/jpeg"}, content),
    ]
    for headers, body in attempts:
        status, _ = follow(upload["method"], upload["url"], headers, body)
        assert status == HUNG_UP or 400 <= status < 500, headers
    answer = phone.post(f"/api/v1/photos/{photo_id}/complete")
    assert (answer.status_code, answer.get_json()["code"]) == (409, "not_uploaded")
