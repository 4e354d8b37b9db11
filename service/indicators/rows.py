"""Rows of statistics as they are shown: figures with rates, ranks, lights, and the address of each one's records."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from urllib.parse import urlencode
from uuid import UUID

from service.indicators import covered
from service.indicators.amounts import Place
from service.indicators.asked import Asked
from service.indicators.divisions import By, Division, Names
from service.indicators.lights import Light, light, light_text
from service.indicators.measures import Measure
from service.indicators.rates import completion, figure, gap, growth, in_percent, plain
from service.indicators.spans import Compared, elapsed
from service.indicators.statistics import Cell, Figures, Population
from service.kernel.calendar import label_with_year
from service.programmes.limits import USUAL, Limits
from service.programmes.thresholds import ThresholdsShown
from service.progress.records_links import VISITS
from service.visits.queries import VisitFilter
from service.visits.traits import Traits


@dataclass(frozen=True, slots=True)
class StatisticRow:
    """One row; shares and growth are percentages, gaps percentage points. `url` lists exactly what was counted."""

    key: str | None
    label: Names
    unit_id: UUID | None
    group: str | None
    start_on: date
    end_on: date
    value: str
    last_year: str | None
    before: str | None
    year_on_year: str | None
    on_before: str | None
    target: str | None
    rate: str | None
    elapsed: str | None
    gap: str | None
    light: Light | None
    light_text: Names | None
    rank: int | None
    rank_before: int | None
    url: str | None

    @property
    def rank_change(self) -> int | None:
        """Places won since the period before; negative are lost."""
        return None if self.rank is None or self.rank_before is None else self.rank_before - self.rank


@dataclass(frozen=True, slots=True)
class Table:
    """A measure's rows."""

    measure: Measure
    by: By
    rows: tuple[StatisticRow, ...]
    thresholds: ThresholdsShown
    """The limits of its lights, and which setting of whose they are."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a row is about."""

    division: Division
    population: Population
    stretch: Compared
    cell: Cell
    limits: Limits = USUAL
    door: str = VISITS
    """Where whoever reads the row finds its visits."""

    @property
    def unit_id(self) -> UUID | None:
        """The unit the row is of, if rows are units."""
        unit = self.division.units.get(self.cell.key or "")
        return unit.id if unit and self.division.by is By.UNIT else None

    def url(self) -> str:
        """The list of exactly the visits that were counted, one an enterprise where enterprises are."""
        key = self.cell.key
        traits = self.division.narrowed(self.population.traits, key)
        chain = (key or "") if self.division.by is By.CHAIN else None
        filters = VisitFilter(
            chain=chain,
            from_on=self.stretch.days.start_on,
            until_on=self.stretch.days.end_on,
            traits=covered.listed_once(self.population.measure, traits),
        )
        return visits_url(filters, self.door)


def visits_url(what: VisitFilter, door: str = VISITS) -> str:
    """Where these visits are read, by headquarters or at another door of visits."""
    asked: dict[str, str] = {"from": str(what.from_on), "until": str(what.until_on)}
    if what.chain is not None:
        asked["chain"] = what.chain
    traits = what.traits or Traits()
    for one in fields(Traits):
        value = getattr(traits, one.name)
        if value is True:
            asked[one.name] = "true"
        elif value is not None and value is not False:
            asked[one.name] = str(value)
    return f"{door}?{urlencode(asked)}"


def row_of(
    what: Asked,
    told: Told,
    figures: Mapping[Cell, Figures],
    targets: Mapping[Place, Decimal],
    today: date,
) -> StatisticRow:
    """A row as it is shown: its figures with what follows from them."""
    found, stretch, key = figures.get(told.cell, Figures()), told.stretch, told.cell.key
    unit = told.division.units.get(key or "") if what.by is By.UNIT else None
    place = place_of(what, told)
    target = targets.get(place) if place else None
    rate = completion(found.now, target)
    share = elapsed(stretch.whole, today, what.elapsed_by) if stretch.whole and target else None
    behind = None if share is None else gap(rate, share)
    lamp, period = light(behind, told.limits), stretch.whole
    name = label_with_year(period) if what.by is By.PERIOD and period else None
    whole = {"zh": "合计", "en": "Total"} if what.by is By.TOTAL else told.division.label(key)
    return StatisticRow(
        key=key if what.by is not By.PERIOD else str(stretch.days.start_on),
        label={"zh": name, "en": name} if name else whole,
        unit_id=told.unit_id,
        group=unit.group if unit and not unit.is_parent else None,
        start_on=stretch.days.start_on,
        end_on=stretch.days.end_on,
        value=plain(found.now),
        last_year=plain(found.last_year),
        before=plain(found.before),
        year_on_year=in_percent(growth(found.now, found.last_year), what.rounding),
        on_before=in_percent(growth(found.now, found.before), what.rounding),
        target=None if target is None else plain(target),
        rate=in_percent(rate, what.rounding),
        elapsed=in_percent(share, what.rounding),
        gap=figure(behind, what.rounding),
        light=lamp,
        light_text=None if lamp is None else light_text(lamp, told.limits),
        rank=None,
        rank_before=None,
        url=told.url(),
    )


def place_of(what: Asked, told: Told) -> Place | None:
    """Whose target of which period a row is measured against."""
    period = told.stretch.whole
    if period is None or what.by not in {By.TOTAL, By.PERIOD, By.UNIT} or what.visitor_id:
        return None
    unit_id = told.unit_id if what.by is By.UNIT else what.unit_id
    return Place(what.measure, unit_id, period.kind, period.start_on)


def ranked(rows: Sequence[StatisticRow]) -> list[StatisticRow]:
    """Units of one comparison group by their figure; equal ones share a place. Who has no group has none."""
    groups: dict[str, list[StatisticRow]] = defaultdict(list)
    for row in rows:
        if row.group is not None:
            groups[row.group].append(row)
    return [_placed(row, groups[row.group]) if row.group else row for row in rows]


def _placed(row: StatisticRow, group: Sequence[StatisticRow]) -> StatisticRow:
    before = Fraction(row.before or 0)
    return replace(
        row,
        rank=1 + sum(Fraction(one.value) > Fraction(row.value) for one in group),
        rank_before=1 + sum(Fraction(one.before or 0) > before for one in group),
    )
