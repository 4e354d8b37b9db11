"""The ways in which a mobile network hurts a call: habits of a `Line`."""

import asyncio
import random

from tests.faults.line import Call, Habit, composed, split

_LATEST_S = 3.0

_PORTAL = "<!doctype html><html><title>免费上网</title><body>请先登录无线网络</body></html>".encode()


async def refused(call: Call, _chance: random.Random) -> None:
    """The connection ends before a byte of the body is taken."""
    call.reset()


async def request_cut(call: Call, chance: random.Random) -> None:
    """The server gets the first part of the request, then a reset; so does the phone."""
    part = await call.part(chance.randrange(call.length + 1) if call.length else 0)
    if call.length == 0:
        part = part[: chance.randrange(1, len(part))]
    _reader, writer = await asyncio.open_connection("127.0.0.1", call.line.server_port)
    writer.write(part)
    await writer.drain()
    await asyncio.sleep(0.01)
    writer.transport.abort()
    call.reset()


async def request_ended_early(call: Call, chance: random.Random) -> None:
    """As `request_cut`, but the server sees an orderly end in the middle of the body."""
    part = await call.part(chance.randrange(call.length + 1) if call.length else 0)
    if call.length == 0:
        part = part[:-2]
    reader, writer = await asyncio.open_connection("127.0.0.1", call.line.server_port)
    writer.write(part)
    writer.write_eof()
    async with asyncio.timeout(5):
        await reader.read(1024)
    writer.transport.abort()
    call.reset()


async def hung_up_unread(call: Call, _chance: random.Random) -> None:
    """The server has done it and answers; the phone hears nothing."""
    await call.forward()
    call.reset()


async def hung_up_at_once(call: Call, _chance: random.Random) -> None:
    """The line is cut the moment the request is out, while the server works."""
    request = await call.whole()
    _reader, writer = await asyncio.open_connection("127.0.0.1", call.line.server_port)
    writer.write(request)
    await writer.drain()
    await asyncio.sleep(0.002)
    writer.transport.abort()
    call.reset()


async def answer_cut(call: Call, chance: random.Random) -> None:
    """The phone gets the first bytes of the answer, then a reset."""
    answer = await call.forward()
    await call.answer(answer[: chance.randrange(len(answer))])
    await asyncio.sleep(0.01)
    call.reset()


async def answer_short(call: Call, chance: random.Random) -> None:
    """The phone gets the head and a part of the body, then an orderly end."""
    head, body = split(await call.forward())
    await call.answer(head + body[: chance.randrange(len(body)) if body else 0])
    call.writer.write_eof()
    await asyncio.sleep(0.01)
    call.reset()


async def delayed(call: Call, chance: random.Random) -> None:
    """Request and answer each wait for a while."""
    request = await call.whole()
    await asyncio.sleep(chance.random())
    answer = await call.line.ask(request, call.method)
    await asyncio.sleep(chance.random())
    await call.answer(answer)


async def dripped(call: Call, chance: random.Random) -> None:
    """The answer comes in crumbs."""
    answer = await call.forward()
    size = max(1, len(answer) // chance.randrange(2, 12))
    for start in range(0, len(answer), size):
        await call.answer(answer[start : start + size])
        await asyncio.sleep(0.02)


async def doubled(call: Call, _chance: random.Random) -> None:
    """An impatient thumb: the same request twice at the same moment; one answer arrives."""
    request = await call.whole()
    first, second = (call.line.ask(request, call.method) for _ in range(2))
    call.line.behind(second)
    await call.answer(await first)


async def sent_again_later(call: Call, chance: random.Random) -> None:
    """The request arrives a second time, long after its answer."""
    request = await call.whole()
    await call.answer(await call.line.ask(request, call.method))

    async def late() -> None:
        await asyncio.sleep(chance.random() * _LATEST_S)
        await call.line.ask(request, call.method)

    call.line.behind(late())


async def portal(call: Call, chance: random.Random) -> None:
    """A Wi-Fi gateway answers in the server's place, and says that all is well."""
    await call.whole()
    await call.answer(
        chance.choice(
            (
                composed("200 OK", _PORTAL, "text/html; charset=utf-8"),
                composed("201 Created", _PORTAL, "text/html; charset=utf-8"),
                composed("200 OK", b"{}", "application/json"),
                composed("200 OK", b'{"status":"ok","results":[]}', "application/json"),
                composed("302 Found", b"", "text/html", "Location: http://10.0.0.1/login"),
                composed("511 Network Authentication Required", _PORTAL, "text/html; charset=utf-8"),
            )
        )
    )


async def gateway_gave_up(call: Call, _chance: random.Random) -> None:
    """A proxy in front tells the phone 504 although the server has done it."""
    await call.forward()
    await call.answer(composed("504 Gateway Time-out", b"<html>504</html>", "text/html"))


IMPATIENCE: dict[Habit, int] = {hung_up_unread: 1, doubled: 1}
"""What phones do by themselves: at a share of 0.1, 5 % hang up unread and 5 % tap twice."""

BAD_SIGNAL: dict[Habit, int] = {
    refused: 2,
    request_cut: 3,
    request_ended_early: 2,
    hung_up_unread: 3,
    hung_up_at_once: 2,
    answer_cut: 3,
    answer_short: 2,
    delayed: 1,
    dripped: 1,
    doubled: 2,
    sent_again_later: 2,
    portal: 3,
    gateway_gave_up: 2,
}
