"""Reads of programmes: which is in force, what a unit is to achieve, who is on which list."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from service.accounts.errors import UnknownUnit
from service.accounts.models import Unit
from service.accounts.visibility import within_scope
from service.enterprises.models import Enterprise
from service.kernel.actor import Actor
from service.kernel.pages import Page, PageRequest, page_of
from service.programmes.errors import UnknownProgramme, UnknownTargetList
from service.programmes.models import Line, Programme, Target, TargetLevel, TargetList, TargetListEntry


@dataclass(frozen=True, slots=True)
class Levels:
    """三套目标 of one line; a level nobody has set is None."""

    baseline: int | None = None
    working: int | None = None
    striving: int | None = None


@dataclass(frozen=True, slots=True)
class UnitTargets:
    """What one unit (None: the whole city) is to achieve on one line."""

    unit_id: UUID | None
    line: Line
    levels: Levels


@dataclass(frozen=True, slots=True)
class MyTargets:
    """A unit's targets in the programme in force, for the person who belongs to it."""

    programme_id: UUID
    programme: str
    line: Line
    baseline: int | None
    working: int | None
    striving: int | None


@dataclass(frozen=True, slots=True)
class TargetListRow:
    """A target list and how many enterprises are on it."""

    id: UUID
    programme_id: UUID
    name: str
    entries: int
    created_at: datetime


@dataclass(frozen=True, slots=True)
class EntryRow:
    """An enterprise on a target list, and the unit that is to visit it."""

    enterprise_id: UUID
    enterprise: str
    unit_id: UUID | None
    unit: str | None
    added_at: datetime


def programmes(session: Session) -> Sequence[Programme]:
    """Every programme, the newest first."""
    return session.scalars(sa.select(Programme).order_by(Programme.starts_on.desc(), Programme.id)).all()


def programme(session: Session, programme_id: UUID) -> Programme:
    """One programme.

    Raises:
        UnknownProgramme: there is none of that id.
    """
    found = session.get(Programme, programme_id)
    if found is None:
        raise UnknownProgramme
    return found


def in_force(session: Session, day: date) -> Programme | None:
    """The programme whose days include this one; of several the one that began last."""
    return session.scalar(sa.select(Programme).where(Programme.id == in_force_id(day)))


def in_force_id(day: date) -> sa.ScalarSelect[UUID]:
    """The id of the programme in force on a day, as a part of a larger query."""
    running = aliased(Programme)
    return (
        sa.select(running.id)
        .where(running.starts_on <= day, running.ends_on >= day)
        .order_by(running.closed_at.is_not(None), running.starts_on.desc(), running.id)
        .limit(1)
        .scalar_subquery()
    )


def shown_on(session: Session, day: date) -> Programme:
    """The programme a dashboard shows on a day: the one in force, else the last before it, else the next.

    Raises:
        UnknownProgramme: there is none at all.
    """
    found = in_force(session, day) or session.scalar(
        sa.select(Programme)
        .order_by(
            (Programme.ends_on < day).desc(),
            sa.case((Programme.ends_on < day, day - Programme.ends_on), else_=Programme.starts_on - day),
        )
        .limit(1)
    )
    if found is None:
        raise UnknownProgramme
    return found


def targets(session: Session, programme_id: UUID) -> list[UnitTargets]:
    """Every target of a programme, the city's first, units in their order."""
    rows = session.execute(
        sa.select(Target.unit_id, Target.line, Target.level, Target.subjects)
        .outerjoin(Unit, Unit.id == Target.unit_id)
        .where(Target.programme_id == programme_id)
        .order_by(Target.unit_id.is_not(None), Unit.position, Unit.name, Target.line.desc())
    )
    return _gathered((row.unit_id, row.line, row.level, row.subjects) for row in rows)


def targets_of_unit(session: Session, actor: Actor, unit_id: UUID, day: date) -> list[MyTargets]:
    """What a unit is to achieve in the programme in force on a day; the city's unit has the city's targets.

    Raises:
        UnknownUnit: the actor's own unit is another, and this one is outside their scope.
    """
    unit = session.execute(
        sa.select(Unit.id, Unit.parent_id).where(
            Unit.id == unit_id, sa.or_(Unit.id == actor.unit_id, within_scope(actor, Unit.id))
        )
    ).one_or_none()
    if unit is None:
        raise UnknownUnit
    running = in_force(session, day)
    if running is None:
        return []
    levels = levels_of(session, running.id, None if unit.parent_id is None else unit_id)
    return [
        MyTargets(
            programme_id=running.id,
            programme=running.name,
            line=line,
            baseline=one.baseline,
            working=one.working,
            striving=one.striving,
        )
        for line, one in levels.items()
    ]


def levels_of(session: Session, programme_id: UUID, unit_id: UUID | None) -> dict[Line, Levels]:
    """The targets of one unit, or (None) of the city, by line."""
    holder = Target.unit_id.is_(None) if unit_id is None else Target.unit_id == unit_id
    rows = session.execute(
        sa.select(Target.line, Target.level, Target.subjects)
        .where(Target.programme_id == programme_id, holder)
        .order_by(Target.line.desc())
    )
    found = _gathered((unit_id, row.line, row.level, row.subjects) for row in rows)
    return {one.line: one.levels for one in found}


def target_lists(session: Session, programme_id: UUID) -> list[TargetListRow]:
    """The target lists of a programme with their sizes."""
    programme(session, programme_id)
    rows = session.execute(
        sa.select(TargetList, sa.func.count(TargetListEntry.enterprise_id))
        .outerjoin(TargetListEntry, TargetListEntry.list_id == TargetList.id)
        .where(TargetList.programme_id == programme_id)
        .group_by(TargetList.id)
        .order_by(TargetList.name)
    )
    return [TargetListRow(one.id, one.programme_id, one.name, size, one.created_at) for one, size in rows]


def target_list(session: Session, programme_id: UUID, list_id: UUID) -> TargetList:
    """One target list of a programme.

    Raises:
        UnknownTargetList: the programme has none of that id.
    """
    found = session.get(TargetList, list_id)
    if found is None or found.programme_id != programme_id:
        raise UnknownTargetList
    return found


def entries(session: Session, programme_id: UUID, list_id: UUID, page: PageRequest) -> Page[EntryRow]:
    """The enterprises on a target list by name."""
    target_list(session, programme_id, list_id)
    query = (
        sa.select(
            TargetListEntry.enterprise_id,
            Enterprise.name.label("enterprise"),
            TargetListEntry.unit_id,
            Unit.name.label("unit"),
            TargetListEntry.added_at,
        )
        .join(Enterprise, Enterprise.id == TargetListEntry.enterprise_id)
        .outerjoin(Unit, Unit.id == TargetListEntry.unit_id)
        .where(TargetListEntry.list_id == list_id)
        .order_by(Enterprise.name, Enterprise.id)
        .limit(page.limit + 1)
    )
    if page.after:
        name, enterprise_id = page.after
        query = query.where(sa.tuple_(Enterprise.name, Enterprise.id) > sa.tuple_(name, UUID(enterprise_id)))
    rows = [
        EntryRow(row.enterprise_id, row.enterprise, row.unit_id, row.unit, row.added_at)
        for row in session.execute(query)
    ]
    return page_of(rows, limit=page.limit, key=lambda row: (row.enterprise, str(row.enterprise_id)))


def _gathered(rows: Iterable[tuple[UUID | None, Line, TargetLevel, int]]) -> list[UnitTargets]:
    levels: dict[tuple[UUID | None, Line], dict[str, int]] = defaultdict(dict)
    for unit_id, line, level, subjects in rows:
        levels[unit_id, line][level.value] = subjects
    return [UnitTargets(unit_id, line, Levels(**found)) for (unit_id, line), found in levels.items()]
