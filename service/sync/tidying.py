"""Marks that say nothing any more are taken away; a phone that has slept for 90 days still finds all that it missed."""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from service.sync.epoch import horizon
from service.sync.models import SyncEpoch, SyncMark

KEPT_DAYS = 180
"""How long a cursor holds; a phone that has not asked for longer starts anew."""


def replace_older(session: Session) -> int:
    """Of several marks of a subject for an audience only the newest stays; returns how many went.

    Whoever would have read an older one will read the newest, which is behind every cursor that is before the older.
    """
    ranked = (
        sa.select(
            SyncMark.audience,
            SyncMark.xid,
            SyncMark.seq,
            sa.func.row_number()
            .over(
                partition_by=(SyncMark.audience, SyncMark.type, SyncMark.subject),
                order_by=(SyncMark.xid.desc(), SyncMark.seq.desc()),
            )
            .label("place"),
        )
        .where(SyncMark.xid < horizon(session).done_below)
        .subquery("ranked")
    )
    same = sa.and_(
        SyncMark.audience == ranked.c.audience, SyncMark.xid == ranked.c.xid, SyncMark.seq == ranked.c.seq
    )
    return _deleted(session, sa.and_(same, ranked.c.place > 1))


def purge(session: Session, moment: datetime) -> int:
    """Marks older than cursors may be are gone, and cursors from before them answer 410; returns how many went.

    With them go marks of another history, whose transactions have not begun in this one.
    """
    foreign = SyncMark.xid >= horizon(session).begun_below
    _deleted(session, foreign)
    old = SyncMark.marked_at < moment - timedelta(days=KEPT_DAYS)
    newest = session.scalar(sa.select(sa.func.max(SyncMark.xid)).where(old))
    if newest is None:
        return 0
    in_force = sa.select(sa.func.max(SyncEpoch.number)).scalar_subquery()
    session.execute(
        sa.update(SyncEpoch)
        .where(SyncEpoch.number == in_force)
        .values(purged_below=sa.func.greatest(SyncEpoch.purged_below, newest + 1)),
        execution_options={"synchronize_session": False},
    )
    return _deleted(session, old)


def _deleted(session: Session, which: sa.ColumnElement[bool]) -> int:
    gone = session.execute(sa.delete(SyncMark).where(which), execution_options={"synchronize_session": False})
    return int(gone.rowcount)  # type: ignore[attr-defined] # a deletion counts its rows
