"""Phones on this machine: honest ones, which are timed, and slow ones, which hold on to connections."""

import contextlib
import http.client
import json
import multiprocessing
import os
import socket
import threading
import time
import uuid
from statistics import quantiles

BODY = json.dumps(
    {"place": "聊城", "summary": "谈了厂房与用电。" * 20, "participants": [{"name": "张三"}] * 3}
).encode()
PHOTO = os.urandom(300_000)


def call(connection: http.client.HTTPConnection, method: str, path: str, body: bytes | None) -> int:
    headers = {"Content-Type": "application/json"} if method == "PUT" else {}
    connection.request(method, path, body, headers)
    answer = connection.getresponse()
    answer.read()
    return answer.status


def phone(port, kind, *, until, pause, times, failures) -> None:
    """One honest client on one kept connection; it counts what fails and connects anew."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    while time.monotonic() < until:
        started = time.monotonic()
        try:
            connection.sock or (
                connection.connect(),
                connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1),
            )
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


def _phones(port, kind, *, clients, seconds, pause, answers) -> None:
    times, failures = [], []
    until = time.monotonic() + seconds
    threads = [
        threading.Thread(
            target=phone,
            args=(port, kind),
            kwargs={"until": until, "pause": pause, "times": times, "failures": failures},
        )
        for _ in range(clients)
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
            multiprocessing.Process(
                target=_phones,
                args=(port, kind),
                kwargs={"clients": count, "seconds": seconds, "pause": pause, "answers": self.answers},
            )
            for count in counts
        ]
        [process.start() for process in self.processes]

    def result(self) -> str:
        """Rate, median and 99th percentile, and how many failed."""
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
