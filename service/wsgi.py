"""The web server: gunicorn with gevent workers, which answer beside a thousand slow phones.

Decided by measurement, see docs/adr/0003-web-server.md. ``gunicorn 'service.wsgi:application()'`` works, too; then
the worker class ``service.wsgi.PatientWorker`` brings the time limits along.
"""

import importlib
import io
import logging
import os
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
from gunicorn.workers.base_async import AsyncWorker
from gunicorn.workers.ggevent import GeventWorker

from service import logs
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

_TOO_LARGE = (
    '{"type":"urn:qianbai:problem:too_large","title":"内容过大 / Content too large","status":413,'
    '"detail":"内容过大 / Content too large","instance":"","code":"too_large","retryable":false,'
    '"client_action":"fix","errors":[],"trace_id":""}'
).encode()


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


class BufferedBodies:
    """Reads small bodies whole before the application is called, and turns away what is too large.

    So a request that waits for a slow phone holds a few kilobytes and no database connection.
    """

    def __init__(self, application: WSGIApplication, *, largest: int = LARGEST_BODY_BYTES) -> None:
        self._application = application
        self._largest = largest

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answers 413 for a body past every limit, else hands the request on."""
        length = int(environ.get("CONTENT_LENGTH") or 0)
        if length > self._largest:
            headers = [("Content-Type", "application/problem+json"), ("Content-Length", str(len(_TOO_LARGE)))]
            start_response("413 Content Too Large", [*headers, ("Connection", "close")])
            return [_TOO_LARGE]
        if 0 < length <= SMALL_BODY_BYTES:
            environ["wsgi.input"] = _received(environ["wsgi.input"], length)
        return self._application(environ, start_response)


def application() -> WSGIApplication:
    """The product as a WSGI application, set up from the environment; call it in the worker."""
    from service.app import create_app  # noqa: PLC0415 -- after gevent has patched what it imports

    settings = Settings.from_environment()
    largest = max(settings.photo_limit_bytes, settings.import_limit_bytes) + _MULTIPART_FRAME_BYTES
    return BufferedBodies(create_app(settings), largest=largest)


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


def _wait_in_threads() -> None:
    """Sends fsync and password hashing to gevent's threads: 20 ms of either would hold up everybody else."""

    def in_thread(function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **named: Any) -> Any:
            return gevent.get_hub().threadpool.apply(function, arguments, named)

        return call

    for owner, name in ((os, "fsync"), (argon2.PasswordHasher, "hash"), (argon2.PasswordHasher, "verify")):
        setattr(owner, name, in_thread(getattr(owner, name)))


if __name__ == "__main__":
    main(sys.argv[1:])
