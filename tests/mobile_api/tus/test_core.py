"""The core protocol: HEAD, PATCH, OPTIONS and their headers."""

import pytest

from tests.mobile_api.tus.conftest import BYTES, TUS
from tests.support.photos import kept_key

EVERY = ("HEAD", "PATCH", "POST", "DELETE")


def test_head_always_includes_the_offset_even_when_it_is_zero(upload):
    found = upload.head()
    assert (found.status_code, found.headers["Upload-Offset"]) == (200, "0")


def test_head_includes_the_offset_of_an_upload_that_is_complete(upload):
    upload.send_all()
    assert upload.offset() == len(upload.content)


def test_head_includes_the_length(upload):
    assert upload.head().headers["Upload-Length"] == str(len(upload.content))


def test_head_may_not_be_cached(upload):
    assert upload.head().headers["Cache-Control"] == "no-store"


def test_head_is_never_answered_with_304(upload):
    for header in ("If-None-Match", "If-Match"):
        answer = upload.ask("HEAD", TUS | {header: 'W/"e3b0c44298fc1c149afbf4c8996fb924"'})
        assert (answer.status_code, answer.headers["Upload-Offset"]) == (200, "0")
    assert upload.ask("HEAD", TUS | {"If-None-Match": "*"}).status_code == 200


def test_head_answers_without_a_body(upload):
    assert upload.head().data == b""


@pytest.mark.parametrize("method", ["HEAD", "PATCH", "DELETE"])
def test_an_unknown_upload_is_not_found_and_has_no_offset(phone, method):
    headers = TUS | {"Upload-Offset": "0", "Content-Type": BYTES}
    answer = phone.request(method, "/api/v1/photos/6ba7b810-9dad-11d1-80b4-00c04fd430c8/tus", headers=headers)
    assert answer.status_code == 404
    assert "Upload-Offset" not in answer.headers


def test_a_photo_that_was_announced_without_tus_has_no_upload_until_it_is_opened(phone, content):
    from tests.support.photos import announcement

    photo = announcement(content)
    phone.post("/api/v1/photos", json=photo)
    path = f"/api/v1/photos/{photo['id']}/tus"
    assert phone.request("HEAD", path, headers=TUS).status_code == 404
    created = phone.post(path, headers=TUS | {"Upload-Length": str(len(content))})
    assert created.status_code == 201
    assert phone.request("HEAD", path, headers=TUS).headers["Upload-Offset"] == "0"


@pytest.mark.parametrize("kind", [None, "application/octet-stream", "image/jpeg", "application/json"])
def test_patch_demands_its_content_type(upload, kind):
    headers = TUS | {"Upload-Offset": "0"} | ({"Content-Type": kind} if kind else {})
    answer = upload.ask("PATCH", headers, data=b"abc")
    assert (answer.status_code, upload.offset()) == (415, 0)


@pytest.mark.parametrize("offset", [1, 99, 10**9])
def test_patch_at_another_offset_is_a_conflict_and_modifies_nothing(upload, offset):
    answer = upload.patch(offset, b"abc")
    assert (answer.status_code, answer.get_json()["code"]) == (409, "offset_differs")
    assert answer.get_json()["upload_offset"] == 0
    assert upload.offset() == 0


def test_patch_twice_at_one_offset_is_a_conflict_the_second_time(upload):
    assert upload.patch(0, upload.content[:100]).status_code == 204
    assert upload.patch(0, upload.content[:100]).status_code == 409
    assert upload.offset() == 100


def test_patch_is_acknowledged_with_204(upload):
    answer = upload.patch(0, upload.content[:10])
    assert (answer.status_code, answer.data) == (204, b"")


def test_patch_answers_with_the_new_offset(upload):
    assert upload.patch(0, upload.content[:10]).headers["Upload-Offset"] == "10"


def test_the_new_offset_is_the_sum_of_the_old_one_and_the_bytes_received(upload):
    upload.patch(0, upload.content[:10])
    answer = upload.patch(10, upload.content[10:25])
    assert (answer.headers["Upload-Offset"], upload.offset()) == ("25", 25)


def test_patch_without_bytes_changes_nothing(upload):
    answer = upload.patch(0, b"")
    assert (answer.status_code, answer.headers["Upload-Offset"]) == (204, "0")


def test_the_bytes_of_many_patches_are_the_photo(upload, store):
    upload.send_all(step=7919)
    with store.open(kept_key(store, upload.photo_id)) as stream:
        assert stream.read() == upload.content


def test_the_last_patch_makes_the_photo_received(upload):
    upload.send_all()
    done = upload.complete()
    assert (done.status_code, done.get_json()["state"]) == (200, "received")


def test_one_patch_is_enough(upload):
    assert upload.patch(0, upload.content).headers["Upload-Offset"] == str(len(upload.content))
    assert upload.complete().get_json()["receipt"]["sha256"]


@pytest.mark.parametrize("offset", [None, "", "-1", "1.5", "0x0", "abc", "1e3", "9" * 40, "+1", "²"])
def test_the_offset_of_a_patch_is_a_whole_number_that_is_not_negative(upload, offset):
    headers = TUS | {"Content-Type": BYTES} | ({} if offset is None else {"Upload-Offset": offset})
    answer = upload.ask("PATCH", headers, data=b"abc")
    assert (answer.status_code, answer.get_json()["code"]) == (400, "bad_upload_header")


def test_bytes_past_the_end_are_refused_and_none_is_kept(upload):
    answer = upload.patch(0, upload.content + b"!")
    assert (answer.status_code, answer.get_json()["code"]) == (413, "beyond_the_length")
    assert upload.offset() == 0


def test_a_complete_upload_takes_no_more_bytes(upload):
    upload.send_all()
    assert upload.patch(len(upload.content), b"!").status_code == 413
    assert upload.patch(len(upload.content), b"").status_code == 204
    assert upload.patch(0, b"!").status_code == 409


@pytest.mark.parametrize("method", EVERY)
@pytest.mark.parametrize("said", [None, "0.2.2", "1.0", "1.0.1", ""])
def test_another_version_is_answered_with_412_and_ours(upload, method, said):
    headers = {} if said is None else {"Tus-Resumable": said}
    answer = upload.ask(method, headers | {"Upload-Offset": "0", "Content-Type": BYTES}, data=b"abc")
    assert (answer.status_code, answer.headers["Tus-Version"]) == (412, "1.0.0")


def test_a_request_of_another_version_is_not_processed(upload):
    upload.ask("PATCH", {"Tus-Resumable": "2.0.0", "Upload-Offset": "0", "Content-Type": BYTES}, data=b"abc")
    upload.ask("DELETE", {"Tus-Resumable": "2.0.0"})
    assert upload.offset() == 0


def test_every_answer_names_the_version(upload, phone):
    answers = [
        upload.head(),
        upload.create(),
        upload.patch(0, b"a"),
        upload.patch(0, b"a"),
        upload.ask("PATCH", TUS, data=b"x"),
        upload.ask("HEAD", {}),
        upload.ask("OPTIONS"),
        upload.ask("GET", TUS),
        upload.ask("HEAD", TUS, url=upload.url.split("?")[0]),
        upload.ask("HEAD", TUS, url=upload.url + "0"),
        upload.ask("DELETE", TUS),
    ]
    assert [one.headers.get("Tus-Resumable") for one in answers] == ["1.0.0"] * len(answers)


def test_options_names_version_extensions_and_largest_size(upload):
    answer = upload.ask("OPTIONS")
    assert answer.status_code in {200, 204}
    assert answer.headers["Tus-Version"] == "1.0.0"
    assert answer.headers["Tus-Extension"].split(",") == [
        "creation",
        "creation-with-upload",
        "checksum",
        "expiration",
        "termination",
    ]
    assert int(answer.headers["Tus-Max-Size"]) == 500 * 1024 * 1024


@pytest.mark.parametrize("said", [None, "0.0.1", "1.0.0"])
def test_options_ignores_the_version_of_the_request(upload, said):
    headers = {} if said is None else {"Tus-Resumable": said}
    assert upload.ask("OPTIONS", headers).status_code == 204


def test_options_is_answered_to_strangers(upload):
    assert upload.ask("OPTIONS", url=upload.url.split("?")[0]).status_code == 204


@pytest.mark.parametrize("actual", ["POST", "PUT", "GET"])
def test_the_override_header_is_the_method_and_the_actual_one_is_ignored(upload, actual):
    headers = TUS | {"X-HTTP-Method-Override": "PATCH", "Upload-Offset": "0", "Content-Type": BYTES}
    answer = upload.ask(actual, headers, data=upload.content[:5])
    assert (answer.status_code, answer.headers["Upload-Offset"]) == (204, "5")


def test_the_override_header_may_be_head_or_delete(upload):
    head = upload.ask("POST", TUS | {"X-HTTP-Method-Override": "HEAD"})
    assert (head.status_code, head.headers["Upload-Offset"], head.data) == (200, "0", b"")
    assert upload.ask("POST", TUS | {"X-HTTP-Method-Override": "DELETE"}).status_code == 204


def test_an_override_that_is_no_method_is_not_taken_for_the_actual_one(upload):
    answer = upload.ask("HEAD", TUS | {"X-HTTP-Method-Override": "FROBNICATE"})
    assert answer.status_code == 405


def test_the_override_works_nowhere_else(phone):
    assert phone.get("/api/v1/me", headers={"X-HTTP-Method-Override": "DELETE"}).status_code == 200


@pytest.mark.parametrize("sent", [1, 1000, 60_000])
def test_what_arrived_before_the_connection_broke_is_kept(upload, sent):
    """As the web server hands a broken body on: shorter than its length header says."""
    answer = upload.patch(0, upload.content[:sent], Content_Length=str(len(upload.content)))
    assert upload.offset() == sent
    assert answer.status_code == 204
    upload.send_all()
    assert upload.complete().status_code == 200


def test_the_owner_may_use_the_address_with_a_token_alone(upload, phone):
    path = upload.url.split("?")[0]
    found = phone.request("HEAD", path, headers=TUS)
    assert (found.status_code, found.headers["Upload-Offset"]) == (200, "0")


def test_nobody_else_finds_the_upload(upload, client, world):
    path = upload.url.split("?")[0]
    headers = TUS | {"Upload-Offset": "0", "Content-Type": BYTES, "Upload-Length": "1"}
    for method in EVERY:
        assert client.as_(world.field2).request(method, path, headers=headers).status_code == 404, method
        assert client.request(method, path, headers=headers).status_code == 401, method
        forged = upload.url[:-1] + ("0" if upload.url[-1] != "0" else "1")
        assert upload.ask(method, headers, url=forged).status_code == 403, method
    assert upload.offset() == 0
