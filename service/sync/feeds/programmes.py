"""The programme in force today, for everybody: its days and the rules by which it counts."""

from collections.abc import Collection
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from service.kernel.actor import Actor
from service.kernel.calendar import local_date
from service.kernel.clock import now
from service.programmes.models import Programme
from service.programmes.queries import in_force, in_force_id
from service.sync.feed import Feed, Shown


def _visible(actor: Actor) -> sa.Select[UUID]:
    del actor
    return sa.select(Programme.id).where(Programme.id == in_force_id(local_date(now())))


def _read(session: Session, actor: Actor, ids: Collection[UUID], language: str) -> dict[UUID, Shown]:
    del actor, language
    running = in_force(session, local_date(now()))
    return {} if running is None or running.id not in ids else {running.id: Shown(None, running)}


FEED = Feed("programme", _visible, _read)
