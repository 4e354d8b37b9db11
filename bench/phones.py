"""Phones in processes of their own that make journeys over kept connections and time each of them.

A journey is a generator: it yields the bytes of a request, is sent the `Answer`, and returns whether all went
well. One loop a process serves many phones at about 50 µs a request, so that the client stays a small part of
what a shared machine measures.
"""

import multiprocessing
import selectors
import socket
import time
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass, field

_FORK = multiprocessing.get_context("fork")
_PATIENCE_S = 20


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    head: bytes
    body: bytes


Journey = Generator[bytes, Answer, bool]
Journeys = Callable[[int], Iterable[Journey]]
"""The journeys of phone number n, one after the other, without end."""


@dataclass(slots=True)
class Tally:
    """What the phones saw in `seconds`."""

    seconds: float
    times: list[float] = field(default_factory=list)
    failures: Counter[str] = field(default_factory=Counter)

    @property
    def rate(self) -> float:
        """Good journeys a second."""
        return len(self.times) / self.seconds

    def ms(self, percent: float) -> float:
        """The time within which that share of the good journeys was made."""
        ordered = sorted(self.times)
        return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))] * 1000 if ordered else 0.0

    def __str__(self) -> str:
        failed = f", FAILED {dict(self.failures)}" if self.failures else ""
        return f"{self.rate:7.0f}/s  p50 {self.ms(50):6.1f} ms  p99 {self.ms(99):6.1f} ms{failed}"


def request(
    method: str, path: str, token: str = "", body: bytes = b"", kind: str = "application/json", **more: str
) -> bytes:
    """The bytes of a request."""
    lines = [f"{method} {path} HTTP/1.1", "Host: qianbai"]
    lines += [f"Authorization: Bearer {token}"] if token else []
    lines += [f"Content-Type: {kind}", f"Content-Length: {len(body)}"] if body or method != "GET" else []
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in more.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + body


def crowd(
    port: int, phones: int, seconds: float, journeys: Journeys, *, around: Callable[[], None] = lambda: None
) -> Tally:
    """Let that many phones make journeys for so long; `around` is called when they start and when they have ended."""
    processes = min(phones, 2)
    gate = _FORK.Barrier(processes + 1)
    answers = _FORK.Queue()
    parts = [range(part, phones, processes) for part in range(processes)]
    running = [
        _FORK.Process(
            target=_run,
            args=(port, part, seconds, journeys),
            kwargs={"gate": gate, "answers": answers},
            daemon=True,
        )
        for part in parts
    ]
    for process in running:
        process.start()
    gate.wait(_PATIENCE_S)
    around()
    time.sleep(seconds)
    around()
    total = Tally(seconds)
    for _ in running:
        part = answers.get(timeout=_PATIENCE_S + seconds)
        total.times += part.times
        total.failures += part.failures
    for process in running:
        process.join()
    return total


def _run(port: int, numbers: Iterable[int], seconds: float, journeys: Journeys, *, gate, answers) -> None:
    tally = Tally(seconds)
    with selectors.DefaultSelector() as selector:
        phones = [_Phone(port, iter(journeys(number)), tally) for number in numbers]
        gate.wait(_PATIENCE_S)
        until = time.perf_counter() + seconds
        for phone in phones:
            phone.set_out(selector)
        while (left := until - time.perf_counter()) > 0:
            for key, _ in selector.select(left):
                key.data.go_on(selector)
    answers.put(tally)


class _Phone:
    """One kept connection and the journey it is on."""

    def __init__(self, port: int, journeys: Iterator[Journey], tally: Tally) -> None:
        self._port = port
        self._journeys = journeys
        self._tally = tally
        self._connect()

    def _connect(self) -> None:
        self._line = socket.create_connection(("127.0.0.1", self._port), _PATIENCE_S)
        self._line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._line.setblocking(False)
        self._received = b""

    def set_out(self, selector: selectors.BaseSelector) -> None:
        """Begin the next journey."""
        self._journey = next(self._journeys)
        unsent = next(self._journey)
        self._began = time.perf_counter()
        self._send(unsent)
        selector.register(self._line, self._events(), self)

    def go_on(self, selector: selectors.BaseSelector) -> None:
        """Send or receive what can be; a cut connection fails the journey and is made anew."""
        try:
            self._unsent = self._unsent[self._line.send(self._unsent) :] if self._unsent else self._unsent
            self._receive()
        except BlockingIOError:
            pass
        except OSError as error:
            self._give_up(selector, type(error).__name__)
            return
        if (answer := self._answer()) is not None:
            self._take(answer, selector)
        selector.modify(self._line, self._events(), self)

    def _events(self) -> int:
        return selectors.EVENT_READ | (selectors.EVENT_WRITE if self._unsent else 0)

    def _send(self, raw: bytes) -> None:
        self._unsent = memoryview(raw)
        self._unsent = self._unsent[self._line.send(self._unsent) :]

    def _receive(self) -> None:
        piece = self._line.recv(262144)
        if not piece:
            raise ConnectionResetError
        self._received += piece

    def _answer(self) -> Answer | None:
        head, end, rest = self._received.partition(b"\r\n\r\n")
        if not end:
            return None
        length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n", 1)[0] or 0)
        if len(rest) < length:
            return None
        self._received = rest[length:]
        return Answer(int(head[9:12]), head, rest[:length])

    def _take(self, answer: Answer, selector: selectors.BaseSelector) -> None:
        if b"\r\nConnection: close" in answer.head:
            selector.unregister(self._line)
            self._line.close()
            self._connect()
            selector.register(self._line, selectors.EVENT_READ, self)
        try:
            self._send(self._journey.send(answer))
        except StopIteration as end:
            if end.value:
                self._tally.times.append(time.perf_counter() - self._began)
            else:
                self._tally.failures[str(answer.status)] += 1
            self._journey = next(self._journeys)
            unsent = next(self._journey)
            self._began = time.perf_counter()
            self._send(unsent)

    def _give_up(self, selector: selectors.BaseSelector, why: str) -> None:
        self._tally.failures[why] += 1
        selector.unregister(self._line)
        self._line.close()
        self._connect()
        self.set_out(selector)
