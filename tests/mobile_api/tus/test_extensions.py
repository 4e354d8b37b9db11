"""The extensions that are offered: creation, creation-with-upload, checksum, expiration, termination."""

import base64
import hashlib
import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import pytest
import sqlalchemy as sa

from service.kernel.clock import now
from service.photos.jobs import end_old_uploads
from service.photos.models import Upload as Row
from tests.mobile_api.tus.conftest import BYTES, TUS, announced
from tests.support.photos import kept_key, picture


def summed(algorithm, data):
    return f"{algorithm} {base64.b64encode(hashlib.new(algorithm, data).digest()).decode()}"


def expires(answer):
    return parsedate_to_datetime(answer.headers["Upload-Expires"])


def grown_old(session, upload):
    session.execute(sa.update(Row).values(expires_at=now() - timedelta(seconds=1)))
    session.commit()


# creation


@pytest.mark.parametrize(
    "extension", ["creation", "creation-with-upload", "checksum", "expiration", "termination"]
)
def test_options_lists_the_extension(upload, extension):
    assert extension in upload.ask("OPTIONS").headers["Tus-Extension"].split(",")


@pytest.mark.parametrize("extension", ["creation-defer-length", "concatenation", "checksum-trailer"])
def test_options_does_not_list_what_is_not_offered(upload, extension):
    assert extension not in upload.ask("OPTIONS").headers["Tus-Extension"].split(",")


def test_a_creation_is_acknowledged_with_201_and_a_location(upload):
    answer = upload.create()
    assert answer.status_code == 201
    location = answer.headers["Location"]
    assert upload.ask("HEAD", TUS, url=location).headers["Upload-Offset"] == "0"
    assert (
        upload.ask(
            "PATCH", TUS | {"Upload-Offset": "0", "Content-Type": BYTES}, url=location, data=b"a"
        ).status_code
        == 204
    )


def test_a_second_creation_finds_the_upload_as_it_stands(upload):
    upload.patch(0, upload.content[:50])
    again = upload.create()
    assert (again.status_code, again.headers["Upload-Offset"], upload.offset()) == (201, "50", 50)


def test_a_creation_without_a_length_is_refused(upload):
    answer = upload.ask("POST", TUS)
    assert (answer.status_code, answer.get_json()["code"]) == (400, "bad_upload_header")


@pytest.mark.parametrize("length", ["", "-1", "1.0", "ten", "9" * 30])
def test_the_length_is_a_whole_number_that_is_not_negative(upload, length):
    assert upload.ask("POST", TUS | {"Upload-Length": length}).status_code == 400


@pytest.mark.parametrize("said", ["1", "0", "yes"])
def test_a_length_that_is_to_come_later_is_refused(upload, said):
    answer = upload.ask("POST", TUS | {"Upload-Defer-Length": said})
    assert (answer.status_code, answer.get_json()["code"]) == (400, "bad_upload_header")


def test_a_length_over_the_largest_size_is_answered_with_413(upload):
    assert upload.create(500 * 1024 * 1024 + 1).status_code == 413


def test_a_length_that_was_not_announced_is_refused(upload):
    answer = upload.create(len(upload.content) + 1)
    assert (answer.status_code, answer.get_json()["code"]) == (422, "bytes_differ")


def test_head_gives_the_metadata_back_as_it_was_sent(upload):
    said = "filename " + base64.b64encode("现场 1.jpg".encode()).decode() + ",is_confidential"
    upload.create(Upload_Metadata=said)
    assert upload.head().headers["Upload-Metadata"] == said


def test_head_has_no_metadata_when_none_was_sent(upload):
    assert "Upload-Metadata" not in upload.head().headers


@pytest.mark.parametrize(
    "said",
    [
        ",",
        "a YQ==, ",
        "a b c",
        "key not-base64!",
        "key YQ==,key YQ==",
        "a YQ==,,b YQ==",
        "schlüssel YQ==",
        "k " + "A" * 8192,
    ],
    ids=["empty pairs", "no key", "two values", "no base64", "twice", "gap", "not ASCII", "too long"],
)
def test_metadata_that_is_not_well_formed_is_refused(upload, said):
    answer = upload.create(Upload_Metadata=said)
    assert (answer.status_code, answer.get_json()["code"]) == (400, "bad_upload_header")


@pytest.mark.parametrize("said", ["a YQ==", "a", "a ,b", "a YQ==,b Yg==", "relativePath bnVsbA=="])
def test_metadata_may_have_empty_values_and_several_keys(upload, said):
    assert upload.create(Upload_Metadata=said).status_code == 201


# creation-with-upload


def test_a_creation_may_bring_the_first_bytes_and_answers_with_the_offset_after_them(upload):
    answer = upload.create(data=upload.content[:1234])
    assert (answer.status_code, answer.headers["Upload-Offset"], upload.offset()) == (201, "1234", 1234)


def test_a_creation_may_bring_everything(upload):
    answer = upload.create(data=upload.content)
    assert (answer.status_code, answer.headers["Upload-Offset"]) == (201, str(len(upload.content)))
    assert upload.complete().get_json()["state"] == "received"


def test_a_creation_that_is_sent_again_with_its_bytes_answers_with_the_offset_and_keeps_one(upload):
    upload.create(data=upload.content[:1000])
    again = upload.create(data=upload.content[:1000])
    assert (again.status_code, again.headers["Upload-Offset"]) == (201, "1000")
    upload.send_all()
    assert upload.complete().status_code == 200


def test_a_creation_with_bytes_of_another_content_type_is_refused(upload):
    said = TUS | {"Upload-Length": str(len(upload.content)), "Content-Type": "image/jpeg"}
    assert upload.ask("POST", said, data=upload.content).status_code == 415


def test_a_creation_without_bytes_answers_with_the_offset_too(upload):
    assert upload.create().headers["Upload-Offset"] == "0"


# checksum


@pytest.mark.parametrize("algorithm", ["sha1", "sha256", "md5"])
def test_bytes_that_match_their_checksum_are_kept(upload, algorithm):
    data = upload.content[:5000]
    answer = upload.patch(0, data, Upload_Checksum=summed(algorithm, data))
    assert (answer.status_code, upload.offset()) == (204, 5000)


@pytest.mark.parametrize("algorithm", ["sha1", "sha256", "md5"])
def test_bytes_that_do_not_match_are_answered_with_460_and_discarded(upload, algorithm, store):
    answer = upload.patch(0, upload.content[:5000], Upload_Checksum=summed(algorithm, b"other"))
    assert (answer.status_code, answer.get_json()["code"]) == (460, "checksum_differs")
    assert upload.offset() == 0
    assert list(store.list("uploads/")) == []


def test_a_mismatch_leaves_what_had_arrived_before(upload):
    upload.patch(0, upload.content[:100])
    assert upload.patch(100, b"damaged", Upload_Checksum=summed("sha1", b"other")).status_code == 460
    assert upload.offset() == 100
    upload.send_all()
    assert upload.complete().status_code == 200


def test_options_names_the_algorithms_and_sha1_among_them(upload):
    names = upload.ask("OPTIONS").headers["Tus-Checksum-Algorithm"].split(",")
    assert set(names) == {"sha1", "sha256", "md5"}
    assert [name for name in names if name != name.lower() or not name.isascii()] == []


@pytest.mark.parametrize(
    "said", ["crc32 AAAAAA==", "SHA1 2jmj7l5rSw0yVb/vlWAYkK/YBwk=", "sha512 AAAA", " AAAA"]
)
def test_an_algorithm_that_is_not_offered_is_answered_with_400(upload, said):
    assert upload.patch(0, b"abc", Upload_Checksum=said).status_code == 400
    assert upload.offset() == 0


@pytest.mark.parametrize("said", ["sha1", "sha1 ", "sha1 !!!", "", "sha1,AAAA", "sha1 AAAA AAAA"])
def test_a_checksum_that_is_not_well_formed_is_answered_with_400(upload, said):
    assert upload.patch(0, b"abc", Upload_Checksum=said).status_code == 400
    assert upload.offset() == 0


def test_a_connection_that_breaks_under_a_checksum_leaves_nothing_of_this_request(upload):
    sent = upload.content[:2000]
    answer = upload.patch(0, sent[:1000], Upload_Checksum=summed("sha1", sent), Content_Length="2000")
    assert (answer.status_code, upload.offset()) == (460, 0)


def test_a_creation_with_bytes_takes_a_checksum_too(upload):
    data = upload.content[:500]
    assert upload.create(data=data, Upload_Checksum=summed("sha1", b"other")).status_code == 460
    assert upload.offset() == 0
    assert upload.create(data=data, Upload_Checksum=summed("sha1", data)).headers["Upload-Offset"] == "500"


def test_a_checksum_holds_for_more_than_fits_in_one_piece(phone, store):
    content = picture() + b"\0" * 3_000_000
    upload = announced(phone, content)
    damaged = content[:2_500_000]
    assert upload.patch(0, damaged, Upload_Checksum=summed("sha256", b"other")).status_code == 460
    assert (upload.offset(), list(store.list("uploads/"))) == (0, [])
    assert upload.patch(0, damaged, Upload_Checksum=summed("sha256", damaged)).status_code == 204
    upload.send_all(step=2_000_000)
    assert upload.complete().status_code == 200


# expiration


def test_a_creation_says_when_the_upload_expires(upload):
    assert expires(upload.create()) > datetime.now(UTC) + timedelta(days=7)


def test_every_patch_says_when_the_upload_expires(upload):
    assert expires(upload.patch(0, b"a")) > datetime.now(UTC) + timedelta(days=7)


def test_the_time_is_written_as_http_writes_it(upload):
    said = upload.patch(0, b"a").headers["Upload-Expires"]
    assert re.fullmatch(r"[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT", said)


def test_each_byte_that_arrives_puts_the_end_off(upload, session):
    session.execute(sa.update(Row).values(expires_at=now() + timedelta(minutes=1)))
    session.commit()
    upload.patch(0, b"a")
    session.expire_all()
    assert session.get_one(Row, upload.photo_id).expires_at > now() + timedelta(days=7)


@pytest.mark.parametrize("is_swept", [False, True])
def test_an_expired_upload_is_gone_and_may_be_opened_anew(upload, session, store, workshop, is_swept):
    upload.patch(0, upload.content[:300])
    grown_old(session, upload)
    if is_swept:
        end_old_uploads(workshop)
        assert list(store.list("uploads/")) == []
        session.expire_all()
    assert upload.head().status_code == 410
    assert upload.patch(300, b"a").status_code == 410
    assert "Upload-Offset" not in upload.head().headers
    assert upload.create().headers["Upload-Offset"] == "0"
    upload.send_all()
    assert upload.complete().status_code == 200


def test_an_announcement_opens_an_expired_upload_anew(upload, session, phone):
    from tests.support.photos import announcement

    upload.patch(0, upload.content[:300])
    grown_old(session, upload)
    again = phone.post(
        "/api/v1/photos", json=announcement(upload.content, photo_id=upload.photo_id, accept=["tus"])
    )
    assert again.status_code == 201
    assert upload.ask("HEAD", TUS, url=again.get_json()["upload"]["url"]).headers["Upload-Offset"] == "0"


def test_a_complete_upload_does_not_expire(upload, session):
    upload.send_all()
    grown_old(session, upload)
    assert upload.offset() == len(upload.content)
    assert "Upload-Expires" not in upload.head().headers


# termination


def test_a_deletion_is_confirmed_with_204_and_frees_what_had_arrived(upload, store):
    upload.patch(0, upload.content[:300])
    assert len(list(store.list("uploads/"))) == 1
    assert upload.ask("DELETE", TUS).status_code == 204
    assert list(store.list("uploads/")) == []


@pytest.mark.parametrize("method", ["HEAD", "PATCH", "DELETE"])
def test_a_deleted_upload_is_gone(upload, method):
    upload.ask("DELETE", TUS)
    answer = upload.ask(method, TUS | {"Upload-Offset": "0", "Content-Type": BYTES}, data=b"a")
    assert answer.status_code == 410
    assert "Upload-Offset" not in answer.headers


def test_a_deleted_upload_may_be_opened_anew(upload):
    upload.patch(0, upload.content[:300])
    upload.ask("DELETE", TUS)
    assert upload.create().headers["Upload-Offset"] == "0"
    upload.send_all()
    assert upload.complete().status_code == 200


def test_deleting_the_upload_of_a_received_photo_takes_the_address_and_not_the_photo(upload, store):
    upload.send_all()
    assert upload.ask("DELETE", TUS).status_code == 204
    assert upload.head().status_code == 410
    assert upload.complete().get_json()["state"] == "received"
    assert kept_key(store, upload.photo_id) is not None
