"""Who the phone speaks for: tokens that outlive restarts, renewed by themselves; the outbox never depends on them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Any

from tests.support.phone.backoff import Course, Problem
from tests.support.phone.bodies import freeze
from tests.support.phone.clock import Clock
from tests.support.phone.database import Database
from tests.support.phone.wire import Answer, NoAnswer, Part, Request, Wire

ANCHOR_EVERY_MS = 60_000


class Stopped(Exception):
    """Nothing more is sent until a person acts: signs in, or installs the new app. The outbox is whole."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.code)
        self.problem = problem


class Refused(Exception):
    """The server understood a request as a whole and turned it down."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(f"{problem.status} {problem.code}")
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Device:
    """What the phone says of itself when it signs in."""

    id: str
    platform: str = "android"
    model: str = "reference phone"
    app_version: str = "1.0.0"

    def told(self) -> dict[str, str]:
        """As the server reads it."""
        return {
            "id": self.id,
            "platform": self.platform,
            "model": self.model,
            "app_version": self.app_version,
        }


class Account:
    """The signed-in person on this phone."""

    def __init__(
        self, wire: Wire, database: Database, clock: Clock, device: Device, *, username: str, password: str
    ) -> None:
        self.device = device
        self._wire, self._database, self._clock = wire, database, clock
        self._username, self._password = username, password
        self._tokens: dict[str, str] | None = database.fact("tokens")
        self._anchor: dict[str, Any] | None = database.fact("anchor")
        self._anchor_written_ms: int | None = None

    def ask(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Answer:
        """An answer of ours that is a success, as the signed-in person.

        Raises:
            NoAnswer: none came that can be believed.
            Refused: the server turned it down.
            Stopped: a person must sign in or install a newer app first.
        """
        answer = self._asked(method, path, body)
        if answer.status == 401:
            self._renew()
            answer = self._asked(method, path, body)
        if answer.is_success:
            if answer.status != 204:
                answer.document()
            return answer
        problem = answer.problem
        if problem.course in {Course.LOGIN, Course.UPGRADE}:
            raise Stopped(problem)
        raise Refused(problem)

    def raw(
        self, method: str, url: str, headers: Mapping[str, str], content: bytes | Part | None = None
    ) -> Answer:
        """Whatever is answered to exactly these headers at a granted address; no sign-in is shown there."""
        return self._wire.send(Request(method, url, headers, content))

    def sign_in(self) -> None:
        """Sign in by name and password.

        Raises:
            NoAnswer: none came that can be believed.
            Refused: the server asks to wait.
            Stopped: the person must type another password, or is not admitted.
        """
        told = {"username": self._username, "password": self._password, "device": self.device.told()}
        self._keep_tokens(self._granted("/api/v1/sessions", told))

    def enrol(self, pin: str) -> None:
        """Sign in by the PIN that an administrator gave; raises as `sign_in` does."""
        self._keep_tokens(self._granted("/api/v1/sessions/enrol", {"pin": pin, "device": self.device.told()}))

    @property
    def is_signed_in(self) -> bool:
        """Whether tokens are held; they may have expired."""
        return self._tokens is not None

    def stamp(self) -> dict[str, Any] | None:
        """What bounds the time of capture whatever the phone's clock says; None before the first contact."""
        if self._anchor is None or self._clock.elapsed_ms() < self._anchor["elapsed_ms"]:
            return None  # never met a server, or restarted since: the counter has begun anew
        return {
            "server_time": self._anchor["server_time"],
            "elapsed_ms": self._clock.elapsed_ms() - self._anchor["elapsed_ms"],
            "phone_time": self._clock.now().isoformat(),
        }

    @property
    def server_time(self) -> str | None:
        """The server's time when it was last heard of."""
        return self._anchor["server_time"] if self._anchor else None

    def _asked(self, method: str, path: str, body: Mapping[str, Any] | None) -> Answer:
        if self._tokens is None:
            self.sign_in()
        assert self._tokens is not None
        bearer = {"Authorization": f"Bearer {self._tokens['access_token']}"}
        return self._sent(_json_request(method, path, body, self._headers() | bearer))

    def _sent(self, request: Request) -> Answer:
        answer = self._wire.send(request)
        if (server_time := _date_of(answer)) is not None:
            self.meet(server_time)
        return answer

    def _renew(self) -> None:
        """A new pair by the refresh token, else by signing in."""
        held = self._tokens
        if held is not None and held.get("refresh_token"):
            try:
                told = {"refresh_token": held["refresh_token"]}
                self._keep_tokens(self._granted("/api/v1/sessions/refresh", told))
            except Stopped as stop:
                if stop.problem.course is Course.UPGRADE:
                    raise
            else:
                return
        self.sign_in()

    def _granted(self, path: str, told: Mapping[str, Any]) -> dict[str, Any]:
        answer = self._sent(_json_request("POST", path, told, self._headers()))
        document = answer.document()
        if answer.is_success:
            return document
        problem = answer.problem
        raise Refused(problem) if problem.course in {Course.WAIT, Course.RETRY} else Stopped(problem)

    def _keep_tokens(self, document: Mapping[str, Any]) -> None:
        if not isinstance(document.get("access_token"), str):
            raise NoAnswer("a sign-in without a token is not ours")
        self._tokens = {
            name: document[name] for name in ("access_token", "refresh_token") if name in document
        }
        self._database.remember(tokens=self._tokens)

    def _headers(self) -> dict[str, str]:
        return {
            "Accept": "application/json, application/problem+json",
            "Accept-Encoding": "gzip",
            "X-Phone-Time": self._clock.now().isoformat(),
            "X-App-Version": self.device.app_version,
        }

    def meet(self, server_time: str) -> None:
        """Remember the server's time beside the counter; on the disk at most once a minute, for it is no record."""
        counted = self._clock.elapsed_ms()
        self._anchor = {"server_time": server_time, "elapsed_ms": counted}
        written = self._anchor_written_ms
        if written is None or not 0 <= counted - written < ANCHOR_EVERY_MS:
            self._database.remember(anchor=self._anchor)
            self._anchor_written_ms = counted


def _json_request(
    method: str, path: str, body: Mapping[str, Any] | None, headers: Mapping[str, str]
) -> Request:
    if body is None:
        return Request(method, path, headers)
    return Request(method, path, {**headers, "Content-Type": "application/json"}, freeze_for_sending(body))


def freeze_for_sending(body: Mapping[str, Any]) -> bytes:
    """A request's body; numbers and texts are written exactly as they were hashed."""
    base_rev = {"base_rev": body["base_rev"]} if body.get("base_rev") is not None else {}
    text = freeze(body).text
    if not base_rev:
        return text
    separator = b"" if text == b"{}" else b","
    return b'{"base_rev":%d' % base_rev["base_rev"] + separator + text[1:]


def _date_of(answer: Answer) -> str | None:
    """When the server answered, by its own clock; the header is exact to a second."""
    try:
        answer.document()
        moment = parsedate_to_datetime(answer.header("Date") or "")
    except (NoAnswer, ValueError):
        return None
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
