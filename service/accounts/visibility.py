"""Who sees which rows: the only place that decides it."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute

from service.accounts.models import Unit
from service.kernel.actor import Actor, Role

Column = InstrumentedAttribute[Any] | sa.ColumnElement[Any]


def within_scope(actor: Actor, unit_column: Column) -> sa.ColumnElement[bool]:
    """The rows of units the actor answers for or reads: every unit, their unit with all below it, or their own."""
    if actor.sees_every_unit:
        return sa.true()
    if actor.unit_id is None:
        return sa.false()
    if actor.has(Role.UNIT_OFFICE):
        return unit_column.in_(units_below(actor.unit_id))
    return unit_column == actor.unit_id


def own_records(actor: Actor, unit_column: Column, *person_columns: Column) -> sa.ColumnElement[bool]:
    """The records the actor reads: those in scope for offices and readers, for everyone else those that name them."""
    if actor.sees_every_unit or actor.has(Role.UNIT_OFFICE):
        return within_scope(actor, unit_column)
    return sa.or_(sa.false(), *(column == actor.user_id for column in person_columns))


def units_below(unit_id: Any) -> sa.Select[Any]:
    """The ids of a unit and of all below it, closed ones included."""
    return sa.select(Unit.id).where(Unit.lineage.contains([unit_id]))
