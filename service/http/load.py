"""A bounded number of requests is in work, in lanes that cannot starve each other; the others are told to wait.

::

    arrived ─▶ turnstile (one phone's rate) ─▶ lane: in work │ waiting in line ─▶ the application
                   └─ 429                              └─ 503, Retry-After with jitter

    operation   /healthz /readyz /metrics /about     never refused
    sign_in     signing in and refreshing            a share of their own
    read        every other GET and HEAD
    pull        delta pulls: a first sync is heavy   few at a time
    upload      bytes of photos and files            many, for they wait for lines
    write       the rest: records, batches, decisions

Refusals cost neither a database connection nor Flask: they are given when the house has none to spare.
"""

import json
import re
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import Self
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from service.http.cookie_names import ACCESS_COOKIE
from service.kernel.errors import Overloaded, Refusal, TooManyRequests

LEAST_WAIT_S, MOST_WAIT_S = 5, 20
"""A crowd that is sent away together must not come back together."""
MOST_CALLERS = 20_000
_OPERATION = frozenset({"/healthz", "/readyz", "/metrics", "/about"})
_SIGN_IN = ("/api/v1/sessions", "/api/v1/browser/sessions")
_COOKIE = re.compile(rf"(?:^|;\s*)(?:__Host-)?{ACCESS_COOKIE}=([^;]+)")
_APPS = ("/m/", "/hq/")
"""Files that are in memory: an app opens while the doors behind it are busy."""
_UPLOAD = re.compile(r"/api/v1/photos/[^/]+/(content|tus)\Z|/api/hq/v1/.*imports?\Z")


@dataclass(frozen=True, slots=True)
class Room:
    """How many of a lane are in work at a time, and how many more may wait in line, and for how long."""

    in_work: int
    in_line: int
    patience_s: float = 8.0


@dataclass(frozen=True, slots=True)
class Rate:
    """What one phone may ask of one process: `burst` at once, then `per_second`."""

    burst: int = 10_000
    """A thousand kept records, each with two photos of three calls, and as much again for repeats."""
    per_second: float = 100.0


def rooms(database_pool: int) -> dict[str, Room]:
    """The lanes of one process whose pool opens up to twice `database_pool` connections; they fit into it together."""
    share = max(1, database_pool)
    return {
        "sign_in": Room(max(2, share * 4 // 10), 100),
        "read": Room(max(2, share * 6 // 10), 300),
        # Three hundred phones that pull for the first time take all the time they are given: with three pulls at once in
        # each process, pushes kept a fifteenth of their rate, with one a third (bench/sync_pull.py).
        "pull": Room(1, 200, patience_s=20.0),
        "write": Room(max(2, share * 7 // 10), 300),
        # Between their short transactions they wait for a line or a disk.
        "upload": Room(share * 20, 0),
    }


class Lane:
    """Counts a kind of requests in and out."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self._free = threading.Semaphore(room.in_work)
        self._waiting = 0

    def enter(self) -> bool:
        """Whether there was room, perhaps after waiting for it; who enters must leave."""
        if self._waiting == 0 and self._free.acquire(blocking=False):
            return True
        if self._waiting >= self._room.in_line:
            return False
        self._waiting += 1
        try:
            return self._free.acquire(timeout=self._room.patience_s)
        finally:
            self._waiting -= 1

    def leave(self) -> None:
        """Make room for the next."""
        self._free.release()


class Turnstile:
    """A bucket of requests for each caller, filled again as time passes; the longest silent are forgotten first."""

    def __init__(self, rate: Rate) -> None:
        self._rate = rate
        self._buckets: OrderedDict[bytes, tuple[float, float]] = OrderedDict()

    def seconds_to_wait(self, caller: bytes) -> float:
        """0 when the caller may pass, which costs them one; else when they may again."""
        moment = time.monotonic()
        level, seen = self._buckets.pop(caller, (float(self._rate.burst), moment))
        level = min(float(self._rate.burst), level + (moment - seen) * self._rate.per_second)
        passes = level >= 1
        self._buckets[caller] = (level - 1 if passes else level, moment)
        if len(self._buckets) > MOST_CALLERS:
            self._buckets.popitem(last=False)
        return 0.0 if passes else (1 - level) / self._rate.per_second


class Lanes:
    """Wraps the application; a request that finds no room is answered 503 at once, and nothing of it is kept."""

    def __init__(
        self, application: WSGIApplication, lanes: Mapping[str, Room], rate: Rate | None = None
    ) -> None:
        self._application = application
        self._lanes = {name: Lane(room) for name, room in lanes.items()}
        self._turnstile = None if rate is None else Turnstile(rate)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answers as the application does, when it is this request's turn."""
        name = lane_of(environ)
        if name is None:
            return self._application(environ, start_response)
        too_early = self._seconds_to_wait(environ)
        if too_early:
            return refuse(TOO_MANY, environ, start_response, retry_after_s=1 + round(too_early + jitter_s()))
        lane = self._lanes[name]
        if not lane.enter():
            return refuse(BUSY, environ, start_response, retry_after_s=jitter_s())
        try:
            # What is left is to send the answer: a phone that reads it slowly keeps nobody out.
            return self._application(environ, start_response)
        finally:
            lane.leave()

    def _seconds_to_wait(self, environ: WSGIEnvironment) -> float:
        token = environ.get("HTTP_AUTHORIZATION") or _cookie(environ.get("HTTP_COOKIE", ""))
        if self._turnstile is None or not token:
            return 0.0  # whoever has not signed in shares an address with a whole office
        return self._turnstile.seconds_to_wait(blake2b(token.encode("latin-1"), digest_size=16).digest())


def _cookie(header: str) -> str:
    found = _COOKIE.search(header)
    return found[1] if found else ""


def lane_of(environ: WSGIEnvironment) -> str | None:
    """The name of a request's lane; None for what operates the house, which is always answered."""
    path, method = environ.get("PATH_INFO", ""), environ.get("REQUEST_METHOD", "GET")
    if path in _OPERATION or path.startswith(_APPS):
        return None
    if path.startswith(_SIGN_IN):
        return "sign_in"
    if path == "/api/v1/sync/changes":
        return "pull"
    if method in {"GET", "HEAD", "OPTIONS"}:
        return "read"
    return "upload" if _UPLOAD.match(path) else "write"


@dataclass(frozen=True, slots=True)
class Plain:
    """A refusal that is written before anybody knows the asker's language: it speaks both."""

    status: str
    code: str
    title: str
    detail: str
    client_action: str = "fix"

    @classmethod
    def of(cls, status: str, title: str, refusal: type[Refusal]) -> Self:
        """A refusal of the house, in both languages at once."""
        return cls(status, refusal.code, title, f"{refusal.zh} / {refusal.en}", refusal.client_action)

    def document(self, path: str) -> bytes:
        """The problem document with every key of the contract."""
        known = {
            "type": f"urn:qianbai:problem:{self.code}",
            "title": self.title,
            "status": int(self.status[:3]),
            "detail": self.detail,
            "instance": path,
            "code": self.code,
            "retryable": self.client_action in {"retry", "wait"},
            "client_action": self.client_action,
            "errors": [],
            "trace_id": "",
        }
        return json.dumps(known, ensure_ascii=False).encode("utf-8", "backslashreplace")


BUSY = Plain.of("503 Service Unavailable", "服务繁忙 / Service busy", Overloaded)
TOO_MANY = Plain.of("429 Too Many Requests", "请求过多 / Too many requests", TooManyRequests)


def refuse(
    plain: Plain, environ: WSGIEnvironment, start_response: StartResponse, *, retry_after_s: int | None = None
) -> list[bytes]:
    """Answer with it; a body that was not read ends the connection, so that it is never taken for a request."""
    body = plain.document(_shown(environ.get("PATH_INFO", "")))
    headers = [("Content-Type", "application/problem+json"), ("Content-Length", str(len(body)))]
    headers.append(("Cache-Control", "no-store"))
    if retry_after_s is not None:
        headers.append(("Retry-After", str(retry_after_s)))
    if environ.get("HTTP_TRANSFER_ENCODING") or environ.get(UNREAD):
        headers.append(("Connection", "close"))
    start_response(plain.status, headers)
    return [] if environ.get("REQUEST_METHOD") == "HEAD" else [body]


ARRIVED = "qianbai.arrived_at"
"""Where the server notes in the WSGI environment when the headers were there: a body may take minutes longer."""
UNREAD = "qianbai.body_is_unread"
"""Set in the WSGI environment while a body is still on the line."""


def jitter_s() -> int:
    """Whole seconds between the least and the most wait."""
    return LEAST_WAIT_S + secrets.randbelow(MOST_WAIT_S - LEAST_WAIT_S + 1)


def _shown(path: str) -> str:
    return path.encode("latin-1", "replace").decode("utf-8", "replace")
