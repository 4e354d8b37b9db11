"""The statistics of trips equal a count by hand, whatever was filed."""

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service.kernel.text import name_key
from service.trips.models import Half, TripKind
from service.trips.organisations import met_on
from service.trips.queries import TripFilter, conditions
from service.trips.statistics import By, statistics
from service.trips.submission import Days, Organisation, TripPerson
from service.visits.models import ReviewState
from tests.factories.trips import add_trip
from tests.factories.visits import add_enterprise, add_visit

FIRST, END = date(2026, 1, 1), date(2026, 7, 1)
ALL = TripFilter(from_on=FIRST, until_on=END)
NAMES = ("甲公司", "乙公司", "丙商会")
FILERS = ("field1", "field2", "unit1", "department1", "hq1")

trips = st.lists(
    st.fixed_dictionaries(
        {
            "filer": st.sampled_from(FILERS),
            "start": st.integers(0, 200),
            "length": st.integers(0, 9),
            "halves": st.sampled_from([(Half.AM, Half.PM), (Half.PM, Half.PM), (Half.AM, Half.AM)]),
            "leader": st.sampled_from(
                [("李区长", "county"), ("王科长", "section"), ("赵县长", "deputy_county")]
            ),
            "others": st.lists(st.sampled_from([None, *FILERS]), max_size=3, unique=True),
            "kind": st.sampled_from(list(TripKind)),
            "campaign": st.sampled_from([None, "招商周", "百日会战"]),
            "listed": st.lists(st.integers(0, 2), max_size=2),
            "visits": st.lists(
                st.tuples(
                    st.integers(0, 2),
                    st.sampled_from([ReviewState.APPROVED, ReviewState.SUBMITTED, ReviewState.VOIDED]),
                ),
                max_size=3,
            ),
        }
    ),
    max_size=6,
)


def write(session, world, register, one):
    start = FIRST + timedelta(days=one["start"])
    people = [
        TripPerson("随行") if name is None else TripPerson(name, user_id=getattr(world, name).person_id)
        for name in one["others"]
    ]
    trip_id = add_trip(
        session,
        getattr(world, one["filer"]),
        start,
        days=Days(start, start + timedelta(days=one["length"]), *one["halves"]),
        leader=TripPerson(*one["leader"]),
        participants=tuple(people),
        kind=one["kind"],
        campaign=one["campaign"],
        organisations=tuple(Organisation(enterprise_id=register[place].id) for place in one["listed"]),
    )
    for place, state in one["visits"]:
        add_visit(session, world.field1, register[place], start, trip_id=trip_id, review_state=state)


def by_hand(which):
    """The measures, the long way round."""
    paid = [visit for one in which for visit in one["visits"] if visit[1] is not ReviewState.VOIDED]
    halves = [2 * one["length"] + 2 - (one["halves"] != (Half.AM, Half.PM)) for one in which]
    sizes = [1 + len(one["others"]) for one in which]
    return (
        len(which),
        sum(sizes),
        len({name for one in which for name in one["others"] if name}),
        sum(map(Decimal, halves)) / 2,
        sum(Decimal(half) * size for half, size in zip(halves, sizes, strict=True)) / 2,
        len({place for place, _ in paid} | {place for one in which for place in one["listed"]}),
        len(paid),
        len({place for place, state in paid if state is ReviewState.APPROVED}),
    )


def measured(row):
    found = row.figures
    return (
        found.trips,
        found.person_times,
        found.people,
        found.days,
        found.person_days,
        found.organisations,
        found.visits,
        found.organisations_approved,
    )


def grouped(which, key):
    found = defaultdict(list)
    for one in which:
        found[key(one)].append(one)
    return {name: by_hand(members) for name, members in found.items()}


def shown(table, key):
    return {key(row): measured(row) for row in table.rows if row.figures.trips}


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(filed=trips)
def test_every_table_equals_a_count_by_hand(session, world, filed):
    around = session.begin_nested()
    try:
        register = [add_enterprise(session, name) for name in NAMES]
        for one in filed:
            write(session, world, register, one)
        session.flush()
        within = [one for one in filed if one["start"] < (END - FIRST).days]
        units = {
            "field1": "东昌府区",
            "field2": "茌平区",
            "unit1": "东昌府区",
            "department1": "市自然资源局",
            "hq1": "聊城市",
        }
        tables = {by: statistics(session, world.hq1, by, ALL) for by in By}
        for by in (By.UNIT, By.KIND, By.CAMPAIGN, By.MONTH):
            assert measured(tables[by].total) == by_hand(within)
        assert shown(tables[By.UNIT], lambda row: row.label) == grouped(
            within, lambda one: units[one["filer"]]
        )
        assert shown(tables[By.KIND], lambda row: row.kind) == grouped(within, lambda one: one["kind"])
        assert shown(tables[By.CAMPAIGN], lambda row: row.campaign) == grouped(
            within, lambda one: one["campaign"] or ""
        )
        assert shown(tables[By.MONTH], lambda row: row.month) == grouped(
            within, lambda one: f"{FIRST + timedelta(days=one['start']):%Y-%m}"
        )
        led = [one for one in within if one["leader"][1] != "section"]
        assert shown(tables[By.LEADER], lambda row: (row.label, row.unit.name)) == grouped(
            led, lambda one: (one["leader"][0], units[one["filer"]])
        )
        assert len(tables[By.MONTH].rows) == 6
        assert {row.label for row in tables[By.UNIT].rows} >= {"东昌府区", "茌平区", "临清市"}
    finally:
        around.rollback()


@pytest.fixture
def pair(session):
    one, other = add_enterprise(session, "某某股份有限公司"), add_enterprise(session, "某某公司（旧）")
    one.name_key = name_key(one.name)
    session.flush()
    return one, other


def keys(session, world):
    return {one.key for one in met_on(session, conditions(world.hq1, ALL))}


def test_one_organisation_is_counted_once_by_id_by_name_and_by_a_free_entry(session, world, pair):
    one, _ = pair
    listed = (Organisation("某某股份有限公司"), Organisation(enterprise_id=one.id))
    trip_id = add_trip(session, world.field1, date(2026, 3, 4), organisations=listed)
    add_visit(session, world.field1, one, date(2026, 3, 4), trip_id=trip_id)
    free = {"name": "某某股份有限公司"}
    add_visit(session, world.field1, None, date(2026, 3, 4), trip_id=trip_id, free_enterprise=free)
    assert keys(session, world) == {f"e:{one.id}"}


def test_merged_enterprises_are_one(session, world, pair):
    one, other = pair
    listed = (Organisation(enterprise_id=other.id), Organisation(enterprise_id=one.id))
    add_trip(session, world.field1, date(2026, 3, 4), organisations=listed)
    assert len(keys(session, world)) == 2
    other.merged_into_id = one.id
    session.flush()
    assert keys(session, world) == {f"e:{one.id}"}


def test_unknown_names_are_one_when_they_are_written_alike(session, world):
    listed = (Organisation("无名(深圳)公司"), Organisation("无名（深圳）公司"), Organisation("别的公司"))
    add_trip(session, world.field1, date(2026, 3, 4), organisations=listed)
    assert len(keys(session, world)) == 2


def test_a_table_takes_few_statements_however_many_trips_there_are(session, world, connection):
    for day in range(1, 4):
        add_trip(session, world.field1, date(2026, 3, day))
    session.flush()
    ran = []

    def count(*_):
        ran.append(1)

    sa.event.listen(connection, "before_cursor_execute", count)
    statistics(session, world.hq1, By.UNIT, ALL)
    sa.event.remove(connection, "before_cursor_execute", count)
    assert len(ran) <= 6
