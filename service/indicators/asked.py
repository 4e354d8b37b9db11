"""What a table of statistics is asked for, and which days that means."""

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from service.indicators.divisions import By
from service.indicators.errors import TooManyPeriods
from service.indicators.rates import Rounding
from service.indicators.spans import Compared, Days, compared, periods
from service.kernel.calendar import PeriodKind, containing
from service.programmes.models import ElapsedBy

MOST_PERIODS = 120
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Asked:
    """Which table: of a measure, by something, in the period that holds `on` (today), or from a day until another."""

    measure: str
    by: By = By.TOTAL
    period: PeriodKind = PeriodKind.YEAR
    on: date | None = None
    from_on: date | None = None
    until_on: date | None = None
    programme_id: UUID | None = None
    unit_id: UUID | None = None
    visitor_id: UUID | None = None
    rounding: Rounding = Rounding.HALF_UP
    elapsed_by: ElapsedBy | None = ElapsedBy.DAYS


def stretches_of(what: Asked, today: date) -> list[Compared]:
    """The days of each row, with those they are compared with.

    Raises:
        TooManyPeriods: they are more than a table holds.
    """
    period = containing(what.period, what.on or today)
    if what.by is not By.PERIOD:
        asked = Days(what.from_on or period.start_on, what.until_on or period.end_on)
        return [compared(asked, today)]
    year = containing(PeriodKind.YEAR, what.on or today)
    asked = Days(what.from_on or year.start_on, what.until_on or min(year.end_on, today + _DAY))
    found: list[Compared] = []
    for one in periods(what.period, asked):
        if len(found) == MOST_PERIODS:
            raise TooManyPeriods(most=MOST_PERIODS)
        found.append(compared(Days(one.start_on, one.end_on), today))
    return found or [compared(asked, today)]
