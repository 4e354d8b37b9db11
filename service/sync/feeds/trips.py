"""The trips that a person filed, as `GET /api/v1/trips/{id}` shows them."""

from collections.abc import Collection
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from service.kernel.actor import Actor
from service.kernel.db import among
from service.sync.feed import Feed, Shown
from service.trips.models import Trip
from service.trips.views import read_views, rows


def _visible(actor: Actor) -> sa.Select[UUID]:
    return sa.select(Trip.id).where(Trip.filed_by == actor.person_id)


def _read(session: Session, actor: Actor, ids: Collection[UUID], language: str) -> dict[UUID, Shown]:
    del language
    mine = rows().where(Trip.id == among(ids), Trip.filed_by == actor.person_id)
    return {view.id: Shown(view.rev, view) for view in read_views(session, mine)}


FEED = Feed("trip", _visible, _read, read_at_once=100)
"""Migration 0020 marks them."""
