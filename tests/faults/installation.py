"""The installation under fault: `qianbai serve` as documented, durable, in a folder of its own, killed and started at will.

Start it from the thread that outlives it: Linux ends it with the thread that started it, so that a broken run leaves
nothing behind. Its port stays its own while it is down: a bound socket that never listens holds the place.
"""

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import sqlalchemy as sa

from service.kernel import lifeline
from service.kernel.embedded import EmbeddedPostgres

ROOT = Path(__file__).resolve().parents[2]
PLANTED = Path(__file__).parent / "planted"
READY_SECONDS = 60
_ANSWER = re.compile(r'"message": "[A-Z]+ \S+ (\d{3})"')


def _hold_a_port() -> socket.socket:
    held = socket.socket()
    held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    held.bind(("127.0.0.1", 0))
    return held


@dataclass(slots=True)
class Installation:
    """One data folder and whatever processes serve it just now; `planted` names a fault to serve it with."""

    folder: Path
    log: Path
    """Everything its processes say."""
    planted: str | None = None
    settings: Mapping[str, str] = field(default_factory=dict)
    workers: int = 2
    _held: socket.socket = field(default_factory=_hold_a_port)
    _process: "subprocess.Popen[bytes] | None" = None

    @property
    def port(self) -> int:
        """Where it listens whenever it runs."""
        return int(self._held.getsockname()[1])

    @property
    def database(self) -> EmbeddedPostgres:
        """Its database's address and folder, without a hand on its server."""
        return EmbeddedPostgres(self.folder / "pg")

    def start(self) -> float:
        """Serve, and come back when it is ready; seconds it took."""
        began = time.monotonic()
        self._wait_for_orphans()
        self.launch()
        self.wait_ready()
        return time.monotonic() - began

    def _wait_for_orphans(self, seconds: float = 10) -> None:
        """A worker that was just being forked when all were killed notices that its parent is gone, and ends."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            with socket.socket() as asking:
                if asking.connect_ex(("127.0.0.1", self.port)) != 0:
                    return
            time.sleep(0.05)

    def launch(self) -> None:
        """Serve, without waiting."""
        serve = [sys.executable, "-m", "service.cli", "serve", "--port", str(self.port)]
        serve += ["--data", str(self.folder), "--workers", str(self.workers)]
        tied = [
            sys.executable,
            "-I",
            "-S",
            lifeline.__file__,
            str(os.getpid()),
            "-",
            str(int(signal.SIGTERM)),
        ]
        with self.log.open("ab") as output:
            self._process = subprocess.Popen(
                [*tied, *serve],
                cwd=ROOT,
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def wait_ready(self, seconds: float = READY_SECONDS) -> None:
        """Come back when `/readyz` says so.

        Raises:
            TimeoutError: it did not in that time; the message is what it said last.
        """
        until = time.monotonic() + seconds
        while not self.is_ready():
            if time.monotonic() > until or not self.is_running:
                raise TimeoutError(f"not ready: {self.last_words()}")
            time.sleep(0.05)

    def is_ready(self) -> bool:
        """Whether every part answers."""
        asking = http.client.HTTPConnection("127.0.0.1", self.port, timeout=2)
        with closing(asking), suppress(OSError, http.client.HTTPException):
            asking.request("GET", "/readyz")
            return asking.getresponse().status == 200
        return False

    @property
    def is_running(self) -> bool:
        """Whether the supervisor lives."""
        return self._process is not None and self._process.poll() is None

    def parts(self) -> dict[str, list[int]]:
        """Process ids by part: `serve`, `web master`, `web`, `jobs`, `postmaster`, `backend`."""
        found: dict[str, list[int]] = {}
        if self._process is not None:
            with suppress(psutil.Error):
                top = psutil.Process(self._process.pid)
                found["serve"] = [top.pid]
                for child in top.children():
                    _sort_in(child, found)
        return found

    def kill(self, pids: Sequence[int]) -> None:
        """End these at once, as the machine's end would; they are gone when this returns."""
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        until = time.monotonic() + 10
        while any(_lives(pid) for pid in pids) and time.monotonic() < until:
            time.sleep(0.002)

    def kill_everything(self) -> None:
        """End supervisor, web, jobs and database, in whatever order the kernel likes."""
        pids = [pid for group in self.parts().values() for pid in group]
        for pid in pids:  # nobody may start anybody again meanwhile
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGSTOP)
        pids += [pid for group in self.parts().values() for pid in group if pid not in pids]
        if self._process is not None:
            with suppress(ProcessLookupError):
                self._process.kill()
            self._process.wait()
        self.kill(pids)
        self._process = None

    def close(self) -> None:
        """End it, and give up the port; nothing of it runs on."""
        self.kill_everything()
        self._held.close()

    def ask(self, question: str, **values: object) -> Sequence[Any]:
        """Rows of its database, past its doors."""
        engine = sa.create_engine(
            self.database.url, poolclass=sa.NullPool, connect_args={"connect_timeout": 5}
        )
        with engine.connect() as connection:
            return connection.execute(sa.text(question), values).all()

    def run(self, *words: str) -> "subprocess.CompletedProcess[str]":
        """What `qianbai …` says of it while it serves."""
        return subprocess.run(
            [sys.executable, "-m", "service.cli", *words, "--data", str(self.folder)],
            cwd=ROOT,
            env=self._environment() | {"DATABASE_URL": self.database.url},
            capture_output=True,
            check=False,
            text=True,
            timeout=300,
        )

    def answered(self, *statuses: int) -> int:
        """How many requests its log says were answered with one of these."""
        wanted = {str(status) for status in statuses}
        with self.log.open(errors="replace") as lines:
            return sum(1 for line in lines if (found := _ANSWER.search(line)) and found[1] in wanted)

    def last_words(self) -> str:
        """The end of its log."""
        return self.log.read_text(errors="replace")[-3000:] if self.log.exists() else ""

    def _environment(self) -> dict[str, str]:
        ours = ("QIANBAI_", "AWS_", "PLANTED_")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
        kept.pop("DATABASE_URL", None)
        path = [str(ROOT)] + ([str(PLANTED)] if self.planted else [])
        kept |= {"QIANBAI_ADMIN_PASSWORD": "measure-7-times", "PYTHONPATH": os.pathsep.join(path)}
        kept |= {"PLANTED_FAULT": self.planted} if self.planted else {}
        return kept | dict(self.settings)


@contextmanager
def installed(
    data: Path, log: Path, *, planted: str | None = None, settings: Mapping[str, str] | None = None
) -> Iterator[Installation]:
    """An installation with that data folder that is ready, and gone when the block ends."""
    data.mkdir(parents=True, exist_ok=True)
    made = Installation(data, log, planted, settings or {})
    try:
        made.start()
        yield made
    finally:
        made.close()


def await_that(holds: Callable[[], bool], seconds: float) -> float | None:
    """Seconds until it held, or None when it never did in that time."""
    began = time.monotonic()
    while not holds():
        if time.monotonic() - began > seconds:
            return None
        time.sleep(0.02)
    return time.monotonic() - began


def _sort_in(process: psutil.Process, found: dict[str, list[int]]) -> None:
    """Write a child of the supervisor, and its own children, under what they are."""
    words = " ".join(process.cmdline())
    master, workers = next(
        names
        for mark, names in (
            ("service.wsgi", ("web master", "web")),
            ("service.cli worker", ("jobs", "jobs")),
            ("postgres", ("postmaster", "backend")),
            ("", ("other", "other")),
        )
        if mark in words
    )
    found.setdefault(master, []).append(process.pid)
    found.setdefault(workers, []).extend(child.pid for child in process.children(recursive=True))


def _lives(pid: int) -> bool:
    with suppress(psutil.Error):
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    return False
