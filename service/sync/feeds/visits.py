"""One's own visits with their review, counting and photos, as `GET /api/v1/visits/{id}` shows them."""

from collections.abc import Collection
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from service.kernel.actor import Actor
from service.kernel.db import among
from service.sync.feed import Feed, Shown
from service.visits.models import Visit
from service.visits.queries import is_own
from service.visits.views import compose, read_rows, rows


def _visible(actor: Actor) -> sa.Select[UUID]:
    return sa.select(Visit.id).where(is_own(actor))


def _read(session: Session, actor: Actor, ids: Collection[UUID], language: str) -> dict[UUID, Shown]:
    found = read_rows(session, rows().where(Visit.id == among(ids), is_own(actor)))
    return {view.id: Shown(view.rev, view) for view in compose(session, found, language=language)}


FEED = Feed("visit", _visible, _read, read_at_once=100)
