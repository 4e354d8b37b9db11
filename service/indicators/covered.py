"""Target lists as a statistic: who is on them, who of those is visited, and who is not."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from service.indicators.divisions import By, Names
from service.indicators.measures import Counts, Measure
from service.kernel.actor import Actor
from service.programmes.models import Line
from service.progress.coverage import CoverageBy, coverage
from service.progress.queries import Question, settle
from service.progress.records_links import Behind, counted_url
from service.visits.traits import Each, Traits

DIVISIONS = {By.TOTAL: CoverageBy.CHAIN, By.UNIT: CoverageBy.COUNTY, By.CHAIN: CoverageBy.CHAIN}
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class CoveredRow:
    """A figure of target lists; `url` lists the visit that made each count, and nothing for who is not visited."""

    key: str | None
    label: Names
    unit_id: UUID | None
    starts_on: date
    listed: int
    value: int
    url: str | None


def listed_once(measure: Measure, traits: Traits) -> Traits:
    """The traits by which a list of visits has a row for each thing that is counted."""
    if measure.counts is Counts.ENTERPRISES:
        return replace(traits, each=Each.FIRST)
    return traits


def rows(
    session: Session, actor: Actor, measure: Measure, by: By, about: tuple[UUID | None, date, UUID | None]
) -> Iterator[CoveredRow]:
    """The rows by unit (that is to visit), by chain, or the one of all; `about` is programme, day and unit."""
    question = Question(*about)
    setting = settle(session, actor, question)
    found = coverage(session, actor, question, DIVISIONS[by])
    told = [
        (one.unit.id if one.unit else None, one.chain, one.label, one.listed, one.listed_counted)
        for one in found
    ]
    if by is By.TOTAL:
        label = {"zh": "合计", "en": "Total"}
        told = [(None, None, label, sum(one[3] for one in told), sum(one[4] for one in told))]
    for unit_id, chain, label, listed, counted in told:
        behind = Behind(
            setting.programme.id,
            Line.THOUSAND,
            setting.as_of + _DAY,
            setting.unit_id,
            chain=(chain or "") if by is By.CHAIN else None,
        )
        url = f"{counted_url(behind)}&targeted_in={setting.programme.id}"
        if by is By.UNIT:
            city = f"{counted_url(replace(behind, unit_id=None))}"
            url = (
                f"{city}&unassigned=true"
                if unit_id is None
                else f"{city}&targeted_in={setting.programme.id}&assigned_to={unit_id}"
            )
        value = {Counts.LISTED: listed, Counts.COVERED: counted}.get(measure.counts, listed - counted)
        yield CoveredRow(
            key=str(unit_id) if unit_id else chain,
            label=label,
            unit_id=unit_id,
            starts_on=setting.programme.starts_on,
            listed=listed,
            value=value,
            url=url if measure.counts is Counts.COVERED else None,
        )
