"""A board's rules as values: what is measured, what it is worth, who may write, and how they are kept."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Any

from service.boards.scoring import Indicator, Method
from service.kernel.actor import Actor, Role
from service.kernel.errors import Forbidden


class Source(StrEnum):
    """Where an indicator's figure comes from.

    `measure` is one of the statistics' measures or an indicator that offices enter, in the board's period and against
    that period's target; `manual` is entered on the board itself, with its reason.
    """

    THOUSAND_COUNTED = "thousand_counted"
    THOUSAND_NEW = "thousand_new"
    HUNDRED_COUNTED = "hundred_counted"
    HUNDRED_NEW = "hundred_new"
    VISITS = "visits"
    MEASURE = "measure"
    MANUAL = "manual"


class Rounding(StrEnum):
    """How points are shown."""

    HALF_UP = "half_up"
    TRUNCATED = "truncated"


class Totals(StrEnum):
    """What a total is the sum of, and places go by: the points as they are shown, or the exact ones behind them.

    Every board is begun with `shown`. Those of older releases say nothing of it and stay `exact`, as they were posted.
    """

    SHOWN = "shown"
    EXACT = "exact"


@dataclass(frozen=True, slots=True)
class Measured:
    """An indicator of a board, where its figure comes from, and what it is called."""

    code: str
    name: str
    source: Source
    points: Decimal
    method: Method = Method.RATIO
    cap: Decimal = Decimal("1.2")
    measure: str | None = None
    """Which one, where the source is `measure`."""

    def as_indicator(self) -> Indicator:
        """What scoring knows of it."""
        return Indicator(self.code, Fraction(self.points), self.method, Fraction(self.cap))


@dataclass(frozen=True, slots=True)
class BoardRules:
    """Everything a board is computed by. One indicator makes a single board (单项榜), several a composite."""

    indicators: tuple[Measured, ...]
    most_bonus: Decimal | None = None
    rounding: Rounding = Rounding.HALF_UP
    decimals: int = 2
    low_places: int = 2
    publicity_days: int = 5
    totals: Totals = Totals.SHOWN


def written(rules: BoardRules) -> dict[str, Any]:
    """The rules as JSON holds them; numbers as text, so that none of them changes on the way."""
    return {
        "indicators": [
            {
                "code": one.code,
                "name": one.name,
                "source": one.source,
                "points": str(one.points),
                "method": one.method,
                "cap": str(one.cap),
                "measure": one.measure,
            }
            for one in rules.indicators
        ],
        "most_bonus": None if rules.most_bonus is None else str(rules.most_bonus),
        "rounding": rules.rounding,
        "decimals": rules.decimals,
        "low_places": rules.low_places,
        "publicity_days": rules.publicity_days,
        "totals": rules.totals,
    }


def read(kept: Mapping[str, Any]) -> BoardRules:
    """The rules behind what was kept."""
    return BoardRules(
        indicators=tuple(
            Measured(
                one["code"],
                one["name"],
                Source(one["source"]),
                Decimal(one["points"]),
                Method(one["method"]),
                Decimal(one["cap"]),
                one.get("measure"),
            )
            for one in kept["indicators"]
        ),
        most_bonus=None if kept["most_bonus"] is None else Decimal(kept["most_bonus"]),
        rounding=Rounding(kept["rounding"]),
        decimals=kept["decimals"],
        low_places=kept["low_places"],
        publicity_days=kept["publicity_days"],
        totals=Totals(kept.get("totals", Totals.EXACT)),
    )


def demand_headquarters(actor: Actor) -> None:
    """Make sure the actor writes for the whole city.

    Raises:
        Forbidden: they do not.
    """
    if not actor.has(Role.HEADQUARTERS, Role.ADMINISTRATOR):
        raise Forbidden
