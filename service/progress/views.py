"""What progress answers, as frozen rows; fractions are decimal strings by then."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from service.accounts.models import UnitKind
from service.programmes.models import Line
from service.programmes.queries import Levels


class DayFigures(NamedTuple):
    """What one business day added to the figures of a line."""

    day: date
    counted: int
    pending: int
    visits: int
    visits_pending: int


@dataclass(frozen=True, slots=True)
class ProgrammeShown:
    """The programme the figures are of; `ends_on` is its last day."""

    id: UUID
    name: str
    year: int
    starts_on: date
    ends_on: date


@dataclass(frozen=True, slots=True)
class UnitShown:
    """A unit beside its figures."""

    id: UUID
    name: str
    kind: UnitKind


@dataclass(frozen=True, slots=True)
class WeekInput:
    """A full week that a forecast is made from."""

    start_on: date
    first_counted: int


@dataclass(frozen=True, slots=True)
class ForecastShown:
    """The day the working target is or was reached; `reached` says which. `weeks` are its inputs."""

    on: date | None
    within_programme: bool | None
    """Whether `on` is a day of the programme; None while there is no day."""
    earliest: date | None
    latest: date | None
    reached: bool
    per_week: str | None
    remaining: int
    weeks: tuple[WeekInput, ...]


@dataclass(frozen=True, slots=True)
class LineProgress:
    """One line's headline."""

    code: Line
    counted: int
    pending: int
    visits: int
    visits_pending: int
    targets: Levels
    rate: str | None
    elapsed: str
    expected_today: str | None
    gap: str | None
    behind: str | None
    forecast: ForecastShown | None
    needed_per_week: str | None
    records_url: str
    pending_url: str
    visits_url: str


@dataclass(frozen=True, slots=True)
class Overview:
    """The headline of a programme for the city, or for the unit it is asked for."""

    programme: ProgrammeShown
    as_of: date
    unit: UnitShown | None
    lines: tuple[LineProgress, ...]
    known_at: datetime | None = None
    """Which moment it was known at; None is now."""


@dataclass(frozen=True, slots=True)
class UnitProgress:
    """One unit on one line: its own distinct subjects, and its rank among those it is compared with."""

    unit: UnitShown
    group: str | None
    line: Line
    targets: Levels
    counted: int
    pending: int
    visits: int
    rate: str | None
    gap: str | None
    rank: int | None
    records_url: str
    pending_url: str
    visits_url: str
    known_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class WeekProgress:
    """A week from `start_on` up to, and without, `end_on`; `complete` once it is over."""

    start_on: date
    end_on: date
    line: Line
    first_counted: int
    visits: int
    pending: int
    complete: bool
    late: int | None
    """Visits of this week, of whatever line, that stand and arrived after its Sunday; None of the past."""
    latest_at: datetime | None
    """When the last of those arrived: a figure of a week that was over has changed since."""
    records_url: str
    pending_url: str
    visits_url: str
    late_url: str
    known_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class CoverageRow:
    """Target enterprises of a unit, of a chain, or both; how many are listed and how many of them were visited.

    `counted` and `pending` are all subjects of the thousand line there, listed or not; where no unit is to visit
    (未分派), they are the listed ones alone, because every visit is some unit's.
    """

    unit: UnitShown | None
    chain: str | None
    label: dict[str, str]
    """What the row is called, in both languages."""
    listed: int
    listed_counted: int
    coverage: str | None
    counted: int
    pending: int
    records_url: str
    pending_url: str
    known_at: datetime | None = None
