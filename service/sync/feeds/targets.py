"""What a person's unit is to achieve in the programme in force; the city's unit has the city's targets."""

from collections.abc import Collection
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from service.accounts.models import Unit
from service.kernel.actor import Actor
from service.kernel.calendar import local_date
from service.kernel.clock import now
from service.kernel.db import among
from service.programmes.models import Target
from service.programmes.queries import in_force_id
from service.sync.feed import Feed, Shown


def _is_my_units(actor: Actor) -> sa.ColumnElement[bool]:
    holder = sa.select(sa.case((Unit.parent_id.is_not(None), Unit.id))).where(Unit.id == actor.unit_id)
    return sa.and_(
        Target.programme_id == in_force_id(local_date(now())),
        Target.unit_id.is_not_distinct_from(holder.scalar_subquery()),
    )


def _visible(actor: Actor) -> sa.Select[UUID]:
    return sa.select(Target.id).where(_is_my_units(actor))


def _read(session: Session, actor: Actor, ids: Collection[UUID], language: str) -> dict[UUID, Shown]:
    del language
    rows = session.scalars(sa.select(Target).where(Target.id == among(ids), _is_my_units(actor)))
    return {target.id: Shown(None, target) for target in rows}


FEED = Feed("target", _visible, _read, by_scope=True)
