"""What the days of a site are, as a table of cases."""

from datetime import date

import pytest

from service.checkins.attendance_rules import (
    DayState,
    Expectation,
    Stay,
    expected_days,
    state_of,
    unsigned_run,
)

NOVEMBER = date(2026, 11, 1)  # a Sunday
FOR_EVER = Stay(date(2020, 1, 1))


def on(day):
    return date(2026, 11, day)


def is_working(day):
    return day.weekday() < 5 or day == on(14)  # a Saturday that is worked


def expecting(*staffed, is_open=FOR_EVER):
    return Expectation(is_open, staffed)


ALWAYS = expecting(FOR_EVER)
NOBODY = expecting()


@pytest.mark.parametrize(
    ("day", "expected", "signed", "state"),
    [
        (on(9), ALWAYS, True, DayState.SIGNED),
        (on(8), ALWAYS, True, DayState.SIGNED),  # on a Sunday, too
        (on(9), NOBODY, True, DayState.SIGNED),
        (on(30), ALWAYS, True, DayState.SIGNED),
        (on(9), ALWAYS, False, DayState.ABSENT),
        (on(14), ALWAYS, False, DayState.ABSENT),
        (on(8), ALWAYS, False, DayState.REST_DAY),
        (on(9), NOBODY, False, DayState.NOT_EXPECTED),
        (on(8), NOBODY, False, DayState.NOT_EXPECTED),
        (on(9), expecting(Stay(on(10))), False, DayState.NOT_EXPECTED),
        (on(10), expecting(Stay(on(10))), False, DayState.ABSENT),
        (on(12), expecting(Stay(on(10), on(12))), False, DayState.NOT_EXPECTED),
        (on(9), expecting(FOR_EVER, is_open=Stay(on(10))), False, DayState.NOT_EXPECTED),
        (on(12), expecting(FOR_EVER, is_open=Stay(on(2), on(12))), False, DayState.NOT_EXPECTED),
        (on(20), ALWAYS, False, DayState.NOT_YET),  # today is not over
        (on(23), ALWAYS, False, DayState.NOT_YET),
        (on(21), ALWAYS, False, DayState.REST_DAY),
    ],
)
def test_it_says_what_a_day_proves(day, expected, signed, state):
    assert state_of(day, expected, signed=signed, today=on(20), is_working=is_working) is state


@pytest.mark.parametrize(
    ("expected", "last", "as_of", "run"),
    [
        (ALWAYS, on(20), on(20), 0),
        (ALWAYS, on(19), on(20), 0),  # today is not over
        (ALWAYS, on(13), on(20), 5),  # 14, 16, 17, 18, 19
        (ALWAYS, on(13), on(18), 4),
        (ALWAYS, on(6), on(8), 0),  # a weekend breaks nothing and adds nothing
        (ALWAYS, on(6), on(9), 1),
        (NOBODY, None, on(20), 0),
        (expecting(Stay(on(10), on(12)), Stay(on(18))), None, on(20), 4),  # 10, 11, 18, 19
        (expecting(FOR_EVER, is_open=Stay(on(18))), None, on(20), 2),
        (ALWAYS, None, on(19), 263),  # a year back, and no farther
    ],
)
def test_it_counts_the_days_unsigned_in_a_row(expected, last, as_of, run):
    assert unsigned_run(expected, last, as_of=as_of, today=on(20), is_working=is_working) == run


def test_expected_days_are_the_working_days_on_which_somebody_was_to_be_there():
    assert expected_days(ALWAYS, on(9), on(16), is_working=is_working) == 6
    assert expected_days(expecting(Stay(on(10), on(12))), on(9), on(16), is_working=is_working) == 2
    assert expected_days(ALWAYS, on(16), on(9), is_working=is_working) == 0
