"""Who visits whom on which day: each unit's outings, planned so that the year keeps about its pace.

::

    how many subjects are due ─▶ whom, by city ─▶ outings of one to three days ─▶ a day and somebody who is free
"""

import random
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from fractions import Fraction
from itertools import accumulate

from service.cli.demo_city.cast import DemoUnit
from service.cli.demo_city.fieldwork import Target
from service.cli.demo_city.workdays import DAY, busy_days
from service.kernel.actor import Actor
from service.kernel.calendar import SHANGHAI, is_working_day

MOST_A_DAY, MOST_DAYS = 3, 3
AGAIN = 0.10
"""Of the visits so many are paid to somebody who was seen before."""
SURPLUS = Fraction(107, 100)
"""Some visits are returned or voided, and the newest wait for review."""
OWN_LIST = 0.6
_SHIFTS = (0, 1, -1, 2, -2, 3, -3, 5, -5, 7, -7)
_HOURS: Mapping[int, tuple[tuple[int, ...], ...]] = {
    1: ((9, 10, 14, 15),),
    2: ((9, 10), (14, 15)),
    3: ((9,), (13,), (16,)),
}
"""When a day's visits begin, by how many there are."""
OFFICES = ("北京市", "上海市", "上海市", "深圳市", "广州市")
"""Where foreign groups have their Chinese head offices."""


@dataclass(frozen=True, slots=True)
class Stop:
    """One visit of an outing."""

    at: datetime
    target: Target


@dataclass(frozen=True, slots=True)
class Outing:
    """Somebody's one to three days in one city."""

    visitor: Actor
    city: str | None
    stops: tuple[Stop, ...]

    @property
    def last_on(self) -> date:
        """The day of the return."""
        return self.stops[-1].at.date()


@dataclass(slots=True)
class Candidates:
    """Whom nobody has visited yet: each unit's own target list, the list of everybody, and the Top-500."""

    own: Mapping[str, list[Target]]
    common: list[Target]
    top500: list[Target]

    def draw(self, dice: random.Random, unit: str) -> Target | None:
        """Somebody new for a unit, rather of its own list; what is left over is taken by whoever is keen."""
        rest = max(self.own.values(), key=len, default=[])
        mine = self.own.get(unit, [])
        piles = (mine, self.common, rest) if dice.random() < OWN_LIST else (self.common, mine, rest)
        return next((pile.pop() for pile in piles if pile), None)


@dataclass(slots=True)
class Planner:
    """Plans the outings of units between two days; whoever is out on a day is not elsewhere."""

    dice: random.Random
    first: date
    last: date
    candidates: Candidates
    engaged: set[tuple[str, date]] = field(default_factory=set)
    """People by name, and the days on which they have something else to do."""
    _days: list[date] = field(init=False)
    _weights: list[float] = field(init=False)

    def __post_init__(self) -> None:
        """The days, with the work that was done up to each."""
        busy = busy_days(self.first, self.last)
        self._days, self._weights = list(busy), list(accumulate(busy.values()))

    def outings(
        self, unit: DemoUnit, staff: Sequence[Actor], due: tuple[Fraction, Fraction]
    ) -> Iterator[Outing]:
        """A unit's outings up to the last day; `due` are its subjects on both lines at an even pace."""
        if not self._days or not staff or unit.pace is None:
            return
        whom = self._subjects(unit, due)
        groups = [group for _, there in sorted(_by_city(whom).items()) for group in _cut(self.dice, there)]
        self.dice.shuffle(groups)
        starts = sorted(self.dice.choices(self._days, cum_weights=self._weights, k=len(groups)))
        seen: list[Target] = []
        for start, group in zip(starts, groups, strict=True):
            outing = self._outing(staff, start, group)
            if outing is not None:
                yield outing
            if seen and self.dice.random() < AGAIN * len(group):
                again = self._outing(staff, start + 2 * DAY, [self.dice.choice(seen)])
                if again is not None:
                    yield again
            seen.extend(group)

    def _subjects(self, unit: DemoUnit, due: tuple[Fraction, Fraction]) -> list[Target]:
        thousand, hundred = due
        famous = round(hundred * unit.hundred_pace / 100)
        wanted = round(thousand * (unit.pace or 0) / 100 * SURPLUS)
        top = [self.candidates.top500.pop() for _ in range(min(famous, len(self.candidates.top500)))]
        rest = [self.candidates.draw(self.dice, unit.short_name) for _ in range(max(0, wanted - len(top)))]
        return [*top, *(one for one in rest if one is not None)]

    def _outing(self, staff: Sequence[Actor], start: date, whom: Sequence[Target]) -> Outing | None:
        """The outing on that day or one near it on which somebody is free; none where there is no such day."""
        parts = [whom[place : place + MOST_A_DAY] for place in range(0, len(whom), MOST_A_DAY)]
        for shift in _SHIFTS:
            days = [start + (shift + n) * DAY for n in range(len(parts))]
            if days[0] < self.first or days[-1] > self.last or not all(map(_is_fit, days[not shift :])):
                continue
            for visitor in self.dice.sample(list(staff), len(staff)):
                if all((visitor.name, day) not in self.engaged for day in days):
                    self.engaged |= {(visitor.name, day) for day in days}
                    stops = [
                        one for day, part in zip(days, parts, strict=True) for one in self._day(day, part)
                    ]
                    return Outing(visitor, whom[0].city, tuple(stops))
        return None

    def _day(self, day: date, whom: Sequence[Target]) -> Iterator[Stop]:
        for target, hours in zip(whom, _HOURS[len(whom)], strict=True):
            clock = time(self.dice.choice(hours), self.dice.choice((0, 10, 20, 30)))
            yield Stop(datetime.combine(day, clock, tzinfo=SHANGHAI), target)


def evening(outing: Outing, dice: random.Random) -> datetime:
    """When the outing's visits are sent: after the return."""
    return datetime.combine(outing.last_on, time(19, 15), tzinfo=SHANGHAI) + timedelta(
        minutes=dice.randint(0, 120)
    )


def _is_fit(day: date) -> bool:
    """A chosen day may be any; the others are working days."""
    return bool(is_working_day(day).count)


def _by_city(whom: Sequence[Target]) -> dict[str, list[Target]]:
    found: defaultdict[str, list[Target]] = defaultdict(list)
    for one in whom:
        found[one.city or ""].append(one)
    return dict(found)


def _cut(dice: random.Random, whom: Sequence[Target]) -> Iterator[Sequence[Target]]:
    """Groups that one outing can see."""
    place = 0
    while place < len(whom):
        size = dice.choices((1, 2, 3, 5, 7), (12, 28, 30, 20, 10))[0]
        yield whom[place : place + size]
        place += size
