"""Compares web servers on what decides between them: rate, and answers beside slow clients.

``python -m bench.servers [name …]`` runs every candidate that is installed, one after the other, against the
same durable embedded PostgreSQL, and prints one table. Each honest request is a small JSON ``PUT`` that
parses, inserts one row and commits.
"""

import argparse
import contextlib
import hashlib
import http.client
import importlib.util
import json
import multiprocessing
import os
import platform
import resource
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from pathlib import Path
from statistics import quantiles

CORES = os.cpu_count() or 2
BODY = json.dumps({"place": "聊城", "summary": "谈了厂房与用电。" * 20, "participants": [{"name": "张三"}] * 3}).encode()
PHOTO = os.urandom(300_000)
LARGE = b"x" * 1_000_000


def make_app():
    """The smallest honest application: a row, a photo, a password check, a large answer."""
    import argon2
    import sqlalchemy as sa
    from flask import Flask, request

    from service.kernel.db import make_engine

    app = Flask("bench.servers")
    engine = make_engine(os.environ["BENCH_URL"], pool_size=8)
    insert = sa.text("INSERT INTO visits (id, body) VALUES (:id, CAST(:body AS jsonb)) ON CONFLICT DO NOTHING")
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


def serve_waitress(port: int) -> None:
    """Several waitress processes that accept from one listening socket."""
    import logging

    import waitress

    logging.getLogger("waitress").setLevel(logging.ERROR)

    listener = socket.create_server(("127.0.0.1", port), backlog=2048)
    listener.setblocking(False)
    children = []
    for _ in range(CORES):
        if child := os.fork():
            children.append(child)
            continue
        waitress.serve(
            make_app(), sockets=[listener], threads=8, connection_limit=2000, asyncore_use_poll=True, _quiet=True
        )
    signal.signal(signal.SIGTERM, lambda *_: [os.kill(child, signal.SIGKILL) for child in children] and sys.exit())
    signal.pause()


def gunicorn(*options: str):
    """The command for gunicorn with these options."""

    def command(port: int) -> list[str]:
        common = ["--workers", str(CORES), "--bind", f"127.0.0.1:{port}", "--no-control-socket", "--backlog", "2048"]
        return [sys.executable, "-m", "gunicorn", *common, *options, "--log-level", "error", "bench.servers:make_app()"]

    return command


def waitress_command(port: int) -> list[str]:
    return [sys.executable, "-m", "bench.servers", "--waitress", str(port)]


def house_command(port: int) -> list[str]:
    return [sys.executable, "-m", "service.wsgi", f"127.0.0.1:{port}", str(CORES), "bench.servers:make_app"]


CANDIDATES = {
    "gevent": ("gevent", gunicorn("--worker-class", "gevent", "--worker-connections", "2000")),
    "house": ("gevent", house_command),
    "waitress": ("waitress", waitress_command),
    "gthread 8": ("gunicorn", gunicorn("--worker-class", "gthread", "--threads", "8")),
    "gthread 64": ("gunicorn", gunicorn("--worker-class", "gthread", "--threads", "64")),
}


def call(connection: http.client.HTTPConnection, method: str, path: str, body: bytes | None) -> int:
    headers = {"Content-Type": "application/json"} if method == "PUT" else {}
    connection.request(method, path, body, headers)
    answer = connection.getresponse()
    answer.read()
    return answer.status


def phone(port, kind, until, pause, times, failures) -> None:
    """One honest client on one kept connection; it counts what fails and connects anew."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    while time.monotonic() < until:
        started = time.monotonic()
        try:
            connection.sock or (connection.connect(), connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1))
            status = call(connection, *request_of(kind))
            (times if status < 300 else failures).append(time.monotonic() - started)
        except (OSError, http.client.HTTPException):
            failures.append(time.monotonic() - started)
            connection.close()
        if pause:
            time.sleep(pause)
    connection.close()


def request_of(kind: str):
    if kind == "visit":
        return "PUT", f"/visits/{uuid.uuid4()}", BODY
    if kind == "photo":
        return "PUT", f"/photos/{uuid.uuid4()}", PHOTO
    return "POST", "/sessions", b""


def _phones(port, kind, clients, seconds, pause, answers) -> None:
    times, failures = [], []
    until = time.monotonic() + seconds
    threads = [
        threading.Thread(target=phone, args=(port, kind, until, pause, times, failures)) for _ in range(clients)
    ]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    answers.put((times, len(failures)))


class Crowd:
    """Clients of one kind in two processes of their own; ``result`` waits for them."""

    def __init__(self, port, kind, clients, seconds, pause=0.0) -> None:
        self.seconds = seconds
        self.answers = multiprocessing.Queue()
        share = max(1, clients // 2)
        counts = [share] * max(1, clients // share)
        self.processes = [
            multiprocessing.Process(target=_phones, args=(port, kind, count, seconds, pause, self.answers))
            for count in counts
        ]
        [process.start() for process in self.processes]

    def result(self):
        times, failed = [], 0
        for _ in self.processes:
            more, less = self.answers.get(timeout=60)
            times, failed = times + more, failed + less
        [process.join() for process in self.processes]
        cuts = quantiles(times, n=100) if len(times) > 100 else [float("nan")] * 99
        return f"{len(times) / self.seconds:.0f}/s {cuts[49] * 1000:.0f}/{cuts[98] * 1000:.0f} ms" + (
            f" {failed} failed" if failed else ""
        )


def slow_clients(port: int, count: int, ready, stop) -> None:
    """Holds connections open: a third sends its headers, a third its body, byte by byte; a third never reads."""
    openings = [
        b"GET /large HTTP/1.1\r\nHost: x\r\n",
        b"PUT /photos/slow HTTP/1.1\r\nHost: x\r\nContent-Length: 300000\r\n\r\n",
        b"GET /large HTTP/1.1\r\nHost: x\r\n\r\n",
    ]
    sockets = []
    for number in range(count):
        client = socket.socket()
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.settimeout(2)
        with contextlib.suppress(OSError):
            client.connect(("127.0.0.1", port))
            client.sendall(openings[number % 3])
        client.setblocking(False)
        sockets.append(client)
    ready.set()
    while not stop.wait(1):
        for number, client in enumerate(sockets):
            with contextlib.suppress(OSError):
                if number % 3 == 0:
                    client.send(b"X-A: b\r\n")
                elif number % 3 == 1:
                    client.send(b"x" * 200)
                else:
                    client.recv(100)


@contextlib.contextmanager
def slow(port: int, count: int):
    ready, stop = multiprocessing.Event(), multiprocessing.Event()
    process = multiprocessing.Process(target=slow_clients, args=(port, count, ready, stop))
    process.start()
    ready.wait(60)
    time.sleep(2)  # the crowd has arrived; what counts is living beside it
    try:
        yield
    finally:
        stop.set()
        process.join(5)
        process.kill()


@contextlib.contextmanager
def beside(port: int, kind: str, clients: int, seconds: float):
    crowd = Crowd(port, kind, clients, seconds)
    yield
    crowd.result()


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
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 65536), hard))
    import sqlalchemy as sa

    from service.kernel.embedded import EmbeddedPostgres

    print(f"{CORES} cores, load {os.getloadavg()[0]:.1f}, {platform.platform()}, Python {platform.python_version()}")
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
