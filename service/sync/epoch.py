"""A cursor holds within one epoch of one history of one database; whatever breaks the history begins another.

::

    epoch row ─┐
    system id ─┼─▶ the epoch's name, in every cursor ── differs ──▶ 410, start anew
    timeline ──┘

Transaction numbers mean nothing in another history: after a restore old ones lie in the future. So the name holds
what PostgreSQL itself says of its history, and a database that was restored, cloned or rolled back behind our back
refuses the old cursors at the next pull, without anybody noticing first.
"""

import hashlib
from dataclasses import dataclass
from uuid import uuid4

import sqlalchemy as sa
from sqlalchemy.orm import Session

from service.audit import commands as audit
from service.kernel.actor import Actor
from service.kernel.clock import now
from service.sync.models import SyncEpoch, SyncMark

_LOOK = sa.text(
    """
    SELECT pg_snapshot_xmin(snapshot.taken)::text::bigint AS done_below,
           pg_snapshot_xmax(snapshot.taken)::text::bigint AS begun_below,
           epoch.purged_below,
           concat_ws(' ', epoch.id, cluster.system_identifier,
                     left(pg_walfile_name(pg_current_wal_lsn()), 8)) AS history
    FROM (SELECT pg_current_snapshot() AS taken OFFSET 0) snapshot
    CROSS JOIN pg_control_system() cluster
    CROSS JOIN LATERAL (SELECT id, purged_below FROM sync_epochs ORDER BY number DESC LIMIT 1) epoch
    """
)


@dataclass(frozen=True, slots=True)
class Horizon:
    """How far a pull may read now."""

    epoch: str
    """Names the epoch and the database's own history."""
    done_below: int
    """Every transaction below this one has ended: what it marked is there, or never will be."""
    begun_below: int
    """No transaction from this one on had begun."""
    purged_below: int
    """Marks below this one may be gone."""


def horizon(session: Session) -> Horizon:
    """The horizon of this moment; statements after it see at least what is below it."""
    row = session.execute(_LOOK).one()
    name = hashlib.sha256(row.history.encode()).hexdigest()[:16]
    return Horizon(name, row.done_below, row.begun_below, row.purged_below)


def begin_epoch(session: Session) -> None:
    """Every cursor handed out before answers 410 from now on, and the marks of the old epoch are gone.

    A restore calls it when the database is back: nothing needs to be marked anew, because a phone that starts anew
    reads what is there. It commits with the caller.
    """
    epoch = SyncEpoch(id=uuid4(), began_at=now())
    session.execute(sa.delete(SyncMark))
    session.add(epoch)
    session.flush()
    audit.record(session, Actor.system("sync"), "sync.begin_epoch", "sync_epoch", epoch.id)
