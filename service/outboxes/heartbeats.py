"""A phone says what it still holds, and hears at once what it is asked to send again.

A heartbeat is no business event: nothing is decided by it, the newest replaces the one before, and it leaves no entry
in the audit. A trail of when each phone spoke would be the record of people's days that the offices are not to keep.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from service.kernel.actor import Actor
from service.kernel.clock import now
from service.outboxes.models import Heartbeat
from service.outboxes.recalls import RecallOfPhone, device_of, read_recalls

LONGEST_WAIT = timedelta(days=400)
"""Nothing waits on a phone for longer; one that says so has a clock that is years behind."""


@dataclass(frozen=True, slots=True)
class Outbox:
    """What a phone says of itself; None where it cannot know."""

    pending_records: int
    pending_photos: int
    oldest_pending_at: datetime | None = None
    app_version: str | None = None
    platform: str | None = None
    model: str | None = None
    background_restricted: bool | None = None
    battery_restricted: bool | None = None
    free_disk_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class Heard:
    """What the phone is answered."""

    server_time: datetime
    oldest_app: str | None
    """The oldest version of the app that is served; None when any is."""
    recalls: Sequence[RecallOfPhone]


def hear(session: Session, actor: Actor, outbox: Outbox, *, oldest_app: str | None = None) -> Heard:
    """Note what this phone holds now, and give it what it is asked to send again."""
    moment = now()
    session.execute(_noting(actor, outbox, moment))
    return Heard(moment, oldest_app, read_recalls(session, actor))


def _waits_since(outbox: Outbox, moment: datetime) -> datetime | None:
    """None where the phone's clock cannot be right: then the server's own knowledge stands."""
    told = outbox.oldest_pending_at
    return None if told is None or told < moment - LONGEST_WAIT else told


def _noting(actor: Actor, outbox: Outbox, moment: datetime) -> sa.Executable:
    holds_any = outbox.pending_records + outbox.pending_photos > 0
    told: dict[str, Any] = {
        "reported_at": moment,
        "pending_records": outbox.pending_records,
        "pending_photos": outbox.pending_photos,
        "oldest_pending_at": _waits_since(outbox, moment) if holds_any else None,
        "pending_since_at": moment if holds_any else None,
        "app_version": outbox.app_version,
        "platform": outbox.platform,
        "model": outbox.model,
        "background_restricted": outbox.background_restricted,
        "battery_restricted": outbox.battery_restricted,
        "free_disk_bytes": outbox.free_disk_bytes,
    }
    row = insert(Heartbeat).values(user_id=actor.person_id, device_id=device_of(actor), **told)
    since = sa.func.coalesce(Heartbeat.pending_since_at, moment) if holds_any else sa.null()
    return row.on_conflict_do_update(
        index_elements=["user_id", "device_id"],
        set_={name: row.excluded[name] for name in told} | {"pending_since_at": since},
        # Of two that overtook each other on the line the later one stays.
        where=Heartbeat.reported_at <= row.excluded.reported_at,
    )
