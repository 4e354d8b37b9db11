"""Problems among 50,000: `python -m bench.issues` (half a minute; needs nothing running).

Three years of problems of 40 departments, each with a revision, a photo and one or two calls; a tenth is still open. Prints
milliseconds of the doors in process, statements and answer included: a page of 100, what is overdue, and the statistics, for
headquarters, a unit's office and a department.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from bench.deployment import machine
from service.accounts import sessions as accounts
from service.accounts.models import UnitKind
from service.app import create_app
from service.kernel.actor import Actor
from service.kernel.db import make_engine, make_sessions
from service.kernel.migrate import upgrade
from service.settings import Settings
from tests.factories.sites import add_site
from tests.support.postgres import fresh_database, server_url
from tests.support.world import World, add_unit, build_world

DEPARTMENTS, SITES, SECRET = 40, 300, b"issues"
DOORS = {
    "a page of 100": "/api/hq/v1/issues?limit=100",
    "a page of 100 by text": "/api/hq/v1/issues?limit=100&q=停水",
    "a page of 100 that are overdue": "/api/hq/v1/issues?limit=100&due=overdue",
    "how many are overdue": "/api/hq/v1/issues/counts",
    "statistics by department": "/api/hq/v1/issues/statistics?by=department",
    "statistics by unit, all years": "/api/hq/v1/issues/statistics?by=unit&from=2020-01-01",
}
FILL = """
CREATE TEMPORARY TABLE d_at AS SELECT row_number() OVER (ORDER BY id) - 1 AS n, id FROM units WHERE kind = 'department';
CREATE TEMPORARY TABLE s_at AS SELECT row_number() OVER (ORDER BY id) - 1 AS n, id, unit_id FROM sites;
CREATE TEMPORARY TABLE made AS
SELECT gen_random_uuid() AS id, gen_random_uuid() AS photo_id, n, raised, CAST(raised AT TIME ZONE 'Asia/Shanghai' AS date) AS on_day,
       CASE WHEN open < 0.03 THEN 'raised' WHEN open < 0.06 THEN 'called' WHEN open < 0.10 THEN 'in_progress'
            WHEN open < 0.13 THEN 'resolved' WHEN open < 0.15 THEN 'withdrawn' ELSE 'closed' END AS state, lead, site
FROM (
    SELECT n, now() - n * interval '1095 days' / :issues AS raised, random() AS open,
           CAST(floor(random() * :departments) AS integer) AS lead, CAST(floor(random() * :sites) AS integer) AS site
    FROM generate_series(1, :issues) n
) drawn;
ANALYZE d_at; ANALYZE s_at; ANALYZE made;

INSERT INTO issues (id, rev, number, unit_id, raised_by, site_id, taken_from_checkin, category, severity, text, photo_ids, flags,
                    raised_at, on_day, captured_at, received_at, updated_at, state, lead_unit_id, assign_due_at, assigned_at,
                    due_on, due_at, resolved_at, closed_at, first_try, satisfied, supervisions, level)
SELECT m.id, 1, 'LC-' || m.n, s.unit_id, :person, s.id, false, 'power', 'general',
       CASE WHEN m.n % 50 = 0 THEN '停水' ELSE '临时用电不足' END || '，影响三号塔吊', ARRAY[m.photo_id], '[]', m.raised, m.on_day,
       m.raised, m.raised, m.raised, m.state, CASE WHEN m.state <> 'raised' THEN d.id END,
       CAST(m.on_day + 1 AS timestamp) AT TIME ZONE 'Asia/Shanghai',
       CASE WHEN m.state <> 'raised' THEN m.raised END, CASE WHEN m.state <> 'raised' THEN m.on_day + 7 END,
       CASE WHEN m.state <> 'raised' THEN CAST(m.on_day + 8 AS timestamp) AT TIME ZONE 'Asia/Shanghai' END,
       CASE WHEN m.state IN ('resolved', 'closed') THEN m.raised + interval '4 days' END,
       CASE WHEN m.state = 'closed' THEN m.raised + interval '5 days' END, true, CASE WHEN m.state = 'closed' THEN true END,
       0, 'department'
FROM made m JOIN d_at d ON d.n = m.lead JOIN s_at s ON s.n = m.site;

INSERT INTO issue_calls (issue_id, unit_id, role, called_at, report_in_due_at, reported_in_at)
SELECT m.id, d.id, c.role, m.raised, m.raised + interval '1 day', CASE WHEN m.state <> 'called' THEN m.raised + interval '5 hours' END
FROM made m
CROSS JOIN (VALUES (0, 'lead'), (1, 'support')) c(step, role)
JOIN d_at d ON d.n = (m.lead + c.step) % :departments
WHERE m.state <> 'raised' AND (c.step = 0 OR m.n % 2 = 0);

INSERT INTO record_revisions (record_id, rev, record_type, sha256, body, author_id, received_at)
SELECT id, 1, 'issue', md5(id::text), '{}', :person, raised FROM made;

INSERT INTO photos (id, owner_id, unit_id, state, sha256, md5, size, content_type, source, taken_at, object_key, expected_at,
                    received_at)
SELECT photo_id, :person, :unit, 'ready', md5(photo_id::text), md5(photo_id::text), 300000, 'image/jpeg', 'camera', raised,
       photo_id::text, raised, raised
FROM made;

INSERT INTO photo_claims (photo_id, record_id, record_type, position, claimed_by, claimed_at, stamp)
SELECT photo_id, id, 'issue', 0, :person, raised, '{}' FROM made
"""


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--issues", type=int, default=50_000)
    parser.add_argument("--times", type=int, default=15)
    asked = parser.parse_args()
    print(machine(), flush=True)
    with server_url() as server, fresh_database(server) as url, tempfile.TemporaryDirectory() as folder:
        upgrade(url)
        engine = make_engine(url)
        made = make_sessions(engine)
        with made.begin() as session:
            world = fill(session, asked.issues)
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(sa.text("VACUUM ANALYZE"))
        settings = Settings(database_url=url, store=folder, secret=SECRET, data=Path(folder))
        client = create_app(settings, sessions=made).test_client()
        print(f"{asked.issues:,} problems; milliseconds, best / median")
        people = {"headquarters": world.hq1, "unit office": world.unit1, "department": world.department1}
        for name, person in people.items():
            with made.begin() as session:
                headers = signed_in(session, person)
            for door, address in DOORS.items():
                if name == "department" and "statistics" in address:
                    continue
                told(f"{door}, {name}", partial(get, client, address, headers), asked.times)
        engine.dispose()


def fill(session: Session, issues: int) -> World:
    """The cast, their departments and sites, and the problems."""
    session.execute(sa.text("SET LOCAL statement_timeout = 0"))
    world = build_world(session)
    for place in range(DEPARTMENTS - 1):
        add_unit(session, world.city, f"市直部门{place}", UnitKind.DEPARTMENT, position=10 + place)
    units = (world.dongchangfu, world.chiping, world.linqing, world.zone)
    for place in range(SITES):
        add_site(session, units[place % len(units)], f"{place}号工地")
    values = {
        "issues": issues,
        "departments": DEPARTMENTS,
        "sites": SITES,
        "person": world.field1.user_id,
        "unit": world.dongchangfu.id,
    }
    for statement in FILL.split(";"):
        given = {name: value for name, value in values.items() if f":{name}" in statement}
        session.execute(sa.text(statement), given)
    return world


def signed_in(session: Session, person: Actor) -> dict[str, str]:
    granted = accounts.open_sign_in(session, user_id=person.person_id, device_id=None, secret=SECRET)
    return {"Authorization": f"Bearer {granted.access_token}"}


def get(client: FlaskClient, address: str, headers: dict[str, str]) -> Any:
    answer = client.get(address, headers=headers)
    if answer.status_code != 200:
        raise RuntimeError(answer.get_data(as_text=True))
    return answer.json


def told(what: str, ask: Callable[[], Any], times: int) -> None:
    ask()
    spent = []
    for _ in range(times):
        began = time.perf_counter()
        ask()
        spent.append((time.perf_counter() - began) * 1000)
    print(f"  {what:<48}{min(spent):8.1f} / {statistics.median(spent):8.1f}", flush=True)


if __name__ == "__main__":
    main()
