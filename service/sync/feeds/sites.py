"""The open sites of a person's units, with a station of theirs, or assigned to them today."""

from collections.abc import Collection
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from service.kernel.actor import Actor
from service.kernel.db import among
from service.projects.models import Site
from service.projects.queries import is_mine_today
from service.projects.rows import site_row, site_rows
from service.sync.feed import Feed, Shown


def _visible(actor: Actor) -> sa.Select[UUID]:
    return sa.select(Site.id).where(is_mine_today(actor))


def _read(session: Session, actor: Actor, ids: Collection[UUID], language: str) -> dict[UUID, Shown]:
    del language
    rows = session.execute(site_rows(None).where(Site.id == among(ids), is_mine_today(actor)))
    return {site.id: Shown(None, site) for site in map(site_row, rows)}


FEED = Feed("site", _visible, _read, by_scope=True)
