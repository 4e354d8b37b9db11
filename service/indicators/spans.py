"""Which days a row is about, and which it is compared with: 同比 the same days of last year, 环比 the period before.

Like is compared with like: while a period is not over, the same number of days of the one before is read. A week is
compared with the one 52 weeks earlier, so that both begin on a Monday.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from service.kernel.calendar import (
    Period,
    PeriodKind,
    containing,
    elapsed_share,
    elapsed_share_by_months,
    working_days,
)
from service.programmes.models import ElapsedBy

_DAY = timedelta(days=1)
_YEAR_OF_WEEKS = timedelta(weeks=52)
_KINDS = tuple(PeriodKind)


@dataclass(frozen=True, slots=True)
class Days:
    """From `start_on` up to, and without, `end_on`."""

    start_on: date
    end_on: date


@dataclass(frozen=True, slots=True)
class Compared:
    """The days of a row, cut at the day of asking, and the two stretches beside it."""

    days: Days
    last_year: Days
    before: Days
    whole: Period | None
    """The period it is, if it is one."""


def compared(asked: Days, today: date) -> Compared:
    """The stretches of some days; what lies after `today` is not there yet."""
    whole = whole_period(asked)
    end_on = max(asked.start_on, min(asked.end_on, today + _DAY))
    days = Days(asked.start_on, end_on)
    return Compared(days, _a_year_earlier(days, whole), _before(asked, days, whole), whole)


def whole_period(asked: Days) -> Period | None:
    """The longest kind of period that these days are."""
    for kind in reversed(_KINDS):
        period = containing(kind, asked.start_on)
        if (period.start_on, period.end_on) == (asked.start_on, asked.end_on):
            return period
    return None


def periods(kind: PeriodKind, asked: Days) -> Iterator[Period]:
    """The periods of a kind that the days touch, whole."""
    at = asked.start_on
    while at < asked.end_on:
        period = containing(kind, at)
        yield period
        at = period.end_on


def elapsed(period: Period, as_of: date, by: ElapsedBy | None) -> Fraction:
    """序时进度 of a period at the end of a day: by calendar days, by whole months, or (None) by working days."""
    if by is ElapsedBy.MONTHS:
        return elapsed_share_by_months(period.start_on, period.last_on, as_of)
    if by is ElapsedBy.DAYS:
        return elapsed_share(period.start_on, period.last_on, as_of)
    total = working_days(period.start_on, period.end_on).count
    until = max(period.start_on, min(period.end_on, as_of + _DAY))
    return Fraction(working_days(period.start_on, until).count, total) if total else Fraction(1)


def _before(asked: Days, days: Days, whole: Period | None) -> Days:
    if whole is None:
        return Days(days.start_on - (days.end_on - days.start_on), days.start_on)
    earlier = containing(whole.kind, whole.start_on - _DAY)
    if days.end_on == asked.end_on:
        return Days(earlier.start_on, earlier.end_on)
    return Days(earlier.start_on, min(earlier.end_on, earlier.start_on + (days.end_on - days.start_on)))


def _a_year_earlier(days: Days, whole: Period | None) -> Days:
    if whole is not None and whole.kind is PeriodKind.WEEK:
        return Days(days.start_on - _YEAR_OF_WEEKS, days.end_on - _YEAR_OF_WEEKS)
    return Days(_same_day(days.start_on), _same_day(days.end_on))


def _same_day(on: date) -> date:
    """The day a year earlier; 29 February is compared with the 28th, and the day after it with 1 March."""
    return (
        on.replace(year=on.year - 1, day=28)
        if (on.month, on.day) == (2, 29)
        else on.replace(year=on.year - 1)
    )
