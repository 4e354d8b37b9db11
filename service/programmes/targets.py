"""Setting a programme's targets, by form; and whether the units' sum reaches the city's (TG-05)."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from service.accounts.models import Unit
from service.audit import commands as audit
from service.kernel.actor import Actor
from service.kernel.errors import Fault
from service.kernel.ids import uuid7
from service.programmes.commands import PROGRAMME, open_programme
from service.programmes.errors import BadTargets
from service.programmes.models import Line, Target, TargetLevel
from service.programmes.queries import targets


@dataclass(frozen=True, slots=True)
class TargetFigure:
    """One target: how many subjects, of a unit or (None) of the city."""

    line: Line
    unit_id: UUID | None
    level: TargetLevel
    subjects: int


@dataclass(frozen=True, slots=True)
class RollUp:
    """How the units' targets of a line and level add up against the city's; `short` is what is missing, or 0."""

    line: Line
    level: TargetLevel
    city: int
    units: int
    short: int


def set_targets(session: Session, actor: Actor, programme_id: UUID, what: Sequence[TargetFigure]) -> None:
    """These are the programme's targets from now on; those not named are gone.

    Raises:
        UnknownProgramme, ProgrammeClosed: the programme cannot be changed.
        BadTargets: a unit is unknown, or a target is named twice.
    """
    programme = open_programme(session, actor, programme_id)
    _check(session, what)
    session.execute(sa.delete(Target).where(Target.programme_id == programme.id))
    _write(session, programme.id, what)
    audit.record(session, actor, "programme.set_targets", PROGRAMME, programme.id, targets=_told(what))


def put_targets(session: Session, actor: Actor, programme_id: UUID, what: Sequence[TargetFigure]) -> None:
    """These targets are added or replaced; all others stay.

    Raises:
        UnknownProgramme, ProgrammeClosed: the programme cannot be changed.
        BadTargets: a unit is unknown, or a target is named twice.
    """
    programme = open_programme(session, actor, programme_id)
    _check(session, what)
    for one in what:
        holder = Target.unit_id.is_(None) if one.unit_id is None else Target.unit_id == one.unit_id
        session.execute(
            sa.delete(Target).where(
                Target.programme_id == programme.id,
                Target.line == one.line,
                Target.level == one.level,
                holder,
            )
        )
    _write(session, programme.id, what)
    audit.record(session, actor, "programme.put_targets", PROGRAMME, programme.id, targets=_told(what))


def roll_up(session: Session, programme_id: UUID) -> list[RollUp]:
    """The sums of the units right below the city beside the city's own targets, where both are set."""
    below = set(session.scalars(sa.select(Unit.id).where(sa.func.cardinality(Unit.lineage) == 2)))
    city: dict[tuple[Line, TargetLevel], int] = {}
    units: dict[tuple[Line, TargetLevel], int] = defaultdict(int)
    for one in targets(session, programme_id):
        for level in TargetLevel:
            subjects = getattr(one.levels, level.value)
            if subjects is None:
                continue
            if one.unit_id is None:
                city[one.line, level] = subjects
            elif one.unit_id in below:
                units[one.line, level] += subjects
    return [
        RollUp(line, level, subjects, units[line, level], max(0, subjects - units[line, level]))
        for (line, level), subjects in city.items()
        if (line, level) in units
    ]


def _check(session: Session, what: Sequence[TargetFigure]) -> None:
    named = {one.unit_id for one in what if one.unit_id}
    known = set(session.scalars(sa.select(Unit.id).where(Unit.id.in_(named)))) if named else set()
    seen: set[tuple[object, ...]] = set()
    faults: list[Fault] = []
    for place, one in enumerate(what):
        key = (one.line, one.unit_id, one.level)
        if one.unit_id and one.unit_id not in known:
            faults.append(Fault(f"/targets/{place}/unit_id", "没有找到该单位", "There is no such unit"))
        if key in seen:
            faults.append(Fault(f"/targets/{place}", "同一目标出现两次", "This target is named twice"))
        seen.add(key)
    if faults:
        raise BadTargets(faults=faults)


def _write(session: Session, programme_id: UUID, what: Iterable[TargetFigure]) -> None:
    rows = [
        {
            "id": uuid7(),
            "programme_id": programme_id,
            "line": one.line,
            "unit_id": one.unit_id,
            "level": one.level,
            "subjects": one.subjects,
        }
        for one in what
    ]
    if rows:
        session.execute(insert(Target), rows)


def _told(what: Iterable[TargetFigure]) -> list[str]:
    return [f"{one.unit_id or 'city'} {one.line} {one.level} {one.subjects}" for one in what]
