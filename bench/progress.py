"""What the figures cost: fills a throw-away PostgreSQL with visits and prints milliseconds a question.

    .venv/bin/python bench/progress.py --visits 200000
    .venv/bin/python bench/progress.py --visits 1000000      about two minutes
    .venv/bin/python bench/progress.py --visits 10000000     about half an hour, 15 GB

The visits are of one programme year, 5 % joint, 90 % approved, spread over the enterprises like a power law.
"""

import argparse
import shutil
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from service.kernel.actor import Actor
from service.kernel.db import make_engine
from service.kernel.embedded import EmbeddedPostgres
from service.kernel.migrate import upgrade
from service.progress import comparison, coverage, queries
from service.progress.coverage import CoverageBy
from service.progress.queries import Question
from service.visits import counting_locks
from service.visits.counting import explain
from service.visits.ledger import recount
from service.visits.recounting import rebuild, verify
from service.visits.tallies import fold

YEAR = 2025
SYSTEM = Actor.system("bench")

FILL = """
INSERT INTO units (id, lineage, name, short_name, kind, position, valid_from)
SELECT :city, ARRAY[:city]::uuid[], '聊城市', '聊城', 'city', 0, '2020-01-01';

INSERT INTO units (id, parent_id, lineage, name, short_name, kind, comparison_group, position, valid_from)
SELECT id, :city, ARRAY[:city, id], '单位' || n, '单位' || n, 'county', '组' || n % 4, n, '2020-01-01'
FROM (SELECT n, gen_random_uuid() AS id FROM generate_series(1, :units) n) made;

INSERT INTO users (id, username, name, unit_id, roles, must_change_password, created_at)
VALUES (:person, 'field', '外勤', :city, '{field_staff}', false, now());

INSERT INTO programmes (id, name, year, starts_on, ends_on, counting_policy, thousand_scope, hundred_within_thousand,
                        elapsed_by, counted_modes, top500_lists, created_at)
VALUES (:programme, '千百工程', :year, :first, :last, 'approved', 'listed', true, 'days',
        '{door_to_door,reception,online,event}', '{china_500}', now());

INSERT INTO targets (id, programme_id, line, unit_id, level, subjects)
SELECT gen_random_uuid(), :programme, line, unit, level, 1000
FROM (VALUES ('thousand'), ('hundred')) l(line), (VALUES ('baseline'), ('working'), ('striving')) v(level),
     (SELECT NULL::uuid AS unit UNION ALL SELECT id FROM units WHERE parent_id IS NOT NULL) u;

INSERT INTO enterprises (id, name, name_key, kind, well_known, chain, tags, initials, search_text, facts, grams, created_at,
                         updated_at, rev)
SELECT gen_random_uuid(), '企业' || n, n::text, CASE WHEN n % 50 = 0 THEN 'association' ELSE 'enterprise' END,
       n % 5 < 4, '产业链' || n % 12, '{}', '', n::text, '{}', '{}', now(), now(), 1
FROM generate_series(1, :enterprises) n;

INSERT INTO list_editions (id, list_code, title, year, in_force_from)
VALUES (gen_random_uuid(), 'china_500', '中国企业500强', :year - 1, '2020-01-01');
INSERT INTO list_memberships (id, edition_id, enterprise_id, listed_name, confirmed_at)
SELECT gen_random_uuid(), (SELECT id FROM list_editions), id, name, now() FROM enterprises LIMIT 500;

INSERT INTO target_lists (id, programme_id, name, created_at) VALUES (:programme, :programme, '目标企业', now());
INSERT INTO target_list_entries (list_id, enterprise_id, unit_id, added_at)
SELECT :programme, e.id, (SELECT id FROM units WHERE parent_id IS NOT NULL OFFSET e.n % :units LIMIT 1), now()
FROM (SELECT id, row_number() OVER () AS n FROM enterprises LIMIT 2000) e;

CREATE TEMPORARY TABLE e_at AS SELECT row_number() OVER () - 1 AS n, id FROM enterprises;
CREATE TEMPORARY TABLE u_at AS SELECT row_number() OVER () - 1 AS n, id FROM units WHERE parent_id IS NOT NULL;
ANALYZE e_at; ANALYZE u_at;

INSERT INTO visits (id, rev, number, unit_id, visitor_id, recorded_by, enterprise_id, visited_at, visited_on, mode,
                    participants, hosts, joint_unit_ids, photo_ids, flags, captured_at, received_at, updated_at,
                    review_state)
SELECT gen_random_uuid(), 1, 'LC-' || made.n, u.id, :person, :person, e.id, made.day + time '02:00', made.day,
       'door_to_door', '[]', '[]', CASE WHEN made.n % 20 = 0 THEN ARRAY[j.id] ELSE '{}' END, '{}', '[]',
       made.day, made.day, made.day,
       CASE WHEN made.chance < 0.9 THEN 'approved' WHEN made.chance < 0.98 THEN 'submitted' ELSE 'returned' END
FROM (
    SELECT n, CAST(:first AS date) + CAST(floor(random() * 330) AS integer) AS day, random() AS chance,
           CAST(floor(power(random(), 3) * :enterprises) AS integer) AS e,
           CAST(floor(power(random(), 2) * :units) AS integer) AS u, CAST(floor(random() * :units) AS integer) AS j
    FROM generate_series(1, :visits) n
) made
JOIN e_at e ON e.n = made.e JOIN u_at u ON u.n = made.u JOIN u_at j ON j.n = made.j;
"""


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--visits", type=int, default=200_000)
    parser.add_argument("--units", type=int, default=200)
    parser.add_argument("--enterprises", type=int, default=50_000)
    asked = parser.parse_args()
    with throw_away() as url:
        upgrade(url)
        engine = make_engine(url, pool_size=16)
        made = sessionmaker(engine, expire_on_commit=False)
        programme, person = fill(made, asked)
        print(f"{asked.visits:,} visits, {asked.units} units, {asked.enterprises:,} enterprises")
        with made() as session:
            once("rebuild from the visits", lambda: rebuild(session))
            session.commit()
        vacuum(engine)
        ask(made, programme)
        write(made, person, programme)
        with made() as session:
            once("fold the tallies", lambda: fold(session, most_keys=10_000_000))
            session.commit()
            once("verify everything", lambda: print("  clean:", verify(session).clean))
        engine.dispose()


@contextmanager
def throw_away() -> Iterator[str]:
    """A durable server in a folder of its own, gone at the end."""
    folder = Path(tempfile.mkdtemp(prefix="qb-bench-"))
    server = EmbeddedPostgres(folder / "pg", durable=True)
    try:
        yield server.start()
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def fill(made: sessionmaker[Session], asked: argparse.Namespace) -> tuple[UUID, UUID]:
    programme, person = uuid4(), uuid4()
    values = {
        "city": uuid4(),
        "person": person,
        "programme": programme,
        "year": YEAR,
        "first": date(YEAR, 1, 1),
        "last": date(YEAR, 12, 31),
        "units": asked.units,
        "enterprises": asked.enterprises,
        "visits": asked.visits,
    }
    with made() as session:
        session.execute(sa.text("SET LOCAL statement_timeout = 0"))
        for statement in FILL.split(";\n"):
            if statement.strip():
                text = sa.text(statement)
                session.execute(text, {name: values[name] for name in values if f":{name}" in statement})
        session.commit()
    return programme, person


def vacuum(engine: sa.Engine) -> None:
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(sa.text("SET statement_timeout = 0"))
        connection.execute(sa.text("VACUUM ANALYZE"))


def ask(made: sessionmaker[Session], programme: UUID) -> None:
    what = Question(programme_id=programme)
    mid = Question(programme_id=programme, as_of=date(YEAR, 7, 1))
    with made() as session:
        tallies = session.scalar(sa.text("SELECT count(*) FROM ledger_tallies"))
        print(f"  rows: tallies {tallies:,}")
        several("overview", lambda: queries.overview(session, SYSTEM, what))
        several("overview as of mid-year", lambda: queries.overview(session, SYSTEM, mid))
        several("units", lambda: comparison.units(session, SYSTEM, what))
        several("units as of mid-year", lambda: comparison.units(session, SYSTEM, mid))
        several("weekly", lambda: queries.weekly(session, SYSTEM, what))
        for by in CoverageBy:
            several(f"coverage by {by}", lambda by=by: coverage.coverage(session, SYSTEM, what, by))
        ids = session.scalars(sa.text("SELECT id FROM visits LIMIT 100")).all()
        several("explain 100 visits", lambda: explain(session, ids))


def write(made: sessionmaker[Session], person: UUID, programme: UUID) -> None:
    with made() as session:
        units = session.scalars(sa.text("SELECT id FROM units WHERE parent_id IS NOT NULL")).all()
        enterprises = session.scalars(
            sa.text("SELECT id FROM enterprises ORDER BY random() LIMIT 2000")
        ).all()
        top = session.scalars(sa.text("SELECT enterprise_id FROM list_memberships LIMIT 100")).all()
    several("write a visit, not counted", lambda: insert(made, person, units, [None], counted=False), 200)
    several("write a visit and count it", lambda: insert(made, person, units, enterprises), 200)
    several("write a Top-500 visit and count it", lambda: insert(made, person, units, top), 200)
    held = counting_locks.hold_subjects
    counting_locks.hold_subjects = insert_locks(programme)
    several("the same with locks as ledger rows", lambda: insert(made, person, units, enterprises), 200)
    counting_locks.hold_subjects = held
    with made() as session:
        # What the alternative leaves of subjects that do not count.
        session.execute(sa.text("DELETE FROM city_ledger WHERE counted + pending = 0"))
        session.commit()
    for writers in (8,):
        rate(f"{writers} writers, all counted", made, person, units, enterprises, writers)
        rate(f"{writers} writers, one unit, 20 subjects", made, person, units[:1], enterprises[:20], writers)


def insert_locks(programme: UUID) -> Callable[..., int]:
    """The alternative that was weighed: lock by writing the ledger row of the subject."""
    statement = sa.text(
        """INSERT INTO city_ledger (programme_id, line, subject_id, counted, pending)
           SELECT :programme, 'thousand', enterprise_id, 0, 0 FROM visits WHERE id = ANY (:visits) ORDER BY 3
           ON CONFLICT (programme_id, line, subject_id) DO UPDATE SET counted = city_ledger.counted"""
    ).bindparams(sa.bindparam("visits", type_=sa.ARRAY(sa.Uuid())))

    def hold(session: Session, visit_ids: list[UUID]) -> int:
        session.execute(statement, {"programme": programme, "visits": list(visit_ids)})
        return 1

    return hold


_INSERT = sa.text(
    """INSERT INTO visits (id, rev, number, unit_id, visitor_id, recorded_by, enterprise_id, visited_at, visited_on, mode,
           participants, hosts, joint_unit_ids, photo_ids, flags, captured_at, received_at, updated_at, review_state)
       VALUES (:id, 1, :number, :unit, :person, :person, :enterprise, now(), '2025-11-20', 'door_to_door', '[]', '[]',
           '{}', '{}', '[]', now(), now(), now(), 'submitted')"""
)
_turn = iter(range(10**9))
_turns = threading.Lock()


def insert(
    made: sessionmaker[Session],
    person: UUID,
    units: list[UUID],
    enterprises: list[UUID],
    *,
    counted: bool = True,
) -> None:
    with _turns:
        n = next(_turn)
    visit_id = uuid4()
    with made() as session:
        session.execute(
            _INSERT,
            {
                "id": visit_id,
                "number": str(visit_id),
                "unit": units[n * 7 % len(units)],
                "person": person,
                "enterprise": enterprises[n * 13 % len(enterprises)],
            },
        )
        if counted:
            recount(session, [visit_id])
        session.commit()


def rate(  # noqa: PLR0917 a script
    name: str,
    made: sessionmaker[Session],
    person: UUID,
    units: list[UUID],
    enterprises: list[UUID],
    writers: int,
) -> None:
    until = time.perf_counter() + 4
    done: list[int] = []

    def work() -> None:
        n = 0
        while time.perf_counter() < until:
            insert(made, person, units, enterprises)
            n += 1
        done.append(n)

    threads = [threading.Thread(target=work) for _ in range(writers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(f"  {name:<42} {sum(done) / 4:8.0f} visits/s")


def several(name: str, ask_it: Callable[[], object], times: int = 15) -> None:
    taken = []
    for _ in range(times + 7):
        start = time.perf_counter()
        ask_it()
        taken.append((time.perf_counter() - start) * 1000)
    warm = sorted(taken[7:])
    print(f"  {name:<42} best {warm[0]:7.2f} ms   median {statistics.median(warm):7.2f} ms")


def once(name: str, do_it: Callable[[], object]) -> None:
    start = time.perf_counter()
    do_it()
    print(f"  {name:<42} {time.perf_counter() - start:8.2f} s")


if __name__ == "__main__":
    main()
