"""Five hundred phones after a meeting: each has visits and a photo in its outbox, and all sync within the same minutes.

``python -m bench.meeting [--phones 500] [--minutes 2] [--visits 3]`` starts the documented deployment and sends with the
reference phone (`tests/support/phone`), each on a folder of its own, each at a moment drawn from the window. Ten minutes
are what an office sees; two are five times as dense.
"""

import argparse
import json
import multiprocessing
import random
import statistics
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import bench.city
from bench.city import PASSWORD, City, found_city
from bench.deployment import deployed, machine
from bench.photos import distinct, picture
from bench.visits import visit_body
from tests.support.phone.phone import Phone

_PROCESSES = 4
_ROSTER = 300
"""Enterprises of the register: phones that have been synced before pull no more than that."""
_PATIENCE_S = 300.0


@dataclass(frozen=True, slots=True)
class Meeting:
    """Where phones send to, and what each of them has to send."""

    port: int
    city: City
    folder: Path
    picture: bytes
    minutes: float
    visits: int


def main() -> None:
    """Print how long phones took, per phone and per record, and what went wrong on the way."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--phones", type=int, default=500)
    parser.add_argument("--minutes", type=float, default=2.0)
    parser.add_argument("--visits", type=int, default=3)
    options = parser.parse_args()
    bench.city.ENTERPRISES = _ROSTER
    print(machine())
    with deployed() as deployment, tempfile.TemporaryDirectory(prefix="qb-meeting-") as folder:
        city = found_city(deployment.database_url, people=options.phones)
        meeting = Meeting(deployment.port, city, Path(folder), picture(), options.minutes, options.visits)
        before = deployment.cpu_s()
        results = _hold(meeting, options.phones)
        used = {part: seconds - before.get(part, 0.0) for part, seconds in deployment.cpu_s().items()}
    _tell(results, meeting, used)


def _hold(meeting: Meeting, phones: int) -> list[dict[str, Any]]:
    told: multiprocessing.Queue[list[dict[str, Any]]] = multiprocessing.Queue()
    shares = [list(range(phones))[first::_PROCESSES] for first in range(_PROCESSES)]
    crowd = [multiprocessing.Process(target=_share, args=(meeting, share, told)) for share in shares]
    for process in crowd:
        process.start()
    results = [one for _ in crowd for one in told.get()]
    for process in crowd:
        process.join()
    return results


def _share(meeting: Meeting, numbers: list[int], told: Any) -> None:
    results: list[dict[str, Any]] = []
    threads = [threading.Thread(target=_live, args=(meeting, number, results)) for number in numbers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    told.put(results)


def _live(meeting: Meeting, number: int, results: list[dict[str, Any]]) -> None:
    """One phone: it fills its outbox, waits for its moment, and syncs until nothing is left."""
    dice = random.Random(number)
    phone = Phone(
        f"http://127.0.0.1:{meeting.port}",
        meeting.folder / str(number),
        username=meeting.city.usernames[number],
        password=PASSWORD,
        device_id=f"meeting-{number}",
        seed=number,
    )
    photo = phone.keep_photo(distinct(meeting.picture))
    for place in range(meeting.visits):
        body = json.loads(visit_body(dice.choice(meeting.city.enterprise_ids)))
        phone.keep_visit(body | {"photo_ids": [str(photo)] if place == 0 else []})
    time.sleep(dice.random() * meeting.minutes * 60)
    began = time.monotonic()
    waits: list[float] = []
    faults: Counter[str] = Counter()
    while phone.outbox.pending and time.monotonic() - began < _PATIENCE_S:
        done = phone.sync()
        waits += [time.monotonic() - began] * (done.sent + done.photos)
        faults.update(done.faults)
        time.sleep(0.2 if phone.outbox.pending else 0)
    results.append(
        {
            "seconds": time.monotonic() - began,
            "waits": waits,
            "faults": faults,
            "left": len(phone.outbox.pending),
            "problems": len(phone.outbox.problems),
        }
    )
    phone.close()


def _tell(results: list[dict[str, Any]], meeting: Meeting, used: dict[str, float]) -> None:
    seconds = sorted(one["seconds"] for one in results)
    waits = sorted(wait for one in results for wait in one["waits"])
    faults = sum((one["faults"] for one in results), Counter[str]())
    print(
        f"{len(results)} phones within {meeting.minutes:g} min, {meeting.visits} visits and a photo of 300 kB each"
    )
    print(f"records and photos receipted: {len(waits)}, left: {sum(one['left'] for one in results)}")
    print(f"refused for a person to look at: {sum(one['problems'] for one in results)}")
    for what, times in (("a phone's whole sync", seconds), ("a record, from the sync's first call", waits)):
        print(
            f"{what}: p50 {statistics.median(times):.2f} s, p95 {times[int(len(times) * 0.95)]:.2f} s, worst {times[-1]:.2f} s"
        )
    print(f"told to wait, or lines that broke: {dict(faults) or 'none'}")
    print("CPU s:", {part: round(spent, 1) for part, spent in used.items()})


if __name__ == "__main__":
    main()
