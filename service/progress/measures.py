"""What each number means, once.

All shares are exact fractions until they are shown; then they are rounded half-up, once, as bulletins are.
"""

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from functools import lru_cache
from math import ceil

from service.kernel.calendar import elapsed_share, elapsed_share_by_months
from service.programmes.models import ElapsedBy

_ONE = Decimal(1)


@dataclass(frozen=True, slots=True)
class Span:
    """A programme's days, the last included, and how its elapsed share is measured."""

    starts_on: date
    last_on: date
    elapsed_by: ElapsedBy = ElapsedBy.DAYS


@lru_cache(maxsize=500)  # a table of units asks for each row
def elapsed(span: Span, as_of: date) -> Fraction:
    """序时进度: the share of the programme that is over at the end of `as_of`."""
    by = elapsed_share_by_months if span.elapsed_by is ElapsedBy.MONTHS else elapsed_share
    return by(span.starts_on, span.last_on, as_of)


def completion(counted: int, working: int | None) -> Fraction | None:
    """完成率 against the working target; nothing to compare with when there is none."""
    return Fraction(counted, working) if working else None


def expected_today(working: int | None, span: Span, as_of: date) -> Fraction | None:
    """How many subjects an even pace would have reached."""
    return None if working is None else working * elapsed(span, as_of)


def gap(counted: int, working: int | None, span: Span, as_of: date) -> Fraction | None:
    """超欠进度 in percentage points: completion less elapsed share; negative is behind."""
    done = completion(counted, working)
    return None if done is None else (done - elapsed(span, as_of)) * 100


def behind(counted: int, working: int | None, span: Span, as_of: date) -> Fraction | None:
    """The same as a number of subjects: positive is behind, negative ahead."""
    due = expected_today(working, span, as_of)
    return None if due is None else due - counted


def needed_per_week(counted: int, working: int | None, span: Span, as_of: date) -> Fraction | None:
    """Whole subjects a week from tomorrow to the programme's last day that still reach the working target.

    Rounded up: nobody visits a third of an enterprise, and a week's rest left over each week would miss the target.
    """
    if working is None:
        return None
    if counted >= working:
        return Fraction(0)
    left = (span.last_on - max(as_of, span.starts_on)).days + (as_of < span.starts_on)
    return Fraction(ceil(Fraction((working - counted) * 7, left))) if left > 0 else None


def shown(value: Fraction | None, places: int = 2) -> str | None:
    """The figure as `rounded` writes it; nothing where there is none."""
    return None if value is None else rounded(value, places)


def rounded(value: Fraction, places: int = 2) -> str:
    """The figure as a decimal string, rounded half-up (away from zero), without a negative zero."""
    step = _ONE.scaleb(-places)
    exact = abs(value) * 10**places
    # Halves are compared as integers: no division may lose a digit before the rounding.
    whole = (2 * exact.numerator + exact.denominator) // (2 * exact.denominator)
    figure = (Decimal(whole) * step).quantize(step, rounding=ROUND_HALF_UP)
    return format(-figure if value < 0 and figure else figure, "f")


def truncated(value: Fraction, places: int = 2) -> str:
    """The figure cut off instead of rounded, as some bulletins print it."""
    step = _ONE.scaleb(-places)
    whole = abs(value) * 10**places
    figure = (Decimal(whole.numerator // whole.denominator) * step).quantize(step)
    return format(-figure if value < 0 and figure else figure, "f")


def percent(share: Fraction | None) -> Fraction | None:
    """A share as a percentage."""
    return None if share is None else share * 100
