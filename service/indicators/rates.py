"""Rates as offices define them: exact fractions, rounded once when they are shown."""

from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from service.progress.measures import percent, shown, truncated


class Rounding(StrEnum):
    """Half-up, or cut off as some bulletins print."""

    HALF_UP = "half_up"
    TRUNCATED = "truncated"


def completion(reached: Decimal | Fraction | int, target: Decimal | None) -> Fraction | None:
    """完成率; none without a target, or with one of 0."""
    return Fraction(reached) / Fraction(target) if target else None


def growth(this: Decimal | int, earlier: Decimal | int) -> Fraction | None:
    """同比, 环比: (this − earlier) / earlier; none where there was nothing."""
    return (Fraction(this) - Fraction(earlier)) / Fraction(earlier) if earlier else None


def gap(rate: Fraction | None, elapsed: Fraction) -> Fraction | None:
    """超欠进度 in percentage points; negative is behind."""
    return None if rate is None else (rate - elapsed) * 100


def figure(value: Fraction | None, rounding: Rounding, places: int = 2) -> str | None:
    """A figure with its decimals, rounded once."""
    if value is None or rounding is Rounding.HALF_UP:
        return shown(value, places)
    return truncated(value, places)


def in_percent(share: Fraction | None, rounding: Rounding) -> str | None:
    """A share as a percentage with two decimals."""
    return figure(percent(share), rounding)


def plain(amount: Decimal | int) -> str:
    """An exact amount without trailing zeros."""
    value = Decimal(amount)
    return format(value.normalize() if value else Decimal(0), "f")
