"""The problems that a person raised, as the list of `GET /api/v1/issues` shows them."""

from collections.abc import Collection
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from service.issues.models import Issue
from service.issues.reading import read_views, rows
from service.kernel.actor import Actor
from service.kernel.db import among
from service.sync.feed import Feed, Shown


def _visible(actor: Actor) -> sa.Select[UUID]:
    return sa.select(Issue.id).where(Issue.raised_by == actor.person_id)


def _read(session: Session, actor: Actor, ids: Collection[UUID], language: str) -> dict[UUID, Shown]:
    del language
    mine = rows(actor).where(Issue.id == among(ids), Issue.raised_by == actor.person_id)
    return {view.id: Shown(view.rev, view) for view in read_views(session, actor, mine)}


FEED = Feed("issue", _visible, _read, read_at_once=100)
"""Migration 0028 marks them."""
