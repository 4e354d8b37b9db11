"""A person's own assignments that are in force today."""

from collections.abc import Collection
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from service.kernel.actor import Actor
from service.kernel.db import among
from service.projects.models import Assignment
from service.projects.queries import own_today
from service.projects.rows import assignment_row, assignment_rows
from service.sync.feed import Feed, Shown


def _visible(actor: Actor) -> sa.Select[UUID]:
    return sa.select(Assignment.id).where(*own_today(actor))


def _read(session: Session, actor: Actor, ids: Collection[UUID], language: str) -> dict[UUID, Shown]:
    del language
    rows = session.execute(assignment_rows().where(Assignment.id == among(ids), *own_today(actor)))
    return {assignment.id: Shown(None, assignment) for assignment in map(assignment_row, rows)}


FEED = Feed("assignment", _visible, _read)
