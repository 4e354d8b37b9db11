"""What S3 promises beyond the common suite; the first half needs no server."""

import hashlib
import http.client
import time
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from botocore.exceptions import ClientError

from media.errors import NoSpace, NotFound, StoreMisconfigured, StoreUnavailable, WrongHash
from media.stores.folder import FolderStore
from media.stores.opening import open_store, read_address
from media.stores.profiles import PROFILES
from media.stores.s3 import S3Store
from media.stores.s3_faults import refusal as refusal_of
from tests.media.conftest import S3_KINDS, opened_s3
from tests.media.test_stores import BODY, put
from tests.support.machine import in_its_time
from tests.support.processes import free_port
from tests.support.s3_stores import is_given

KEYS = {"AWS_ACCESS_KEY_ID": "AK", "AWS_SECRET_ACCESS_KEY": "SK"}
MD5, SHA256 = hashlib.md5(BODY).hexdigest(), hashlib.sha256(BODY).hexdigest()


def offline(setting: str) -> S3Store:
    return S3Store(read_address(setting, KEYS))


def granted(store: S3Store, key: str = "k", seconds: int = 600):
    grant = store.upload_grant(
        key, size=len(BODY), md5=MD5, sha256=SHA256, content_type="image/jpeg", seconds=seconds
    )
    assert grant is not None
    return grant


@pytest.mark.parametrize("profile", sorted(PROFILES))
def test_it_signs_type_length_and_md5_with_version_four(profile):
    grant = granted(offline(f"s3://photos?profile={profile}&endpoint=http://s3.example:9000"))
    query = parse_qs(urlsplit(grant.url).query)
    signed = set(query["X-Amz-SignedHeaders"][0].split(";"))
    assert {"content-length", "content-md5", "content-type", "host"} <= signed
    assert query["X-Amz-Algorithm"] == ["AWS4-HMAC-SHA256"]
    assert "Signature" not in query
    assert ("x-amz-checksum-sha256" in grant.headers) is PROFILES[profile].sha256_enforced
    assert grant.headers["Content-MD5"] == "" or len(grant.headers["Content-MD5"]) == 24


def test_it_says_when_a_grant_ends():
    grant = granted(offline("s3://photos?endpoint=http://s3.example:9000"), seconds=600)
    assert abs(grant.expires_at - datetime.now(UTC) - timedelta(seconds=600)) < timedelta(seconds=5)


@pytest.mark.parametrize(
    ("setting", "host", "path"),
    [
        (
            "s3://photos/site?profile=aws&region=cn-north-1",
            "photos.s3.cn-north-1.amazonaws.com.cn",
            "/site/k",
        ),
        (
            "s3://photos?profile=aliyun&endpoint=https://s3.oss-cn-x.aliyuncs.com",
            "photos.s3.oss-cn-x.aliyuncs.com",
            "/k",
        ),
        (
            "s3://p-125?profile=tencent&endpoint=https://cos.ap-x.myqcloud.com",
            "p-125.cos.ap-x.myqcloud.com",
            "/k",
        ),
        ("s3://photos?profile=rgw16&endpoint=http://ceph:7480", "ceph:7480", "/photos/k"),
        (
            "s3://photos?profile=rgw16&endpoint=http://ceph:7480&public=https://photos.example.gov.cn",
            "photos.example.gov.cn",
            "/photos/k",
        ),
    ],
)
def test_it_addresses_the_bucket_as_the_provider_wants(setting, host, path):
    address = urlsplit(granted(offline(setting)).url)
    assert (address.netloc, address.path) == (host, path)


def test_it_offers_a_download_under_a_chinese_name():
    link = offline("s3://photos?endpoint=http://s3.example").download_url(
        "k", seconds=60, content_type="image/jpeg", filename="现场 1.jpg"
    )
    assert link is not None
    query = parse_qs(urlsplit(link).query)
    assert query["response-content-type"] == ["image/jpeg"]
    assert query["response-content-disposition"] == [
        "attachment; filename*=UTF-8''%E7%8E%B0%E5%9C%BA%201.jpg"
    ]


@pytest.mark.parametrize(
    ("code", "refusal"),
    [
        ("NoSuchKey", NotFound),
        ("404", NotFound),
        ("NoSuchUpload", NotFound),
        ("NoSuchBucket", StoreUnavailable),
        ("AccessDenied", StoreUnavailable),
        ("SlowDown", StoreUnavailable),
        ("QuotaExceeded", NoSpace),
        ("BadDigest", WrongHash),
    ],
)
def test_it_translates_what_a_server_answers(code, refusal):
    fault = ClientError({"Error": {"Code": code}}, "PutObject")
    assert isinstance(refusal_of(fault, "k"), refusal)


def test_it_gives_up_a_dead_server_within_seconds():
    store = offline(f"s3://photos?endpoint=http://127.0.0.1:{free_port()}")
    began = time.monotonic()
    for call in (
        lambda: store.stat("k"),
        lambda: store.open("k"),
        lambda: put(store, "k"),
        lambda: list(store.list("")),
    ):
        with pytest.raises(StoreUnavailable):
            call()
    assert time.monotonic() - began < in_its_time(15)


@pytest.mark.parametrize(
    ("setting", "environment"),
    [
        ("s3://?endpoint=http://x", KEYS),
        ("s3://b?profile=nobody", KEYS),
        ("s3://b?endpoint=ftp://x", KEYS),
        ("s3://b?colour=red", KEYS),
        ("s3://b", {}),
    ],
)
def test_it_says_what_is_wrong_with_a_setting(setting, environment):
    with pytest.raises(StoreMisconfigured):
        open_store(setting, environment)


def test_it_opens_a_folder_for_a_path(tmp_path):
    assert isinstance(open_store(str(tmp_path / "photos"), {}), FolderStore)


def test_it_does_not_show_its_secret():
    assert "hidden" not in repr(
        read_address("s3://b", {"AWS_ACCESS_KEY_ID": "A", "AWS_SECRET_ACCESS_KEY": "hidden"})
    )


@pytest.mark.parametrize("kind", S3_KINDS)
def test_it_is_refused_with_a_wrong_secret(kind, s3_server):
    if is_given(kind):
        pytest.skip("the key of that server is not ours to change")
    server = s3_server(kind)
    wrong = server.environment() | {"AWS_SECRET_ACCESS_KEY": "wrong"}
    store = S3Store(read_address(server.setting("photos"), wrong))
    with pytest.raises(StoreUnavailable):
        put(store, "k")
    store.close()


def test_it_serves_a_download_with_the_asked_type_and_name(s3_server):
    with opened_s3("s3emu", s3_server) as store:
        put(store, "k", content_type="application/octet-stream")
        link = store.download_url("k", seconds=60, content_type="image/jpeg", filename="现场.jpg")
        assert link is not None
        address = urlsplit(link)
        connection = http.client.HTTPConnection(address.netloc, timeout=10)
        connection.request("GET", f"{address.path}?{address.query}")
        answer = connection.getresponse()
        assert answer.read() == BODY
        assert answer.headers["Content-Type"] == "image/jpeg"
        assert answer.headers["Content-Disposition"].startswith("attachment")
        connection.close()
