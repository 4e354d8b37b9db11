"""A real house for walks: a web server of two workers and the job worker, on a database and a folder of its own.

::

    with live_house(postgres_url, folder) as house:
        phone = house.sign_in("field1")
        assert phone.get("/api/v1/me").status == 200

Everybody of the world signs in with `PASSWORD`. When the block ends, so do the processes, and the database is dropped.
"""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic, sleep
from typing import Any
from urllib.parse import urlsplit

import sqlalchemy as sa
from sqlalchemy.orm import Session

from service.accounts.models import User
from service.accounts.passwords import hash_password
from service.kernel.db import make_engine
from service.kernel.lifeline import STARTER
from tests.support.postgres import migrated_database
from tests.support.world import World, build_world

PASSWORD = "a quiet evening in Liaocheng"
WORKERS = 2
SECONDS = 180
"""Nothing is that slow on a busy machine; only what never ends is told by it."""
ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, read whole."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)

    def header(self, name: str) -> str | None:
        """A header's value, however its name is written."""
        return next((value for key, value in self.headers.items() if key.lower() == name.lower()), None)


@dataclass(frozen=True, slots=True)
class Phone:
    """Somebody who speaks JSON to a house over HTTP, each request on a connection of its own."""

    host: str
    port: int
    token: str | None = None
    patience_s: float = SECONDS

    def send(
        self,
        method: str,
        url: str,
        body: object = None,
        *,
        raw: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """One request; `body` is sent as JSON, `raw` as it is. Absolute addresses must be this house's own."""
        path = self._path(url)
        sent = (
            raw
            if raw is not None
            else None
            if body is None
            else json.dumps(body, ensure_ascii=False).encode()
        )
        wanted = {} if raw is not None or body is None else {"Content-Type": "application/json"}
        if self.token:
            wanted["Authorization"] = f"Bearer {self.token}"
        with closing(http.client.HTTPConnection(self.host, self.port, timeout=self.patience_s)) as connection:
            connection.request(method, path, body=sent, headers={**wanted, **(headers or {})})
            answer = connection.getresponse()
            return Answer(answer.status, dict(answer.getheaders()), answer.read())

    def get(self, url: str, **options: Any) -> Answer:
        return self.send("GET", url, **options)

    def put(self, url: str, body: object = None, **options: Any) -> Answer:
        return self.send("PUT", url, body, **options)

    def post(self, url: str, body: object = None, **options: Any) -> Answer:
        return self.send("POST", url, body, **options)

    def every(self, url: str) -> list[Any]:
        """All items of a list, page after page."""
        found: list[Any] = []
        following: str | None = url
        while following:
            page = self.get(following)
            assert page.status == 200, page.body
            found += page.json["items"]
            cursor = page.json["next_cursor"]
            mark = "&" if "?" in url else "?"
            following = f"{url}{mark}cursor={cursor}" if cursor else None
        return found

    def hang_up_after(self, method: str, path: str, body: object, *, share: float = 1) -> None:
        """Send a request, or only that share of it, and cut the line without reading a word of the answer."""
        content = json.dumps(body, ensure_ascii=False).encode()
        head = (
            f"{method} {path} HTTP/1.1\r\nHost: {self.host}\r\nAuthorization: Bearer {self.token}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(content)}\r\n\r\n"
        ).encode()
        with socket.create_connection((self.host, self.port), timeout=SECONDS) as line:
            whole = head + content
            line.sendall(whole[: round(len(whole) * share)])

    def _path(self, url: str) -> str:
        parts = urlsplit(url)
        assert parts.netloc in ("", f"{self.host}:{self.port}"), f"{url} is not of this house"
        return parts.path + (f"?{parts.query}" if parts.query else "")


@dataclass(frozen=True, slots=True)
class LiveHouse:
    """A running house and its cast."""

    port: int
    world: World
    database_url: str
    environment: Mapping[str, str]
    log: Path
    tokens: dict[str, str] = field(default_factory=dict)

    @property
    def stranger(self) -> Phone:
        """Somebody who is not signed in."""
        return Phone("127.0.0.1", self.port)

    def sign_in(self, username: str) -> Phone:
        """The phone of somebody of the world, signed in by password; asked again, the same sign-in."""
        if username not in self.tokens:
            device = {"id": f"phone-of-{username}", "platform": "android", "model": "P1", "app_version": "1"}
            told = {"username": username, "password": PASSWORD, "device": device}
            answer = self.stranger.post("/api/v1/sessions", told)
            assert answer.status == 201, answer.body
            self.tokens[username] = answer.json["access_token"]
        return Phone("127.0.0.1", self.port, self.tokens[username])

    def command(self, *words: str) -> "subprocess.CompletedProcess[str]":
        """What `qianbai …` says and how it ends, on this house."""
        return subprocess.run(
            [sys.executable, "-m", "service.cli", *words],
            cwd=ROOT,
            env=dict(self.environment),
            capture_output=True,
            check=False,
            text=True,
            timeout=SECONDS,
        )

    def ask(self, question: str, **values: object) -> Sequence[Any]:
        """Rows of the house's database."""
        engine = sa.create_engine(self.database_url, poolclass=sa.NullPool)
        with engine.connect() as connection:
            return connection.execute(sa.text(question), values).all()


@contextmanager
def live_house(
    postgres_url: str, folder: Path, *, job_workers: int = 1, extra: Mapping[str, str] | None = None
) -> Iterator[LiveHouse]:
    """A house that answers, on a fresh database of that server, until the block ends.

    Without job workers nothing is developed or swept; jobs stay in their queue. `extra` are settings beside the usual ones.
    """
    with ExitStack() as stack:
        url = stack.enter_context(migrated_database(postgres_url))
        world = _settle(url)
        listener = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=512))
        log = folder / "house.log"
        environment = {**_environment(url, folder), **(extra or {})}
        house = LiveHouse(int(listener.getsockname()[1]), world, url, environment, log)
        output = stack.enter_context(log.open("wb"))
        web = [sys.executable, "-m", "service.wsgi", f"fd://{listener.fileno()}", str(WORKERS)]
        jobs = [sys.executable, "-m", "service.cli", "worker"]
        server = stack.enter_context(_running(web, environment, output, listener.fileno()))
        for _ in range(job_workers):
            stack.enter_context(_running(jobs, environment, output))
        wait_until(lambda: server.poll() is not None or _is_ready(house), "the house is ready")
        assert server.poll() is None, log.read_text(errors="replace")[-4000:]
        yield house


def wait_until(holds: Callable[[], bool], what: str, *, seconds: float = SECONDS) -> None:
    """Come back when it holds.

    Raises:
        TimeoutError: it did not in that time.
    """
    until = monotonic() + seconds
    while not holds():
        if monotonic() > until:
            raise TimeoutError(f"waited {seconds:g} s and still not: {what}")
        sleep(0.05)


def together(times: int, act: Callable[[int], Answer]) -> list[Answer]:
    """The answers to `act(0)`, `act(1)` … that all start at the same moment, in that order."""
    gate = threading.Barrier(times)
    answers: list[Answer | None] = [None] * times

    def run(number: int) -> None:
        gate.wait(SECONDS)
        answers[number] = act(number)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(SECONDS)
    found = [answer for answer in answers if answer is not None]
    assert len(found) == times, f"{times - len(found)} got no answer"
    return found


def _settle(url: str) -> World:
    """The cast, each with the password."""
    engine = make_engine(url, pool_size=1)
    with Session(engine, expire_on_commit=False) as session:
        world = build_world(session)
        session.execute(sa.update(User).values(password_hash=hash_password(PASSWORD)))
        session.commit()
    engine.dispose()
    return world


def _environment(url: str, folder: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("QIANBAI_")}
    return kept | {
        "DATABASE_URL": url,
        "QIANBAI_DATA": str(folder),
        "QIANBAI_STORE": str(folder / "photos"),
        "QIANBAI_SECRET": "the secret of a test",
        "PYTHONWARNINGS": "default",
    }


@contextmanager
def _running(
    command: Sequence[str], environment: Mapping[str, str], output: Any, *inherited: int
) -> Iterator["subprocess.Popen[bytes]"]:
    """A process in a session of its own that ends with the block, or with us, and its children with it."""
    process = subprocess.Popen(
        list(command),
        cwd=ROOT,
        env={**environment, STARTER: str(os.getpid())},
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        pass_fds=inherited,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        _end(process)


def _end(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(timeout=15)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _is_ready(house: LiveHouse) -> bool:
    try:
        return house.stranger.get("/readyz").status == 200
    except (OSError, http.client.HTTPException):
        return False
