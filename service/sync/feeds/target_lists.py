"""The target lists, by name; every enterprise names those it is on."""

from collections.abc import Collection
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from service.kernel.actor import Actor
from service.kernel.db import among
from service.programmes.models import TargetList
from service.sync.feed import Feed, Shown


def _visible(actor: Actor) -> sa.Select[UUID]:
    del actor
    return sa.select(TargetList.id)


def _read(session: Session, actor: Actor, ids: Collection[UUID], language: str) -> dict[UUID, Shown]:
    del actor, language
    rows = session.scalars(sa.select(TargetList).where(TargetList.id == among(ids)))
    return {one.id: Shown(None, one) for one in rows}


FEED = Feed("target_list", _visible, _read)
