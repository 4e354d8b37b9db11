"""Setting a programme's targets, by form; and whether the units' sum reaches the city's (TG-05)."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
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
from service.programmes.queries import Levels, targets

Holder = tuple[Line, UUID | None]
"""Whose targets: of a unit or (None) of the city, on a line."""
Names = tuple[str, str]
_LEVELS = {
    TargetLevel.BASELINE: "计划目标",
    TargetLevel.WORKING: "工作目标",
    TargetLevel.STRIVING: "奋斗目标",
}


@dataclass(frozen=True, slots=True)
class TargetFigure:
    """One target: how many subjects (None: no target), of a unit or (None) of the city."""

    line: Line
    unit_id: UUID | None
    level: TargetLevel
    subjects: int | None
    pointer: str = field(default="", compare=False)
    """Where it stands in what was sent, for the fault it may be."""


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
        BadTargets: a unit is unknown, a target is named twice, or a level is above the next.
    """
    programme = open_programme(session, actor, programme_id)
    _check(session, what, {})
    session.execute(sa.delete(Target).where(Target.programme_id == programme.id))
    _write(session, programme.id, what)
    audit.record(session, actor, "programme.set_targets", PROGRAMME, programme.id, targets=_told(what))


def put_targets(session: Session, actor: Actor, programme_id: UUID, what: Sequence[TargetFigure]) -> None:
    """These targets are added, replaced or (None) taken away; all others stay.

    Raises:
        UnknownProgramme, ProgrammeClosed: the programme cannot be changed.
        BadTargets: a unit is unknown, a target is named twice, or a level is above the next.
    """
    programme = open_programme(session, actor, programme_id)
    _check(session, what, levels_held(session, programme.id))
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


def levels_held(session: Session, programme_id: UUID) -> dict[Holder, dict[TargetLevel, int]]:
    """The targets that are set, level by level, of each unit and the city on each line."""
    return {(one.line, one.unit_id): _set_levels(one.levels) for one in targets(session, programme_id)}


def falling(levels: Mapping[TargetLevel, int]) -> tuple[TargetLevel, TargetLevel] | None:
    """The first two levels that are set of which the lower asks for more than the higher, if there are such."""
    in_order = [level for level in TargetLevel if level in levels]
    return next((pair for pair in pairwise(in_order) if levels[pair[0]] > levels[pair[1]]), None)


def falling_text(pair: tuple[TargetLevel, TargetLevel], levels: Mapping[TargetLevel, int]) -> Names:
    """What to say of them, in both languages."""
    low, high = pair
    zh = f"{_LEVELS[low]} {levels[low]} 高于{_LEVELS[high]} {levels[high]}，应为 计划 ≤ 工作 ≤ 奋斗"
    en = f"The {low} target {levels[low]} is above the {high} target {levels[high]}"
    return zh, en


def _set_levels(levels: Levels) -> dict[TargetLevel, int]:
    found = ((level, getattr(levels, level.value)) for level in TargetLevel)
    return {level: subjects for level, subjects in found if subjects is not None}


def _check(
    session: Session, what: Sequence[TargetFigure], held: Mapping[Holder, Mapping[TargetLevel, int]]
) -> None:
    faults = [*_unknown_and_repeated(session, what), *_falling(what, held)]
    if faults:
        raise BadTargets(faults=faults)


def _falling(
    what: Sequence[TargetFigure], held: Mapping[Holder, Mapping[TargetLevel, int]]
) -> Iterator[Fault]:
    """A fault at the figure that breaks the order of levels, those that stay as they are considered."""
    told: dict[Holder, dict[TargetLevel, TargetFigure]] = defaultdict(dict)
    for one in what:
        told[one.line, one.unit_id][one.level] = one
    for holder, figures in told.items():
        wanted = dict(held.get(holder, {})) | {level: one.subjects for level, one in figures.items()}
        levels = {level: subjects for level, subjects in wanted.items() if subjects is not None}
        pair = falling(levels)
        if pair is not None:
            at = figures.get(pair[1]) or figures.get(pair[0]) or next(iter(figures.values()))
            yield Fault(f"{at.pointer}", *falling_text(pair, levels))


def _unknown_and_repeated(session: Session, what: Sequence[TargetFigure]) -> list[Fault]:
    named = {one.unit_id for one in what if one.unit_id}
    known = set(session.scalars(sa.select(Unit.id).where(Unit.id.in_(named)))) if named else set()
    seen: set[tuple[object, ...]] = set()
    faults: list[Fault] = []
    for one in what:
        key = (one.line, one.unit_id, one.level)
        row = "/".join(one.pointer.split("/")[:3])
        if one.unit_id and one.unit_id not in known:
            faults.append(Fault(f"{row}/unit_id", "没有找到该单位", "There is no such unit"))
        if key in seen:
            faults.append(Fault(row, "同一目标出现两次", "This target is named twice"))
        seen.add(key)
    return list(dict.fromkeys(faults))


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
        if one.subjects is not None
    ]
    if rows:
        session.execute(insert(Target), rows)


def _told(what: Iterable[TargetFigure]) -> list[str]:
    return [
        f"{one.unit_id or 'city'} {one.line} {one.level} {'none' if one.subjects is None else one.subjects}"
        for one in what
    ]
