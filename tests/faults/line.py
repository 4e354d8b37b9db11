"""A bad line: an HTTP relay on a port of its own that hurts a share of the calls which pass it.

::

    phone ──▶ line ──▶ server        one connection each side; a call is a whole request and a whole answer
                └─ a habit of the line is drawn for each call: pass it on, or hurt it in one of the ways below

A habit is a coroutine that is given the call and does with it what bad networks do. Which calls are hurt, and how, follows
from the seed and the order of the calls.
"""

import asyncio
import contextlib
import random
import socket
import struct
import threading
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Self

_LARGEST_HEAD = 256 * 1024
_PATIENCE_S = 90.0


class Cut(Exception):
    """The connection to the sender is over."""


@dataclass(slots=True)
class Call:
    """A request on its way through the line: its head is read, its body not yet."""

    line: "Line"
    head: bytes
    length: int
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    body: bytes | None = None

    @property
    def method(self) -> str:
        return self.head.split(b" ", 1)[0].decode("latin-1")

    @property
    def path(self) -> str:
        return self.head.split(b" ", 2)[1].decode("latin-1")

    async def whole(self) -> bytes:
        """Head and body, as the sender sent them."""
        if self.body is None:
            self.body = await self.reader.readexactly(self.length)
            self.line.bytes_sent += self.length
        return self.head + self.body

    async def part(self, count: int) -> bytes:
        """The head and so many bytes of the body; the rest stays with the sender."""
        body = await self.reader.readexactly(min(count, self.length))
        self.line.bytes_sent += len(body)
        return self.head + body

    async def forward(self) -> bytes:
        """What the server answers to the whole request."""
        return await self.line.ask(await self.whole(), self.method)

    async def answer(self, raw: bytes) -> None:
        """Give the sender these bytes."""
        self.writer.write(raw)
        await self.writer.drain()

    def reset(self) -> None:
        """End the sender's connection without a word, as a dying cell does."""
        linger = struct.pack("ii", 1, 0)
        taken: socket.socket = self.writer.get_extra_info("socket")
        with contextlib.suppress(OSError):
            taken.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.writer.transport.abort()
        raise Cut


Habit = Callable[[Call, random.Random], Awaitable[None]]


async def passed(call: Call, _chance: random.Random) -> None:
    """Nothing happens to it."""
    await call.answer(await call.forward())


@dataclass(slots=True)
class Line:
    """Listens on loopback while it is open; `share` of the calls fall to one of the habits, drawn by their weights."""

    server_port: int
    habits: Mapping[Habit, int]
    share: float
    seed: int
    spared: Callable[[Call], bool] = lambda _call: False
    usual: Habit = passed
    """What happens to a call that is not hurt."""
    hurt: Counter[str] = field(default_factory=Counter)
    calls: int = 0
    bytes_sent: int = 0
    """Of bodies, as they came from the senders."""
    port: int = 0
    _loop: asyncio.AbstractEventLoop = field(init=False)
    """Made when it is opened: a line that never is leaves nothing to close."""
    _thread: threading.Thread | None = None
    _chance: random.Random = field(default_factory=random.Random)
    _behind: set["asyncio.Task[None]"] = field(default_factory=set)

    def __enter__(self) -> Self:
        self._chance.seed(self.seed)
        self._loop = asyncio.new_event_loop()
        opened = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(opened,), daemon=True, name="line")
        self._thread.start()
        if not opened.wait(60):
            raise TimeoutError("the line could not be opened")
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        if self._thread is not None:
            self._thread.join(60)

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def ask(self, request: bytes, method: str) -> bytes:
        """The server's whole answer, on a connection of its own.

        Raises:
            OSError, EOFError: the server hung up.
        """
        async with asyncio.timeout(_PATIENCE_S):
            reader, writer = await asyncio.open_connection("127.0.0.1", self.server_port, limit=_LARGEST_HEAD)
            try:
                writer.write(request)
                await writer.drain()
                return await _whole_answer(reader, method)
            finally:
                writer.transport.abort()

    def behind(self, doing: Awaitable[object]) -> None:
        """Do something after the sender has long been answered."""

        async def quietly() -> None:
            with contextlib.suppress(OSError, EOFError, TimeoutError):
                await doing

        task = self._loop.create_task(quietly())
        self._behind.add(task)
        task.add_done_callback(self._behind.discard)

    def _run(self, opened: threading.Event) -> None:
        asyncio.set_event_loop(self._loop)
        listening = self._loop.run_until_complete(
            asyncio.start_server(self._converse, "127.0.0.1", 0, limit=_LARGEST_HEAD, backlog=512)
        )
        self.port = int(listening.sockets[0].getsockname()[1])
        opened.set()
        self._loop.run_forever()
        listening.close()
        tasks = asyncio.all_tasks(self._loop)
        for task in tasks:
            task.cancel()
        self._loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
        self._loop.close()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One sender's calls, until it or the line hangs up."""
        with contextlib.suppress(Cut, OSError, EOFError, TimeoutError, asyncio.CancelledError):
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                call = Call(self, head, _length(head), reader, writer)
                self.calls += 1
                await self._draw(call)(call, self._chance)
        writer.transport.abort()

    def _draw(self, call: Call) -> Habit:
        if self._chance.random() >= self.share or self.spared(call):
            return self.usual
        habit = self._chance.choices(list(self.habits), list(self.habits.values()))[0]
        self.hurt[habit.__name__] += 1
        return habit


def header(head: bytes, name: str) -> str | None:
    """A header of a raw head."""
    for line in head.split(b"\r\n")[1:]:
        key, _, value = line.partition(b":")
        if key.strip().lower() == name.lower().encode():
            return value.strip().decode("latin-1")
    return None


def split(answer: bytes) -> tuple[bytes, bytes]:
    """The head of a whole answer with its blank line, and its body."""
    head, blank, body = answer.partition(b"\r\n\r\n")
    return head + blank, body


def composed(status: str, body: bytes, kind: str, *more: str) -> bytes:
    """An answer that the server never gave."""
    lines = [f"HTTP/1.1 {status}", f"Content-Type: {kind}", f"Content-Length: {len(body)}", *more]
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + body


def _length(head: bytes) -> int:
    return int(header(head, "Content-Length") or 0)


async def _whole_answer(reader: asyncio.StreamReader, method: str) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    status = head.split(b" ", 2)[1]
    if status == b"100":
        return await _whole_answer(reader, method)
    if method == "HEAD" or status in (b"204", b"304"):
        return head
    if (length := header(head, "Content-Length")) is not None:
        return head + await reader.readexactly(int(length))
    if (header(head, "Transfer-Encoding") or "").lower() == "chunked":
        return head + await _chunks(reader)
    return head + await reader.read()


async def _chunks(reader: asyncio.StreamReader) -> bytes:
    found = b""
    while True:
        size = await reader.readuntil(b"\r\n")
        piece = await reader.readexactly(int(size.split(b";")[0], 16) + 2)
        found += size + piece
        if piece == b"\r\n":
            return found
