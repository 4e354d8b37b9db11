"""What resuming costs: photos by tus against photos by raw PUT, to us, on the same machine in the same run.

``python -m bench.uploads [--seconds 6] [--phones 1 8]``. A photo of 300 kB goes in one request, one of 5 MB in pieces
of 1 MB by tus and in one request by PUT. A journey is the whole way: announced, sent, complete, receipt compared.
"""

import argparse
import base64
import hashlib
import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime

from bench.city import found_city, sign_in
from bench.deployment import deployed, machine
from bench.phones import Answer, Journey, request
from bench.visits import measure
from service.kernel.ids import uuid7

SIZES = {300_000: 300_000, 5_000_000: 1_000_000}
"""Size of a photo → bytes of each request by tus."""
_PEOPLE = 8
_BYTES = "application/offset+octet-stream"


def sending(kind: str, size: int, token: str) -> Iterator[Journey]:
    """One photo after another, by `put` or by `tus`."""
    base = os.urandom(size)
    while True:
        content = os.urandom(32) + base[32:]
        yield _by_tus(content, SIZES[size], token) if kind == "tus" else _by_put(content, token)


def _by_put(content: bytes, token: str) -> Journey:
    photo = _announcement(content, "put")
    answer: Answer = yield request("POST", "/api/v1/photos", token, json.dumps(photo).encode())
    if answer.status != 201:
        return False
    md5 = base64.b64encode(bytes.fromhex(photo["md5"])).decode()
    url = json.loads(answer.body)["upload"]["url"]
    answer = yield request("PUT", url, "", content, "image/jpeg", Content_MD5=md5)
    if answer.status != 200:
        return False
    answer = yield request("POST", f"/api/v1/photos/{photo['id']}/complete", token)
    return _is_receipt(answer, photo)


def _by_tus(content: bytes, step: int, token: str) -> Journey:
    photo = _announcement(content, "tus")
    answer: Answer = yield request("POST", "/api/v1/photos", token, json.dumps(photo).encode())
    if answer.status != 201:
        return False
    url = json.loads(answer.body)["upload"]["url"]
    for start in range(0, len(content), step):
        said = {"Tus_Resumable": "1.0.0", "Upload_Offset": str(start)}
        answer = yield request("PATCH", url, "", content[start : start + step], _BYTES, **said)
        if answer.status != 204:
            return False
    answer = yield request("POST", f"/api/v1/photos/{photo['id']}/complete", token)
    return _is_receipt(answer, photo)


def _announcement(content: bytes, kind: str) -> dict[str, object]:
    return {
        "id": str(uuid7()), "sha256": hashlib.sha256(content).hexdigest(),
        "md5": hashlib.md5(content, usedforsecurity=False).hexdigest(), "size": len(content), "source": "camera",
        "content_type": "image/jpeg", "taken_at": datetime.now(UTC).isoformat(), "accept": [kind],
    }  # fmt: skip


def _is_receipt(answer: Answer, photo: dict[str, object]) -> bool:
    return answer.status == 200 and json.loads(answer.body)["receipt"]["sha256"] == photo["sha256"]


def main() -> None:
    """Print MB/s of both ways, and how much longer resuming takes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=6)
    parser.add_argument("--phones", type=int, nargs="*", default=[1, 8])
    options = parser.parse_args()
    print(machine())
    with deployed() as deployment:
        city = found_city(deployment.database_url, people=_PEOPLE)
        tokens = sign_in(deployment.port, city.usernames)
        for size in SIZES:
            for phones in options.phones:
                rates = {}
                for kind in ("put", "tus"):
                    tally, cpu = measure(
                        deployment,
                        phones,
                        options.seconds,
                        lambda n, k=kind, s=size: sending(k, s, tokens[n % _PEOPLE]),
                    )
                    rates[kind] = tally.rate
                    front = cpu.get("web", 0) + cpu.get("database", 0)
                    print(
                        f"{kind} {size // 1000:5} kB {phones:3} phones {tally}  "
                        f"{tally.rate * size / 1e6:6.1f} MB/s  CPU ms each {front:.1f} in web and database",
                        flush=True,
                    )
                print(
                    f"tus takes {rates['put'] / max(rates['tus'], 1e-9):.2f} times as long as put", flush=True
                )


if __name__ == "__main__":
    main()
