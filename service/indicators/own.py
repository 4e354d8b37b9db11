"""A person's own view: what they did themselves, in whatever unit; nobody else's figures, no target and no rank."""

from dataclasses import replace

from sqlalchemy.orm import Session

from service.indicators.asked import Asked, stretches_of
from service.indicators.divisions import By, divide
from service.indicators.errors import NotSoDivided, UnknownIndicator
from service.indicators.measures import MEASURES
from service.indicators.rows import Table, Told, row_of
from service.indicators.statistics import count
from service.indicators.tables import cells_of, population_of
from service.kernel.actor import Actor
from service.kernel.calendar import local_date
from service.kernel.clock import now
from service.programmes import queries as programmes
from service.programmes.thresholds import USUAL_THRESHOLDS

MY_VISITS = "/api/v1/visits"
DIVISIONS = tuple(by for by in By if by not in {By.UNIT, By.GROUP})
"""By unit or group it would be a comparison with others."""
OWN_MEASURES = tuple(code for code, one in MEASURES.items() if not one.is_of_target_lists)


def own_table(session: Session, actor: Actor, what: Asked) -> Table:
    """The rows of the actor's own visits, zeros included; who recorded for a colleague did not pay the visit.

    Raises:
        UnknownIndicator, UnknownProgramme: there is none such.
        NotSoDivided, TooManyPeriods: there is no such table.
    """
    measure = MEASURES.get(what.measure)
    if measure is None:
        raise UnknownIndicator(indicator=what.measure)
    if what.by not in DIVISIONS or measure.is_of_target_lists:
        raise NotSoDivided(measure=measure.code)
    if what.programme_id is not None:
        programmes.programme(session, what.programme_id)
    what = replace(what, unit_id=None, visitor_id=actor.person_id)
    today = local_date(now())
    stretches = stretches_of(what, today)
    division = divide(session, actor, what.by, None, today)
    population = population_of(what, measure)
    figures = count(session, actor, population, division.keyed, stretches)
    rows = [
        row_of(
            what,
            Told(division, population, stretches[cell.place], cell, door=MY_VISITS),
            figures,
            {},
            today,
        )
        for cell in cells_of(what.by, division, figures, len(stretches))
    ]
    return Table(measure, what.by, tuple(rows), USUAL_THRESHOLDS)
