from datetime import date, timedelta
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from service.progress.forecast import FullWeek, forecast

AS_OF = date(2026, 6, 1)


def weeks(*counts):
    return [FullWeek(date(2026, 1, 5) + timedelta(7 * n), count) for n, count in enumerate(counts)]


def test_it_says_nothing_under_two_full_weeks():
    assert forecast(10, weeks(5), AS_OF) is None


def test_it_takes_the_last_eight_weeks_and_shows_them():
    found = forecast(14, weeks(100, 7, 7, 7, 7, 7, 7, 7, 14), AS_OF)
    assert len(found.weeks) == 8
    assert found.per_week == Fraction(63, 8)
    assert found.on == AS_OF + timedelta(13)
    assert found.earliest == AS_OF + timedelta(7)
    assert found.latest == AS_OF + timedelta(14)


def test_it_names_no_latest_day_when_a_week_had_nothing():
    found = forecast(7, weeks(7, 0), AS_OF)
    assert (found.on, found.earliest, found.latest) == (AS_OF + timedelta(14), AS_OF + timedelta(7), None)


def test_it_names_no_day_at_all_when_nothing_happens():
    found = forecast(7, weeks(0, 0), AS_OF)
    assert (found.on, found.earliest, found.latest) == (None, None, None)


def test_it_names_no_day_that_is_out_of_reach():
    assert forecast(10**9, weeks(1, 1), AS_OF).on is None


@given(st.integers(1, 2000), st.lists(st.integers(0, 60), min_size=2, max_size=20))
def test_it_orders_its_range_around_the_middle(remaining, counts):
    found = forecast(remaining, weeks(*counts), AS_OF)
    known = [day for day in (found.earliest, found.on, found.latest) if day]
    assert known == sorted(known)
