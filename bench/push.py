"""How many records phones can push in batches of 50: full bodies, durable, at 1, 4 and 16 phones.

``python -m bench.push [--seconds 8] [--phones 1 4 16] [--size 50]`` starts the documented
deployment in a temporary folder, signs people in and pushes batch after batch of new records; in the same run it
measures what the same machine does with less work (`bench.visits.floor`) and the single `PUT`.
"""

import argparse
import json
import random
import uuid
from collections.abc import Iterator

from bench.city import City, found_city, sign_in
from bench.deployment import deployed, machine
from bench.phones import Answer, Journey, crowd, request
from bench.visits import floor, measure, visit_body, visits
from service.kernel.ids import uuid7

AIM_PER_S = 3_000
_PEOPLE = 16


def batches(city: City, token: str, size: int) -> Iterator[Journey]:
    """One batch of new visits after another by one person."""
    while True:
        yield _one_batch(city, token, size)


def _one_batch(city: City, token: str, size: int) -> Journey:
    answer: Answer = yield request("POST", "/api/v1/sync/push", token, batch_body(city.enterprise_ids, size))
    return answer.status == 200 and answer.body.count(b'"applied"') == size


def batch_body(enterprise_ids: tuple[uuid.UUID, ...], size: int) -> bytes:
    """Ops as a phone sends them after a day without a signal."""
    ops = b",".join(
        b'{"op_id":"%s","type":"visit","id":"%s","body":%s}'
        % (
            str(uuid.uuid4()).encode(),
            str(uuid7()).encode(),
            visit_body(random.choice(enterprise_ids)),
        )
        for _ in range(size)
    )
    return b'{"ops":[' + ops + b"]}"


def main() -> None:
    """Print records a second, then what they cost."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=8)
    parser.add_argument("--phones", type=int, nargs="*", default=[1, 4, 16])
    parser.add_argument("--size", type=int, default=50)
    parser.add_argument("--no-floor", action="store_true", help="leave the comparisons out")
    options = parser.parse_args()
    size = options.size
    print(machine())
    with deployed() as deployment:
        city = found_city(deployment.database_url, people=_PEOPLE)
        tokens = sign_in(deployment.port, city.usernames)
        example = batch_body(city.enterprise_ids, size)
        print(f"{size} ops, {len(example)} bytes; {len(json.loads(example)['ops'])} records a batch")

        def new_batches(number: int) -> Iterator[Journey]:
            return batches(city, tokens[number % _PEOPLE], size)

        crowd(deployment.port, 4, 2, new_batches)
        best = 0.0
        for phones in options.phones:
            tally, cpu = measure(deployment, phones, options.seconds, new_batches)
            best = max(best, tally.rate * size)
            parts = ", ".join(f"{part} {ms / size:.3f}" for part, ms in sorted(cpu.items()))
            print(
                f"push {phones:3} phones {tally.rate * size:7.0f} records/s; batches {tally}  "
                f"CPU ms a record {sum(cpu.values()) / size:.3f} ({parts})",
                flush=True,
            )
        print(f"aim: {AIM_PER_S} records/s, reached {best / AIM_PER_S:.2f} of it")
        if not options.no_floor:
            tally, cpu = measure(
                deployment, 8, options.seconds / 2, lambda number: visits(city, tokens[number % _PEOPLE])
            )
            print(f"PUT visit 8 phones {tally}  CPU ms {sum(cpu.values()):.2f}", flush=True)
            for name, (rate, ms) in floor(deployment, 8, options.seconds / 2).items():
                print(
                    f"{name:36} {rate:7.0f}/s  CPU ms {ms:5.2f}   a record pushed: {best / rate:.2f} of its rate"
                )
    print(machine())


if __name__ == "__main__":
    main()
