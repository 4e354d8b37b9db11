"""Sums of late visits are what the visits say, whatever becomes of them, folded or not."""

from datetime import date, datetime, time, timedelta

import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service.kernel.calendar import SHANGHAI
from service.progress.late_arrivals import LateWeek, late_weeks
from service.progress.measures import Span
from service.visits.late_tallies import fold_late, mend_late, wrong_days
from service.visits.models import ReviewState
from tests.factories.visits import add_visit
from tests.support.world import build_world

MONDAY = date(2026, 3, 2)
SPAN = Span(date(2026, 1, 1), date(2026, 12, 31))
changes = st.one_of(
    st.tuples(st.just("received_at"), st.integers(-3, 20)),
    st.tuples(st.just("visited_on"), st.integers(-3, 9)),
    st.tuples(st.just("review_state"), st.sampled_from(ReviewState)),
    st.tuples(st.just("unit_id"), st.integers(0, 2)),
    st.tuples(st.just("fold"), st.none()),
    st.tuples(st.just("delete"), st.none()),
)


def at(days):
    return datetime.combine(MONDAY + timedelta(days), time(9), SHANGHAI)


def naively(visits, units):
    """The late visits of these units by the Monday of their week."""
    weeks = {}
    for visit in visits:
        start_on = visit.visited_on - timedelta(visit.visited_on.weekday())
        is_late = visit.received_at >= datetime.combine(start_on + timedelta(7), time(), SHANGHAI)
        if is_late and visit.review_state not in {"voided", "withdrawn"} and visit.unit_id in units:
            weeks[start_on] = weeks.get(start_on, LateWeek(0, None)).with_day(1, visit.received_at)
    return weeks


def happen(session, visits, units, which, change):
    what, value = change
    if what == "fold":
        fold_late(session)
    elif what == "delete":
        session.delete(visits.pop(which % len(visits)))
    elif visits:
        shown = {
            "received_at": at,
            "visited_on": lambda n: MONDAY + timedelta(n),
            "unit_id": lambda n: units[n].id,
        }
        setattr(visits[which % len(visits)], what, shown.get(what, lambda same: same)(value))
    session.flush()


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(history=st.lists(st.tuples(st.integers(0, 9), changes), max_size=10))
def test_it_sums_what_the_visits_say_after_any_history(sessions, history):
    with sessions() as session, session.begin_nested() as undone:
        world = build_world(session)
        units = [world.dongchangfu, world.town, world.chiping]
        visits = [
            add_visit(session, world.field1, None, MONDAY + timedelta(n), received_at=at(5 + n))
            for n in range(5)
        ]
        for which, change in history:
            if visits:
                happen(session, visits, units, which, change)
        below = {world.dongchangfu.id, world.town.id}
        everywhere = {*below, world.chiping.id, *(one.unit_id for one in visits)}
        assert late_weeks(session, SPAN, SPAN.last_on, None) == naively(visits, everywhere)
        assert late_weeks(session, SPAN, SPAN.last_on, world.dongchangfu.id) == naively(visits, below)
        assert wrong_days(session) == 0
        undone.rollback()


def test_it_mends_sums_that_are_wrong(session, world):
    add_visit(session, world.field1, None, MONDAY, received_at=at(9))
    session.execute(sa.text("DELETE FROM late_differences"))
    assert wrong_days(session) == 2
    assert mend_late(session) == 2
    assert wrong_days(session) == 0
    assert late_weeks(session, SPAN, SPAN.last_on, None)[MONDAY].visits == 1
