"""Many rows of one statement are marked exactly as one by one, and each costs what one alone does."""

from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from service.kernel.db import make_engine, make_sessions
from service.visits.ledger import recount
from tests.factories.visits import add_enterprise, add_visit
from tests.support.postgres import migrated_database

_CREDITS = """
    INSERT INTO visit_credits (visit_id, programme_id, line, unit_id, enterprise_id, subject_id, visited_on, status, own)
    SELECT gen_random_uuid(), CAST(:one AS uuid), 'thousand', CAST(:one AS uuid), subject.id, subject.id,
           DATE '2026-01-01' + subject.day, 'counted', true
    FROM (SELECT CAST(md5(CAST(n % (:rows / 2) AS text)) AS uuid) AS id, n % 300 AS day
          FROM generate_series(1, :rows) n) subject"""
_ONE = "00000000-0000-0000-0000-00000000000a"


@pytest.fixture
def marked(session):
    """Runs a statement and answers which subjects of a type it has marked."""

    def run(kind, statement, **values):
        last = session.scalar(sa.text("SELECT coalesce(max(seq), 0) FROM sync_marks"))
        session.execute(sa.text(statement), values)
        found = session.execute(
            sa.text("SELECT subject FROM sync_marks WHERE seq > :last AND type = :kind"),
            {"last": last, "kind": kind},
        )
        return sorted(found.scalars())

    return run


@pytest.fixture
def visits(session, world):
    """Five visits to one enterprise on five days, all counted."""
    enterprise, first = add_enterprise(session), date(world.programme.year, 3, 2)
    made = [add_visit(session, world.field1, enterprise, first + timedelta(days=day)) for day in range(5)]
    recount(session, [visit.id for visit in made])
    session.commit()
    return [visit.id for visit in made]


def test_it_marks_the_visits_of_the_credits_and_the_one_that_becomes_the_first(visits, marked):
    gone = "DELETE FROM visit_credits WHERE visit_id = ANY (:ids)"
    assert marked("visit", gone, ids=visits[:2]) == sorted(visits[:3])


def test_it_marks_the_one_that_was_the_first_when_several_overtake_it(session, visits, marked):
    session.execute(sa.text("CREATE TEMPORARY TABLE aside ON COMMIT DROP AS SELECT * FROM visit_credits"))
    session.execute(
        sa.text("DELETE FROM visit_credits WHERE visit_id = ANY (:ids)"),
        {"ids": [visits[0], visits[1], visits[4]]},
    )
    back = "INSERT INTO visit_credits SELECT * FROM aside WHERE visit_id = ANY (:ids)"
    assert marked("visit", back, ids=[visits[0], visits[1], visits[4]]) == sorted(
        [visits[0], visits[1], visits[2], visits[4]]
    )


def test_it_marks_nobody_else_while_an_earlier_one_stays_the_first(visits, marked):
    pending = "UPDATE visit_credits SET status = 'pending' WHERE visit_id = ANY (:ids)"
    assert marked("visit", pending, ids=visits[1:3]) == sorted(visits[1:3])


def test_it_marks_the_last_visit_only_of_visits_whose_shown_part_changed(session, visits, marked):
    enterprise = session.scalar(sa.text("SELECT enterprise_id FROM visits LIMIT 1"))
    words = "UPDATE visits SET summary = '改过' WHERE id = ANY (:ids)"
    assert marked("last_visit", words, ids=visits) == []
    voided = "UPDATE visits SET review_state = 'voided' WHERE id = ANY (:ids)"
    assert marked("last_visit", voided, ids=visits[:1]) == [enterprise]


@pytest.mark.slow
def test_it_marks_ten_thousand_credits_with_what_was_planned_for_one(quiet_postgres_url):
    """Where credits are compared with each other, these take more than ten times the time that is given."""

    with migrated_database(quiet_postgres_url) as url:
        engine = make_engine(url, pool_size=1)
        with make_sessions(engine)() as session:
            session.execute(sa.text(_CREDITS), {"one": _ONE, "rows": 2})
            session.execute(sa.text("SET LOCAL statement_timeout = '6s'"))
            session.execute(sa.text(_CREDITS), {"one": _ONE, "rows": 20_000})
            assert session.scalar(sa.text("SELECT count(*) FROM visit_credits")) == 20_002
        engine.dispose()
