"""Tables of statistics as they are shown: figures with rates, ranks, lights, and the address of each one's records."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from urllib.parse import urlencode
from uuid import UUID

from sqlalchemy.orm import Session

from service.accounts.errors import UnknownUnit
from service.accounts.queries import lineage_of
from service.indicators import amounts, covered
from service.indicators.amounts import Place
from service.indicators.divisions import OF_ENTERPRISES, By, Division, Names, divide
from service.indicators.errors import NotSoDivided, TooManyPeriods, UnknownIndicator
from service.indicators.lights import Light, light
from service.indicators.measures import MEASURES, Measure
from service.indicators.models import AmountLevel
from service.indicators.rates import Rounding, completion, figure, gap, growth, in_percent, plain
from service.indicators.spans import Compared, Days, compared, elapsed, periods
from service.indicators.statistics import Cell, Figures, Population, count
from service.kernel.actor import Actor
from service.kernel.calendar import PeriodKind, containing, label_with_year, local_date
from service.kernel.clock import now
from service.programmes import queries as programmes
from service.programmes.models import ElapsedBy
from service.progress.records_links import VISITS
from service.visits.queries import VisitFilter
from service.visits.traits import Traits

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


def table(session: Session, actor: Actor, what: Asked) -> Table:
    """The rows that are asked for, zeros included.

    Raises:
        UnknownIndicator, UnknownProgramme, UnknownUnit: there is none such (in scope).
        NotSoDivided, TooManyPeriods: there is no such table.
    """
    measure = MEASURES.get(what.measure)
    if measure is None:
        raise UnknownIndicator(indicator=what.measure)
    if what.programme_id is not None:
        programmes.programme(session, what.programme_id)
    what = replace(what, unit_id=_parent(session, actor, what.unit_id))
    today = local_date(now())
    stretches = _stretches(what, today)
    if measure.is_of_target_lists:
        return Table(measure, what.by, tuple(_of_lists(session, actor, what, measure, stretches)))
    division = divide(session, actor, what.by, what.unit_id, stretches[-1].days.end_on - _DAY)
    population = _population(what, measure)
    figures = count(session, actor, population, division.keyed, stretches)
    targets = _targets(session, what, stretches)
    cells = _cells(what.by, division, figures, len(stretches))
    rows = [
        _row(what, _Told(division, population, stretches[cell.place], cell), figures, targets, today)
        for cell in cells
    ]
    return Table(measure, what.by, tuple(_ranked(rows) if what.by is By.UNIT else rows))


def _parent(session: Session, actor: Actor, wanted: UUID | None) -> UUID | None:
    """The unit whose figures are asked for; None is the whole city."""
    unit_id = wanted or (None if actor.sees_every_unit else actor.unit_id)
    if unit_id is None:
        return None
    lineage = lineage_of(session, unit_id)
    if not lineage or not (actor.sees_every_unit or actor.unit_id in lineage):
        raise UnknownUnit
    return None if len(lineage) == 1 else unit_id


def _stretches(what: Asked, today: date) -> list[Compared]:
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


def _population(what: Asked, measure: Measure) -> Population:
    traits = replace(
        measure.traits,
        standing=what.programme_id is None,
        credited_in=what.programme_id,
        of_unit=None if what.visitor_id else what.unit_id,
        matched=measure.traits.matched or what.by in OF_ENTERPRISES,
    )
    return Population(measure, traits, what.visitor_id)


def _cells(by: By, division: Division, figures: Mapping[Cell, Figures], places: int) -> list[Cell]:
    """Every row: those that are listed anyway in their order, then what else was found, the largest first."""
    if by in {By.TOTAL, By.PERIOD}:
        return [Cell(place, None) for place in range(places)]
    listed = [
        Cell(0, key)
        for key in division.names
        if not (key in division.units and division.units[key].is_parent and Cell(0, key) not in figures)
    ]
    more = [
        cell
        for cell in figures
        if cell.key not in division.names and not division.units and cell.key is not None
    ]
    more.sort(key=lambda cell: (not cell.key, -figures[cell].now, cell.key or ""))
    return listed + more


@dataclass(frozen=True, slots=True)
class _Told:
    """What a row is about."""

    division: Division
    population: Population
    stretch: Compared
    cell: Cell

    @property
    def unit_id(self) -> UUID | None:
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
        return visits_url(filters)


def visits_url(what: VisitFilter) -> str:
    """Where headquarters reads these visits."""
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
    return f"{VISITS}?{urlencode(asked)}"


def _row(
    what: Asked,
    told: _Told,
    figures: Mapping[Cell, Figures],
    targets: Mapping[Place, Decimal],
    today: date,
) -> StatisticRow:
    found, stretch, key = figures.get(told.cell, Figures()), told.stretch, told.cell.key
    unit = told.division.units.get(key or "") if what.by is By.UNIT else None
    place = _place(what, told)
    target = targets.get(place) if place else None
    rate = completion(found.now, target)
    share = elapsed(stretch.whole, today, what.elapsed_by) if stretch.whole and target else None
    behind = None if share is None else gap(rate, share)
    period = stretch.whole
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
        light=light(behind),
        rank=None,
        rank_before=None,
        url=told.url(),
    )


def _place(what: Asked, told: _Told) -> Place | None:
    """Whose target of which period a row is measured against."""
    period = told.stretch.whole
    if period is None or what.by not in {By.TOTAL, By.PERIOD, By.UNIT} or what.visitor_id:
        return None
    unit_id = told.unit_id if what.by is By.UNIT else what.unit_id
    return Place(what.measure, unit_id, period.kind, period.start_on)


def _targets(session: Session, what: Asked, stretches: Sequence[Compared]) -> Mapping[Place, Decimal]:
    wholes = [one.whole for one in stretches if one.whole]
    if not wholes or what.by not in {By.TOTAL, By.PERIOD, By.UNIT} or what.visitor_id:
        return {}
    kind, starts = wholes[0].kind, [one.start_on for one in wholes]
    return amounts.at_level(session, what.measure, kind, starts, AmountLevel.WORKING)


def _ranked(rows: Sequence[StatisticRow]) -> list[StatisticRow]:
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


def _of_lists(
    session: Session, actor: Actor, what: Asked, measure: Measure, stretches: Sequence[Compared]
) -> list[StatisticRow]:
    stretch = stretches[0]
    if what.by not in covered.DIVISIONS or what.visitor_id:
        raise NotSoDivided(measure=measure.code)
    return [
        StatisticRow(
            key=one.key,
            label=one.label,
            unit_id=one.unit_id,
            group=None,
            start_on=one.starts_on,
            end_on=stretch.days.end_on,
            value=str(one.value),
            last_year=None,
            before=None,
            year_on_year=None,
            on_before=None,
            target=str(one.listed),
            rate=in_percent(completion(one.value, Decimal(one.listed)), what.rounding),
            elapsed=None,
            gap=None,
            light=None,
            rank=None,
            rank_before=None,
            url=one.url,
        )
        for one in covered.rows(
            session, actor, measure, what.by, (what.programme_id, stretch.days.end_on - _DAY, what.unit_id)
        )
    ]
