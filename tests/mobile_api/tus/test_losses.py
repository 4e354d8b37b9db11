"""Whatever breaks on the way, an offset is never beyond the bytes, and a photo is never another one than announced."""

from dataclasses import replace

import pytest
import sqlalchemy as sa

from media.errors import StoreUnavailable
from service.http.work import EXTENSION, install
from service.photos.arriving import PIECE_BYTES, SHORT_BYTES
from service.photos.jobs import sweep_leftovers
from service.photos.models import UploadPiece
from service.photos.sweeping import YOUNG
from tests.mobile_api.tus.conftest import TUS, announced
from tests.support.photos import announcement, kept_key, picture


@pytest.fixture
def long_content():
    return picture() + bytes(range(256)) * 16_000


def pieces(session):
    session.expire_all()
    return [
        tuple(row)
        for row in session.execute(
            sa.select(UploadPiece.first_byte, UploadPiece.size).order_by(UploadPiece.first_byte)
        )
    ]


def test_a_long_patch_arrives_in_pieces_that_follow_each_other(phone, long_content, session):
    upload = announced(phone, long_content)
    upload.patch(0, long_content[:-1])
    found = pieces(session)
    assert [first for first, _ in found] == [sum(size for _, size in found[:at]) for at in range(len(found))]
    assert sum(size for _, size in found) == len(long_content) - 1
    assert max(size for _, size in found) <= PIECE_BYTES + SHORT_BYTES


def test_crumbs_become_one_piece(upload, session, store):
    for at in range(0, 5000, 50):
        upload.patch(at, upload.content[at : at + 50])
    assert pieces(session) == [(0, 5000)]
    assert [stat.size for stat in store.list("uploads/")] == [5000]


def test_nothing_is_left_in_the_store_beside_the_photo(phone, long_content, store, session):
    upload = announced(phone, long_content)
    upload.send_all(step=700_000)
    assert upload.complete().status_code == 200
    assert [stat.key for stat in store.list("")] == [kept_key(store, upload.photo_id)]
    assert pieces(session) == []


def test_a_store_that_fails_leaves_the_offset_where_it_was(upload, store, monkeypatch):
    upload.patch(0, upload.content[:10_000])

    def fail(*_args, **_named):
        raise StoreUnavailable("down")

    with monkeypatch.context() as broken:
        broken.setattr(store, "put", fail)
        assert upload.patch(10_000, upload.content[10_000:-1]).status_code == 503
    assert upload.offset() == 10_000
    upload.send_all()
    assert upload.complete().status_code == 200


def test_a_piece_that_the_store_lost_has_the_phone_begin_again(phone, long_content, store):
    upload = announced(phone, long_content)
    upload.patch(0, long_content[:3_000_000])
    store.delete([next(store.list("uploads/")).key])
    answer = upload.patch(3_000_000, long_content[3_000_000:])
    assert (answer.status_code, answer.get_json()["code"]) == (409, "not_uploaded")
    assert upload.offset() == 0
    upload.send_all(step=1_000_000)
    assert upload.complete().status_code == 200


def test_a_short_piece_that_the_store_lost_has_the_phone_begin_again(upload, store):
    upload.patch(0, upload.content[:100])
    store.delete([next(store.list("uploads/")).key])
    assert upload.patch(100, upload.content[100:200]).get_json()["upload_offset"] == 0
    upload.send_all()
    assert upload.complete().status_code == 200


@pytest.mark.parametrize("step", [40_000, 10**7], ids=["in pieces", "whole"])
def test_other_bytes_than_announced_are_refused_and_the_upload_begins_again(upload, store, step):
    other = bytes(len(upload.content))
    answers = [upload.patch(at, other[at : at + step]) for at in range(0, len(other), step)]
    assert (answers[-1].status_code, answers[-1].get_json()["code"]) == (422, "bytes_differ")
    assert (upload.offset(), upload.complete().get_json()["code"]) == (0, "not_uploaded")
    assert list(store.list("")) == []
    upload.send_all()
    assert upload.complete().status_code == 200


def test_damage_in_the_first_of_two_crumbs_is_found_when_the_photo_is_whole(upload):
    upload.patch(0, b"damaged")
    assert upload.patch(7, upload.content[7:]).status_code == 422
    assert upload.offset() == 0
    upload.send_all()
    assert upload.complete().status_code == 200


def test_complete_puts_together_what_a_killed_server_left(upload, store, monkeypatch):
    """The last bytes were counted, and the process died before it looked at the photo."""
    from mobile_api import tus

    half = len(upload.content) // 2
    upload.patch(0, upload.content[:half])
    with monkeypatch.context() as dying:
        dying.setattr(tus, "complete", lambda *_args: None)
        # As two pieces, so that the photo is not stored whole at once.
        monkeypatch.setattr("service.photos.arriving.SHORT_BYTES", 0)
        upload.patch(half, upload.content[half:])
    assert kept_key(store, upload.photo_id) is None
    assert upload.offset() == len(upload.content)
    assert upload.complete().get_json()["state"] == "received"


def test_a_photo_that_was_sent_whole_by_put_ends_its_upload(upload, phone, store):
    upload.patch(0, upload.content[:100])
    phone.put(f"/api/v1/photos/{upload.photo_id}/content", data=upload.content)
    assert upload.offset() == len(upload.content)
    assert upload.complete().status_code == 200


def test_an_announcement_finds_the_upload_as_it_stands(upload, phone):
    upload.patch(0, upload.content[:100])
    again = phone.post(
        "/api/v1/photos", json=announcement(upload.content, photo_id=upload.photo_id, accept=["tus"])
    )
    assert upload.ask("HEAD", TUS, url=again.get_json()["upload"]["url"]).headers["Upload-Offset"] == "100"


def test_what_no_row_knows_is_swept_when_it_is_a_day_old(upload, store, workshop, session, monkeypatch):
    upload.patch(0, upload.content[:100])
    kept = next(store.list("uploads/")).key
    store.put(
        "uploads/lost/0-x",
        [b"x"],
        size=1,
        sha256="2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881",
        content_type="application/octet-stream",
    )
    sweep_leftovers(workshop)
    assert len(list(store.list("uploads/"))) == 2, "young ones may belong to a request on its way"
    monkeypatch.setattr("service.photos.sweeping.YOUNG", -YOUNG)
    sweep_leftovers(workshop)
    assert [stat.key for stat in store.list("uploads/")] == [kept]


def test_begun_uploads_are_bounded_and_may_always_go_on(phone, own_app_with_room_for_two):
    first, second, third = (announced(phone, picture(seed) + bytes(1_100_000)) for seed in (1, 2, 3))
    assert first.patch(0, first.content[:10]).status_code == 204
    assert second.patch(0, second.content[:10]).status_code == 204
    refused = third.patch(0, third.content[:10])
    assert (refused.status_code, refused.get_json()["code"]) == (429, "too_much_unfinished")
    assert refused.headers["Retry-After"]
    first.send_all()
    assert third.patch(0, third.content[:10]).status_code == 204
    second.ask("DELETE", TUS)
    third.send_all()
    assert third.complete().status_code == 200


@pytest.fixture
def own_app_with_room_for_two(app):
    house = app.extensions[EXTENSION]
    install(app, replace(house, settings=replace(house.settings, unfinished_limit_bytes=2_500_000)))
