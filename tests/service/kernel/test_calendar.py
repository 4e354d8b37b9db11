"""Periods are those by which offices report, in Shanghai's days."""

from datetime import UTC, date, datetime, timedelta, timezone
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.kernel.calendar import (
    SHANGHAI,
    OutsideCalendar,
    PeriodKind,
    WorkingDate,
    WorkingDays,
    as_instants,
    containing,
    day,
    elapsed_share,
    elapsed_share_by_months,
    half_month,
    is_working_day,
    label,
    label_with_year,
    local_date,
    month,
    start_of,
    week,
    weeks_between,
    working_days,
    working_days_after,
)

days = st.dates(date(1901, 1, 1), date(9998, 12, 31))


@pytest.mark.parametrize(
    ("at", "on"),
    [
        (datetime(2026, 12, 31, 15, 59, 59, tzinfo=UTC), date(2026, 12, 31)),
        (datetime(2026, 12, 31, 16, 0, tzinfo=UTC), date(2027, 1, 1)),
        (datetime(2026, 11, 21, 0, 0, tzinfo=SHANGHAI), date(2026, 11, 21)),
        (datetime(2026, 11, 21, 23, 0, tzinfo=timezone(timedelta(hours=-9))), date(2026, 11, 22)),
    ],
)
def test_it_takes_the_date_in_shanghai(at, on):
    assert local_date(at) == on


def test_it_refuses_a_moment_without_offset():
    with pytest.raises(ValueError, match="offset"):
        local_date(datetime(2026, 11, 21, 12, 0))


@pytest.mark.parametrize(
    "at",
    [
        datetime.max.replace(tzinfo=UTC),
        datetime(9999, 1, 1, tzinfo=UTC),
        datetime.min.replace(tzinfo=SHANGHAI),
    ],
)
def test_it_refuses_a_moment_outside_the_calendar(at):
    with pytest.raises(OutsideCalendar):
        local_date(at)


@pytest.mark.parametrize("kind", list(PeriodKind))
@pytest.mark.parametrize("on", [date.min, date.max, date(9999, 1, 1), date(1899, 12, 31)])
def test_it_refuses_a_date_outside_the_calendar(kind, on):
    with pytest.raises(OutsideCalendar):
        containing(kind, on)


@pytest.mark.parametrize(
    ("kind", "on", "start_on", "end_on"),
    [
        ("day", "2026-11-21", "2026-11-21", "2026-11-22"),
        ("week", "2026-11-21", "2026-11-16", "2026-11-23"),
        ("week", "2026-11-22", "2026-11-16", "2026-11-23"),
        ("week", "2026-11-23", "2026-11-23", "2026-11-30"),
        ("week", "2027-01-01", "2026-12-28", "2027-01-04"),
        ("half_month", "2026-11-15", "2026-11-01", "2026-11-16"),
        ("half_month", "2026-11-16", "2026-11-16", "2026-12-01"),
        ("half_month", "2028-02-29", "2028-02-16", "2028-03-01"),
        ("half_month", "2026-02-28", "2026-02-16", "2026-03-01"),
        ("half_month", "2026-12-31", "2026-12-16", "2027-01-01"),
        ("month", "2028-02-29", "2028-02-01", "2028-03-01"),
        ("month", "2100-02-28", "2100-02-01", "2100-03-01"),
        ("month", "2026-12-31", "2026-12-01", "2027-01-01"),
        ("quarter", "2026-11-21", "2026-10-01", "2027-01-01"),
        ("quarter", "2026-03-31", "2026-01-01", "2026-04-01"),
        ("half_year", "2026-06-30", "2026-01-01", "2026-07-01"),
        ("half_year", "2026-07-01", "2026-07-01", "2027-01-01"),
        ("year", "2028-02-29", "2028-01-01", "2029-01-01"),
    ],
)
def test_it_finds_the_period_of_a_date(kind, on, start_on, end_on):
    period = containing(PeriodKind(kind), date.fromisoformat(on))
    assert (period.start_on, period.end_on) == (date.fromisoformat(start_on), date.fromisoformat(end_on))


@given(st.sampled_from(PeriodKind), days)
def test_it_holds_its_date_and_meets_the_next_period(kind, on):
    period = containing(kind, on)
    assert on in period
    assert period.last_on in period
    assert period.end_on not in period
    assert containing(kind, period.last_on) == period
    if period.end_on.year < 9999:
        assert containing(kind, period.end_on).start_on == period.end_on


def test_it_bounds_a_period_by_shanghais_midnights():
    start_at, end_at = as_instants(month(date(2026, 11, 21)))
    assert start_at.astimezone(UTC) == datetime(2026, 10, 31, 16, 0, tzinfo=UTC)
    assert end_at == start_of(date(2026, 12, 1))


def test_it_cuts_weeks_at_the_ends_of_a_programme():
    weeks = list(weeks_between(date(2026, 1, 1), date(2027, 1, 1)))
    assert (weeks[0].start_on, weeks[0].end_on) == (date(2026, 1, 1), date(2026, 1, 5))
    assert (weeks[-1].start_on, weeks[-1].end_on) == (date(2026, 12, 28), date(2027, 1, 1))
    assert len(weeks) == 53
    assert all(one.end_on == following.start_on for one, following in pairwise(weeks))
    assert {whole.days for whole in weeks[1:-1]} == {7}


@pytest.mark.parametrize(
    ("start_on", "end_on", "count"),
    [
        (date(2026, 11, 16), date(2026, 11, 16), 0),
        (date(2026, 11, 17), date(2026, 11, 16), 0),
        (date(2026, 11, 16), date(2026, 11, 23), 1),
        (date(2026, 11, 22), date(2026, 11, 24), 2),
    ],
)
def test_it_gives_the_weeks_of_a_short_span(start_on, end_on, count):
    assert len(list(weeks_between(start_on, end_on))) == count


@pytest.mark.parametrize(
    ("as_of", "share"),
    [
        (date(2025, 12, 31), Fraction(0)),
        (date(2026, 1, 1), Fraction(1, 365)),
        (date(2026, 11, 21), Fraction(325, 365)),
        (date(2026, 12, 31), Fraction(1)),
        (date(2027, 6, 1), Fraction(1)),
    ],
)
def test_it_counts_the_elapsed_share_by_days_inclusive(as_of, share):
    assert elapsed_share(date(2026, 1, 1), date(2026, 12, 31), as_of) == share


def test_it_counts_29_february_in_a_leap_year():
    assert elapsed_share(date(2028, 1, 1), date(2028, 12, 31), date(2028, 2, 29)) == Fraction(60, 366)


@pytest.mark.parametrize(
    ("as_of", "share"),
    [
        (date(2026, 1, 30), Fraction(0)),
        (date(2026, 1, 31), Fraction(1, 12)),
        (date(2026, 10, 30), Fraction(9, 12)),
        (date(2026, 10, 31), Fraction(10, 12)),
        (date(2026, 11, 29), Fraction(10, 12)),
        (date(2026, 12, 31), Fraction(1)),
        (date(2025, 3, 1), Fraction(0)),
        (date(2028, 3, 1), Fraction(1)),
    ],
)
def test_it_counts_the_elapsed_share_by_whole_months(as_of, share):
    assert elapsed_share_by_months(date(2026, 1, 1), date(2026, 12, 31), as_of) == share


def test_it_ends_the_last_month_with_the_programme():
    assert elapsed_share_by_months(date(2026, 3, 10), date(2026, 6, 20), date(2026, 6, 20)) == 1
    assert elapsed_share_by_months(date(2026, 3, 10), date(2026, 6, 20), date(2026, 3, 31)) == Fraction(1, 4)


@given(st.dates(date(2000, 1, 1), date(9990, 1, 1)), st.integers(0, 800), st.integers(-10, 900))
def test_it_keeps_the_elapsed_share_between_nothing_and_all(start_on, length, after):
    last_on, as_of = start_on + timedelta(length), start_on + timedelta(after)
    for share in (elapsed_share(start_on, last_on, as_of), elapsed_share_by_months(start_on, last_on, as_of)):
        assert 0 <= share <= 1


@pytest.mark.parametrize(
    ("on", "answer"),
    [
        (date(2026, 2, 14), WorkingDays(1, certain=True)),
        (date(2026, 10, 10), WorkingDays(1, certain=True)),
        (date(2026, 10, 1), WorkingDays(0, certain=True)),
        (date(2026, 11, 20), WorkingDays(1, certain=True)),
        (date(2026, 11, 21), WorkingDays(0, certain=True)),
        (date(2003, 11, 21), WorkingDays(1, certain=False)),
        (date(2199, 11, 23), WorkingDays(0, certain=False)),
    ],
)
def test_it_knows_make_up_days_and_says_when_it_does_not(on, answer):
    assert is_working_day(on) == answer


def test_it_counts_the_working_days_of_a_span():
    assert working_days(date(2026, 10, 1), date(2026, 10, 12)) == WorkingDays(3, certain=True)
    assert working_days(date(2199, 1, 1), date(2199, 1, 15)) == WorkingDays(10, certain=False)
    assert working_days(date(2026, 10, 1), date(2026, 10, 1)) == WorkingDays(0, certain=True)


def test_it_reaches_a_date_by_working_days():
    assert working_days_after(date(2026, 9, 30), 3) == WorkingDate(date(2026, 10, 10), certain=True)
    assert working_days_after(date(2026, 9, 30), 0) == WorkingDate(date(2026, 9, 30), certain=True)
    assert not working_days_after(date(2199, 1, 1), 1).certain


@pytest.mark.parametrize(
    ("kind", "on", "text"),
    [
        ("day", "2026-11-21", "2026年11月21日"),
        ("week", "2026-11-21", "2026年第47周"),
        ("week", "2027-01-01", "2026年第53周"),
        ("week", "2024-12-30", "2025年第1周"),
        ("half_month", "2026-11-01", "11月上半月"),
        ("half_month", "2026-11-30", "11月下半月"),
        ("month", "2026-11-21", "2026年11月"),
        ("quarter", "2026-11-21", "2026年第四季度"),
        ("quarter", "2026-01-01", "2026年第一季度"),
        ("half_year", "2026-06-30", "2026年上半年"),
        ("half_year", "2026-11-21", "2026年下半年"),
        ("year", "2026-11-21", "2026年"),
    ],
)
def test_it_names_a_period_in_chinese(kind, on, text):
    assert label(containing(PeriodKind(kind), date.fromisoformat(on))) == text


def test_it_names_a_half_month_with_its_year_where_it_stands_alone():
    assert label_with_year(half_month(date(2026, 11, 3))) == "2026年11月上半月"
    assert label_with_year(day(date(2026, 11, 3))) == "2026年11月3日"


def test_it_names_a_cut_week_as_its_whole():
    first = next(weeks_between(date(2026, 11, 18), date(2026, 12, 1)))
    assert label(first) == label(week(date(2026, 11, 16)))
