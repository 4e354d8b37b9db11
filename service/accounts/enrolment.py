"""An administrator gives a person a one-time PIN, as digits and as a QR code, that signs a new phone in.

The code is a link that opens the phone's app on its enrolment page. The PIN stands behind the `#`: no browser sends that
part, so it is in no log of a server or a proxy.
"""

import io
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import segno
from sqlalchemy.orm import Session

from service.accounts import tokens
from service.accounts.devices import release_device
from service.accounts.errors import PersonClosed, UnknownPerson
from service.accounts.models import EnrolmentPin, User
from service.accounts.people import cancel_pins
from service.accounts.rules import refuse_unless_may_manage
from service.audit import commands as audit
from service.kernel.actor import Actor
from service.kernel.clock import now
from service.kernel.ids import uuid7

PIN_LIVES = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class IssuedPin:
    """A PIN as it is shown once: digits, the link that the QR code says, and the code itself as SVG."""

    pin: str
    expires_at: datetime
    qr: str
    qr_svg: str


def issue_pin(session: Session, actor: Actor, user_id: UUID, *, secret: bytes, server: str) -> IssuedPin:
    """A new PIN for a person; their earlier unused ones open nothing any more.

    `server` is the address the phone shall speak to, such as `https://zhaoshang.example.gov.cn`.

    Raises:
        UnknownPerson: there is no such person.
        Forbidden, MayNotAdminister: the actor may not touch this account.
        PersonClosed: the account is closed.
    """
    refuse_unless_may_manage(actor)
    user = session.get(User, user_id, with_for_update=True, populate_existing=True)
    if user is None:
        raise UnknownPerson
    refuse_unless_may_manage(actor, user.roles)
    if user.closed_at is not None:
        raise PersonClosed
    cancel_pins(session, user.id)
    pin, moment = tokens.new_pin(), now()
    row = EnrolmentPin(
        id=uuid7(),
        user_id=user.id,
        pin_hash=tokens.pin_hash(pin, secret),
        created_by=actor.user_id,
        created_at=moment,
        expires_at=moment + PIN_LIVES,
    )
    session.add(row)
    session.flush()
    audit.record(session, actor, "person.issue_pin", "person", user.id, expires_at=row.expires_at)
    text = enrolment_link(server, pin)
    return IssuedPin(pin, row.expires_at, text, _svg(text))


def hand_over_device(
    session: Session, actor: Actor, device_id: str, *, to_user_id: UUID, secret: bytes, server: str
) -> IssuedPin:
    """A phone changes hands: its holders are signed out of it, and a PIN lets the new one in.

    Raises:
        UnknownDevice, UnknownPerson: there is none.
        Forbidden, MayNotAdminister: the actor may not touch this account.
        PersonClosed: the new holder's account is closed.
    """
    release_device(session, actor, device_id, to_user_id=to_user_id)
    return issue_pin(session, actor, to_user_id, secret=secret, server=server)


def enrolment_link(server: str, pin: str) -> str:
    """Where the phone's app takes the PIN, on this installation."""
    return f"{server}/m/#/enrol?pin={pin}"


def _svg(text: str) -> str:
    file = io.BytesIO()
    segno.make(text, error="m", micro=False).save(file, kind="svg", scale=4, border=4, xmldecl=False)
    return file.getvalue().decode()
