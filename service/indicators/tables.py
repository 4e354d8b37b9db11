"""Tables of statistics: a measure by something, in some days, with targets, last year and the period before."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

from sqlalchemy.orm import Session

from service.accounts.errors import UnknownUnit
from service.accounts.queries import lineage_of
from service.indicators import amounts, covered
from service.indicators.amounts import Place
from service.indicators.asked import Asked, stretches_of
from service.indicators.divisions import OF_ENTERPRISES, By, Division, divide
from service.indicators.errors import NotSoDivided, UnknownIndicator
from service.indicators.measures import MEASURES, Measure
from service.indicators.models import AmountLevel
from service.indicators.rates import completion, in_percent
from service.indicators.rows import StatisticRow, Table, Told, ranked, row_of
from service.indicators.spans import Compared
from service.indicators.statistics import Cell, Figures, Population, count
from service.kernel.actor import Actor
from service.kernel.calendar import local_date
from service.kernel.clock import now
from service.programmes import queries as programmes
from service.programmes.thresholds import thresholds_on

_DAY = timedelta(days=1)


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
    stretches = stretches_of(what, today)
    held = thresholds_on(session, stretches[-1].days.end_on - _DAY, what.programme_id)
    if measure.is_of_target_lists:
        rows = _of_lists(session, actor, what, measure, stretches)
        return Table(measure, what.by, tuple(rows), held)
    division = divide(session, actor, what.by, what.unit_id, stretches[-1].days.end_on - _DAY)
    population = population_of(what, measure)
    figures = count(session, actor, population, division.keyed, stretches)
    targets = _targets(session, what, stretches)
    cells = cells_of(what.by, division, figures, len(stretches))
    rows = [
        row_of(
            what,
            Told(division, population, stretches[cell.place], cell, held.limits),
            figures,
            targets,
            today,
        )
        for cell in cells
    ]
    return Table(measure, what.by, tuple(ranked(rows) if what.by is By.UNIT else rows), held)


def _parent(session: Session, actor: Actor, wanted: UUID | None) -> UUID | None:
    """The unit whose figures are asked for; None is the whole city."""
    unit_id = wanted or (None if actor.sees_every_unit else actor.unit_id)
    if unit_id is None:
        return None
    lineage = lineage_of(session, unit_id)
    if not lineage or not (actor.sees_every_unit or actor.unit_id in lineage):
        raise UnknownUnit
    return None if len(lineage) == 1 else unit_id


def population_of(what: Asked, measure: Measure) -> Population:
    """Which visits a table counts."""
    traits = replace(
        measure.traits,
        standing=what.programme_id is None,
        credited_in=what.programme_id,
        of_unit=None if what.visitor_id else what.unit_id,
        matched=measure.traits.matched or what.by in OF_ENTERPRISES,
    )
    return Population(measure, traits, what.visitor_id)


def cells_of(by: By, division: Division, figures: Mapping[Cell, Figures], places: int) -> list[Cell]:
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


def _targets(session: Session, what: Asked, stretches: Sequence[Compared]) -> Mapping[Place, Decimal]:
    wholes = [one.whole for one in stretches if one.whole]
    if not wholes or what.by not in {By.TOTAL, By.PERIOD, By.UNIT} or what.visitor_id:
        return {}
    kind, starts = wholes[0].kind, [one.start_on for one in wholes]
    return amounts.at_level(session, what.measure, kind, starts, AmountLevel.WORKING)


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
            light_text=None,
            rank=None,
            rank_before=None,
            url=one.url,
        )
        for one in covered.rows(
            session, actor, measure, what.by, (what.programme_id, stretch.days.end_on - _DAY, what.unit_id)
        )
    ]
