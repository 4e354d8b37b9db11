"""The ways in which an object store fails or lies: habits of a `Line` between the product (or a phone) and the store.

What a store has damaged stays damaged until the object is sent again while the store is well, so that a product that
does not look is found out by the final read.
"""

import asyncio
import hashlib
import random
import re
from collections.abc import Callable
from urllib.parse import urlsplit

from tests.faults.hurts import answer_cut, request_cut
from tests.faults.line import Call, Habit, composed, header, split

_HANG_S = 20.0
_LACKING_BYTES = 17


class Damage:
    """What the store did to objects it acknowledged, by path."""

    def __init__(self) -> None:
        self._done: dict[str, Callable[[bytes], bytes | None]] = {}

    def habits(self) -> dict[Habit, int]:
        """The lies of a store that says 200 and keeps something else."""
        return {self.keeps_other_bytes: 1, self.keeps_less: 1, self.forgets: 1}

    async def well(self, call: Call, _chance: random.Random) -> None:
        """The store works; what it damaged before is still damaged."""
        if _writes_an_object(call):
            self._done.pop(_place(call), None)
        answer = await call.forward()
        await call.answer(self._as_kept(call, answer))

    async def keeps_other_bytes(self, call: Call, chance: random.Random) -> None:
        """One byte of what it keeps is another one."""
        await self._lie(call, chance, _flipped)

    async def keeps_less(self, call: Call, chance: random.Random) -> None:
        """The end of the object is missing."""
        await self._lie(call, chance, lambda body: body[:-_LACKING_BYTES])

    async def forgets(self, call: Call, chance: random.Random) -> None:
        """200, and then 404."""
        await self._lie(call, chance, lambda _body: None)

    async def _lie(self, call: Call, chance: random.Random, damage: Callable[[bytes], bytes | None]) -> None:
        if not _writes_an_object(call):
            await self.well(call, chance)
            return
        answer = await call.forward()
        if answer.split(b" ", 2)[1] == b"200":
            self._done[_place(call)] = damage
        await call.answer(answer)

    def _as_kept(self, call: Call, answer: bytes) -> bytes:
        damage = self._done.get(_place(call))
        if damage is None or call.method not in {"GET", "HEAD"} or answer.split(b" ", 2)[1] != b"200":
            return answer
        head, body = split(answer)
        if call.method == "HEAD":
            body = bytes(int(header(head, "Content-Length") or 0))
        kept = damage(body)
        if kept is None:
            return _gone(call)
        head = re.sub(rb"(?i)content-length: *\d+", b"Content-Length: %d" % len(kept), head)
        return head + (b"" if call.method == "HEAD" else kept)


async def down(call: Call, _chance: random.Random) -> None:
    """Nobody is there."""
    call.reset()


async def broken(call: Call, _chance: random.Random) -> None:
    """It answers 500."""
    await call.whole()
    await call.answer(_refusal("500 Internal Server Error", "InternalError"))


async def slows_down(call: Call, _chance: random.Random) -> None:
    """It asks to be left in peace."""
    await call.whole()
    await call.answer(_refusal("503 Slow Down", "SlowDown"))


async def key_expired(call: Call, _chance: random.Random) -> None:
    """It does not know the key any more."""
    await call.whole()
    await call.answer(_refusal("403 Forbidden", "ExpiredToken"))


async def bucket_gone(call: Call, _chance: random.Random) -> None:
    """Somebody has removed the bucket."""
    await call.whole()
    await call.answer(_refusal("404 Not Found", "NoSuchBucket"))


async def hangs(call: Call, _chance: random.Random) -> None:
    """It takes the request and never answers."""
    await call.whole()
    await asyncio.sleep(_HANG_S)
    call.reset()


async def slow(call: Call, chance: random.Random) -> None:
    """It answers late and in crumbs."""
    await asyncio.sleep(1 + chance.random())
    answer = await call.forward()
    for start in range(0, len(answer), 20_000):
        await call.answer(answer[start : start + 20_000])
        await asyncio.sleep(0.05)


async def wrong_etag(call: Call, chance: random.Random) -> None:
    """The ETag it tells is that of something else."""
    answer = await call.forward()
    other = hashlib.md5(chance.randbytes(8), usedforsecurity=False).hexdigest().encode()
    head, body = split(answer)
    await call.answer(re.sub(rb'(?i)etag: *"?[0-9a-f]+"?', b'ETag: "' + other + b'"', head) + body)


async def reads_wrong(call: Call, _chance: random.Random) -> None:
    """A byte flips on the way back, this once."""
    head, body = split(await call.forward())
    await call.answer(head + (_flipped(body) if call.method == "GET" and body else body))


async def acknowledges_without_keeping(call: Call, _chance: random.Random) -> None:
    """It says 200 to a write that it never took."""
    whole = await call.whole()
    if call.method != "PUT" or call.length == 0:
        await call.answer(await call.line.ask(whole, call.method))
        return
    _, body = split(whole)
    etag = hashlib.md5(body, usedforsecurity=False).hexdigest()
    await call.answer(composed("200 OK", b"", "text/plain", f'ETag: "{etag}"'))


def phases(damage: Damage) -> list[dict[Habit, int]]:
    """Every way a store fails, each as what it does for a while."""
    single: tuple[Habit, ...] = (
        down,
        damage.keeps_other_bytes,
        hangs,
        damage.keeps_less,
        broken,
        damage.forgets,
        slow,
        acknowledges_without_keeping,
        slows_down,
        reads_wrong,
        request_cut,
        wrong_etag,
        answer_cut,
        key_expired,
        bucket_gone,
    )
    return [{habit: 1} for habit in single]


def _place(call: Call) -> str:
    return urlsplit(call.path).path


def _writes_an_object(call: Call) -> bool:
    return call.method == "PUT" and (call.length > 0 or header(call.head, "x-amz-copy-source") is not None)


def _flipped(body: bytes) -> bytes:
    middle = len(body) // 2
    return body[:middle] + bytes([body[middle] ^ 1]) + body[middle + 1 :] if body else body


def _refusal(status: str, code: str) -> bytes:
    document = f'<?xml version="1.0"?><Error><Code>{code}</Code><Message>{code}</Message></Error>'
    return composed(status, document.encode(), "application/xml")


def _gone(call: Call) -> bytes:
    gone = _refusal("404 Not Found", "NoSuchKey")
    return split(gone)[0] if call.method == "HEAD" else gone
