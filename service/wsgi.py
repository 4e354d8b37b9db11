"""The web server: gunicorn with gevent workers, which answer beside a thousand slow phones.

Decided by measurement, see docs/adr/0003-web-server.md. ``gunicorn 'service.wsgi:application()'`` works, too; then
the worker class ``service.wsgi.PatientWorker`` brings the time limits along.
"""

import importlib
import io
import logging
import os
import socket
import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

import argon2
import gevent
from gevent import monkey
from gunicorn.app.base import BaseApplication
from gunicorn.glogging import Logger
from gunicorn.http.errors import ParseException
from gunicorn.workers.base_async import AsyncWorker
from gunicorn.workers.ggevent import GeventWorker

from service import logs
from service.http.load import ARRIVED, UNREAD, Lanes, Plain, Rate, refuse, rooms
from service.http.wire import NOT_HTTP, as_response, refusal_of
from service.kernel.clock import now
from service.kernel.lifeline import die_with_starter
from service.settings import Settings

HEADER_SECONDS = 20  # from a connection's first moment, or its last answer, to the end of the next headers
SILENCE_SECONDS = 60  # a phone in a lift; a body may take as long as it likes while bytes keep coming
BUSY_SECONDS = 120  # a worker that does not even turn its loop for so long is replaced
GRACE_SECONDS = 5
CONNECTIONS_PER_WORKER = 2000
LONGEST_LINE = 8190  # as far as gunicorn goes; a longer address it refuses itself, in its own words
SMALL_BODY_BYTES = 1024 * 1024
_MULTIPART_FRAME_BYTES = 64 * 1024
LARGEST_BODY_BYTES = 20 * 1024 * 1024 + _MULTIPART_FRAME_BYTES

_TOO_LARGE = Plain(
    "413 Content Too Large", "too_large", "内容过大 / Content too large", "内容过大 / Content too large"
)


class PatientWorker(GeventWorker):
    """A gevent worker that drops silent connections and keeps its loop free of waiting for disks."""

    def patch(self) -> None:
        """Makes the standard library cooperate, and sends to threads what cannot."""
        super().patch()  # type: ignore[no-untyped-call]  # gunicorn carries no types
        _wait_in_threads()

    def handle(self, listener: Any, client: Any, addr: Any) -> None:
        """Serves a connection until it has been silent for too long."""
        client.settimeout(SILENCE_SECONDS)
        AsyncWorker.handle(self, listener, client, addr)

    def handle_error(self, req: Any, client: Any, addr: Any, exc: Any) -> None:
        """Answers what is no HTTP in our words; the connection ends with it."""
        refused = refusal_of(exc)
        if refused is None:
            super().handle_error(req, client, addr, exc)  # type: ignore[no-untyped-call]  # likewise
            return
        self.log.info("not HTTP: %s", type(exc).__name__)
        with suppress(OSError):
            client.sendall(as_response(refused))
            client.shutdown(socket.SHUT_WR)


class BufferedBodies:
    """Reads small bodies whole before the application is called, and turns away what is too large.

    So a request that waits for a slow phone holds a few kilobytes and no database connection.
    """

    def __init__(self, application: WSGIApplication, *, largest: int = LARGEST_BODY_BYTES) -> None:
        self._application = application
        self._largest = largest

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answers 413 for a body past every limit, else hands the request on."""
        environ[ARRIVED] = now()
        length = int(environ.get("CONTENT_LENGTH") or 0)
        environ[UNREAD] = length > SMALL_BODY_BYTES
        if length > self._largest:
            return refuse(_TOO_LARGE, environ, start_response)
        if 0 < length <= SMALL_BODY_BYTES:
            environ["wsgi.input"] = _received(environ["wsgi.input"], length)
        elif environ.get("HTTP_TRANSFER_ENCODING"):
            try:
                environ["wsgi.input"] = _received_in_chunks(environ["wsgi.input"])
            except ParseException:
                return refuse(NOT_HTTP, environ, start_response)
        return self._application(environ, start_response)


def application() -> WSGIApplication:
    """The product as a WSGI application, set up from the environment; call it in the worker."""
    from service.app import create_app  # noqa: PLC0415 -- after gevent has patched what it imports

    settings = Settings.from_environment()
    largest = _MULTIPART_FRAME_BYTES + max(
        settings.photo_limit_bytes, settings.video_limit_bytes, settings.import_limit_bytes
    )
    rate = Rate(per_second=settings.requests_per_second) if settings.requests_per_second else None
    lanes = Lanes(create_app(settings), rooms(settings.database_pool), rate)
    return BufferedBodies(lanes, largest=largest)


class WebServer(BaseApplication):
    """Gunicorn, set up in code alone: no file or variable of the surroundings changes it."""

    def __init__(self, factory: Callable[[], WSGIApplication], *, bind: str, workers: int) -> None:
        self._factory = factory
        self._bind = bind
        self._workers = workers
        super().__init__()  # type: ignore[no-untyped-call]  # gunicorn carries no types

    def load_config(self) -> None:
        """Gives gunicorn its settings."""
        memory = Path("/dev/shm")  # noqa: S108 -- heartbeats must not wait for a busy disk
        wanted = {
            "bind": self._bind,
            "workers": self._workers,
            "worker_class": "service.wsgi.PatientWorker",
            "worker_connections": CONNECTIONS_PER_WORKER,
            "backlog": 2048,
            "keepalive": HEADER_SECONDS,
            "timeout": BUSY_SECONDS,
            "graceful_timeout": GRACE_SECONDS,
            "max_requests": 20_000,
            "max_requests_jitter": 2_000,
            "worker_tmp_dir": str(memory) if os.access(memory, os.W_OK) else None,
            "control_socket_disable": True,
            "proc_name": "qianbai",
            "logger_class": "service.wsgi.OurLogger",
            "limit_request_fields": 64,
            "limit_request_line": LONGEST_LINE,
        }
        config: Any = self.cfg
        for name, value in wanted.items():
            config.set(name, value)

    def load(self) -> WSGIApplication:
        """Builds the application inside the worker, so that no connection is shared between processes."""
        return self._factory()


class OurLogger(Logger):
    """Gunicorn's messages, written by our own logging; requests are logged by the application."""

    def setup(self, cfg: Any) -> None:
        """Leaves handlers and format to the root logger."""
        self.cfg = cfg
        self._access_log_enabled = False
        self.error_log.propagate = True
        self.error_log.setLevel(logging.WARNING)


def run(bind: str, workers: int, factory: Callable[[], WSGIApplication] = application) -> None:
    """Serves until told to stop."""
    WebServer(factory, bind=bind, workers=workers).run()  # type: ignore[no-untyped-call]  # likewise


def main(arguments: list[str]) -> None:
    """``python -m service.wsgi BIND WORKERS [MODULE:FACTORY]`` serves on an address or on ``fd://N``."""
    bind, workers, *named = arguments
    logs.configure()
    die_with_starter()
    if not named:
        _import_once()
        return run(bind, int(workers))
    module, _, factory = named[0].partition(":")
    return run(bind, int(workers), lambda: _load(module, factory))


def _import_once() -> None:
    """Import the product before the workers are forked: they share its memory, and start in a fraction of the time.

    What it imports must find the standard library patched already. Nothing connects until a worker makes its app.
    """
    monkey.patch_all()
    app = importlib.import_module("service.app")
    app.import_doors()


def _load(module: str, factory: str) -> WSGIApplication:
    made: WSGIApplication = getattr(importlib.import_module(module), factory)()
    return made


def _received(stream: Any, length: int) -> io.BytesIO:
    """What arrives of a body; a short one is recognised by whoever parses it."""
    body = io.BytesIO()
    with suppress(OSError):
        while body.tell() < length and (piece := stream.read(min(65536, length - body.tell()))):
            body.write(piece)
    body.seek(0)
    return body


def _received_in_chunks(stream: Any) -> Any:
    """A body in chunks, whole when it is small; of a larger one the beginning, with the rest to be read as it comes.

    Raises:
        ParseException: the chunks are no chunks.
    """
    first = stream.read(SMALL_BODY_BYTES + 1)
    return io.BytesIO(first) if len(first) <= SMALL_BODY_BYTES else io.BufferedReader(_Rest(first, stream))


class _Rest(io.RawIOBase):
    """The beginning of a body that is at hand, and what comes after it."""

    def __init__(self, first: bytes, stream: Any) -> None:
        self._first = memoryview(first)
        self._stream = stream

    def readable(self) -> bool:
        """It is read, and never written."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Gives the next bytes; chunks that break off count as the end of a cut line."""
        piece, self._first = self._first[: len(buffer)], self._first[len(buffer) :]
        try:
            found = bytes(piece) or self._stream.read(len(buffer))
        except ParseException as error:
            raise importlib.import_module("werkzeug.exceptions").ClientDisconnected from error
        buffer[: len(found)] = found
        return len(found)


def _wait_in_threads() -> None:
    """Sends fsync and password hashing to gevent's threads: 20 ms of either would hold up everybody else."""

    def in_thread(function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **named: Any) -> Any:
            made, error = gevent.get_hub().threadpool.apply(_outcome, (function, arguments, named))
            if error is not None:
                raise error
            return made

        return call

    for owner, name in ((os, "fsync"), (argon2.PasswordHasher, "hash"), (argon2.PasswordHasher, "verify")):
        setattr(owner, name, in_thread(getattr(owner, name)))


def _outcome(
    function: Callable[..., Any], arguments: tuple[Any, ...], named: dict[str, Any]
) -> tuple[Any, Exception | None]:
    """What came of a call; an error is handed over, for gevent prints a traceback of those raised in its threads."""
    try:
        return function(*arguments, **named), None
    except Exception as error:  # noqa: BLE001 # raised again by the caller
        return None, error


if __name__ == "__main__":
    main(sys.argv[1:])
