"""HTTP as a phone on a bad line needs it: timeouts on everything, and no trust in what is not certainly ours.

Hotels, trains and offices answer every request with `200` and a page of their own until somebody clicks "agree". So an
answer of our doors is JSON or `problem+json` that can be read, and a refusal names its code; anything else is no answer.
"""

import gzip
import http.client
import json
import random
import ssl
import zlib
from collections.abc import Mapping
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any
from urllib.parse import SplitResult, urlsplit

from tests.support.phone.backoff import Problem
from tests.support.phone.database import Step, no_step

TIMEOUT_S = 30.0
_JSON = "application/json"
_PROBLEM = "application/problem+json"


class NoAnswer(Exception):
    """The line failed, or somebody else answered; whether the server has got the request is unknown."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, read whole."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def header(self, name: str) -> str | None:
        """A header's value, however its name is written."""
        return self.headers.get(name.lower())

    @property
    def is_success(self) -> bool:
        """Whether the status says so; only a receipt proves it."""
        return 200 <= self.status < 300

    def document(self) -> dict[str, Any]:
        """The JSON object of an answer of ours, a problem included.

        Raises:
            NoAnswer: it is not one, whatever its status says.
        """
        wanted = _JSON if self.is_success else _PROBLEM
        kind = (self.header("Content-Type") or "").partition(";")[0].strip().lower()
        if kind != wanted:
            raise NoAnswer(f"{self.status} with {kind or 'no type'} is not an answer of ours")
        try:
            value = json.loads(self.body)
        except ValueError as error:
            raise NoAnswer(f"{self.status} with JSON that cannot be read") from error
        if not isinstance(value, dict) or (wanted == _PROBLEM and "code" not in value):
            raise NoAnswer(f"{self.status} with JSON that says nothing")
        return value

    @property
    def problem(self) -> Problem:
        """The refusal.

        Raises:
            NoAnswer: it is none of ours.
        """
        return Problem.read(self.document(), status=self.status, retry_after=self.header("Retry-After"))


@dataclass(slots=True)
class Misbehaviour:
    """What impatient people and bad lines do, as shares of all requests; for fault runs."""

    hang_up: float = 0.0
    """Sends the request and cuts the line without reading a word of the answer."""
    double_tap: float = 0.0
    """Sends the same request twice at once, and reads one of the answers."""
    dice: random.Random = field(default_factory=random.Random)
    hung_up: int = 0
    double_tapped: int = 0

    def hangs_up(self) -> bool:
        """Whether this request is cut."""
        cut = self.dice.random() < self.hang_up
        self.hung_up += cut
        return cut

    def taps_twice(self) -> bool:
        """Whether this request is sent twice."""
        twice = self.dice.random() < self.double_tap
        self.double_tapped += twice
        return twice


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a file, sent without holding it in memory."""

    file: Path
    offset: int
    length: int


@dataclass(frozen=True, slots=True)
class Request:
    """One request, ready to be sent any number of times."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    content: bytes | Part | None = None


@dataclass(slots=True)
class Wire:
    """The way to one server, and to the object stores whose addresses it hands out."""

    base_url: str
    timeout_s: float = TIMEOUT_S
    misbehaviour: Misbehaviour = field(default_factory=Misbehaviour)
    on_step: Step = no_step
    tls: ssl.SSLContext | None = None
    sent_bytes: int = 0
    """Of bodies, repeats included: what the person pays for."""

    def send(self, request: Request) -> Answer:
        """The answer to one request, on a connection of its own.

        Raises:
            NoAnswer: none came, or it broke off.
        """
        self.on_step(f"before: {request.method}")
        try:
            answer = self._answer(request)
        except (OSError, http.client.HTTPException) as error:
            raise NoAnswer(f"{type(error).__name__}: {error}") from error
        self.on_step(f"after: {request.method}")
        return answer

    def _answer(self, request: Request) -> Answer:
        with ExitStack() as lines:
            twin = self._asked(request, lines) if self.misbehaviour.taps_twice() else None
            line = self._asked(request, lines)
            if self.misbehaviour.hangs_up():
                raise NoAnswer("hung up")
            answer = _read(line)
            if twin is not None:
                with suppress(OSError, http.client.HTTPException):
                    _read(twin)
            return answer

    def _asked(self, request: Request, lines: ExitStack) -> http.client.HTTPConnection:
        """A line on which the request is under way; it is closed with the others."""
        place = self._place(request.url)
        line = lines.enter_context(closing(self._line(place)))
        target = place.path + (f"?{place.query}" if place.query else "")
        # A server may refuse by the headers alone and close; what it said is still there to be read.
        with suppress(BrokenPipeError), ExitStack() as files:
            body, length = _body(request.content, files)
            size = {} if body is None else {"Content-Length": str(length)}
            self.sent_bytes += length
            line.request(request.method, target, body=body, headers={**request.headers, **size})
        return line

    def _line(self, place: SplitResult) -> http.client.HTTPConnection:
        if place.scheme == "https":
            context = self.tls or ssl.create_default_context()
            return http.client.HTTPSConnection(
                place.hostname or "", place.port, timeout=self.timeout_s, context=context
            )
        return http.client.HTTPConnection(place.hostname or "", place.port, timeout=self.timeout_s)

    def _place(self, url: str) -> SplitResult:
        return urlsplit(self.base_url.rstrip("/") + url if url.startswith("/") else url)


class _Window:
    """A file that ends after some bytes."""

    def __init__(self, file: IO[bytes], length: int) -> None:
        self._file, self._left = file, length

    def read(self, count: int = -1) -> bytes:
        wanted = self._left if count < 0 else min(count, self._left)
        piece = self._file.read(wanted)
        self._left -= len(piece)
        return piece


def _body(content: bytes | Part | None, files: ExitStack) -> tuple[Any, int]:
    """What `http.client` sends, and its length."""
    if not isinstance(content, Part):
        return content, len(content or b"")
    file = files.enter_context(content.file.open("rb"))
    file.seek(content.offset)
    return _Window(file, content.length), content.length


def _read(line: http.client.HTTPConnection) -> Answer:
    response = line.getresponse()
    headers = {name.lower(): value for name, value in response.getheaders()}
    return Answer(response.status, headers, _unzipped(response.read(), headers))


def _unzipped(body: bytes, headers: Mapping[str, str]) -> bytes:
    if not body or headers.get("content-encoding") != "gzip":
        return body
    try:
        return gzip.decompress(body)
    except (EOFError, zlib.error) as error:
        raise http.client.HTTPException("a body that does not unzip") from error
