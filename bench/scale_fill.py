"""Three years of visits with their ledgers, for whatever is measured at scale.

They lie in three programme years up to today, in the order in which they were paid; 5 % are joint, 90 % approved, an
eighth bears a flag, spread over enterprises and units like a power law.
"""

import argparse
import contextlib
import os
import platform
import re
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any
from uuid import uuid4

import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from bench.progress import throw_away
from service.kernel.calendar import local_date
from service.kernel.clock import now
from service.kernel.embedded import EmbeddedPostgres
from service.visits.recounting import rebuild

THIS_YEAR = local_date(now()).year
YEARS = (THIS_YEAR - 2, THIS_YEAR - 1, THIS_YEAR)

NO_MARKS = "SET LOCAL session_replication_role = replica"
"""Triggers take no part in filling: phones' marks are not measured here, and the sums come with the rebuild."""

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
       CASE WHEN made.n % 20 = 0 THEN ARRAY[j.id] ELSE '{}' END, '{}',
       CAST(CASE WHEN made.n % 9 = 0 THEN '[{"code": "far", "severity": "warning"}]'
                 WHEN made.n % 50 = 1 THEN '[{"code": "mock_location", "severity": "serious"}]' ELSE '[]' END AS jsonb),
       made.day, made.day + interval '20 hours', made.day, CASE WHEN made.chance < 0.9 THEN 'approved' WHEN made.chance < 0.98 THEN 'submitted' ELSE 'returned' END,
       '介绍园区产业基础与要素保障，企业表示有意考察。'
FROM (
    SELECT n, CAST(:first AS date) + CAST(n::float8 * (CAST(:last AS date) - CAST(:first AS date)) / :visits AS integer)
              AS day, random() AS chance,
           CAST(floor(power(random(), 3) * :enterprises) AS integer) AS e,
           CAST(floor(power(random(), 2) * :units) AS integer) AS u, CAST(floor(random() * :units) AS integer) AS j
    FROM generate_series(1, :visits) n
) made
JOIN e_at e ON e.n = made.e JOIN u_at u ON u.n = made.u JOIN u_at j ON j.n = made.j;

INSERT INTO review_places (type, record_id, unit_id, submitted, trust, received_at)
SELECT 'visit', id, unit_id, true, -review_flags_weight(flags), received_at FROM visits WHERE review_state = 'submitted'
"""


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
