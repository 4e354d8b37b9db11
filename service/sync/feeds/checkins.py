"""One's own check-ins with their photos, as `GET /api/v1/checkins/{id}` shows them."""

from collections.abc import Collection
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from service.checkins.models import Checkin
from service.checkins.views import read_views, rows
from service.kernel.actor import Actor
from service.kernel.db import among
from service.sync.feed import Feed, Shown


def _visible(actor: Actor) -> sa.Select[UUID]:
    return sa.select(Checkin.id).where(Checkin.user_id == actor.person_id)


def _read(session: Session, actor: Actor, ids: Collection[UUID], language: str) -> dict[UUID, Shown]:
    del language
    mine = rows().where(Checkin.id == among(ids), Checkin.user_id == actor.person_id)
    return {view.id: Shown(view.rev, view) for view in read_views(session, mine)}


FEED = Feed("checkin", _visible, _read, read_at_once=100)
