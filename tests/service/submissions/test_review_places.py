"""The review queue stands as if every waiting record were weighed and sorted anew, whatever has happened to it."""

import threading
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import sessionmaker

from service.checkins.models import Checkin
from service.evidence.models import CheckinAssessment, VisitAssessment
from service.kernel.actor import Role
from service.kernel.db import make_engine
from service.kernel.migrate import upgrade
from service.kernel.pages import PageRequest
from service.submissions.models import RecordType
from service.submissions.review_places import first_places, flags_weight
from service.submissions.review_states import UNDER_REVIEW, ReviewState
from service.visits.models import Visit
from tests.factories.sites import add_checkin, add_site
from tests.factories.visits import add_visit
from tests.support.postgres import fresh_database
from tests.support.world import build_world

DAY = date(2026, 3, 2)
MOMENT = datetime(2026, 3, 2, tzinfo=UTC)
KINDS = {RecordType.VISIT: (Visit, VisitAssessment), RecordType.CHECKIN: (Checkin, CheckinAssessment)}

flags = st.lists(
    st.sampled_from(["info", "warning", "serious", "unheard of"]).map(
        lambda severity: {"code": "far", "severity": severity}
    ),
    max_size=3,
)
changes = st.one_of(
    st.tuples(st.just("flags"), flags),
    st.tuples(st.just("review_state"), st.sampled_from(ReviewState)),
    st.tuples(st.just("rev"), st.just(1)),
    st.tuples(st.just("received_at"), st.integers(0, 3)),
    st.tuples(st.just("unit_id"), st.integers(0, 3)),
    st.tuples(st.just("withdrawn_at"), st.booleans()),
    st.tuples(st.just("assessed"), st.tuples(st.integers(0, 1), st.sampled_from([0, 0, 10, 110]))),
)
histories = st.lists(st.tuples(st.sampled_from(RecordType), st.integers(0, 3), changes), max_size=12)


def naively(session, actor, kind):
    """Every waiting record of this type that the reviewer may decide about, weighed and sorted here and now."""
    record, assessment = KINDS[kind]
    rows = session.execute(
        sa.select(
            record.id,
            record.received_at,
            record.unit_id,
            record.review_state,
            *([record.withdrawn_at] if kind is RecordType.CHECKIN else [sa.null().label("withdrawn_at")]),
            flags_weight(record.flags).label("flags"),
            assessment.weight,
        ).outerjoin(assessment, sa.and_(assessment.record_id == record.id, assessment.rev == record.rev))
    )
    decides_last = actor.has(Role.HEADQUARTERS, Role.ADMINISTRATOR)
    own = set(
        session.scalars(sa.text("SELECT id FROM units WHERE :unit = ANY (lineage)"), {"unit": actor.unit_id})
    )
    return sorted(
        (-(row.flags + (row.weight or 0)), row.received_at, row.id)
        for row in rows
        if row.withdrawn_at is None
        and (row.review_state in UNDER_REVIEW if decides_last else row.review_state == ReviewState.SUBMITTED)
        and (actor.sees_every_unit or row.unit_id in own)
    )


def paged(session, actor, kind, limit):
    """The same as the queue tells it, page by page."""
    after, seen = None, []
    while True:
        places = first_places(session, actor, kind, PageRequest(limit, after))
        seen += [one.order for one in places[:limit]]
        if len(places) <= limit:
            return seen
        after = places[limit - 1].key


def happen(session, units, record, change):
    """One change to a record, as the rooms make it or as a hand in the database would."""
    what, value = change
    if what == "assessed":
        rev, weight = value
        _assess(session, record, record.rev - rev, weight)
    elif what == "rev":
        record.rev += value
    elif what == "received_at":
        record.received_at = MOMENT + timedelta(hours=value)
    elif what == "unit_id":
        record.unit_id = units[value].id
    elif what == "withdrawn_at":
        if isinstance(record, Checkin):
            record.withdrawn_at = MOMENT if value else None
    else:
        setattr(record, what, value)
    session.flush()


def _assess(session, record, rev, weight):
    table = KINDS[RecordType.CHECKIN if isinstance(record, Checkin) else RecordType.VISIT][1]
    noting = insert(table).values(
        {
            table.record_id: record.id,
            table.rev: rev,
            table.weight: weight,
            table.doubts: [],
            table.assessed_at: MOMENT,
        }
    )
    session.execute(
        noting.on_conflict_do_update(
            index_elements=[table.record_id],
            set_={"rev": noting.excluded.rev, "weight": noting.excluded.weight},
        )
    )


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(history=histories, limit=st.integers(1, 3))
def test_it_stands_as_if_everything_were_weighed_and_sorted_anew(sessions, history, limit):
    with sessions() as session, session.begin_nested() as undone:
        world = build_world(session)
        units = [world.dongchangfu, world.chiping, world.town, world.zone]
        site = add_site(session, world.dongchangfu)
        waiting = {"review_state": ReviewState.SUBMITTED, "received_at": MOMENT}
        records = {
            RecordType.VISIT: [add_visit(session, world.field1, None, DAY, **waiting) for _ in range(4)],
            RecordType.CHECKIN: [
                add_checkin(session, world.commissioner1, site, MOMENT + timedelta(n), received_at=MOMENT)
                for n in range(4)
            ],
        }
        for kind, which, change in history:
            if kind in records:
                happen(session, units, records[kind][which], change)
        for actor in (world.hq1, world.unit1, world.unit2, world.leader1):
            for kind in KINDS:
                assert paged(session, actor, kind, limit) == naively(session, actor, kind)
        undone.rollback()


def test_it_takes_many_changes_in_one_statement(session, world):
    made = [
        add_visit(session, world.field1, None, DAY, review_state=state, received_at=MOMENT)
        for state in (ReviewState.SUBMITTED, ReviewState.APPROVED, ReviewState.UNIT_APPROVED)
        for _ in range(3)
    ]
    session.execute(
        sa.text("""UPDATE visits SET review_state = CASE review_state WHEN 'approved' THEN 'submitted' ELSE 'approved' END,
                   flags = '[{"severity": "serious"}]' WHERE id = ANY (:ids)"""),
        {"ids": [one.id for one in made]},
    )
    places = first_places(session, world.hq1, RecordType.VISIT, PageRequest(10))
    assert {(one.id, one.suspicion) for one in places} == {(one.id, 100) for one in made[3:6]}


@pytest.fixture
def committed(postgres_url):
    """A session factory on a database of its own, where commits are commits."""
    with fresh_database(postgres_url) as url:
        upgrade(url)
        engine = make_engine(url)
        yield sessionmaker(engine, expire_on_commit=False)
        engine.dispose()


@pytest.mark.parametrize("assessed_first", [True, False])
def test_it_misses_no_doubt_that_is_found_while_a_record_comes_back(committed, assessed_first):
    with committed() as session:
        world = build_world(session)
        visit = add_visit(session, world.field1, None, DAY, review_state=ReviewState.RETURNED)
        session.commit()

    def assess(session):
        _assess(session, visit, visit.rev, 110)

    def come_back(session):
        session.execute(
            sa.text("UPDATE visits SET review_state = 'submitted' WHERE id = :id"), {"id": visit.id}
        )

    first, second = (assess, come_back) if assessed_first else (come_back, assess)

    def later():
        with committed.begin() as session:
            second(session)

    with committed() as session:
        first(session)
        other = threading.Thread(target=later)
        other.start()
        with committed() as watcher:
            watcher.connection(execution_options={"isolation_level": "AUTOCOMMIT"})
            while other.is_alive() and not watcher.scalar(
                sa.text("SELECT count(*) FROM pg_locks WHERE NOT granted")
            ):
                pass
        assert other.is_alive()
        session.commit()
    other.join()
    with committed() as session:
        (place,) = first_places(session, world.hq1, RecordType.VISIT, PageRequest(5))
    assert (place.id, place.suspicion) == (visit.id, 110)


@pytest.mark.parametrize(
    ("who", "index"), [("hq1", "ix_review_places_order"), ("unit1", "ix_review_places_of_unit")]
)
def test_it_walks_an_index_in_the_order_of_the_queue(session, world, who, index):
    connection, seen = session.connection(), []
    session.execute(
        sa.text("""INSERT INTO review_places (type, record_id, unit_id, submitted, trust, received_at)
                   SELECT 'visit', gen_random_uuid(), id, true, -(n % 7), now()
                   FROM units, generate_series(1, 2000) n""")
    )
    session.execute(sa.text("ANALYZE review_places"))
    sa.event.listen(connection, "before_cursor_execute", lambda *told: seen.append((told[2], told[3])))
    page = PageRequest(10, ("3", MOMENT.isoformat(), str(uuid4())))
    first_places(session, getattr(world, who), RecordType.VISIT, page)
    ((statement, values),) = seen
    # Of few rows the planner may like to sort; whether it need not is what is asked.
    session.execute(sa.text("SET LOCAL enable_sort = off"))
    plan = "\n".join(connection.exec_driver_sql(f"EXPLAIN {statement}", values).scalars())
    assert index in plan
    assert "ROW(trust, received_at, record_id) > ROW(" in plan.replace("review_places.", "")
