"""到岗: what the check-ins of a site say of its days, pure.

::

    somebody's check-in of that day stands        ─▶ signed        (a rest day, too)
    nobody was assigned there, or it was not open ─▶ not_expected
    no working day                                ─▶ rest_day
    the day is not over                           ─▶ not_yet
    else                                          ─▶ absent

Nobody is late: no hours are laid down, and a phone's clock would not prove them.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

FARTHEST_BACK = 366
"""Days unsigned in a row are looked for in the last year only."""
_DAY = timedelta(days=1)


class DayState(StrEnum):
    """What is known of a site on a day."""

    SIGNED = "signed"
    ABSENT = "absent"
    REST_DAY = "rest_day"
    NOT_EXPECTED = "not_expected"
    NOT_YET = "not_yet"


@dataclass(frozen=True, slots=True)
class Stay:
    """From a day up to, and without, another; without an end for ever."""

    from_on: date
    until_on: date | None = None

    def covers(self, on: date) -> bool:
        """Whether the day lies within."""
        return self.from_on <= on and (self.until_on is None or on < self.until_on)


@dataclass(frozen=True, slots=True)
class Expectation:
    """When somebody should be at a site: while it is open, and somebody is to be stationed there."""

    is_open: Stay
    staffed: Sequence[Stay]

    def covers(self, on: date) -> bool:
        """Whether somebody was to be there on a working day like this."""
        return self.is_open.covers(on) and any(one.covers(on) for one in self.staffed)


IsWorking = Callable[[date], bool]


def state_of(
    on: date, expected: Expectation, *, signed: bool, today: date, is_working: IsWorking
) -> DayState:
    """The state of a day, as in the table above."""
    if signed:
        return DayState.SIGNED
    if not expected.covers(on):
        return DayState.NOT_EXPECTED
    if not is_working(on):
        return DayState.REST_DAY
    return DayState.NOT_YET if on >= today else DayState.ABSENT


def expected_days(expected: Expectation, from_on: date, until_on: date, *, is_working: IsWorking) -> int:
    """应到天数: the working days of a half-open span on which somebody was to be there."""
    return sum(expected.covers(on) and is_working(on) for on in days_between(from_on, until_on))


def unsigned_run(
    expected: Expectation, last_signed_on: date | None, *, as_of: date, today: date, is_working: IsWorking
) -> int:
    """连续未签: the days absent since somebody last signed, up to the end of `as_of`.

    Rest days and days on which nobody was expected neither count nor break the run.
    """
    start = max(expected.is_open.from_on, as_of - (FARTHEST_BACK - 1) * _DAY)
    if last_signed_on is not None:
        start = max(start, last_signed_on + _DAY)
    return expected_days(expected, start, min(as_of + _DAY, today), is_working=is_working)


def days_between(from_on: date, until_on: date) -> Iterator[date]:
    """The days of a half-open span."""
    return (from_on + n * _DAY for n in range(max(0, (until_on - from_on).days)))
