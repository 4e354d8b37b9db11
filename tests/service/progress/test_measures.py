from datetime import date
from fractions import Fraction

import pytest

from service.programmes.models import ElapsedBy
from service.progress import measures
from service.progress.measures import Span, percent, shown, truncated

YEAR = Span(date(2026, 1, 1), date(2026, 12, 31))
BY_MONTHS = Span(date(2026, 1, 1), date(2026, 12, 31), ElapsedBy.MONTHS)


@pytest.mark.parametrize(
    ("done", "target", "printed"),
    [("219.22", "589", "37.22"), ("100.66", "242", "41.60"), ("78", "132", "59.09"), ("63", "81", "77.78")],
)
def test_it_reproduces_completion_rates_that_bulletins_printed(done, target, printed):
    assert shown(percent(Fraction(done) / Fraction(target))) == printed


def test_it_reproduces_the_elapsed_share_of_ten_months():
    assert shown(percent(measures.elapsed(BY_MONTHS, date(2026, 10, 31)))) == "83.33"


def test_it_can_cut_off_as_a_bulletin_of_weinan_did():
    share = Fraction(291, 292) * 100
    assert (shown(share), truncated(share)) == ("99.66", "99.65")


def test_it_gives_the_gap_in_percentage_points():
    assert shown(measures.gap(500, 1000, BY_MONTHS, date(2026, 10, 31))) == "-33.33"
    assert shown(measures.gap(900, 1000, BY_MONTHS, date(2026, 10, 31))) == "6.67"


def test_it_counts_elapsed_days_up_to_and_with_the_day():
    assert measures.elapsed(YEAR, date(2026, 1, 1)) == Fraction(1, 365)
    assert measures.elapsed(YEAR, date(2025, 12, 31)) == 0
    assert measures.elapsed(YEAR, date(2027, 3, 1)) == 1


def test_it_says_the_gap_as_subjects_too():
    as_of = date(2026, 12, 31)
    assert measures.expected_today(1000, YEAR, as_of) == 1000
    assert measures.behind(990, 1000, YEAR, as_of) == 10
    assert measures.behind(1010, 1000, YEAR, as_of) == -10


@pytest.mark.parametrize("measure", [measures.behind, measures.gap, measures.needed_per_week])
def test_it_says_nothing_without_a_working_target(measure):
    assert measure(5, None, YEAR, date(2026, 5, 1)) is None


def test_it_compares_with_no_target_of_nought():
    assert measures.completion(5, 0) is None


@pytest.mark.parametrize(
    ("counted", "as_of", "needed"),
    [
        (0, date(2025, 12, 1), Fraction(20)),
        (0, date(2026, 12, 24), Fraction(1000)),
        (1000, date(2026, 5, 1), Fraction(0)),
        (999, date(2026, 12, 31), None),
    ],
)
def test_it_spreads_what_is_left_over_the_days_that_are_left(counted, as_of, needed):
    assert measures.needed_per_week(counted, 1000, YEAR, as_of) == needed


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Fraction(1, 200), "0.01"),
        (Fraction(-1, 200), "-0.01"),
        (Fraction(1, 300), "0.00"),
        (Fraction(-1, 300), "0.00"),
        (Fraction(10**15, 3), "333333333333333.33"),
        (None, None),
    ],
)
def test_it_rounds_half_up_once_and_shows_no_negative_zero(value, text):
    assert shown(value) == text
