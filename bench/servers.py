"""Compares web servers on what decides between them: rate, and answers beside slow clients.

``python -m bench.servers [name …]`` runs every candidate that is installed, one after the other, against the
same durable embedded PostgreSQL, and prints one table. Each honest request is a small JSON ``PUT`` that
parses, inserts one row and commits.
"""

import argparse
import contextlib
import hashlib
import importlib.util
import json
import logging
import os
import platform
import resource
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import argon2
import sqlalchemy as sa
from flask import Flask, request

from bench.clients import Crowd, beside, slow
from service.kernel.db import make_engine
from service.kernel.embedded import EmbeddedPostgres
from service.wsgi import BufferedBodies

CORES = os.cpu_count() or 2
LARGE = b"x" * 1_000_000


def make_app():
    """The smallest honest application: a row, a photo, a password check, a large answer."""
    app = Flask("bench.servers")
    engine = make_engine(os.environ["BENCH_URL"], pool_size=8)
    insert = sa.text(
        "INSERT INTO visits (id, body) VALUES (:id, CAST(:body AS jsonb)) ON CONFLICT DO NOTHING"
    )
    hasher = argon2.PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
    folder = Path(os.environ["BENCH_PHOTOS"])

    @app.put("/visits/<visit_id>")
    def visit(visit_id):
        with engine.begin() as connection:
            connection.execute(insert, {"id": visit_id, "body": json.dumps(request.get_json())})
        return {"id": visit_id}, 201

    @app.put("/photos/<photo_id>")
    def photo(photo_id):
        digest = hashlib.sha256()
        with (folder / photo_id).open("wb") as file:
            while piece := request.stream.read(65536):
                digest.update(piece)
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())
        return {"sha256": digest.hexdigest()}, 201

    @app.post("/sessions")
    def session():
        hasher.hash("correct horse")
        return {}, 201

    @app.get("/large")
    def large():
        return LARGE

    return app


def make_house_app():
    """The same behind our own buffer."""
    return BufferedBodies(make_app())


def serve_waitress(port: int) -> None:
    """Several waitress processes that accept from one listening socket."""
    import waitress  # noqa: PLC0415 -- only this candidate needs it, and the product does not

    logging.getLogger("waitress").setLevel(logging.ERROR)

    listener = socket.create_server(("127.0.0.1", port), backlog=2048)
    listener.setblocking(False)
    children = []
    for _ in range(CORES):
        if child := os.fork():
            children.append(child)
            continue
        waitress.serve(
            make_app(),
            sockets=[listener],
            threads=8,
            connection_limit=2000,
            asyncore_use_poll=True,
            _quiet=True,
        )
    signal.signal(
        signal.SIGTERM, lambda *_: [os.kill(child, signal.SIGKILL) for child in children] and sys.exit()
    )
    signal.pause()


def gunicorn(*options: str):
    """The command for gunicorn with these options."""

    def command(port: int) -> list[str]:
        common = [
            "--workers",
            str(CORES),
            "--bind",
            f"127.0.0.1:{port}",
            "--no-control-socket",
            "--backlog",
            "2048",
        ]
        return [
            sys.executable,
            "-m",
            "gunicorn",
            *common,
            *options,
            "--log-level",
            "error",
            "bench.servers:make_app()",
        ]

    return command


def waitress_command(port: int) -> list[str]:
    return [sys.executable, "-m", "bench.servers", "--waitress", str(port)]


def house_command(port: int) -> list[str]:
    return [
        sys.executable,
        "-m",
        "service.wsgi",
        f"127.0.0.1:{port}",
        str(CORES),
        "bench.servers:make_house_app",
    ]


CANDIDATES = {
    "gevent": ("gevent", gunicorn("--worker-class", "gevent", "--worker-connections", "2000")),
    "house": ("gevent", house_command),
    "waitress": ("waitress", waitress_command),
    "gthread 8": ("gunicorn", gunicorn("--worker-class", "gthread", "--threads", "8")),
    "gthread 64": ("gunicorn", gunicorn("--worker-class", "gthread", "--threads", "64")),
}


def memory_mb(pid: int) -> float:
    """Resident memory of a process and all its children (shared pages counted once each)."""
    total = 0
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError, IndexError):
            stat = (folder / "stat").read_text().rsplit(")", 1)[1].split()
            if int(folder.name) == pid or int(stat[1]) == pid:
                rollup = (folder / "smaps_rollup").read_text()
                total += next(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:"))
    return total / 1024


def measure(command, environment) -> dict[str, str]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    server = subprocess.Popen(command(port), env=environment, start_new_session=True)
    try:
        wait_until_open(port)
        Crowd(port, "visit", 8, 1).result()
        row = {}
        for clients in (8, 32):
            row[f"c={clients}"] = Crowd(port, "visit", clients, 4).result()
        row["PSS MB"] = f"{memory_mb(server.pid):.0f}"
        for count in (200, 1000):
            with slow(port, count):
                row[f"{count} slow"] = honest(port)
        with beside(port, "photo", 4, 5):
            row["4 photos"] = honest(port, 4)
        with beside(port, "login", 2, 5):
            row["2 sign-ins"] = honest(port, 4)
        return row
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(server.pid, signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            server.wait(3)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(server.pid, signal.SIGKILL)
        server.wait()


def honest(port: int, seconds: float = 5) -> str:
    return Crowd(port, "visit", 8, seconds, pause=0.05).result()


def wait_until_open(port: int) -> None:
    for _ in range(400):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            time.sleep(1)  # the other workers import, too
            return
        time.sleep(0.05)
    raise SystemExit("the server did not open its port")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("names", nargs="*", default=[])
    parser.add_argument("--waitress", type=int)
    options = parser.parse_args()
    if options.waitress:
        return serve_waitress(options.waitress)
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 65536), hard))
    print(
        f"{CORES} cores, load {os.getloadavg()[0]:.1f}, {platform.platform()}, Python {platform.python_version()}"
    )
    with tempfile.TemporaryDirectory() as folder, EmbeddedPostgres(Path(folder) / "pg") as database:
        engine = sa.create_engine(database.url)
        with engine.begin() as connection:
            connection.execute(sa.text("CREATE TABLE visits (id uuid PRIMARY KEY, body jsonb)"))
        engine.dispose()
        environment = os.environ | {"BENCH_URL": database.url, "BENCH_PHOTOS": folder}
        for name, (module, command) in CANDIDATES.items():
            if options.names and name not in options.names:
                continue
            if importlib.util.find_spec(module) is None:
                print(f"{name:12} not installed")
                continue
            row = measure(command, environment)
            print(f"{name:12} " + " | ".join(f"{title}: {value}" for title, value in row.items()), flush=True)
    return None


if __name__ == "__main__":
    main()
