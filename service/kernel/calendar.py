"""Business dates and periods are those of Asia/Shanghai, whatever the machine's clock is set to.

A period is half-open: it starts on its first day and ends on the day after its last, so that periods meet without
gap or overlap. Weeks begin on Monday. China has had no summer time since 1991, so the offset is a constant and
no time zone data needs to be installed.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from enum import StrEnum
from fractions import Fraction
from functools import lru_cache

import chinese_calendar

SHANGHAI = timezone(timedelta(hours=8), "Asia/Shanghai")
FIRST_YEAR, LAST_YEAR = 1900, 9998
_DAY = timedelta(days=1)
_QUARTERS = ("一", "二", "三", "四")


class OutsideCalendar(ValueError):
    """A date so far away that its period cannot be written, such as one in the year 9999."""


class PeriodKind(StrEnum):
    """The lengths by which offices report."""

    DAY = "day"
    WEEK = "week"
    HALF_MONTH = "half_month"
    MONTH = "month"
    QUARTER = "quarter"
    HALF_YEAR = "half_year"
    YEAR = "year"


@dataclass(frozen=True)
class Period:
    """The days from ``start_on`` up to, and without, ``end_on``."""

    kind: PeriodKind
    start_on: date
    end_on: date

    @property
    def last_on(self) -> date:
        """The last day that belongs to the period."""
        return self.end_on - _DAY

    @property
    def days(self) -> int:
        """How many calendar days the period has."""
        return (self.end_on - self.start_on).days

    def __contains__(self, on: date) -> bool:
        return self.start_on <= on < self.end_on


@dataclass(frozen=True)
class WorkingDays:
    """A number of working days, and whether the official holidays of every year in it were known."""

    count: int
    certain: bool


@dataclass(frozen=True)
class WorkingDate:
    """A date reached by counting working days, and whether the official holidays on the way were known."""

    on: date
    certain: bool


def local_date(at: datetime) -> date:
    """The business date of an aware moment."""
    if at.tzinfo is None:
        raise ValueError("a moment has an offset")
    try:
        return _known(at.astimezone(SHANGHAI).date())
    except OverflowError as error:
        raise OutsideCalendar("a date lies between the years 1900 and 9998") from error


def start_of(on: date) -> datetime:
    """The first instant of a business date."""
    return datetime.combine(on, time.min, SHANGHAI)


def as_instants(period: Period) -> tuple[datetime, datetime]:
    """The period as aware moments, half-open like itself."""
    return start_of(period.start_on), start_of(period.end_on)


def containing(kind: PeriodKind, on: date) -> Period:
    """The period of a kind that a business date falls in."""
    return _BY_KIND[kind](on)


def day(on: date) -> Period:
    """The date itself."""
    return Period(PeriodKind.DAY, _known(on), on + _DAY)


def week(on: date) -> Period:
    """Monday to Sunday."""
    monday = _known(on) - on.weekday() * _DAY
    return Period(PeriodKind.WEEK, monday, monday + 7 * _DAY)


def half_month(on: date) -> Period:
    """上半月 is the 1st to the 15th, 下半月 the 16th to the end of the month."""
    whole = month(on)
    middle = whole.start_on.replace(day=16)
    if on < middle:
        return Period(PeriodKind.HALF_MONTH, whole.start_on, middle)
    return Period(PeriodKind.HALF_MONTH, middle, whole.end_on)


def month(on: date) -> Period:
    """The calendar month."""
    return _months(PeriodKind.MONTH, on, 1)


def quarter(on: date) -> Period:
    """The calendar quarter."""
    return _months(PeriodKind.QUARTER, on, 3)


def half_year(on: date) -> Period:
    """January to June, or July to December."""
    return _months(PeriodKind.HALF_YEAR, on, 6)


def year(on: date) -> Period:
    """The calendar year."""
    return _months(PeriodKind.YEAR, on, 12)


def weeks_between(start_on: date, end_on: date) -> Iterator[Period]:
    """The weeks of a half-open span in order, the first and the last cut at its ends."""
    while start_on < end_on:
        whole = week(start_on)
        yield Period(PeriodKind.WEEK, start_on, min(whole.end_on, end_on))
        start_on = whole.end_on


def elapsed_share(start_on: date, last_on: date, as_of: date) -> Fraction:
    """序时进度 by calendar days: the share of a span, its last day included, that is over at the end of ``as_of``."""
    total = (last_on - start_on).days + 1
    elapsed = (as_of - start_on).days + 1
    return Fraction(max(0, min(elapsed, total)), max(total, 1))


def elapsed_share_by_months(start_on: date, last_on: date, as_of: date) -> Fraction:
    """序时进度 by whole months: those that are over at the end of ``as_of``, of those that the span touches.

    From January to December, the end of October gives 10/12, as published bulletins have it.
    """
    total = _month_number(last_on) - _month_number(start_on) + 1
    if as_of >= last_on:
        return Fraction(1)
    elapsed = _month_number(as_of + _DAY) - _month_number(start_on)
    return Fraction(max(0, min(elapsed, total)), max(total, 1))


# A list asks of every row how many working days are over; asking the package of each of them took seconds.
@lru_cache(maxsize=4096)
def working_days(start_on: date, end_on: date) -> WorkingDays:
    """The working days of a half-open span, with 调休 where it is published and Monday to Friday where it is not."""
    answers = [is_working_day(start_on + n * _DAY) for n in range(max(0, (end_on - start_on).days))]
    return WorkingDays(sum(answer.count for answer in answers), all(answer.certain for answer in answers))


def working_days_after(on: date, count: int) -> WorkingDate:
    """The date of the ``count``-th working day after a date; the date itself for 0."""
    certain = True
    while count > 0:
        on += _DAY
        answer = is_working_day(on)
        certain = certain and answer.certain
        count -= answer.count
    return WorkingDate(on, certain)


@lru_cache(maxsize=8192)
def is_working_day(on: date) -> WorkingDays:
    """Whether people work on a date, as a count of one or none."""
    try:
        return WorkingDays(int(chinese_calendar.is_workday(on)), certain=True)  # type: ignore[no-untyped-call]  # it has no types
    except NotImplementedError:
        # The State Council publishes a year's holidays in the November before.
        return WorkingDays(int(on.weekday() < 5), certain=False)


def chinese_date(on: date) -> str:
    """A date in Chinese prose: ``2026年11月21日``."""
    return f"{on.year}年{on.month}月{on.day}日"


def label(period: Period) -> str:
    """A period as a Chinese heading within its year: ``2026年11月21日``, ``2026年第47周``, ``11月上半月``, ``2026年11月``.

    A week is numbered as ISO 8601 does, so its year may differ from the date's at the turn of the year.
    """
    start_on = period.start_on
    if period.kind is PeriodKind.DAY:
        return chinese_date(start_on)
    if period.kind is PeriodKind.WEEK:
        iso = start_on.isocalendar()
        return f"{iso.year}年第{iso.week}周"
    if period.kind is PeriodKind.HALF_MONTH:
        return f"{start_on.month}月{'上' if start_on.day == 1 else '下'}半月"
    return f"{start_on.year}年{_part_of_year(period)}"


def label_with_year(period: Period) -> str:
    """A period as a Chinese heading that stands alone: ``2026年11月上半月``."""
    if period.kind is PeriodKind.HALF_MONTH:
        return f"{period.start_on.year}年{label(period)}"
    return label(period)


def _part_of_year(period: Period) -> str:
    month_of_year = period.start_on.month
    if period.kind is PeriodKind.MONTH:
        return f"{month_of_year}月"
    if period.kind is PeriodKind.QUARTER:
        return f"第{_QUARTERS[month_of_year // 3]}季度"
    if period.kind is PeriodKind.HALF_YEAR:
        return "上半年" if month_of_year == 1 else "下半年"
    return ""


def _known(on: date) -> date:
    if not FIRST_YEAR <= on.year <= LAST_YEAR:
        raise OutsideCalendar("a date lies between the years 1900 and 9998")
    return on


def _month_number(on: date) -> int:
    return on.year * 12 + on.month - 1


def _months(kind: PeriodKind, on: date, length: int) -> Period:
    start = _month_number(_known(on)) // length * length
    end = start + length
    return Period(kind, date(start // 12, start % 12 + 1, 1), date(end // 12, end % 12 + 1, 1))


_BY_KIND = {
    PeriodKind.DAY: day,
    PeriodKind.WEEK: week,
    PeriodKind.HALF_MONTH: half_month,
    PeriodKind.MONTH: month,
    PeriodKind.QUARTER: quarter,
    PeriodKind.HALF_YEAR: half_year,
    PeriodKind.YEAR: year,
}
