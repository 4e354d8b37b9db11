"""Many write at once, on a database that really commits; the control shows that the locks are what holds."""

import random
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session, sessionmaker

from service.enterprises.models import Enterprise
from service.kernel.db import make_engine
from service.progress.coverage import CoverageBy, coverage
from service.progress.queries import Question
from service.visits import counting_locks
from service.visits.chain_tallies import fold_chains, move_chains
from service.visits.ledger import recount
from service.visits.models import ReviewState, Visit
from service.visits.recounting import recount_enterprises, verify
from service.visits.tallies import fold
from tests.factories.visits import add_enterprise, add_visit
from tests.support.counting_model import expected, held
from tests.support.postgres import migrated_database
from tests.support.world import build_world

DAY = date(2026, 3, 2)


@pytest.fixture
def committed(postgres_url):
    """A session factory on a database of its own, where commits are commits."""
    with migrated_database(postgres_url) as url:
        engine = make_engine(url)
        yield sessionmaker(engine, expire_on_commit=False)
        engine.dispose()


@pytest.fixture
def city(committed):
    with committed() as session:
        world = build_world(session)
        world.programme.starts_on, world.programme.ends_on = date(2026, 1, 1), date(2026, 12, 31)
        enterprises = [add_enterprise(session, f"企业{n}") for n in range(4)]
        session.commit()
    return world, [one.id for one in enterprises]


def _clean(committed) -> bool:
    with committed() as session:
        return verify(session).clean and held(session) == expected(session)


def _two_visits_at_once(committed, city) -> None:
    world, (enterprise_id, *_others) = city

    def visit_later():
        with committed() as second:
            visit = add_visit(second, world.field2, enterprise_id, DAY + timedelta(1))
            recount(second, [visit.id])
            second.commit()

    with committed() as first:
        recount(first, [add_visit(first, world.field1, enterprise_id, DAY).id])
        later = threading.Thread(target=visit_later)
        later.start()
        _until_it_waits(committed, later)
        first.commit()
    later.join()


def _until_it_waits(committed, thread) -> None:
    with committed() as watcher:
        watcher.connection(execution_options={"isolation_level": "AUTOCOMMIT"})
        while thread.is_alive() and not watcher.scalar(
            sa.text("SELECT count(*) FROM pg_locks WHERE NOT granted")
        ):
            pass


def test_it_counts_both_of_two_visits_to_one_subject_at_once(committed, city):
    _two_visits_at_once(committed, city)
    assert _clean(committed)


def test_it_would_miscount_them_without_the_key_lock(committed, city, monkeypatch):
    monkeypatch.setattr(counting_locks, "hold_subjects", lambda _session, visit_ids: len(visit_ids))
    _two_visits_at_once(committed, city)
    assert not _clean(committed)


def _visit_while_the_register_changes(committed, city) -> None:
    world, (enterprise_id, *_others) = city

    def change_later():
        with committed() as second:
            second.get(Enterprise, enterprise_id).well_known = False
            recount_enterprises(second, [enterprise_id])
            second.commit()

    with committed() as first:
        recount(first, [add_visit(first, world.field1, enterprise_id, DAY).id])
        later = threading.Thread(target=change_later)
        later.start()
        _until_it_waits(committed, later)
        first.commit()
    later.join()


def test_it_sees_a_visit_that_comes_while_the_register_changes(committed, city):
    _visit_while_the_register_changes(committed, city)
    assert _clean(committed)


def test_it_would_miss_that_visit_without_the_lock_of_the_rules(committed, city, monkeypatch):
    monkeypatch.setattr(counting_locks, "hold_rules", lambda _session: None)
    _visit_while_the_register_changes(committed, city)
    assert not _clean(committed)


def test_it_is_exact_under_four_writers(committed, city):
    world, enterprises = city
    people = [world.field1, world.field2, world.commissioner1, world.department1]

    def write(seed: int) -> int:
        chance = random.Random(seed)
        return sum(_one_transaction(committed, chance, people, enterprises) for _ in range(60))

    with ThreadPoolExecutor(4) as pool:
        done = sum(pool.map(write, range(4)))
    assert done > 200
    assert _clean(committed)


def _one_transaction(committed, chance, people, enterprises) -> bool:
    """One random change, committed; False when the database asked to try again."""
    with committed() as session:
        try:
            _random_change(session, chance, people, enterprises)
            session.commit()
        except OperationalError:
            return False
    return True


def _random_change(session: Session, chance, people, enterprises) -> None:
    ids = session.scalars(sa.select(Visit.id).order_by(sa.func.random()).limit(chance.randint(1, 3))).all()
    what = chance.random()
    if what < 0.5 or not ids:
        visits = [
            add_visit(
                session,
                chance.choice(people),
                chance.choice(enterprises),
                DAY + timedelta(chance.randrange(5)),
                review_state=chance.choice([ReviewState.APPROVED, ReviewState.SUBMITTED]),
            )
            for _ in range(chance.randint(1, 3))
        ]
        recount(session, [visit.id for visit in visits])
    elif what < 0.85:
        for visit in session.scalars(
            sa.select(Visit).where(Visit.id.in_(ids)).order_by(Visit.id).with_for_update()
        ):
            visit.review_state = chance.choice(list(ReviewState))
            visit.enterprise_id = chance.choice(enterprises)
            visit.visited_on = DAY + timedelta(chance.randrange(5))
        recount(session, ids)
    elif what < 0.95:
        enterprise = session.get(Enterprise, chance.choice(enterprises))
        enterprise.well_known = not enterprise.well_known
        recount_enterprises(session, [enterprise.id])
    else:
        fold(session)


@pytest.mark.parametrize("counted_first", [True, False])
def test_coverage_is_exact_when_a_chain_changes_while_its_enterprise_is_counted(
    committed, city, counted_first
):
    world, (enterprise_id, *_others) = city

    def count(session):
        recount(session, [add_visit(session, world.field1, enterprise_id, DAY).id])

    def change(session):
        session.execute(sa.update(Enterprise).values(chain="绿色化工").where(Enterprise.id == enterprise_id))

    first, second = (count, change) if counted_first else (change, count)
    with committed() as one, committed() as other:
        first(one)
        second(other)
        other.commit()
        one.commit()
    question = Question(programme_id=world.programme.id)
    for step in (fold_chains, move_chains, fold_chains):
        with committed.begin() as session:
            assert _by_chain(session, world, question) == {"绿色化工": 1}
            step(session)
    with committed() as session:
        assert _by_chain(session, world, question) == {"绿色化工": 1}
        assert session.scalar(sa.text("SELECT count(*) FROM chain_moves")) == 0
    assert _clean(committed)


def test_a_chain_that_is_being_changed_again_waits_for_the_next_time(committed, city):
    world, (enterprise_id, *_others) = city
    with committed.begin() as session:
        recount(session, [add_visit(session, world.field1, enterprise_id, DAY).id])
        session.execute(sa.update(Enterprise).values(chain="绿色化工").where(Enterprise.id == enterprise_id))
    with committed() as office:
        office.execute(sa.update(Enterprise).values(chain="有色金属").where(Enterprise.id == enterprise_id))
        with committed.begin() as session:
            assert move_chains(session) == 0
        office.commit()
    with committed.begin() as session:
        assert move_chains(session) == 1
        assert _by_chain(session, world, Question(programme_id=world.programme.id)) == {"有色金属": 1}
    assert _clean(committed)


def _by_chain(session, world, question):
    rows = coverage(session, world.hq1, question, CoverageBy.CHAIN)
    return {one.chain: one.counted for one in rows if one.counted}
