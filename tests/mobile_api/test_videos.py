"""Short videos of a site: large, kept unopened, sent in parts to the store or resumably to us, verified by a job."""

import hashlib
import http.client
import random
import urllib.error
import urllib.request
from dataclasses import replace
from uuid import uuid4

import pytest
import sqlalchemy as sa

from service.http.work import EXTENSION, install
from service.jobs.workshop import Workshop
from service.photos import jobs
from service.photos.completing import VERIFY
from service.photos.kinds import LARGE_BYTES
from service.photos.models import Upload
from tests.support.client import Client
from tests.support.photos import announcement, kept_key
from tests.support.s3_stores import opened_s3, s3_parameter

MP4 = b"\0\0\0\x18ftypisom\0\0\x02\0isommp42"
NOISE = random.Random(5).randbytes(1024 * 1024)


def video(megabytes: int = 1, start: bytes = MP4) -> bytes:
    return start + NOISE * megabytes + uuid4().bytes


LARGE = video(17)


@pytest.fixture
def phone(client, world):
    return client.as_(world.field1)


@pytest.fixture(params=[s3_parameter("s3emu"), s3_parameter("swift"), s3_parameter("rgw")])
def s3_store(request, s3_server):
    with opened_s3(request.param, s3_server) as store:
        yield store


@pytest.fixture
def remote(app, session, world, s3_store):
    """A phone whose house keeps its photos in S3."""
    install(app, replace(app.extensions[EXTENSION], store=s3_store))
    return Client(app, session).as_(world.field1)


def announce(phone, content, accept=("put", "tus", "s3_multipart"), **changes):
    answer = phone.post(
        "/api/v1/photos",
        json=announcement(content, content_type="video/mp4", accept=list(accept), **changes),
    )
    assert answer.status_code == 201, answer.get_data(as_text=True)
    return answer.get_json()


def put(part, body):
    request = urllib.request.Request(part["url"], data=body, method=part["method"], headers=part["headers"])
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code
    except (urllib.error.URLError, http.client.HTTPException, ConnectionError):
        return 0


def parts_of(phone, photo_id):
    answer = phone.get(f"/api/v1/photos/{photo_id}/parts")
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return answer.get_json()


def send_missing(phone, photo_id, content, most=99):
    plan = parts_of(phone, photo_id)
    for part in [one for one in plan["parts"] if one["state"] == "missing"][:most]:
        start = (part["number"] - 1) * plan["part_size"]
        assert put(part, content[start : start + part["size"]]) == 200


def complete(phone, photo_id):
    return phone.post(f"/api/v1/photos/{photo_id}/complete")


def work_off(session, workshop):
    """Run the verifications that were asked for."""
    waiting = session.scalars(
        sa.text("SELECT args->>'photo_id' FROM procrastinate_jobs WHERE task_name = :name").bindparams(
            name=VERIFY
        )
    ).all()
    session.execute(sa.text("DELETE FROM procrastinate_jobs"))
    session.commit()
    for photo_id in waiting:
        jobs.verify_photo(workshop, photo_id)
    session.expire_all()
    return len(waiting)


@pytest.fixture
def workshop(settings, sessions, store):
    return Workshop(settings, sessions, store)


@pytest.fixture
def remote_workshop(settings, sessions, s3_store):
    return Workshop(settings, sessions, s3_store)


def test_a_small_video_is_ready_without_renditions_and_can_be_downloaded(
    phone, workshop, session, client, world
):
    content = video()
    granted = announce(phone, content)
    sent = phone.put(f"/api/v1/photos/{granted['id']}/content", data=content)
    assert sent.status_code == 200
    path = f"/api/v1/photos/{granted['id']}"
    assert phone.get(f"{path}/video").get_json()["code"] == "not_ready"
    jobs.develop_photo(workshop, granted["id"])
    session.expire_all()
    assert phone.get(path).get_json()["state"] == "ready"
    assert phone.get(f"{path}/renditions/thumb").get_json()["code"] == "no_rendition"
    file = phone.get(f"{path}/video")
    assert (file.status_code, file.data == content, file.mimetype) == (200, True, "video/mp4")
    assert file.headers["Content-Disposition"] == f'attachment; filename="{granted["id"]}.mp4"'
    assert file.headers["X-Content-Type-Options"] == "nosniff"
    assert client.as_(world.unit1).get(f"{path}/video").status_code == 200
    assert client.as_(world.field2).get(f"{path}/video").status_code == 404


def test_a_download_goes_on_where_it_broke_off(phone, workshop, session):
    content = video()
    granted = announce(phone, content)
    phone.put(f"/api/v1/photos/{granted['id']}/content", data=content)
    jobs.develop_photo(workshop, granted["id"])
    session.expire_all()
    rest = phone.get(f"/api/v1/photos/{granted['id']}/video", headers={"Range": "bytes=1000-"})
    assert (rest.status_code, rest.data == content[1000:]) == (206, True)
    assert rest.headers["Content-Range"] == f"bytes 1000-{len(content) - 1}/{len(content)}"


@pytest.mark.parametrize(
    "start", [b"\xff\xd8\xff\xe0 a picture", b"MZ a program", b"<html>", MP4[:8] + b"heic"]
)
def test_a_file_in_disguise_is_kept_and_rejected(phone, workshop, session, start):
    content = video(start=start)
    granted = announce(phone, content)
    phone.put(f"/api/v1/photos/{granted['id']}/content", data=content)
    jobs.develop_photo(workshop, granted["id"])
    session.expire_all()
    facts = phone.get(f"/api/v1/photos/{granted['id']}").get_json()
    assert (facts["state"], facts["rejected_because"]) == ("rejected", "not_a_video")
    assert phone.get(f"/api/v1/photos/{granted['id']}/video").get_json()["code"] == "no_video"


@pytest.mark.parametrize("kind", ["video/x-matroska", "video/webm", "video/avi", "application/mp4"])
def test_only_the_videos_that_phones_make_are_taken(phone, kind):
    answer = phone.post("/api/v1/photos", json=announcement(MP4, content_type=kind))
    assert (answer.status_code, answer.get_json()["errors"][0]["pointer"]) == (422, "/content_type")


def test_a_video_may_be_larger_than_a_picture_and_not_without_end(phone):
    size = 400 * 1024 * 1024
    assert phone.post("/api/v1/photos", json=announcement(MP4, size=size)).status_code == 413
    assert announce(phone, MP4, size=size)["upload"]["kind"] == "tus"
    over = announcement(MP4, size=501 * 1024 * 1024, content_type="video/mp4")
    assert phone.post("/api/v1/photos", json=over).get_json()["code"] == "photo_too_large"


def test_a_large_video_is_verified_by_a_job_while_the_phone_asks_again(phone, workshop, session):
    granted = announce(phone, LARGE)
    assert len(LARGE) > LARGE_BYTES
    assert complete(phone, granted["id"]).get_json()["code"] == "not_uploaded"
    headers = {
        "Tus-Resumable": "1.0.0",
        "Upload-Offset": "0",
        "Content-Type": "application/offset+octet-stream",
    }
    sent = phone.app.test_client().patch(granted["upload"]["url"], data=LARGE, headers=headers)
    assert (sent.status_code, sent.headers["Upload-Offset"]) == (204, str(len(LARGE)))
    for _ in range(2):
        waiting = complete(phone, granted["id"])
        assert (waiting.status_code, waiting.get_json()["verifying"]) == (202, True)
        assert waiting.headers["Retry-After"]
    assert work_off(session, workshop) == 1, "asked twice, verified once"
    done = complete(phone, granted["id"])
    assert (done.status_code, done.get_json()["receipt"]["sha256"]) == (
        200,
        hashlib.sha256(LARGE).hexdigest(),
    )
    assert [stat.key for stat in workshop.store.list("")] == [kept_key(workshop.store, granted["id"])]


def test_a_large_video_of_other_bytes_is_refused_at_the_next_complete_and_sent_again(
    phone, workshop, session
):
    granted = announce(phone, LARGE)
    headers = {
        "Tus-Resumable": "1.0.0",
        "Upload-Offset": "0",
        "Content-Type": "application/offset+octet-stream",
    }
    other = LARGE[:-1] + bytes([LARGE[-1] ^ 1])
    caller = phone.app.test_client()
    caller.patch(granted["upload"]["url"], data=other, headers=headers)
    assert complete(phone, granted["id"]).status_code == 202
    work_off(session, workshop)
    refused = complete(phone, granted["id"])
    assert (refused.status_code, refused.get_json()["code"]) == (422, "bytes_differ")
    assert caller.patch(granted["upload"]["url"], data=LARGE, headers=headers).status_code == 204
    assert complete(phone, granted["id"]).status_code == 202
    work_off(session, workshop)
    assert complete(phone, granted["id"]).status_code == 200


def test_parts_are_offered_only_where_the_store_takes_them(phone):
    granted = announce(phone, LARGE)
    assert granted["upload"]["kind"] == "tus"
    assert phone.get(f"/api/v1/photos/{granted['id']}/parts").get_json()["code"] == "not_in_parts"


def test_a_large_video_goes_to_the_store_in_parts_that_can_be_resumed(remote, remote_workshop, session):
    granted = announce(remote, LARGE)
    photo_id, upload = granted["id"], granted["upload"]
    assert (upload["kind"], upload["method"]) == ("s3_multipart", "PUT")
    assert upload["url"] == f"/api/v1/photos/{photo_id}/parts"
    assert complete(remote, photo_id).get_json()["code"] == "not_uploaded"
    plan = parts_of(remote, photo_id)
    assert sum(part["size"] for part in plan["parts"]) == len(LARGE)
    send_missing(remote, photo_id, LARGE, most=1)
    assert [part["state"] for part in parts_of(remote, photo_id)["parts"]] == ["here", "missing", "missing"]
    assert complete(remote, photo_id).get_json()["code"] == "not_uploaded"
    assert announce(remote, LARGE, photo_id=photo_id)["upload"]["kind"] == "s3_multipart"
    send_missing(remote, photo_id, LARGE)
    assert complete(remote, photo_id).status_code == 202
    assert work_off(session, remote_workshop) == 1
    assert complete(remote, photo_id).get_json()["receipt"]["sha256"] == hashlib.sha256(LARGE).hexdigest()
    assert remote.get(f"/api/v1/photos/{photo_id}/parts").get_json()["code"] == "not_in_parts"
    jobs.develop_photo(remote_workshop, photo_id)
    session.expire_all()
    link = remote.get(f"/api/v1/photos/{photo_id}/video")
    assert link.status_code == 303
    with urllib.request.urlopen(link.headers["Location"], timeout=30) as answer:
        assert answer.read() == LARGE
        assert answer.headers["Content-Disposition"].startswith("attachment")


def test_a_verification_that_was_killed_half_way_is_done_again(remote, remote_workshop, session, monkeypatch):
    photo_id = announce(remote, LARGE)["id"]
    send_missing(remote, photo_id, LARGE)
    assert complete(remote, photo_id).status_code == 202

    def killed(*_arguments):
        raise KeyboardInterrupt

    with monkeypatch.context() as dying:
        dying.setattr("service.photos.completing.verify", killed)
        with pytest.raises(KeyboardInterrupt):
            jobs.verify_photo(remote_workshop, photo_id)
    jobs.verify_photo(remote_workshop, photo_id)
    session.expire_all()
    assert complete(remote, photo_id).get_json()["state"] == "received"


def test_parts_of_another_video_are_refused_and_sent_again(remote, remote_workshop, session):
    photo_id = announce(remote, LARGE)["id"]
    send_missing(remote, photo_id, LARGE[:100] + b"!" + LARGE[101:])
    assert complete(remote, photo_id).status_code == 202
    work_off(session, remote_workshop)
    assert complete(remote, photo_id).get_json()["code"] == "bytes_differ"
    assert {part["state"] for part in parts_of(remote, photo_id)["parts"]} == {"missing"}
    send_missing(remote, photo_id, LARGE)
    assert complete(remote, photo_id).status_code == 202
    work_off(session, remote_workshop)
    assert complete(remote, photo_id).status_code == 200


def test_given_up_and_expired_parts_are_removed_from_the_store(
    remote, remote_workshop, session, s3_store, monkeypatch
):
    from service.photos.sweeping import YOUNG

    given_up, expired = (announce(remote, video(17))["id"] for _ in range(2))
    for photo_id in (given_up, expired):
        parts_of(remote, photo_id)
    assert len(list(s3_store.parts.unfinished("photos/"))) == 2
    assert remote.delete(f"/api/v1/photos/{given_up}/parts").status_code == 204
    assert remote.get(f"/api/v1/photos/{given_up}/parts").get_json()["code"] == "not_in_parts"
    session.execute(sa.update(Upload).values(expires_at=sa.func.now() - sa.text("interval '1 second'")))
    session.commit()
    jobs.end_old_uploads(remote_workshop)
    assert list(s3_store.parts.unfinished("photos/")) == []
    s3_store.parts.begin("photos/lost/original", content_type="video/mp4")
    jobs.sweep_leftovers(remote_workshop)
    assert len(list(s3_store.parts.unfinished("photos/"))) == 1
    monkeypatch.setattr("service.photos.sweeping.YOUNG", -YOUNG)
    jobs.sweep_leftovers(remote_workshop)
    assert list(s3_store.parts.unfinished("photos/")) == []


def test_a_picture_that_a_phone_may_resume_goes_through_us_and_a_small_one_to_the_store(remote):
    small = remote.post("/api/v1/photos", json=announcement(NOISE[:1000], accept=["put", "tus"])).get_json()
    assert (small["upload"]["kind"], small["upload"]["url"][:4]) == ("put", "http")
    larger = remote.post("/api/v1/photos", json=announcement(NOISE * 2, accept=["put", "tus"])).get_json()
    assert larger["upload"]["kind"] == "tus"
    headers = {"Tus-Resumable": "1.0.0", "Content-Type": "application/offset+octet-stream"}
    caller = remote.app.test_client()
    for start, end in ((0, 1_500_000), (1_500_000, len(NOISE) * 2)):
        sent = caller.patch(
            larger["upload"]["url"],
            data=(NOISE * 2)[start:end],
            headers=headers | {"Upload-Offset": str(start)},
        )
        assert sent.status_code == 204, sent.get_data(as_text=True)
    assert complete(remote, larger["id"]).get_json()["state"] == "received"
