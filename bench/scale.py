"""What every dashboard question costs at scale: three years of visits with their ledgers, database and door.

    python -m bench.scale --visits 1000000                      about five minutes
    python -m bench.scale --visits 10000000 --folder /tmp/large    an hour, 20 GB; a folder that is given is kept

The visits lie in three programme years up to today, in the order in which they were paid; 5 % are joint, 90 % approved,
spread over enterprises and units like a power law. Each question is asked several times: what is printed is its
statements' time in the database, and the whole door in this process, best and median.
"""

import argparse
import contextlib
import os
import platform
import re
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy.orm import Session, sessionmaker

from bench.progress import throw_away
from service.accounts import sessions as accounts
from service.app import create_app
from service.boards import commands as boards
from service.boards.rules import BoardRules, Measured, Source
from service.boards.scoring import Method
from service.indicators.measures import MEASURES
from service.kernel.actor import Actor, Role
from service.kernel.calendar import local_date
from service.kernel.clock import now
from service.kernel.db import make_engine, make_sessions
from service.kernel.embedded import EmbeddedPostgres
from service.kernel.migrate import upgrade
from service.settings import Settings
from service.visits.recounting import rebuild

THIS_YEAR = local_date(now()).year
YEARS = (THIS_YEAR - 2, THIS_YEAR - 1, THIS_YEAR)

NO_MARKS = "SET LOCAL session_replication_role = replica"
"""Phones' marks take no part in what is measured here."""

WORLD = """
INSERT INTO units (id, lineage, name, short_name, kind, position, valid_from)
SELECT :city, ARRAY[:city]::uuid[], '聊城市', '聊城', 'city', 0, '2020-01-01';

INSERT INTO units (id, parent_id, lineage, name, short_name, kind, comparison_group, position, valid_from)
SELECT id, :city, ARRAY[:city, id], '单位' || n, '单位' || n, 'county', '组' || n % 4, n, '2020-01-01'
FROM (SELECT n, gen_random_uuid() AS id FROM generate_series(1, :units) n) made;

INSERT INTO users (id, username, name, unit_id, roles, must_change_password, created_at)
SELECT gen_random_uuid(), 'field' || position, '外勤' || position, id, '{field_staff}', false, now() FROM units;

INSERT INTO users (id, username, name, unit_id, roles, must_change_password, created_at)
VALUES (:person, 'bench', '综合科', :city, '{headquarters}', false, now());

INSERT INTO enterprises (id, name, name_key, kind, well_known, chain, industry, province, tags, initials, search_text,
                         facts, grams, created_at, updated_at, rev)
SELECT gen_random_uuid(), '企业' || n, n::text, CASE WHEN n % 50 = 0 THEN 'association' ELSE 'enterprise' END,
       n % 5 < 4, '产业链' || n % 12, '行业' || n % 20, '省' || n % 31, '{}', '', n::text, '{}', '{}', now(), now(), 1
FROM generate_series(1, :enterprises) n;

INSERT INTO list_editions (id, list_code, title, year, in_force_from)
VALUES (gen_random_uuid(), 'china_500', '中国企业500强', 2020, '2020-01-01');
INSERT INTO list_memberships (id, edition_id, enterprise_id, listed_name, confirmed_at)
SELECT gen_random_uuid(), (SELECT id FROM list_editions), id, name, now() FROM enterprises LIMIT 500
"""

PROGRAMME = """
INSERT INTO programmes (id, name, year, starts_on, ends_on, counting_policy, thousand_scope, hundred_within_thousand,
                        elapsed_by, counted_modes, top500_lists, created_at)
VALUES (:programme, '千百工程', :year, :first, :last, 'approved', 'listed', true, 'days',
        '{door_to_door,reception,online,event}', '{china_500}', now());

INSERT INTO targets (id, programme_id, line, unit_id, level, subjects)
SELECT gen_random_uuid(), :programme, line, unit, level, 1000
FROM (VALUES ('thousand'), ('hundred')) l(line), (VALUES ('baseline'), ('working'), ('striving')) v(level),
     (SELECT NULL::uuid AS unit UNION ALL SELECT id FROM units WHERE parent_id IS NOT NULL) u;

INSERT INTO target_lists (id, programme_id, name, created_at) VALUES (:programme, :programme, '目标企业', now());
INSERT INTO target_list_entries (list_id, enterprise_id, unit_id, added_at)
SELECT :programme, e.id, u.id, now()
FROM (SELECT id, row_number() OVER () AS n FROM enterprises LIMIT 2000) e
JOIN (SELECT id, row_number() OVER () AS n FROM units WHERE parent_id IS NOT NULL) u ON u.n = 1 + e.n % :units
"""

VISITS = """
CREATE TEMPORARY TABLE e_at AS SELECT row_number() OVER () - 1 AS n, id FROM enterprises;
CREATE TEMPORARY TABLE u_at AS SELECT row_number() OVER () - 1 AS n, units.id, users.id AS person
FROM units JOIN users ON users.unit_id = units.id AND users.username LIKE 'field%' WHERE parent_id IS NOT NULL;
ANALYZE e_at; ANALYZE u_at;

INSERT INTO visits (id, rev, number, unit_id, visitor_id, recorded_by, enterprise_id, visited_at, visited_on, mode,
                    method, participants, hosts, intention, amount_wan, joint_unit_ids, photo_ids, flags, captured_at,
                    received_at, updated_at, review_state, summary)
SELECT gen_random_uuid(), 1, 'LC-' || made.n, u.id, u.person, u.person, e.id, made.day + time '02:00', made.day,
       (ARRAY['door_to_door', 'door_to_door', 'door_to_door', 'reception', 'online', 'event'])[1 + made.n % 6],
       (ARRAY['door_to_door', 'small_team', 'by_merchants', NULL])[1 + made.n % 4],
       '[{"name": "甲"}, {"name": "乙"}]', '[]',
       (ARRAY['none', 'interested', 'negotiating', NULL, NULL])[1 + made.n % 5],
       CASE WHEN made.n % 10 = 0 THEN made.n % 90000 END,
       CASE WHEN made.n % 20 = 0 THEN ARRAY[j.id] ELSE '{}' END, '{}', '[]', made.day, made.day + interval '20 hours',
       made.day, CASE WHEN made.chance < 0.9 THEN 'approved' WHEN made.chance < 0.98 THEN 'submitted' ELSE 'returned' END,
       '介绍园区产业基础与要素保障，企业表示有意考察。'
FROM (
    SELECT n, CAST(:first AS date) + CAST(n::float8 * (CAST(:last AS date) - CAST(:first AS date)) / :visits AS integer)
              AS day, random() AS chance,
           CAST(floor(power(random(), 3) * :enterprises) AS integer) AS e,
           CAST(floor(power(random(), 2) * :units) AS integer) AS u, CAST(floor(random() * :units) AS integer) AS j
    FROM generate_series(1, :visits) n
) made
JOIN e_at e ON e.n = made.e JOIN u_at u ON u.n = made.u JOIN u_at j ON j.n = made.j
"""


def main() -> None:
    """Fill if there is nothing yet, then ask."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--visits", type=int, default=1_000_000)
    parser.add_argument("--units", type=int, default=200)
    parser.add_argument("--enterprises", type=int, default=50_000)
    parser.add_argument("--folder", type=Path, help="keep the database there for another run")
    parser.add_argument("--url", help="a database that runs already, empty or filled by this script")
    parser.add_argument("--only", default="", help="ask only what has one of these, parted by |, in its name")
    parser.add_argument("--seconds", type=float, default=3.0, help="how long one question is asked")
    asked = parser.parse_args()
    with where(asked) as url:
        upgrade(url)
        engine = make_engine(url)
        made = make_sessions(engine)
        with made() as session:
            is_empty = session.scalar(sa.text("SELECT count(*) FROM programmes")) == 0
        if is_empty:
            fill(engine, made, asked)
        facts(made)
        engine.dispose()
        ask(url, asked)


def facts(made: sessionmaker[Session]) -> None:
    """What was measured on, and what was in it."""
    with made() as session:
        counts = {
            table: session.scalar(sa.text(f"SELECT count(*) FROM {table}"))
            for table in ("visits", "visit_credits", "unit_ledger", "ledger_tallies", "enterprises", "units")
        }
    print(
        f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, Python {platform.python_version()}"
    )
    print(", ".join(f"{table} {count:,}" for table, count in counts.items()), flush=True)


@dataclass
class Watch:
    """Adds up how long statements take in the database."""

    seconds: float = 0.0
    statements: int = 0

    def on(self, engine: sa.Engine) -> None:
        """Watch this engine's statements, from sending each to its first row."""

        @sa.event.listens_for(engine, "before_cursor_execute")
        def began(connection: sa.Connection, *_: Any) -> None:
            connection.info["began"] = time.perf_counter()

        @sa.event.listens_for(engine, "after_cursor_execute")
        def ended(connection: sa.Connection, *_: Any) -> None:
            self.seconds += time.perf_counter() - connection.info["began"]
            self.statements += 1


def ask(url: str, asked: argparse.Namespace) -> None:
    """Every door as headquarters, in this process."""
    with tempfile.TemporaryDirectory(prefix="qb-scale-") as folder:
        settings = Settings(database_url=url, store=folder, secret=b"scale", data=Path(folder))
        engine = make_engine(url, pool_size=4)
        sessions, watch = make_sessions(engine), Watch()
        app = create_app(settings, sessions=sessions)
        with sessions.begin() as session:
            person = session.scalar(sa.text("SELECT id FROM users WHERE username = 'bench'"))
            field = session.scalar(
                sa.text("SELECT visitor_id FROM visits ORDER BY visited_at DESC, id LIMIT 1")
            )
            programme = session.scalar(sa.text("SELECT id FROM programmes ORDER BY year DESC LIMIT 1"))
            headers = signed_in(session, person)
            of_field = signed_in(session, field)
            unit = session.scalar(sa.text("SELECT unit_id FROM users WHERE id = :id"), {"id": field})
            addresses = questions(programme, unit)
            addresses["board of a quarter, drafted"] = (
                f"/api/hq/v1/boards/{draft(session, person, programme)}"
            )
        watch.on(engine)
        client = app.test_client()
        print(f"  {'door':<44}{'statements':>10}   database best / median   door best / median")
        for name, address in addresses.items():
            if not any(part in name for part in asked.only.split("|")):
                continue
            who = of_field if address.startswith("/api/v1/") else headers
            try:
                several(name, watch, asked.seconds, partial(get, client, address, who))
            except TimeoutError:
                print(f"  {name:<44} was not answered in the time a statement may take", flush=True)
        if any(part in "report drafted" for part in asked.only.split("|")):
            times = [once_drafted(client, headers, watch, on) for on in ("01-05", "02-02", "03-02")]
            print_row("report drafted (month)", watch, times)
        engine.dispose()


def questions(programme: UUID, unit: UUID) -> dict[str, str]:
    """Every dashboard question by its name."""
    hq, this = "/api/hq/v1", THIS_YEAR
    found = {
        "overview": f"{hq}/progress/overview",
        "overview, mid-year": f"{hq}/progress/overview?as_of={this}-07-01",
        "weekly": f"{hq}/progress/weekly",
        "units": f"{hq}/progress/units",
        "units, mid-year": f"{hq}/progress/units?as_of={this}-07-15",
        "coverage by county": f"{hq}/progress/coverage?by=county",
        "coverage by chain": f"{hq}/progress/coverage?by=chain",
        "coverage by both": f"{hq}/progress/coverage?by=both",
        "review queue": f"{hq}/reviews/queue?limit=50",
        "visits": f"{hq}/visits?limit=100",
        "visits of a unit": f"{hq}/visits?limit=100&unit={unit}",
        "visits of a unit, a month": f"{hq}/visits?limit=100&unit={unit}&from={this}-03-01&until={this}-04-01",
        "visits behind a unit's figure": f"{hq}/visits?limit=100&programme={programme}&line=thousand&counted=true"
        f"&first=true&unit={unit}&until={this}-10-01",
        "visits of a well-known enterprise, a month": f"{hq}/visits?limit=100&standing=true&well_known=true"
        f"&from={this}-03-01&until={this}-04-01",
    }
    for measure, one in MEASURES.items():
        stretches = {"year": "period=year", "month": f"period=month&on={this}-03-05"}
        for stretch, days in stretches.items():
            found[f"{measure}: {stretch}"] = f"{hq}/statistics?measure={measure}&{days}"
            found[f"{measure}: {stretch} by unit"] = f"{hq}/statistics?measure={measure}&by=unit&{days}"
        if not one.is_of_target_lists:
            found[f"{measure}: months of the year"] = (
                f"{hq}/statistics?measure={measure}&by=period&period=month"
            )
    found["organisations: year, in the programme"] = (
        f"{hq}/statistics?measure=organisations&programme={programme}"
    )
    found["organisations: year by industry"] = f"{hq}/statistics?measure=organisations&by=industry"
    found["organisations: year of one unit"] = f"{hq}/statistics?measure=organisations&unit={unit}"
    found["my organisations: year"] = "/api/v1/statistics?measure=organisations"
    found["my organisations: months"] = "/api/v1/statistics?measure=organisations&by=period&period=month"
    return found


def signed_in(session: Session, person: UUID | None) -> dict[str, str]:
    assert person is not None
    granted = accounts.open_sign_in(session, user_id=person, device_id=None, secret=b"scale")
    return {"Authorization": f"Bearer {granted.access_token}"}


def draft(session: Session, person: UUID, programme: UUID) -> UUID:
    """A board of the year's second quarter, not frozen: it is computed whenever it is read."""
    unit = session.scalar(sa.text("SELECT unit_id FROM users WHERE id = :id"), {"id": person})
    actor = Actor(person, "bench", unit, frozenset({Role.HEADQUARTERS}))
    rules = BoardRules(
        (
            Measured("thousand", "千家", Source.THOUSAND_COUNTED, Decimal(60)),
            Measured("new", "新增", Source.THOUSAND_NEW, Decimal(40), Method.EFFICACY),
        )
    )
    quarter = (date(THIS_YEAR, 4, 1), date(THIS_YEAR, 7, 1))
    return boards.make_board(
        session, actor, boards.NewBoard("scale", "第二季度", programme, *quarter, rules)
    ).id


def get(client: FlaskClient, address: str, headers: dict[str, str]) -> None:
    answer = client.get(address, headers=headers)
    if answer.status_code == 503:
        raise TimeoutError  # the statement took longer than any may
    assert answer.status_code == 200, (address, answer.get_data()[:300])


def once_drafted(client: FlaskClient, headers: dict[str, str], watch: Watch, on: str) -> tuple[float, float]:
    body = {"kind": "monthly", "on": f"{THIS_YEAR}-{on}"}

    def make() -> None:
        answer = client.post("/api/hq/v1/reports", json=body, headers=headers)
        assert answer.status_code in {201, 409}, answer.get_data()[:300]

    return measured(watch, make)


def measured(watch: Watch, do_it: Callable[[], None]) -> tuple[float, float]:
    watch.seconds, watch.statements = 0.0, 0
    began = time.perf_counter()
    do_it()
    return watch.seconds, time.perf_counter() - began


def several(name: str, watch: Watch, seconds: float, do_it: Callable[[], None]) -> None:
    """Once to warm up, then for some seconds: three times at least if that can be waited for, thirty at most."""
    measured(watch, do_it)
    began, times = time.perf_counter(), list[tuple[float, float]]()
    while not times or (
        len(times) < 30 and time.perf_counter() < began + seconds * (3 if len(times) < 3 else 1)
    ):
        times.append(measured(watch, do_it))
    print_row(name, watch, times)


def print_row(name: str, watch: Watch, times: list[tuple[float, float]]) -> None:
    shown = [
        f"{min(column) * 1000:8.1f} / {statistics.median(column) * 1000:8.1f} ms"
        for column in zip(*times, strict=True)
    ]
    print(f"  {name:<44}{watch.statements:>10}   {shown[0]}   {shown[1]}", flush=True)


def where(asked: argparse.Namespace) -> contextlib.AbstractContextManager[str]:
    if asked.url:
        return contextlib.nullcontext(asked.url)
    return kept(asked.folder) if asked.folder else throw_away()


@contextlib.contextmanager
def kept(folder: Path) -> Iterator[str]:
    """A durable server in a folder that stays."""
    folder.mkdir(parents=True, exist_ok=True)
    server = EmbeddedPostgres(folder / "pg", durable=True)
    try:
        yield server.start()
    finally:
        server.stop()


def fill(engine: sa.Engine, made: sessionmaker[Session], asked: argparse.Namespace) -> None:
    """Three years of visits, then their ledgers; secondary indexes are built afterwards, as a bulk load does."""
    values: dict[str, Any] = {
        "city": uuid4(),
        "person": uuid4(),
        "units": asked.units,
        "enterprises": asked.enterprises,
        "visits": asked.visits,
        "first": date(YEARS[0], 1, 1),
        "last": local_date(now()),
    }
    with made() as session, timed("fill"):
        session.execute(sa.text("SET LOCAL statement_timeout = 0"))
        session.execute(sa.text("SET LOCAL maintenance_work_mem = '512MB'"))
        session.execute(sa.text(NO_MARKS))
        run(session, WORLD, values)
        for year in YEARS:
            ends = {"programme": uuid4(), "year": year, "first": date(year, 1, 1), "last": date(year, 12, 31)}
            run(session, PROGRAMME, values | ends)
        indexes = session.execute(
            sa.text(
                "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'visits' AND indexname LIKE 'ix%'"
            )
        ).all()
        for name, _ in indexes:
            session.execute(sa.text(f"DROP INDEX {name}"))
        run(session, VISITS, values)
        for _, definition in indexes:
            session.execute(sa.text(definition.replace(":", "\\:")))
        session.commit()
    vacuum(engine)
    with made() as session, timed("ledgers"):
        session.execute(sa.text("SET LOCAL statement_timeout = 0"))
        session.execute(sa.text("SET LOCAL work_mem = '256MB'"))
        session.execute(sa.text(NO_MARKS))
        rebuild(session)
        session.commit()
    vacuum(engine)


def run(session: Session, statements: str, values: dict[str, Any]) -> None:
    for statement in statements.split(";\n"):
        if statement.strip():
            named = {
                name: value for name, value in values.items() if re.search(rf"(?<!:):{name}\b", statement)
            }
            session.execute(sa.text(statement), named)


@contextlib.contextmanager
def timed(what: str) -> Iterator[None]:
    began = time.perf_counter()
    yield
    print(f"  {what:<42} {time.perf_counter() - began:8.1f} s", flush=True)


def vacuum(engine: sa.Engine) -> None:
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(sa.text("SET statement_timeout = 0"))
        connection.execute(sa.text("VACUUM ANALYZE"))


if __name__ == "__main__":
    main()
