"""Inspections: visits of a month are drawn, looked at again, and what was found is summed up by unit."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from service.accounts.models import Unit
from service.audit import commands as audit
from service.evidence.drawn_visits import InspectedShown, drawn_visits, shown
from service.evidence.errors import NothingToInspect, UnknownInspection
from service.evidence.models import InspectedVisit, Inspection, InspectionResult, VisitAssessment
from service.evidence.rules import Drawable, draw
from service.kernel.actor import Actor, Role
from service.kernel.calendar import month
from service.kernel.clock import now
from service.kernel.errors import Forbidden
from service.kernel.ids import uuid7
from service.kernel.pages import Page, PageRequest, moment_and_id, page_of
from service.submissions.review_errors import OwnRecord
from service.submissions.review_places import flags_weight
from service.visits.models import Visit
from service.visits.traits import STANDING

INSPECTIONS = "/api/hq/v1/inspections"


@dataclass(frozen=True, slots=True)
class NewInspection:
    """How many visits of the month with this day are drawn by lot, and how many more by suspicion."""

    month: date
    random_count: int
    weighted_count: int


@dataclass(frozen=True, slots=True)
class Found:
    """What an inspector found about a drawn visit."""

    visit_id: UUID
    result: InspectionResult
    note: str | None


@dataclass(frozen=True, slots=True)
class UnitFindings:
    """What was found of a unit's visits; units of which none was drawn are left out."""

    unit_id: UUID
    unit_name: str
    drawn: int
    confirmed: int
    wrong: int
    unreachable: int
    open: int
    records_url: str


def draw_inspection(session: Session, actor: Actor, new: NewInspection) -> Inspection:
    """Draw visits that stand of a month: some by lot, some more by suspicion, with a seed that is kept.

    Raises:
        Forbidden: only inspectors and headquarters draw.
        NothingToInspect: the month has no visits that stand.
    """
    _demand_inspector(actor)
    whole = month(new.month)
    population = _population(session, whole.start_on, whole.end_on)
    if not population:
        raise NothingToInspect
    inspection = Inspection(
        id=uuid7(),
        month=whole.start_on,
        seed=secrets.token_hex(16),
        random_count=new.random_count,
        weighted_count=new.weighted_count,
        population=len(population),
        drawn_by=actor.person_id,
        drawn_at=now(),
    )
    session.add(inspection)
    session.flush()
    drawn = draw(
        population, inspection.seed, random_count=new.random_count, weighted_count=new.weighted_count
    )
    session.add_all(
        InspectedVisit(
            inspection_id=inspection.id,
            visit_id=one.one.visit_id,
            place=place,
            unit_id=one.one.unit_id,
            drawn_as=one.drawn_as,
            weight=one.one.weight,
        )
        for place, one in enumerate(drawn, start=1)
    )
    audit.record(
        session,
        actor,
        "inspection.draw",
        "inspection",
        inspection.id,
        month=whole.start_on.isoformat(),
        seed=inspection.seed,
        drawn=len(drawn),
        population=len(population),
    )
    session.flush()
    return inspection


def note_finding(session: Session, actor: Actor, inspection_id: UUID, found: Found) -> InspectedShown:
    """Keep what was found about a drawn visit; a later finding takes its place, and the audit keeps both.

    Raises:
        Forbidden: only inspectors and headquarters do.
        UnknownInspection: the visit was not drawn there.
        OwnRecord: it is the inspector's own visit.
    """
    _demand_inspector(actor)
    drawn = session.get(InspectedVisit, (inspection_id, found.visit_id), with_for_update=True)
    if drawn is None:
        raise UnknownInspection
    visit = session.get_one(Visit, found.visit_id)
    if actor.user_id in {visit.visitor_id, visit.recorded_by}:
        raise OwnRecord
    drawn.result, drawn.note = found.result, found.note
    drawn.inspected_by, drawn.inspected_at = actor.person_id, now()
    audit.record(
        session,
        actor,
        "inspection.find",
        "visit",
        found.visit_id,
        inspection=str(inspection_id),
        result=found.result,
        note=found.note,
    )
    session.flush()
    return shown(
        session.execute(
            drawn_visits(InspectedVisit.inspection_id == inspection_id, Visit.id == found.visit_id)
        ).one()
    )


def inspections(session: Session, on: date | None, request: PageRequest) -> Page[Inspection]:
    """All draws, or those of the month with a day, the latest first."""
    statement = sa.select(Inspection)
    if on is not None:
        statement = statement.where(Inspection.month == month(on).start_on)
    if request.after is not None:
        statement = statement.where(
            sa.tuple_(Inspection.drawn_at, Inspection.id) < sa.tuple_(*moment_and_id(request.after))
        )
    rows = session.scalars(
        statement.order_by(Inspection.drawn_at.desc(), Inspection.id.desc()).limit(request.limit + 1)
    ).all()
    return page_of(rows, limit=request.limit, key=lambda one: (one.drawn_at.isoformat(), str(one.id)))


def inspection(session: Session, inspection_id: UUID) -> Inspection:
    """A draw.

    Raises:
        UnknownInspection: there is none such.
    """
    found = session.get(Inspection, inspection_id)
    if found is None:
        raise UnknownInspection
    return found


def inspected(
    session: Session, inspection_id: UUID, unit_id: UUID | None, result: InspectionResult | None
) -> Sequence[InspectedShown]:
    """The visits of a draw in the order they were drawn; a draw has a thousand at most."""
    inspection(session, inspection_id)
    wanted = drawn_visits(InspectedVisit.inspection_id == inspection_id).order_by(InspectedVisit.place)
    if unit_id is not None:
        wanted = wanted.where(InspectedVisit.unit_id == unit_id)
    if result is not None:
        wanted = wanted.where(InspectedVisit.result == result)
    return [shown(row) for row in session.execute(wanted)]


def findings(session: Session, inspection_id: UUID) -> Sequence[UnitFindings]:
    """What was found, by unit in the order of the comparison."""
    inspection(session, inspection_id)
    item = InspectedVisit
    counts = [
        sa.func.count().filter(item.result == result).label(result.value) for result in InspectionResult
    ]
    rows = session.execute(
        sa.select(
            item.unit_id,
            Unit.name,
            sa.func.count().label("drawn"),
            *counts,
            sa.func.count().filter(item.result.is_(None)).label("open"),
        )
        .join(Unit, Unit.id == item.unit_id)
        .where(item.inspection_id == inspection_id)
        .group_by(item.unit_id, Unit.name, Unit.position)
        .order_by(Unit.position, Unit.name, item.unit_id)
    )
    at = f"{INSPECTIONS}/{inspection_id}/visits"
    return [
        UnitFindings(
            row.unit_id,
            row.name,
            row.drawn,
            row.confirmed,
            row.wrong,
            row.unreachable,
            row.open,
            f"{at}?unit={row.unit_id}",
        )
        for row in rows
    ]


def _demand_inspector(actor: Actor) -> None:
    if not actor.has(Role.INSPECTOR, Role.HEADQUARTERS, Role.ADMINISTRATOR):
        raise Forbidden


def _population(session: Session, start_on: date, end_on: date) -> list[Drawable]:
    weight = flags_weight(Visit.flags) + sa.func.coalesce(VisitAssessment.weight, 0)
    rows = session.execute(
        sa.select(Visit.id, Visit.unit_id, weight.label("weight"))
        .outerjoin(
            VisitAssessment,
            sa.and_(VisitAssessment.record_id == Visit.id, VisitAssessment.rev == Visit.rev),
        )
        .where(Visit.visited_on >= start_on, Visit.visited_on < end_on, Visit.review_state.in_(STANDING))
    )
    return [Drawable(row.id, row.unit_id, row.weight) for row in rows]
