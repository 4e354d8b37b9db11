"""Objects in an S3 bucket, by boto3, with a profile for the provider.

Uploads by phones are presigned PUTs bound to type, length and MD5, so a grant can only ever store the body it was
given for. A dead server is given up within seconds: 2 s to connect, 8 s of silence, two attempts.
"""

import base64
import contextlib
import io
import os
import tempfile
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, BinaryIO
from urllib.parse import parse_qs, quote, urlsplit

import boto3
import botocore.config

from media.errors import NotFound, StoreUnavailable
from media.intake import Declared, Readable, take_in
from media.stores.profiles import Profile
from media.stores.protocol import PartsStore, Stat, UploadGrant
from media.stores.s3_faults import BeyondTheEndError, translated
from media.stores.s3_parts import S3Parts

_SPOOL_BYTES = 8 * 1024 * 1024
# boto3 has no types.
_boto3: Any = boto3
_botocore: Any = botocore


@dataclass(frozen=True, slots=True)
class S3Address:
    """Where a bucket is and how to speak to it.

    `public_endpoint` is the address phones reach it by, when that is another one than ours.
    """

    bucket: str
    access_key: str
    secret_key: str = field(repr=False)
    profile: Profile
    prefix: str = ""
    region: str = "us-east-1"
    endpoint: str | None = None
    public_endpoint: str | None = None
    session_token: str | None = field(default=None, repr=False)
    ca_bundle: str | None = None


class S3Store:
    """Keeps objects in a bucket; safe between threads, and after a fork every process makes its own connections."""

    def __init__(self, address: S3Address) -> None:
        self._address = address
        self._prefix = f"{address.prefix.strip('/')}/" if address.prefix.strip("/") else ""
        self._lock = threading.Lock()
        self._clients: dict[tuple[int, str | None], Any] = {}
        self.parts: PartsStore | None = S3Parts(self._client, self._object, self._presigned)
        self.proves_writes = False

    def put(
        self, key: str, body: Readable | Iterable[bytes], *, size: int, sha256: str, content_type: str
    ) -> Stat:
        """See ObjectStore; the body is verified in a scratch file first, and its size again in the store."""
        with tempfile.SpooledTemporaryFile(max_size=_SPOOL_BYTES) as spool:
            measured = take_in(body, spool.write, Declared(size, sha256))
            spool.seek(0)
            with translated(key):
                self._client().put_object(
                    **self._object(key),
                    Body=spool,
                    ContentLength=size,
                    ContentType=content_type,
                    ContentMD5=_base64(measured.md5),
                )
        stat = self.stat(key)
        if stat is None or stat.size != size:
            # Servers that keep chunk framing in the body answer 200 and store more than was sent.
            raise StoreUnavailable("the store kept another size than was sent", key=key, sent=size)
        return stat

    def open(self, key: str, start: int = 0, end: int | None = None) -> BinaryIO:
        """See ObjectStore."""
        asked = self._object(key)
        if start > 0 or end is not None:
            asked["Range"] = f"bytes={start}-{'' if end is None else max(start, end - 1)}"
        try:
            with translated(key):
                answer = self._client().get_object(**asked)
        except BeyondTheEndError:
            return io.BytesIO()
        return io.BufferedReader(_Body(answer, start, end))

    def stat(self, key: str) -> Stat | None:
        """See ObjectStore."""
        try:
            with translated(key):
                head = self._client().head_object(**self._object(key))
        except NotFound:
            return None
        return Stat(
            key=key,
            size=head["ContentLength"],
            etag=head.get("ETag", "").strip('"'),
            content_type=head.get("ContentType", ""),
            modified_at=head["LastModified"],
        )

    def copy(self, source: str, target: str) -> None:
        """See ObjectStore; the bytes stay within the store."""
        with translated(source):
            self._client().copy_object(**self._object(target), CopySource=self._object(source))

    def delete(self, keys: Iterable[str]) -> None:
        """See ObjectStore; one call a key, because providers disagree on the checksum of a batch."""
        for key in keys:
            with contextlib.suppress(NotFound), translated(key):
                self._client().delete_object(**self._object(key))

    def list(self, prefix: str, after: str = "") -> Iterator[Stat]:
        """See ObjectStore."""
        asked = {"Bucket": self._address.bucket, "Prefix": self._prefix + prefix}
        if after:
            asked["StartAfter"] = self._prefix + after
        with translated(prefix):
            for page in self._client().get_paginator("list_objects_v2").paginate(**asked):
                for found in page.get("Contents", ()):
                    key = found["Key"].removeprefix(self._prefix)
                    etag = found.get("ETag", "").strip('"')
                    yield Stat(key, found["Size"], etag, "", found["LastModified"])

    def upload_grant(
        self, key: str, *, size: int, md5: str, sha256: str, content_type: str, seconds: int
    ) -> UploadGrant | None:
        """See ObjectStore; the sender's HTTP client states Content-Length by itself, and it is signed."""
        asked = self._object(key)
        headers = {"Content-Type": content_type, "Content-MD5": _base64(md5)}
        asked |= {"ContentType": content_type, "ContentLength": size, "ContentMD5": headers["Content-MD5"]}
        if self._address.profile.sha256_enforced:
            headers["x-amz-checksum-sha256"] = asked["ChecksumSHA256"] = _base64(sha256)
        url = self._presigned("put_object", asked, seconds)
        return UploadGrant(method="PUT", url=url, headers=headers, expires_at=_expiry(url))

    def download_url(
        self, key: str, *, seconds: int, content_type: str, filename: str | None = None
    ) -> str | None:
        """See ObjectStore."""
        asked = self._object(key) | {"ResponseContentType": content_type}
        if filename is not None:
            asked["ResponseContentDisposition"] = f"attachment; filename*=UTF-8''{quote(filename, safe='')}"
        return self._presigned("get_object", asked, seconds)

    def close(self) -> None:
        """Closes this process's connections; the store may be used again and makes new ones."""
        with self._lock:
            mine = [wanted for wanted in self._clients if wanted[0] == os.getpid()]
            for wanted in mine:
                self._clients.pop(wanted).close()

    def _presigned(self, operation: str, asked: dict[str, Any], seconds: int) -> str:
        client = self._client(self._address.public_endpoint or self._address.endpoint)
        return str(client.generate_presigned_url(operation, Params=asked, ExpiresIn=seconds))

    def _object(self, key: str) -> dict[str, Any]:
        return {"Bucket": self._address.bucket, "Key": self._prefix + key}

    def _client(self, endpoint: str | None = None) -> Any:
        """This process's client: connections must not be shared with a process it was forked from."""
        wanted = (os.getpid(), endpoint or self._address.endpoint)
        client = self._clients.get(wanted)
        if client is None:
            with self._lock:
                client = self._clients.setdefault(
                    wanted, self._clients.get(wanted) or self._connect(wanted[1])
                )
        return client

    def _connect(self, endpoint: str | None) -> Any:
        address = self._address
        return _boto3.session.Session().client(
            "s3",
            endpoint_url=endpoint,
            region_name=address.region,
            aws_access_key_id=address.access_key,
            aws_secret_access_key=address.secret_key,
            aws_session_token=address.session_token,
            verify=address.ca_bundle,
            config=_config(address.profile),
        )


class _Body(io.RawIOBase):
    """The stream of an answer, cut to the range that was asked for even by a server that ignores ranges."""

    def __init__(self, answer: dict[str, Any], start: int, end: int | None) -> None:
        self._body = answer["Body"]
        ranged = answer.get("ContentRange") is not None
        self._skip = 0 if ranged else start
        self._left = answer["ContentLength"] - self._skip
        if end is not None:
            self._left = max(0, min(self._left, end - start))

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "bytearray | memoryview") -> int:  # type: ignore[override]
        with translated(""):
            while self._skip > 0 and (unwanted := self._body.read(min(self._skip, 65536))):
                self._skip -= len(unwanted)
            chunk = self._body.read(min(len(buffer), self._left)) if self._left > 0 else b""
        self._left -= len(chunk)
        memoryview(buffer)[: len(chunk)] = chunk
        return len(chunk)

    def close(self) -> None:
        self._body.close()
        super().close()


def _config(profile: Profile) -> Any:
    return _botocore.config.Config(
        signature_version="s3v4",
        s3={"addressing_style": profile.addressing},
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
        connect_timeout=2,
        read_timeout=8,
        retries={"mode": "standard", "total_max_attempts": 2},
        max_pool_connections=32,
    )


def _base64(hexadecimal: str) -> str:
    return base64.b64encode(bytes.fromhex(hexadecimal)).decode()


def _expiry(url: str) -> datetime:
    """When the link ends, as the server will reckon it."""
    query = parse_qs(urlsplit(url).query)
    signed_at = datetime.strptime(query["X-Amz-Date"][0], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    return signed_at + timedelta(seconds=int(query["X-Amz-Expires"][0]))
