"""How many photos phones can hand in through us: announced, sent, verified, durable; alone and with their visits.

``python -m bench.photos [--seconds 10] [--phones 1 8]``. Every photo is a real JPEG of 300 kB with bytes of its own.
The worker develops what has arrived on the same cores meanwhile, as it does in production.
"""

import argparse
import base64
import hashlib
import io
import json
import os
import random
import struct
from collections.abc import Iterator
from datetime import UTC, datetime

import sqlalchemy as sa
from PIL import Image

from bench.city import City, found_city, sign_in
from bench.deployment import deployed, machine
from bench.phones import Answer, Journey, request
from bench.visits import measure, visit_body
from service.kernel.db import make_engine
from service.kernel.ids import uuid7

SIZE = 300_000
AIM_PER_S = 243
"""Three times the 81/s measured for ODK Central: visits with two 300 kB photos at 8 phones."""
_PEOPLE = 8


def picture() -> bytes:
    """A JPEG a phone could have taken, a little smaller than what is sent."""
    grain = Image.frombytes("RGB", (400, 300), random.Random(7).randbytes(400 * 300 * 3)).resize((1600, 1200))
    for quality in range(95, 5, -5):
        file = io.BytesIO()
        grain.save(file, "JPEG", quality=quality)
        if file.tell() <= SIZE - 100:
            return file.getvalue()
    raise SystemExit("no quality makes the picture small enough")


def distinct(base: bytes) -> bytes:
    """The same picture as other bytes: comments of random content fill it up to the size."""
    filling = b""
    while (room := SIZE - len(base) - len(filling)) > 0:
        length = min(room, 60_000)
        filling += b"\xff\xfe" + struct.pack(">H", length - 2) + os.urandom(length - 4)
    return base[:2] + filling + base[2:]


def sending(base: bytes, token: str) -> Iterator[Journey]:
    """One photo after another."""
    while True:
        yield _one_photo(base, token, str(uuid7()))


def visiting(base: bytes, token: str, city: City) -> Iterator[Journey]:
    """One visit after another, each with two photos that are sent first."""
    while True:
        yield _one_visit(base, token, city)


def _one_visit(base: bytes, token: str, city: City) -> Journey:
    ids = (str(uuid7()), str(uuid7()))
    for photo_id in ids:
        if not (yield from _one_photo(base, token, photo_id)):
            return False
    body = visit_body(random.choice(city.enterprise_ids), photo_ids=ids)
    answer: Answer = yield request("PUT", f"/api/v1/visits/{uuid7()}", token, body)
    return answer.status == 201 and json.loads(answer.body)["photos"]["received"] == 2


def _one_photo(base: bytes, token: str, photo_id: str) -> Journey:
    content = distinct(base)
    md5 = hashlib.md5(content, usedforsecurity=False)
    announced = {
        "id": photo_id, "sha256": hashlib.sha256(content).hexdigest(), "md5": md5.hexdigest(), "size": len(content),
        "content_type": "image/jpeg", "taken_at": datetime.now(UTC).isoformat(), "source": "camera",
    }  # fmt: skip
    answer: Answer = yield request("POST", "/api/v1/photos", token, json.dumps(announced).encode())
    if answer.status != 201:
        return False
    upload = json.loads(answer.body)["upload"]
    headers = {"Content_MD5": base64.b64encode(md5.digest()).decode()}
    answer = yield request(upload["method"], upload["url"], "", content, "image/jpeg", **headers)
    if answer.status != 200:
        return False
    answer = yield request("POST", f"/api/v1/photos/{photo_id}/complete", token)
    return answer.status == 200 and json.loads(answer.body)["receipt"]["sha256"] == announced["sha256"]


def waiting(database_url: str) -> int:
    """Photos that the worker has not developed yet."""
    engine = make_engine(database_url, pool_size=1)
    with engine.connect() as connection:
        count = connection.scalar(sa.text("SELECT count(*) FROM photos WHERE state = 'received'"))
    engine.dispose()
    return int(count or 0)


def main() -> None:
    """Print rates, then how far the worker is behind."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--phones", type=int, nargs="*", default=[1, 8])
    options = parser.parse_args()
    print(machine())
    base = picture()
    with deployed() as deployment:
        city = found_city(deployment.database_url, people=_PEOPLE)
        tokens = sign_in(deployment.port, city.usernames)
        for phones in options.phones:
            tally, cpu = measure(
                deployment, phones, options.seconds, lambda n: sending(base, tokens[n % _PEOPLE])
            )
            front = cpu.get("web", 0) + cpu.get("database", 0)
            print(
                f"photo of {SIZE // 1000} kB {phones:3} phones {tally}  {tally.rate * SIZE / 1e6:.1f} MB/s  "
                f"CPU ms each {front:.1f} in web and database",
                flush=True,
            )
        tally, cpu = measure(
            deployment, 8, options.seconds, lambda n: visiting(base, tokens[n % _PEOPLE], city)
        )
        front = cpu.get("web", 0) + cpu.get("database", 0)
        print(f"visit with two photos 8 phones {tally}  CPU ms each {front:.1f} in web and database")
        print(f"aim: {AIM_PER_S}/s, reached {tally.rate / AIM_PER_S:.2f} of it")
        print(f"waiting for the worker at the end: {waiting(deployment.database_url)} photos")


if __name__ == "__main__":
    main()
