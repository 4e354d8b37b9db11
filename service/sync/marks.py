"""Marks are read in the order of their transactions, below the oldest one that still runs, and never wait for it.

A transaction that marks something and commits late has a number below which everything else may long have ended; the
pull stops short of it. So nothing that was committed late is behind a cursor, and nobody waits on a lock.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from service.kernel.actor import Actor
from service.photos.models import PhotoClaim
from service.sync.cursors import Position
from service.sync.models import SyncMark
from service.sync.scopes import Scope, audiences

PHOTO = "photo"
"""A mark of a photo stands for the records that name it, whenever they do."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Whose marks are asked for: beyond a position and of transactions below another."""

    scopes: tuple[Scope, ...]
    after: Position
    below: int


@dataclass(frozen=True, slots=True)
class Mark:
    """Something of a type is to be looked at again."""

    at: Position
    type: str
    subject: UUID


def marks_in(session: Session, actor: Actor, stretch: Stretch, *, limit: int) -> Sequence[Mark]:
    """The first marks of a stretch, in order; each audience's come from the index, however long the stretch."""
    found = _for_each_audience(actor, stretch, limit)
    rows = session.execute(
        sa.select(found.c.xid, found.c.seq, found.c.type, found.c.subject)
        .order_by(found.c.xid, found.c.seq)
        .limit(limit)
    )
    return [Mark(Position(row.xid, row.seq), row.type, row.subject) for row in rows]


def any_in(session: Session, actor: Actor, stretch: Stretch) -> bool:
    """Whether there is any mark in a stretch: one statement, one look into the index for each audience."""
    found = _for_each_audience(actor, stretch, 1)
    return session.scalar(sa.select(found.c.xid).limit(1)) is not None


def records_with(session: Session, photo_ids: Sequence[UUID]) -> list[tuple[str, UUID]]:
    """Type and id of the records that name these photos."""
    if not photo_ids:
        return []
    rows = session.execute(
        sa.select(PhotoClaim.record_type, PhotoClaim.record_id)
        .where(PhotoClaim.photo_id.in_(photo_ids))
        .distinct()
    )
    return [(row.record_type, row.record_id) for row in rows]


def _for_each_audience(actor: Actor, stretch: Stretch, limit: int) -> sa.Subquery:
    mine = audiences(actor, stretch.scopes).subquery("mine")
    (audience,) = mine.c
    of_one = (
        sa.select(SyncMark.xid, SyncMark.seq, SyncMark.type, SyncMark.subject)
        .where(
            SyncMark.audience == audience,
            sa.tuple_(SyncMark.xid, SyncMark.seq) > sa.tuple_(stretch.after.xid, stretch.after.seq),
            SyncMark.xid < stretch.below,
        )
        .order_by(SyncMark.xid, SyncMark.seq)
        .limit(limit)
        .lateral("of_one")
    )
    return sa.select(of_one).select_from(mine.join(of_one, sa.true())).subquery("found")
