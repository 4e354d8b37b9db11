"""`store check`: writes, reads and attacks a configured store, and says what holds; replaces trust in documents."""

import hashlib
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

import botocore.awsrequest
import botocore.httpsession
from botocore.exceptions import BotoCoreError, HTTPClientError

from media.errors import MediaRefusal, StoreUnavailable
from media.stores.protocol import ObjectStore, UploadGrant

_botocore: Any = botocore  # has no types

_BODY = bytes(range(256)) * 300  # every byte value; chunk framing or newline translation would show
_TYPE = "image/jpeg"
_EXPIRES_SECONDS = 2


class Verdict(StrEnum):
    """How one check ended."""

    PASS = "pass"  # noqa: S105 - a verdict
    FAIL = "fail"
    NOT_APPLICABLE = "not_applicable"


@dataclass(frozen=True, slots=True)
class Check:
    """One named check, and what was seen when it did not pass."""

    name: str
    verdict: Verdict
    seen: str = ""


@dataclass(frozen=True, slots=True)
class CheckReport:
    """All checks in the order they ran."""

    checks: tuple[Check, ...]

    @property
    def passed(self) -> bool:
        """Whether nothing failed."""
        return all(check.verdict is not Verdict.FAIL for check in self.checks)


Send = Callable[[str, str, Mapping[str, str], bytes], int]
"""Sends (method, url, headers, body) and answers the status."""


def examine(store: ObjectStore, *, ca_bundle: str | None = None, origin: str | None = None) -> CheckReport:
    """Runs every check on scratch keys, removes what it wrote, and takes about three seconds.

    `origin` is the web apps' own address, for the question whether a browser there may upload.
    """
    visit = _Visit(store, _sender(ca_bundle), origin)
    try:
        return CheckReport(tuple(_run(name, check) for name, check in visit.checks()))
    finally:
        visit.tidy()


class _NotApplicableError(Exception):
    """The store has no such ability, by design."""


class _Visit:
    """One run against one store, on keys of its own."""

    def __init__(self, store: ObjectStore, send: Send, origin: str | None) -> None:
        self._store, self._send, self._origin = store, send, origin
        self._folder = f"store-check/{secrets.token_hex(8)}"
        self._key = f"{self._folder}/照片 1+%.jpg"
        self._granted = f"{self._folder}/granted"

    def checks(self) -> tuple[tuple[str, Callable[[], None]], ...]:
        return (
            ("writes and stats", self._writes),
            ("reads back byte for byte", self._reads_back),
            ("reads a range", self._reads_range),
            ("lists", self._lists),
            ("copies", self._copies),
            ("accepts a granted upload", self._accepts_upload),
            ("refuses a granted upload of another length", self._refuses_length),
            ("refuses a granted upload with another body", self._refuses_tampered),
            ("refuses a granted upload of another type", self._refuses_type),
            ("refuses an unsigned read", self._refuses_unsigned),
            ("serves a granted download", self._serves_download),
            ("refuses an expired link", self._refuses_expired),
            ("takes a large file in parts", self._takes_parts),
            ("lets the web apps upload (CORS)", self._answers_preflight),
            ("deletes", self._deletes),
        )

    def tidy(self) -> None:
        try:
            self._store.delete([self._key, self._granted])
        except StoreUnavailable:
            return  # the report says already that the store is down

    def _writes(self) -> None:
        sha256 = hashlib.sha256(_BODY).hexdigest()
        stat = self._store.put(self._key, [_BODY], size=len(_BODY), sha256=sha256, content_type=_TYPE)
        _expect(stat.size == len(_BODY), f"size {stat.size}")

    def _reads_back(self) -> None:
        with self._store.open(self._key) as stream:
            _expect(stream.read() == _BODY, "other bytes")

    def _reads_range(self) -> None:
        with self._store.open(self._key, 100, 1100) as stream:
            _expect(stream.read() == _BODY[100:1100], "other bytes")

    def _lists(self) -> None:
        found = [stat.key for stat in self._store.list(f"{self._folder}/")]
        _expect(found == [self._key], f"{len(found)} keys")

    def _copies(self) -> None:
        self._store.copy(self._key, self._granted)
        with self._store.open(self._granted) as stream:
            _expect(stream.read() == _BODY, "other bytes")
        self._store.delete([self._granted])

    def _deletes(self) -> None:
        self._store.delete([self._key, self._granted])
        _expect(self._store.stat(self._key) is None, "still there")

    def _accepts_upload(self) -> None:
        grant = self._grant()
        status = self._upload(grant, _BODY)
        _expect(200 <= status < 300, f"status {status}")
        with self._store.open(self._granted) as stream:
            _expect(stream.read() == _BODY, "other bytes")
        self._store.delete([self._granted])

    def _refuses_length(self) -> None:
        self._refuses(self._grant(), _BODY + b"!")

    def _refuses_tampered(self) -> None:
        self._refuses(self._grant(), _BODY[:-1] + b"!")

    def _refuses_type(self) -> None:
        grant = self._grant()
        self._refuses(replace(grant, headers={**grant.headers, "Content-Type": "text/html"}), _BODY)

    def _refuses_unsigned(self) -> None:
        status = self._send("GET", self._link(60).split("?")[0], {}, b"")
        _expect(status >= 400, f"status {status}")

    def _serves_download(self) -> None:
        status = self._send("GET", self._link(60), {}, b"")
        _expect(status == 200, f"status {status}")

    def _refuses_expired(self) -> None:
        link = self._link(_EXPIRES_SECONDS)
        time.sleep(_EXPIRES_SECONDS + 1)
        status = self._send("GET", link, {}, b"")
        _expect(status >= 400, f"status {status}")

    def _takes_parts(self) -> None:
        parts = self._store.parts
        if parts is None:
            raise _NotApplicableError
        parts_id = parts.begin(self._granted, content_type="video/mp4")
        try:
            grant = parts.grant(self._granted, parts_id, number=1, size=len(_BODY), seconds=60)
            status = self._upload(grant, _BODY)
            _expect(200 <= status < 300, f"status {status}")
            there = parts.arrived(self._granted, parts_id)
            _expect([part.size for part in there] == [len(_BODY)], f"{len(there)} parts")
            parts.put_together(self._granted, parts_id, there)
        finally:
            parts.give_up(self._granted, parts_id)
        with self._store.open(self._granted) as stream:
            _expect(stream.read() == _BODY, "other bytes")
        self._store.delete([self._granted])

    def _answers_preflight(self) -> None:
        if self._origin is None:
            raise _NotApplicableError
        asked = {"Origin": self._origin, "Access-Control-Request-Method": "PUT"}
        asked["Access-Control-Request-Headers"] = "content-type,content-md5"
        status = self._send("OPTIONS", self._grant().url, asked, b"")
        _expect(200 <= status < 300, f"status {status}")

    def _refuses(self, grant: UploadGrant, body: bytes) -> None:
        status = self._upload(grant, body)
        _expect(status >= 400, f"status {status}")
        _expect(self._store.stat(self._granted) is None, "refused, and stored")

    def _upload(self, grant: UploadGrant, body: bytes) -> int:
        return self._send(grant.method, grant.url, grant.headers, body)

    def _grant(self) -> UploadGrant:
        md5 = hashlib.md5(_BODY, usedforsecurity=False).hexdigest()
        sha256 = hashlib.sha256(_BODY).hexdigest()
        size = len(_BODY)
        grant = self._store.upload_grant(
            self._granted, size=size, md5=md5, sha256=sha256, content_type=_TYPE, seconds=60
        )
        if grant is None:
            raise _NotApplicableError
        return grant

    def _link(self, seconds: int) -> str:
        link = self._store.download_url(self._key, seconds=seconds, content_type=_TYPE)
        if link is None:
            raise _NotApplicableError
        return link


class _UnexpectedError(Exception):
    """A check saw something else than it should."""


def _expect(truth: bool, seen: str) -> None:  # noqa: FBT001 - an assertion's truth is its first argument
    if not truth:
        raise _UnexpectedError(seen)


def _run(name: str, check: Callable[[], None]) -> Check:
    try:
        check()
    except _NotApplicableError:
        return Check(name, Verdict.NOT_APPLICABLE)
    except _UnexpectedError as fault:
        return Check(name, Verdict.FAIL, str(fault))
    except MediaRefusal as fault:
        return Check(name, Verdict.FAIL, f"{fault.code}: {fault.message} {fault.details}")
    return Check(name, Verdict.PASS)


def _sender(ca_bundle: str | None) -> Send:
    session = _botocore.httpsession.URLLib3Session(verify=ca_bundle or True, timeout=8)

    def send(method: str, url: str, headers: Mapping[str, str], body: bytes) -> int:
        request = _botocore.awsrequest.AWSRequest(method, url, dict(headers), body or None).prepare()
        try:
            return int(session.send(request).status_code)
        except (BotoCoreError, HTTPClientError) as fault:
            raise StoreUnavailable("the store cannot be reached", fault=type(fault).__name__) from fault

    return send
