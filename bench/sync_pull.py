"""How fast phones pull: a first pull of 50,000 enterprises, small pulls, 300 first pulls at once, and what marks cost.

``python -m bench.sync_pull [--seconds 8]`` starts the documented deployment in a temporary folder. What marks cost is
measured with and without their triggers, one after the other on the same database.
"""

import argparse
import gzip
import http.client
import json
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from bench.city import City, found_city, sign_in
from bench.deployment import Deployment, deployed, machine
from bench.phones import Answer, Journey, Tally, crowd, request
from bench.visits import measure, visits
from service.enterprises.importing import ImportOrder
from service.kernel.actor import Actor, Role
from service.kernel.db import make_engine, make_sessions
from service.visits.consequences import import_enterprises

ENTERPRISES = 50_000
AIM_S = 30
PATH = "/api/v1/sync/changes"
_PEOPLE = 32
_MORE = """
    INSERT INTO enterprises (id, name, name_key, kind, well_known, initials, grams, search_text, tags, facts, city,
                             latitude, longitude, created_at, updated_at, rev)
    SELECT gen_random_uuid(), '济南第' || n || '高端装备与新材料股份有限公司', md5(n::text), 'enterprise', n %% 2 = 0, 'JNDGD',
           ARRAY[md5(n::text)], '', '{}', '{}', '济南市', 36.6, 117.0, now(), now(), 1
    FROM generate_series(1, %s) n"""
_NAMES = """
    INSERT INTO enterprise_aliases (id, enterprise_id, name, name_key, initials)
    SELECT gen_random_uuid(), id, '装备' || row_number() OVER (), name_key, 'ZB' FROM enterprises"""


def fill(url: str) -> None:
    """The register of a large city, each enterprise with another name."""
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        (there,) = connection.execute("SELECT count(*) FROM enterprises").fetchone()
        connection.execute(_MORE, (ENTERPRISES - there,))
        connection.execute(_NAMES)
        connection.execute("VACUUM ANALYZE")


def first_pull(port: int, token: str, *, zipped: bool) -> None:
    """One phone pulls everything; its pages are timed."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    headers = {"Authorization": f"Bearer {token}"} | ({"Accept-Encoding": "gzip"} if zipped else {})
    times, kinds, sent, cursor, more = [], Counter(), 0, "", True
    began = time.perf_counter()
    while more:
        asked = time.perf_counter()
        connection.request("GET", f"{PATH}?limit=500{cursor}", headers=headers)
        raw = connection.getresponse().read()
        times.append(time.perf_counter() - asked)
        sent += len(raw)
        page = json.loads(gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw)
        kinds.update(change["type"] for change in page["changes"])
        cursor, more = f"&cursor={page['next_cursor']}", page["has_more"]
    took = time.perf_counter() - began
    tenth = max(1, len(times) // 10)
    print(
        f"first pull{' gzip' if zipped else '':5} {kinds.total()} rows in {took:.1f} s: {kinds.total() / took:.0f} rows/s,"
        f" {sent / 1e6:.1f} MB, {len(times)} pages; first tenth {_mean_ms(times[:tenth])},"
        f" last tenth {_mean_ms(times[-tenth:])}, slowest {max(times) * 1000:.0f} ms; aim {AIM_S} s",
        flush=True,
    )


def _mean_ms(times: list[float]) -> str:
    return f"{sum(times) / len(times) * 1000:.1f} ms"


def first_pulls(token: str) -> Iterator[Journey]:
    """A phone that pulls from the beginning, page after page."""
    held = {"cursor": ""}
    while True:
        yield _page(token, held)


def _page(token: str, held: dict[str, str]) -> Journey:
    answer: Answer = yield request("GET", f"{PATH}?limit=500{held['cursor']}", token)
    if answer.status != 200:
        return False
    begin = answer.body.rindex(b'"next_cursor":"') + len('"next_cursor":"')
    word = answer.body[begin : answer.body.index(b'"', begin)].decode()
    held["cursor"] = f"&cursor={word}" if b'"has_more":true' in answer.body[begin:] else ""
    return True


def unchanged(token: str, cursor: str, tag: str) -> Iterator[Journey]:
    """A phone that asks again and again whether anything is new."""
    while True:
        yield _unchanged(request("GET", f"{PATH}?cursor={cursor}", token, If_None_Match=tag))


def _unchanged(raw: bytes) -> Journey:
    answer: Answer = yield raw
    return answer.status == 304


def caught_up(port: int, token: str) -> tuple[str, str]:
    """The cursor and tag of a phone that has everything."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    cursor, more, tag = "", True, ""
    while more:
        connection.request("GET", f"{PATH}?limit=1000{cursor}", headers={"Authorization": f"Bearer {token}"})
        answer = connection.getresponse()
        page = json.loads(answer.read())
        cursor, more, tag = f"&cursor={page['next_cursor']}", page["has_more"], answer.headers["ETag"]
    return cursor.removeprefix("&cursor="), tag


def pushes(deployment: Deployment, city: City, tokens: list[str], seconds: float) -> Tally:
    """Eight phones that hand in visits."""
    return crowd(deployment.port, 8, seconds, lambda number: visits(city, tokens[number % _PEOPLE]))


def beside(deployment: Deployment, city: City, tokens: list[str], seconds: float) -> None:
    """Pushes alone, and beside 300 phones that begin their first pull at once."""
    print(f"PUT visit, 8 phones alone       {pushes(deployment, city, tokens, seconds)}", flush=True)
    found: list[Tally] = []

    def pull() -> None:
        found.append(
            crowd(deployment.port, 300, seconds + 2, lambda number: first_pulls(tokens[number % _PEOPLE]))
        )

    pulling = threading.Thread(target=pull)
    pulling.start()
    time.sleep(1)
    print(f"PUT visit, 8 phones beside them {pushes(deployment, city, tokens, seconds)}", flush=True)
    pulling.join()
    (tally,) = found
    print(f"pages of 300 first pulls        {tally}; {tally.rate * 500:.0f} rows/s", flush=True)


@contextmanager
def without_marks(url: str) -> Iterator[None]:
    """No trigger marks anything while the block runs."""
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        listening = connection.execute(
            "SELECT DISTINCT tgrelid::regclass::text, tgname FROM pg_trigger WHERE tgname LIKE 'sync_mark_%'"
        ).fetchall()
        for table, name in listening:
            connection.execute(f"ALTER TABLE {table} DISABLE TRIGGER {name}")
        try:
            yield
        finally:
            for table, name in listening:
                connection.execute(f"ALTER TABLE {table} ENABLE TRIGGER {name}")


def import_seconds(url: str, part: str) -> float:
    """How long the import of 2,000 new rows takes, committed."""
    rows = ["企业名称,城市", *(f"青岛{part}第{number}海洋装备有限公司,青岛市" for number in range(2000))]
    engine = make_engine(url, pool_size=1)
    actor = Actor(None, "measurement", None, frozenset({Role.HEADQUARTERS}))
    began = time.perf_counter()
    with make_sessions(engine).begin() as session:
        import_enterprises(session, actor, ImportOrder("a.csv", "\n".join(rows).encode()))
    took = time.perf_counter() - began
    engine.dispose()
    return took


def cost(deployment: Deployment, city: City, tokens: list[str], seconds: float) -> None:
    """Visits and an import, with marks, without, and with them again."""
    url = deployment.database_url

    def visits_of(number: int) -> Iterator[Journey]:
        return visits(city, tokens[number % _PEOPLE])

    def both(name: str) -> None:
        tally, cpu = measure(deployment, 8, seconds, visits_of)
        took = import_seconds(url, name)
        print(
            f"{name:16} PUT visit {tally}  CPU ms {sum(cpu.values()):.2f} (database {cpu['database']:.2f});"
            f" import of 2,000 rows {took:.2f} s",
            flush=True,
        )

    both("with marks")
    with without_marks(url):
        both("without")
    both("with again")


def main() -> None:
    """Print what a phone would feel first, then what it costs everybody."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=8)
    parser.add_argument("--only", choices=["pull", "crowd", "cost"], default=None)
    options = parser.parse_args()
    print(machine())
    with deployed() as deployment:
        city = found_city(deployment.database_url, people=_PEOPLE)
        if options.only != "cost":
            fill(deployment.database_url)
        tokens = sign_in(deployment.port, city.usernames)
        crowd(deployment.port, 8, 2, lambda number: visits(city, tokens[number % _PEOPLE]))
        if options.only in {None, "pull"}:
            before = deployment.pss_mb()["web"]
            first_pull(deployment.port, tokens[0], zipped=False)
            first_pull(deployment.port, tokens[1], zipped=True)
            print(f"web workers' memory before and after: {before:.0f}, {deployment.pss_mb()['web']:.0f} MB")
            cursor, tag = caught_up(deployment.port, tokens[0])
            tally, cpu = measure(
                deployment, 8, options.seconds / 2, lambda _: unchanged(tokens[0], cursor, tag)
            )
            print(f"nothing new (304), 8 phones               {tally}  CPU ms {sum(cpu.values()):.2f}")
        if options.only in {None, "crowd"}:
            beside(deployment, city, tokens, options.seconds)
        if options.only in {None, "cost"}:
            cost(deployment, city, tokens, options.seconds / 2)
    print(machine())


if __name__ == "__main__":
    main()
