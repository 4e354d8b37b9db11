"""The demo city's plan: busy and quiet weeks, nobody at two places at once, and about the pace of the year."""

import random
from collections import Counter
from datetime import date, timedelta
from fractions import Fraction
from uuid import uuid4

import pytest

from service.cli.demo_city import cast, doubts, firms
from service.cli.demo_city.fieldwork import Target
from service.cli.demo_city.rounds import AGAIN, SURPLUS, Candidates, Planner
from service.cli.demo_city.workdays import busy_days, working_days_before
from service.kernel.actor import Actor, Role
from service.kernel.calendar import elapsed_share, is_working_day

UNIT = cast.UNITS[0]
FIRST, LAST = date(2026, 1, 1), date(2026, 12, 31)


def person(name):
    return Actor(user_id=uuid4(), name=name, unit_id=uuid4(), roles=frozenset({Role.FIELD_STAFF}))


def targets(count, city="苏州市"):
    return [Target(uuid4(), f"{city}{number}", city=city) for number in range(count)]


def planned(until, *, staff=2, engaged=(), seed=7):
    """A unit's outings up to a day, with more than enough candidates."""
    candidates = Candidates(
        own={UNIT.short_name: targets(200)}, common=targets(200, "深圳市"), top500=targets(40, "北京市")
    )
    planner = Planner(random.Random(seed), FIRST, until, candidates, set(engaged))
    elapsed = elapsed_share(FIRST, LAST, until + timedelta(days=1))
    due = tuple(Fraction(one) * elapsed for one in cast.TARGETS[UNIT.kind])
    return list(planner.outings(UNIT, [person(f"人{number}") for number in range(staff)], due)), due


@pytest.mark.parametrize("until", [date(2026, 3, 31), date(2026, 6, 30), date(2026, 11, 21), LAST])
def test_it_visits_about_as_many_as_the_unit_s_pace_asks_for(until):
    outings, (thousand, _) = planned(until)
    seen = {stop.target.id for outing in outings for stop in outing.stops}
    wanted = float(thousand * UNIT.pace / 100 * SURPLUS)
    assert wanted * 0.85 <= len(seen) <= wanted * 1.05
    assert sum(len(outing.stops) for outing in outings) <= len(seen) * (1 + 4 * AGAIN)


def test_it_never_sends_anybody_to_two_cities_on_one_day():
    outings, _ = planned(LAST)
    on_the_way = Counter(
        (outing.visitor.name, day) for outing in outings for day in {stop.at.date() for stop in outing.stops}
    )
    assert max(on_the_way.values()) == 1


def test_it_leaves_out_the_days_on_which_people_are_engaged():
    days = {("人0", FIRST + timedelta(days=n)) for n in range(200)}
    outings, _ = planned(LAST, staff=1, engaged=days)
    assert outings
    assert all(
        (outing.visitor.name, stop.at.date()) not in days for outing in outings for stop in outing.stops
    )


@pytest.mark.parametrize("until", [date(2025, 12, 31), FIRST, date(2026, 1, 2), date(2026, 2, 18)])
def test_it_plans_nothing_beyond_yesterday(until):
    outings, _ = planned(until)
    assert all(FIRST <= stop.at.date() <= until for outing in outings for stop in outing.stops)


def test_it_is_the_same_for_the_same_seed():
    first, second = (
        [
            (outing.visitor.name, stop.at, stop.target.name)
            for outing in planned(LAST)[0]
            for stop in outing.stops
        ]
        for _ in range(2)
    )
    assert first == second


def test_units_without_a_pace_pay_no_visits():
    resting = next(unit for unit in cast.UNITS if unit.pace is None)
    planner = Planner(random.Random(1), FIRST, LAST, Candidates({}, targets(9), []))
    assert not list(planner.outings(resting, [person("人")], (Fraction(9), Fraction(1))))


def test_festivals_are_quiet_and_weeks_differ():
    busy = busy_days(FIRST, LAST)
    by_week = Counter()
    for day, work in busy.items():
        by_week[day.isocalendar().week] += work
    festivals = by_week[date(2026, 2, 18).isocalendar().week], by_week[date(2026, 10, 6).isocalendar().week]
    usual = sorted(by_week.values())[len(by_week) // 2]
    assert max(festivals) < usual / 2
    assert max(by_week.values()) > 1.4 * usual


def test_working_days_before_a_day_leave_weekends_and_holidays_out():
    found = working_days_before(date(2026, 10, 10), 5)
    assert len(found) == 5
    assert all(is_working_day(day).count for day in found)
    assert found == sorted(found, reverse=True)


def test_the_own_list_has_no_name_twice_and_never_changes():
    lines = firms.target_list().decode("utf-8-sig").splitlines()
    names = [line.split(",")[0] for line in lines[1:]]
    assert len(set(names)) == len(names) > firms.MADE
    assert firms.target_list() == firms.target_list()


def test_doubtful_visits_are_of_many_kinds_and_people():
    assert len({one.by for one in doubts.VISITS}) >= 10
    assert sum(one.explained is not None for one in doubts.VISITS) >= 1
