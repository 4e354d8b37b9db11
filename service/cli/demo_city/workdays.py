"""Which days of a year are busy: working days of the national calendar, seasons, and weeks that differ."""

import random
from datetime import date, timedelta

from service.kernel.calendar import is_working_day

_SEASON = (80, 55, 125, 130, 110, 115, 85, 90, 125, 90, 115, 95)
"""How much of the field work falls into each month, by the day: the year opens slowly, summers are hot."""
_HOLIDAY, _WEEKEND, _NEAR_HOLIDAY = 0.02, 0.06, 0.45
_LIVELY = (55, 150)
"""Between these per cent one week differs from the next."""
DAY = timedelta(days=1)


def busy_days(first: date, last: date) -> dict[date, float]:
    """How much is done on each day from `first` to `last`, in proportion; the same every time."""
    return {day: _work_on(day) for day in (first + n * DAY for n in range((last - first).days + 1))}


def working_days_before(day: date, count: int) -> list[date]:
    """So many working days before a day, the nearest first."""
    found: list[date] = []
    while len(found) < count:
        day -= DAY
        if is_working_day(day).count:
            found.append(day)
    return found


def _work_on(day: date) -> float:
    if not is_working_day(day).count:
        return _WEEKEND if day.weekday() >= 5 else _HOLIDAY
    week = random.Random(f"{day.isocalendar()[:2]}")  # noqa: S311 a demo needs no secrets
    share = _SEASON[day.month - 1] * week.randint(*_LIVELY) / 10_000
    return share * (_NEAR_HOLIDAY if _is_near_a_long_holiday(day) else 1.0)


def _is_near_a_long_holiday(day: date) -> bool:
    around = [day + n * DAY for n in range(-6, 7)]
    return sum(one.weekday() < 5 and not is_working_day(one).count for one in around) >= 3
