"""Each phone of a person as it last spoke of itself, and when the person was last heard of."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from service.accounts.models import Device, DeviceHolder, SignIn, User
from service.kernel.clock import now
from service.outboxes.hints import Hint, PhoneFacts, hints_for, is_silent
from service.outboxes.models import UNNAMED_DEVICE, Heartbeat

TooOld = Callable[[str | None], bool]
"""Whether an app of this version is no longer supported."""
HOLDS = Heartbeat.pending_records + Heartbeat.pending_photos > 0


@dataclass(frozen=True, slots=True)
class PhoneShown:
    """A phone as it last spoke of itself, and what may be in its way."""

    device_id: str | None
    platform: str | None
    model: str | None
    app_version: str | None
    app_is_too_old: bool
    reported_at: datetime
    pending_records: int
    pending_photos: int
    oldest_pending_at: datetime | None
    background_restricted: bool | None
    battery_restricted: bool | None
    free_disk_bytes: int | None
    is_silent: bool
    is_cut_off: bool
    hints: tuple[Hint, ...]


@dataclass(frozen=True, slots=True)
class PhonesWaiting:
    """How many phones held something when they last spoke, and since when the oldest of it waits."""

    phones: int
    oldest_seconds: float


def phones_waiting(session: Session) -> PhonesWaiting:
    """All phones together, by the server's clock: a phone's own may be years off."""
    phones, since_at = session.execute(
        sa.select(sa.func.count(), sa.func.min(Heartbeat.pending_since_at)).where(HOLDS)
    ).one()
    return PhonesWaiting(phones, 0.0 if since_at is None else max(0.0, (now() - since_at).total_seconds()))


def phones_of(session: Session, person_ids: Sequence[UUID], too_old: TooOld) -> dict[UUID, list[PhoneShown]]:
    """The phones of each of these people, the one that spoke last first."""
    lost = sa.or_(
        sa.exists().where(Device.id == Heartbeat.device_id, Device.revoked_at.is_not(None)),
        sa.exists().where(
            DeviceHolder.device_id == Heartbeat.device_id,
            DeviceHolder.user_id == Heartbeat.user_id,
            DeviceHolder.revoked_at.is_not(None),
        ),
        sa.exists().where(User.id == Heartbeat.user_id, User.closed_at.is_not(None)),
    )
    rows = session.execute(
        sa.select(Heartbeat, lost)
        .where(Heartbeat.user_id.in_(person_ids))
        .order_by(Heartbeat.user_id, Heartbeat.reported_at.desc(), Heartbeat.device_id)
    )
    moment, found = now(), defaultdict(list)
    for beat, is_cut_off in rows:
        found[beat.user_id].append(_phone(beat, moment, is_cut_off=is_cut_off, too_old=too_old))
    return found


def _phone(beat: Heartbeat, moment: datetime, *, is_cut_off: bool, too_old: TooOld) -> PhoneShown:
    has_pending = beat.pending_records + beat.pending_photos > 0
    facts = PhoneFacts(
        has_pending=has_pending,
        reported_at=beat.reported_at,
        app_version=beat.app_version,
        app_is_too_old=too_old(beat.app_version),
        background_restricted=beat.background_restricted,
        battery_restricted=beat.battery_restricted,
        free_disk_bytes=beat.free_disk_bytes,
        is_cut_off=is_cut_off,
    )
    return PhoneShown(
        device_id=None if beat.device_id == UNNAMED_DEVICE else beat.device_id,
        platform=beat.platform,
        model=beat.model,
        app_version=beat.app_version,
        app_is_too_old=facts.app_is_too_old,
        reported_at=beat.reported_at,
        pending_records=beat.pending_records,
        pending_photos=beat.pending_photos,
        oldest_pending_at=beat.oldest_pending_at or beat.pending_since_at,
        background_restricted=beat.background_restricted,
        battery_restricted=beat.battery_restricted,
        free_disk_bytes=beat.free_disk_bytes,
        is_silent=is_silent(facts, moment),
        is_cut_off=is_cut_off,
        hints=tuple(hints_for(facts, moment)),
    )


def last_contacts(session: Session, person_ids: Sequence[UUID]) -> dict[UUID, datetime]:
    """When each of these people, or a phone of theirs, last spoke to the house."""
    spoken = sa.union_all(
        sa.select(SignIn.user_id, SignIn.last_used_at.label("at")).where(SignIn.user_id.in_(person_ids)),
        sa.select(Heartbeat.user_id, Heartbeat.reported_at).where(Heartbeat.user_id.in_(person_ids)),
    ).subquery()
    rows = session.execute(sa.select(spoken.c.user_id, sa.func.max(spoken.c.at)).group_by(spoken.c.user_id))
    return {row[0]: row[1] for row in rows}
