"""When the working target will be reached if the last weeks go on: pure, with its inputs beside the answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

MOST_WEEKS = 8
LEAST_WEEKS = 2
_FARTHEST = timedelta(days=365 * 50)
"""A pace that needs longer than this says nothing: no date is given."""


@dataclass(frozen=True, slots=True)
class FullWeek:
    """A whole week of the programme that is over, and how many subjects were first counted in it."""

    start_on: date
    first_counted: int


@dataclass(frozen=True, slots=True)
class Forecast:
    """The day at the mean pace, and those at the best and the worst week's; a pace of none gives no day."""

    on: date | None
    earliest: date | None
    latest: date | None
    weeks: tuple[FullWeek, ...]
    per_week: Fraction
    remaining: int


def forecast(remaining: int, weeks: Sequence[FullWeek], as_of: date) -> Forecast | None:
    """The forecast from the last full weeks, the newest last; None while there are fewer than two.

    `remaining` is what the working target still lacks, above nought; who has reached it needs no forecast.
    """
    last = tuple(weeks[-MOST_WEEKS:])
    if len(last) < LEAST_WEEKS:
        return None
    counts = [week.first_counted for week in last]
    mean = Fraction(sum(counts), len(counts))
    return Forecast(
        on=_reached(remaining, mean, as_of),
        earliest=_reached(remaining, Fraction(max(counts)), as_of),
        latest=_reached(remaining, Fraction(min(counts)), as_of),
        weeks=last,
        per_week=mean,
        remaining=remaining,
    )


def _reached(remaining: int, per_week: Fraction, as_of: date) -> date | None:
    if per_week <= 0:
        return None
    days = -(-remaining * 7 * per_week.denominator // per_week.numerator)
    # Compared before it becomes a date, which could not hold it.
    return as_of + timedelta(days=days) if days <= _FARTHEST.days else None
