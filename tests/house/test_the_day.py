"""The day on which stories are told."""

from pathlib import Path

from service.kernel.calendar import local_date
from service.kernel.clock import now
from tests.support.today import NOON, ON_THE_REAL_CLOCK, told_year

TOP = Path(__file__).parents[2]


def test_it_is_the_same_whenever_the_tests_are_run():
    assert (local_date(now()), told_year()) == (local_date(NOON), NOON.year)


def test_it_names_only_what_is_there_for_the_real_clock():
    assert [path for path in ON_THE_REAL_CLOCK if not (TOP / path).exists()] == []
