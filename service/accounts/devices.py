"""Phones and browsers: who has signed in on them, and how they are taken out of use."""

from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from service.accounts.errors import UnknownDevice
from service.accounts.hand_in import DEVICE_HANDED_OVER, DEVICE_REVOKED
from service.accounts.models import Device, DeviceHolder, SignIn
from service.accounts.rules import refuse_unless_administering
from service.audit import commands as audit
from service.kernel.actor import Actor
from service.kernel.clock import now
from service.kernel.text import has_forbidden_characters


@dataclass(frozen=True, slots=True)
class DeviceFacts:
    """What a device says of itself."""

    id: str
    platform: str | None = None
    model: str | None = None
    app_version: str | None = None


def remember_device(session: Session, facts: DeviceFacts) -> None:
    """Know this device from now on, with what it last said of itself; a revoked one stays revoked."""
    moment = now()
    row = insert(Device).values(
        id=facts.id,
        platform=facts.platform,
        model=facts.model,
        app_version=facts.app_version,
        first_seen_at=moment,
        last_seen_at=moment,
    )
    told = {
        name: sa.func.coalesce(row.excluded[name], Device.__table__.c[name])
        for name in ("platform", "model", "app_version")
    }
    session.execute(row.on_conflict_do_update(index_elements=["id"], set_={**told, "last_seen_at": moment}))


def remember_holder(session: Session, device_id: str, user_id: UUID) -> None:
    """This person holds this device from now on, also when they had to give it away before."""
    row = insert(DeviceHolder).values(device_id=device_id, user_id=user_id, since_at=now(), revoked_at=None)
    session.execute(
        row.on_conflict_do_update(
            index_elements=["device_id", "user_id"],
            set_={"since_at": row.excluded.since_at, "revoked_at": None},
            where=DeviceHolder.revoked_at.is_not(None),
        )
    )


def is_known_pair(session: Session, device_id: str | None, user_id: UUID) -> bool:
    """Whether this person has signed in on this device before and neither was cut off since."""
    if device_id is None:
        return False
    found = session.scalar(
        sa.select(sa.literal(1))
        .select_from(DeviceHolder)
        .join(Device, Device.id == DeviceHolder.device_id)
        .where(
            DeviceHolder.device_id == device_id,
            DeviceHolder.user_id == user_id,
            DeviceHolder.revoked_at.is_(None),
            Device.revoked_at.is_(None),
        )
    )
    return found is not None


def is_revoked(session: Session, device_id: str) -> bool:
    """Whether this device was reported lost and not enrolled since."""
    return session.scalar(sa.select(Device.revoked_at).where(Device.id == device_id)) is not None


def reinstate_device(session: Session, device_id: str) -> None:
    """A device that was reported lost is in use again, because somebody enrolled it anew."""
    session.execute(sa.update(Device).where(Device.id == device_id).values(revoked_at=None))


def revoke_device(session: Session, actor: Actor, device_id: str) -> None:
    """A phone is lost: every sign-in on it ends at once, and nobody signs in on it until it is enrolled anew.

    Raises:
        Forbidden: the actor administers nothing.
        UnknownDevice: there is no such device.
    """
    refuse_unless_administering(actor)
    device = _existing(session, device_id)
    device.revoked_at = now()
    session.flush()
    ended = cut_off_holders(session, device_id, DEVICE_REVOKED)
    audit.record(session, actor, "device.revoke", "device", device_id, sign_ins_ended=ended)


def release_device(session: Session, actor: Actor, device_id: str, *, to_user_id: UUID) -> None:
    """A phone changes hands: whoever held it is signed out of it; the new holder enrols it by PIN.

    Raises:
        Forbidden: the actor administers nothing.
        UnknownDevice: there is no such device.
    """
    refuse_unless_administering(actor)
    _existing(session, device_id)
    ended = cut_off_holders(session, device_id, DEVICE_HANDED_OVER)
    audit.record(
        session, actor, "device.hand_over", "device", device_id, to_user_id=to_user_id, sign_ins_ended=ended
    )


def cut_off_holders(session: Session, device_id: str, because: str) -> int:
    """Nobody is a known holder of the device any more; says how many sign-ins on it ended."""
    moment = now()
    session.execute(
        sa.update(DeviceHolder)
        .where(DeviceHolder.device_id == device_id, DeviceHolder.revoked_at.is_(None))
        .values(revoked_at=moment),
        execution_options={"synchronize_session": False},
    )
    ended = session.scalars(
        sa.update(SignIn)
        .where(SignIn.device_id == device_id, SignIn.ended_at.is_(None))
        .values(ended_at=moment, ended_because=because)
        .returning(SignIn.id),
        execution_options={"synchronize_session": False},
    )
    return len(ended.all())


def _existing(session: Session, device_id: str) -> Device:
    if has_forbidden_characters(device_id):
        raise UnknownDevice
    device = session.get(Device, device_id, with_for_update=True, populate_existing=True)
    if device is None:
        raise UnknownDevice
    return device
