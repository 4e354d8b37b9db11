"""Figures that offices have published come out to the digit."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest

from service.indicators.lights import Light, light, light_text
from service.indicators.rates import Rounding, completion, figure, gap, growth, in_percent
from service.indicators.spans import Days, compared, elapsed, periods, whole_period
from service.kernel.calendar import PeriodKind, containing, label_with_year
from service.programmes.models import ElapsedBy

YEAR = containing(PeriodKind.YEAR, date(2026, 1, 1))


@pytest.mark.parametrize(
    ("reached", "target", "shown"),
    [
        ("219.22", "589", "37.22"),
        ("100.66", "242", "41.60"),
        ("78", "132", "59.09"),
        ("63", "81", "77.78"),
    ],
)
def test_it_shows_completion_as_printed(reached, target, shown):
    assert in_percent(completion(Decimal(reached), Decimal(target)), Rounding.HALF_UP) == shown


@pytest.mark.parametrize(("rounding", "shown"), [(Rounding.HALF_UP, "99.66"), (Rounding.TRUNCATED, "99.65")])
def test_it_cuts_a_rate_off_when_a_bulletin_does(rounding, shown):
    """渭南 2010: 292 signed, one ended, 履约率 printed as 99.65 %."""
    assert in_percent(Fraction(291, 292), rounding) == shown


def test_it_shows_the_share_of_starts_as_printed():
    assert in_percent(Fraction(18 + 180, 292), Rounding.HALF_UP) == "67.81"


def test_it_takes_ten_of_twelve_months_by_the_end_of_october():
    share = elapsed(YEAR, date(2026, 10, 31), ElapsedBy.MONTHS)
    assert in_percent(share, Rounding.HALF_UP) == "83.33"
    assert figure(gap(Fraction(9, 10), share), Rounding.HALF_UP) == "6.67"


@pytest.mark.parametrize(
    ("by", "share"),
    [(ElapsedBy.DAYS, Fraction(7, 31)), (ElapsedBy.MONTHS, Fraction(0)), (None, Fraction(0))],
)
def test_it_measures_the_elapsed_share_by_days_months_and_working_days(by, share):
    """By the end of 7 October 2026 all days were holidays."""
    assert elapsed(containing(PeriodKind.MONTH, date(2026, 10, 1)), date(2026, 10, 7), by) == share


@pytest.mark.parametrize(
    ("this", "earlier", "shown"),
    [("91.08", "100", "-8.92"), ("188", "100", "88.00"), ("0", "4", "-100.00"), ("4", "0", None)],
)
def test_it_shows_growth_with_its_sign(this, earlier, shown):
    assert in_percent(growth(Decimal(this), Decimal(earlier)), Rounding.HALF_UP) == shown


@pytest.mark.parametrize(
    ("points", "expected"),
    [
        ("5", Light.GREEN),
        ("-9.99", Light.GREEN),
        ("-10", Light.YELLOW),
        ("-30", Light.YELLOW),
        ("-30.0001", Light.RED),
        (None, None),
    ],
)
def test_it_lights_by_the_published_thresholds(points, expected):
    assert light(None if points is None else Fraction(points)) is expected


def test_it_has_a_text_for_every_light():
    assert {one: sorted(light_text(one)) for one in Light} == {one: ["en", "zh"] for one in Light}


@pytest.mark.parametrize(
    ("on", "start_on", "last_on", "words"),
    [
        (date(2026, 2, 15), date(2026, 2, 1), date(2026, 2, 15), "2026年2月上半月"),
        (date(2026, 2, 16), date(2026, 2, 16), date(2026, 2, 28), "2026年2月下半月"),
        (date(2024, 2, 29), date(2024, 2, 16), date(2024, 2, 29), "2024年2月下半月"),
        (date(2026, 12, 31), date(2026, 12, 16), date(2026, 12, 31), "2026年12月下半月"),
    ],
)
def test_it_cuts_a_month_into_halves(on, start_on, last_on, words):
    period = containing(PeriodKind.HALF_MONTH, on)
    assert (period.start_on, period.last_on, label_with_year(period)) == (start_on, last_on, words)


@pytest.mark.parametrize(
    ("asked", "today", "last_year", "before"),
    [
        (
            ("2026-10-01", "2026-11-01"),
            "2026-10-20",
            ("2025-10-01", "2025-10-21"),
            ("2026-09-01", "2026-09-21"),
        ),
        (
            ("2026-10-01", "2026-11-01"),
            "2026-12-01",
            ("2025-10-01", "2025-11-01"),
            ("2026-09-01", "2026-10-01"),
        ),
        (
            ("2026-03-01", "2026-04-01"),
            "2026-03-30",
            ("2025-03-01", "2025-03-31"),
            ("2026-02-01", "2026-03-01"),
        ),
        (
            ("2026-11-16", "2026-11-23"),
            "2026-12-01",
            ("2025-11-17", "2025-11-24"),
            ("2026-11-09", "2026-11-16"),
        ),
        (
            ("2026-01-01", "2026-11-01"),
            "2026-12-01",
            ("2025-01-01", "2025-11-01"),
            ("2025-03-03", "2026-01-01"),
        ),
        (
            ("2024-02-29", "2024-03-01"),
            "2026-12-01",
            ("2023-02-28", "2023-03-01"),
            ("2024-02-28", "2024-02-29"),
        ),
    ],
)
def test_it_compares_like_with_like(asked, today, last_year, before):
    def days(pair):
        return Days(*(date.fromisoformat(one) for one in pair))

    found = compared(days(asked), date.fromisoformat(today))
    assert (found.last_year, found.before) == (days(last_year), days(before))


def test_it_knows_a_whole_period_and_one_that_is_none():
    quarter = containing(PeriodKind.QUARTER, date(2026, 5, 1))
    assert whole_period(Days(quarter.start_on, quarter.end_on)) == quarter
    assert whole_period(Days(date(2026, 1, 1), date(2026, 11, 1))) is None


def test_it_meets_each_period_once():
    found = list(periods(PeriodKind.HALF_MONTH, Days(date(2026, 1, 10), date(2026, 2, 17))))
    assert [one.start_on.day for one in found] == [1, 16, 1, 16]
