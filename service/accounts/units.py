"""Units are opened, amended and closed; a unit never moves in the tree."""

from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from service.accounts.errors import RootExists, UnitNameTaken, UnknownUnit
from service.accounts.models import Unit, UnitKind
from service.accounts.rules import refuse_unless_administering
from service.audit import commands as audit
from service.kernel.actor import Actor
from service.kernel.errors import fault
from service.kernel.ids import uuid7

_SHORT = 6
AMENDABLE: Final = frozenset(
    {"name", "short_name", "division_code", "comparison_group", "position", "valid_until"}
)
"""Never the parent or the kind: what moves is closed, and a new unit opened, so that old figures stay."""


@dataclass(frozen=True, slots=True)
class NewUnit:
    """A unit to open; only the first one, the root, has no parent."""

    name: str
    kind: UnitKind
    parent_id: UUID | None
    valid_from: date
    short_name: str | None = None
    division_code: str | None = None
    comparison_group: str | None = None
    position: int = 0
    valid_until: date | None = None


@dataclass(frozen=True, slots=True)
class UnitAmendment:
    """What changes in a unit; a name that is not in `changes` stays as it is."""

    unit_id: UUID
    changes: dict[str, Any]


def open_unit(session: Session, actor: Actor, new: NewUnit) -> Unit:
    """Add a unit to the tree.

    Raises:
        Forbidden: the actor administers nothing.
        UnknownUnit: there is no such parent.
        RootExists: it has no parent, and there is a root.
        UnitNameTaken: the parent has an open unit of this name.
        Invalid: it ends before it starts.
    """
    refuse_unless_administering(actor)
    lineage = _lineage_above(session, new.parent_id)
    _refuse_taken_name(session, new.parent_id, new.name)
    _refuse_early_end(new.valid_from, new.valid_until)
    unit_id = uuid7()
    unit = Unit(
        id=unit_id,
        parent_id=new.parent_id,
        lineage=[*lineage, unit_id],
        name=new.name,
        short_name=new.short_name or new.name[:_SHORT],
        kind=new.kind,
        division_code=new.division_code,
        comparison_group=new.comparison_group,
        position=new.position,
        valid_from=new.valid_from,
        valid_until=new.valid_until,
    )
    session.add(unit)
    session.flush()
    audit.record(
        session, actor, "unit.open", "unit", unit_id, name=new.name, kind=new.kind, parent_id=new.parent_id
    )
    return unit


def amend_unit(session: Session, actor: Actor, amendment: UnitAmendment) -> Unit:
    """Change a unit's name, group, order, code or end.

    Raises:
        Forbidden: the actor administers nothing.
        UnknownUnit: there is no such unit.
        UnitNameTaken: a sister has the new name.
        Invalid: it would end before it starts.
    """
    refuse_unless_administering(actor)
    unit = session.get(Unit, amendment.unit_id, with_for_update=True)
    if unit is None:
        raise UnknownUnit
    changes = {name: value for name, value in amendment.changes.items() if name in AMENDABLE}
    if changes.get("name", unit.name) != unit.name:
        _refuse_taken_name(session, unit.parent_id, changes["name"])
    _refuse_early_end(unit.valid_from, changes.get("valid_until"))
    before = {name: getattr(unit, name) for name in changes}
    for name, value in changes.items():
        setattr(unit, name, value)
    session.flush()
    audit.record(session, actor, "unit.amend", "unit", unit.id, before=before, after=changes)
    return unit


def _lineage_above(session: Session, parent_id: UUID | None) -> list[UUID]:
    if parent_id is not None:
        lineage = session.scalar(sa.select(Unit.lineage).where(Unit.id == parent_id))
        if lineage is None:
            raise UnknownUnit
        return list(lineage)
    # Two first units at once would both find no root.
    session.execute(sa.text("LOCK TABLE units IN SHARE ROW EXCLUSIVE MODE"))
    if session.scalar(sa.select(Unit.id).where(Unit.parent_id.is_(None)).limit(1)) is not None:
        raise RootExists
    return []


def _refuse_taken_name(session: Session, parent_id: UUID | None, name: str) -> None:
    sister = sa.select(Unit.id).where(
        Unit.parent_id.is_not_distinct_from(parent_id), Unit.name == name, Unit.valid_until.is_(None)
    )
    if session.scalar(sister.limit(1)) is not None:
        raise UnitNameTaken(name=name)


def _refuse_early_end(valid_from: date, valid_until: date | None) -> None:
    if valid_until is not None and valid_until <= valid_from:
        raise fault("/valid_until", "结束日期必须晚于开始日期", "It must end after it starts")
