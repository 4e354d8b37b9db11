"""On the real server, by raw sockets: lines that break anywhere, and two senders who meet in two processes.

`QIANBAI_UPLOAD_CUTS` and `QIANBAI_UPLOAD_RACES` ask for the long form.
"""

import hashlib
import os
import random
import socket
import struct
import time

import pytest

from tests.support.live import live_house, together, wait_until
from tests.support.photos import announcement

CUTS = int(os.environ.get("QIANBAI_UPLOAD_CUTS", "40"))
RACES = int(os.environ.get("QIANBAI_UPLOAD_RACES", "6"))
SEED = int(os.environ.get("QIANBAI_SEED", "20261122"))
TUS = {"Tus-Resumable": "1.0.0"}
BYTES = "application/offset+octet-stream"
PATIENCE_S = {False: 1.0, True: 0.1}
"""After a farewell something must have arrived; after a reset the system may have thrown it all away."""

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def house(postgres_url, tmp_path_factory):
    with live_house(postgres_url, tmp_path_factory.mktemp("tus")) as house:
        yield house


@pytest.fixture(params=[SEED], ids=lambda seed: f"seed {seed}")
def chance(request):
    return random.Random(request.param)


def announced(phone, content):
    answer = phone.post("/api/v1/photos", announcement(content, accept=["tus"]))
    assert answer.status == 201, answer.body
    return answer.json["id"], answer.json["upload"]["url"]


def offset_of(house, url):
    answer = house.stranger.send("HEAD", url, headers=TUS)
    assert answer.status == 200, answer.status
    return int(answer.header("Upload-Offset"))


def patch(house, url, offset, data):
    headers = TUS | {"Upload-Offset": str(offset), "Content-Type": BYTES}
    return house.stranger.send("PATCH", url, raw=data, headers=headers)


def cut(house, url, offset, content, sent, *, rudely):
    """Promise all that is missing, send so many bytes of it, and break the line."""
    promised = len(content) - offset
    head = (
        f"PATCH {url} HTTP/1.1\r\nHost: qianbai\r\nTus-Resumable: 1.0.0\r\nContent-Type: {BYTES}\r\n"
        f"Upload-Offset: {offset}\r\nContent-Length: {promised}\r\n\r\n"
    ).encode()
    with socket.create_connection(("127.0.0.1", house.port), timeout=20) as line:
        line.sendall(head + content[offset : offset + sent])
        if rudely:  # a reset instead of a farewell
            line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def waited_for(house, url, offset, *, rudely):
    """The offset after the server has noticed, or soon anyway: a good phone does not wait for long."""
    until = time.monotonic() + PATIENCE_S[rudely]
    while (found := offset_of(house, url)) == offset and time.monotonic() < until:
        time.sleep(0.005)
    return found


@pytest.mark.parametrize("size", [900_000, 5_000_000], ids=["one piece", "several pieces"])
def test_a_line_that_breaks_anywhere_loses_and_doubles_nothing(house, chance, size):
    content = chance.randbytes(size)
    phone = house.sign_in("field1")
    photo_id, url = announced(phone, content)
    offset = kept = furthest = 0
    for number in range(CUTS):
        sent = chance.randrange(1, 2 * size // CUTS)
        if offset + sent >= size:
            break
        rudely = number % 3 == 0
        cut(house, url, offset, content, sent, rudely=rudely)
        furthest = max(furthest, offset + sent)  # a busy server may count an earlier line only now
        before, offset = offset, waited_for(house, url, offset, rudely=rudely)
        assert before <= offset <= furthest, "never less than was acknowledged, never more than was sent"
        kept += offset > before
    assert kept >= CUTS // 4, "what arrives is kept, not only what arrives whole"
    while (offset := offset_of(house, url)) < size:
        answer = patch(house, url, offset, content[offset : offset + 1_500_000])
        # A busy server may listen to the last broken line only now; a phone then asks for the offset again.
        assert answer.status in {204, 409}, answer.body
    done = phone.post(f"/api/v1/photos/{photo_id}/complete")
    assert (done.status, done.json["receipt"]["sha256"]) == (200, hashlib.sha256(content).hexdigest())
    assert house.ask("SELECT 1 FROM upload_pieces WHERE photo_id = :id", id=photo_id) == []


@pytest.mark.parametrize("size", [300_000, 2_500_000], ids=["read at once", "read as it comes"])
def test_of_two_patches_at_one_offset_exactly_one_wins(house, chance, size):
    phone = house.sign_in("field1")
    for _ in range(RACES):
        content = chance.randbytes(size)
        photo_id, url = announced(phone, content)
        for start, end in ((0, size - 1000), (size - 1000, size)):
            answers = together(2, lambda _n, s=start, e=end, c=content, u=url: patch(house, u, s, c[s:e]))
            assert sorted(one.status for one in answers) == [204, 409], [one.body for one in answers]
            assert offset_of(house, url) == end
        done = phone.post(f"/api/v1/photos/{photo_id}/complete")
        assert (done.status, done.json["receipt"]["sha256"]) == (200, hashlib.sha256(content).hexdigest())


def test_a_half_dead_sender_does_not_hold_the_upload(house, chance):
    """The first line hangs without a word, as in a lift; the phone comes back on another at once."""
    content = chance.randbytes(2_000_000)
    phone = house.sign_in("field1")
    photo_id, url = announced(phone, content)
    head = (
        f"PATCH {url} HTTP/1.1\r\nHost: qianbai\r\nTus-Resumable: 1.0.0\r\nContent-Type: {BYTES}\r\n"
        f"Upload-Offset: 0\r\nContent-Length: {len(content)}\r\n\r\n"
    ).encode()
    with socket.create_connection(("127.0.0.1", house.port), timeout=20) as hanging:
        hanging.sendall(head + content[:300_000])
        held = "SELECT 1 FROM uploads WHERE photo_id = :id AND holder IS NOT NULL"
        wait_until(lambda: house.ask(held, id=photo_id), "the first sender is being listened to")
        assert patch(house, url, 0, content).status == 204
    done = phone.post(f"/api/v1/photos/{photo_id}/complete")
    assert (done.status, done.json["receipt"]["sha256"]) == (200, hashlib.sha256(content).hexdigest())
