"""The open stations at the sites that a person may see, whichever unit's they are."""

from collections.abc import Collection
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from service.kernel.actor import Actor
from service.kernel.db import among
from service.projects.models import Site, Station
from service.projects.queries import is_mine_today
from service.projects.rows import station_row, station_rows
from service.sync.feed import Feed, Shown


def _is_at_mine(actor: Actor) -> sa.ColumnElement[bool]:
    at_mine = sa.exists().where(Site.id == Station.site_id, is_mine_today(actor)).correlate(Station)
    return sa.and_(Station.closed_at.is_(None), at_mine)


def _visible(actor: Actor) -> sa.Select[UUID]:
    return sa.select(Station.id).where(_is_at_mine(actor))


def _read(session: Session, actor: Actor, ids: Collection[UUID], language: str) -> dict[UUID, Shown]:
    del language
    rows = session.execute(station_rows().where(Station.id == among(ids), _is_at_mine(actor)))
    return {station.id: Shown(None, station) for station in map(station_row, rows)}


FEED = Feed("station", _visible, _read, by_scope=True)
