"""When a line reaches its target, from the weeks that are over."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from service.kernel.calendar import weeks_between
from service.progress.forecast import FullWeek, forecast
from service.progress.measures import Span, shown
from service.progress.views import DayFigures, ForecastShown, WeekInput

_DAY = timedelta(days=1)


def outlook(
    span: Span, as_of: date, days: Sequence[DayFigures], counted: int, working: int | None
) -> ForecastShown | None:
    """The day of the target with its inputs; the day it was reached, if it was; nothing without a target or a pace."""
    if not working:
        return None
    if counted >= working:
        day = _day_reached(days, working)
        return ForecastShown(
            on=day,
            within_programme=_within(span, day),
            earliest=day,
            latest=day,
            reached=True,
            per_week=None,
            remaining=0,
            weeks=(),
        )
    found = forecast(working - counted, _full_weeks(span, as_of, days), as_of)
    if found is None:
        return None
    return ForecastShown(
        on=found.on,
        within_programme=_within(span, found.on),
        earliest=found.earliest,
        latest=found.latest,
        reached=False,
        per_week=shown(found.per_week),
        remaining=found.remaining,
        weeks=tuple(WeekInput(week.start_on, week.first_counted) for week in found.weeks),
    )


def _within(span: Span, day: date | None) -> bool | None:
    return None if day is None else day <= span.last_on


def _full_weeks(span: Span, as_of: date, days: Iterable[DayFigures]) -> list[FullWeek]:
    """The programme's weeks of seven days that are over."""
    first_counted = {day.day: day.counted for day in days}
    return [
        FullWeek(week.start_on, sum(first_counted.get(week.start_on + n * _DAY, 0) for n in range(7)))
        for week in weeks_between(span.starts_on, min(span.last_on, as_of) + _DAY)
        if week.days == 7
    ]


def _day_reached(days: Sequence[DayFigures], working: int) -> date | None:
    total = 0
    for day in days:
        total += day.counted
        if total >= working:
            return day.day
    return None
