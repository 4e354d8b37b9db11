"""A sign-in is opened, recognised, refreshed and ended here; only hashes of its tokens are kept.

::

    open ──▶ access token, 30 minutes ─┐
      ▲      refresh token, 90 days ───┴─▶ refresh ──▶ the next pair ──▶ …
      │                                       │
      │                                       └─ the same token again: the same next pair, while that pair is
      │                                          unused or young; afterwards it is theft and ends the sign-in
      └── password or PIN
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from service.accounts import tokens
from service.accounts.devices import DeviceFacts, remember_device, remember_holder
from service.accounts.errors import PasswordChangeDue
from service.accounts.models import Device, DeviceHolder, Posting, SignIn, User
from service.accounts.queries import posting_on
from service.kernel.actor import Actor, Role
from service.kernel.calendar import local_date
from service.kernel.clock import now
from service.kernel.errors import NotSignedIn
from service.kernel.ids import uuid7
from service.kernel.together import Question, together

GRACE = timedelta(minutes=10)
"""How long the refresh token before the last may be shown again although its successor is in use."""
LEEWAY = timedelta(minutes=5)
"""An access token lives so much longer than it says: a server's clock that is put right must not sign a city out."""
NOTED_EVERY = timedelta(minutes=5)
"""How often a sign-in's use is noted: more often would turn each read into a write."""


@dataclass(frozen=True, slots=True)
class Lifetimes:
    """How long tokens live; a sign-in that names no device is a desk's, which the next person may sit down at."""

    access: timedelta = timedelta(minutes=30)
    refresh: timedelta = timedelta(days=90)
    refresh_at_a_desk: timedelta = timedelta(hours=12)

    def refresh_of(self, device_id: str | None) -> timedelta:
        """How long a sign-in lasts when it is not used."""
        return self.refresh_at_a_desk if device_id is None else self.refresh


USUAL = Lifetimes()


@dataclass(frozen=True, slots=True)
class Granted:
    """What a phone gets when it is signed in; the tokens exist nowhere else in clear."""

    sign_in_id: UUID
    user_id: UUID
    access_token: str
    access_expires_at: datetime
    refresh_token: str
    refresh_expires_at: datetime


def authenticate(
    session: Session,
    token: str,
    *,
    request_id: str | None,
    address: str | None,
    despite_one_time_password: bool = False,
) -> Actor:
    """The person behind an access token, by one query that sees every revocation at once.

    Raises:
        NotSignedIn: the token is unknown or too old, the sign-in ended, the account closed, or the device revoked.
        PasswordChangeDue: the person signed in with a one-time password and has not changed it yet.
    """
    moment = now()
    asked = {"token_hash": tokens.token_hash(token), "moment": moment, "today": local_date(moment)}
    # It travels with the transaction's BEGIN: every request there is saves a round trip.
    (found,) = together(session, Question(_behind(), asked))
    if not found:
        raise NotSignedIn
    row = found[0]
    if row.password_due and not despite_one_time_password:
        raise PasswordChangeDue
    _note_use(session, row, moment)
    return Actor(
        user_id=row.user_id,
        name=row.name,
        unit_id=row.posted_to or row.unit_id,
        roles=frozenset(Role(role) for role in row.roles),
        device_id=row.device_id,
        sign_in_id=row.id,
        request_id=request_id,
        address=address,
    )


@cache
def _behind() -> sa.Select[*tuple[Any, ...]]:
    """Built once: every request runs it, and building takes longer than PostgreSQL does."""
    moment = sa.bindparam("moment", type_=sa.DateTime(timezone=True))
    today = sa.bindparam("today", type_=sa.Date())
    return (
        sa.select(
            SignIn.id,
            SignIn.user_id,
            SignIn.device_id,
            SignIn.last_used_at,
            SignIn.rotated_at,
            SignIn.password_due,
            User.name,
            User.unit_id,
            User.roles,
            Posting.unit_id.label("posted_to"),
        )
        .join(User, User.id == SignIn.user_id)
        .outerjoin(Posting, sa.and_(Posting.user_id == User.id, posting_on(today)))
        .where(
            SignIn.access_hash == sa.bindparam("token_hash"),
            SignIn.access_expires_at > moment - LEEWAY,
            *in_force(),
        )
        .limit(1)
    )


def in_force() -> tuple[sa.ColumnElement[bool], ...]:
    """Neither the sign-in, nor the account, nor the device has been cut off."""
    lost = sa.select(Device.id).where(Device.id == SignIn.device_id, Device.revoked_at.is_not(None))
    given_away = sa.select(DeviceHolder.user_id).where(
        DeviceHolder.device_id == SignIn.device_id,
        DeviceHolder.user_id == SignIn.user_id,
        DeviceHolder.revoked_at.is_not(None),
    )
    return SignIn.ended_at.is_(None), User.closed_at.is_(None), ~lost.exists(), ~given_away.exists()


def _note_use(session: Session, row: Any, moment: datetime) -> None:
    first_of_pair = row.rotated_at is not None and row.last_used_at <= row.rotated_at
    if not first_of_pair and moment - row.last_used_at < NOTED_EVERY:
        return
    # Twenty requests of one phone at once must not queue behind each other for this.
    free = sa.select(SignIn.id).where(SignIn.id == row.id).with_for_update(skip_locked=True).scalar_subquery()
    session.execute(
        sa.update(SignIn).where(SignIn.id == free).values(last_used_at=moment),
        execution_options={"synchronize_session": False},
    )


def open_sign_in(
    session: Session,
    *,
    user_id: UUID,
    device_id: str | None,
    secret: bytes,
    lifetimes: Lifetimes = USUAL,
    password_due: bool = False,
) -> Granted:
    """Sign a person in on a device, of which both are known from then on; an earlier sign-in there ends."""
    moment = now()
    if device_id is not None:
        remember_device(session, DeviceFacts(device_id))
        remember_holder(session, device_id, user_id)
        end_sign_ins(session, "signed in again", SignIn.user_id == user_id, SignIn.device_id == device_id)
    sign_in_id = uuid7()
    pair = tokens.first_pair(sign_in_id, secret)
    row = SignIn(
        id=sign_in_id,
        user_id=user_id,
        device_id=device_id,
        access_hash=tokens.token_hash(pair.access_token),
        access_expires_at=moment + lifetimes.access,
        refresh_hash=tokens.token_hash(pair.refresh_token),
        refresh_expires_at=moment + lifetimes.refresh_of(device_id),
        created_at=moment,
        last_used_at=moment,
        password_due=password_due,
    )
    session.add(row)
    session.flush()
    return _granted(row, pair)


def refresh_sign_in(
    session: Session,
    refresh_token: str,
    *,
    secret: bytes,
    lifetimes: Lifetimes = USUAL,
) -> Granted | None:
    """The next pair of tokens, the same for a repeated question; None when the token opens nothing.

    Commit also on None: a token of ours that was spent before ends its sign-in.
    """
    sign_in_id = tokens.sign_in_of(refresh_token, secret)
    if sign_in_id is None:
        return None
    row = session.execute(
        sa.select(SignIn)
        .join(User, User.id == SignIn.user_id)
        .where(SignIn.id == sign_in_id, *in_force())
        .with_for_update(of=SignIn)
        .execution_options(populate_existing=True)
    ).scalar_one_or_none()
    moment = now()
    if row is None or row.refresh_expires_at <= moment:
        return None
    pair = tokens.next_pair(sign_in_id, refresh_token, secret)
    shown = tokens.token_hash(refresh_token)
    if shown == row.refresh_hash or row.refresh_hash == _forgotten(row.id):
        row.previous_refresh_hash, row.rotated_at = shown, moment
        row.refresh_hash = tokens.token_hash(pair.refresh_token)
        row.access_hash = tokens.token_hash(pair.access_token)
        row.access_expires_at = moment + lifetimes.access
        row.refresh_expires_at = moment + lifetimes.refresh_of(row.device_id)
    elif not _is_honest_repeat(row, shown, moment):
        end_sign_ins(session, "refresh token used twice", SignIn.id == row.id)
        return None
    elif row.access_expires_at <= moment:
        # The answer was cut long ago: the same access token lives again, for nobody has ever used it.
        row.access_expires_at = moment + lifetimes.access
    session.flush()
    return _granted(row, pair)


def forget_rotations(session: Session) -> int:
    """The next token of ours that a sign-in shows is taken for its latest; answers how many sign-ins that concerns.

    After a restore phones hold tokens that came of those the backup knows, and only hashes are kept: nothing else
    tells them apart from spent ones, and a phone that is refused here needs its person to send what it holds. Of two
    phones with the same sign-in the second still ends it, as always.
    """
    known = sa.func.convert_to(_FORGOTTEN + sa.cast(SignIn.id, sa.Text), "UTF8")
    forgotten = session.scalars(
        sa.update(SignIn)
        .where(SignIn.ended_at.is_(None), SignIn.refresh_expires_at > now())
        .values(refresh_hash=known, previous_refresh_hash=None)
        .returning(SignIn.id),
        execution_options={"synchronize_session": False},
    )
    return len(forgotten.all())


_FORGOTTEN = "forgotten "


def _forgotten(sign_in_id: UUID) -> bytes:
    """Stands where the hash of the latest refresh token is unknown; no hash looks like it."""
    return f"{_FORGOTTEN}{sign_in_id}".encode()


def _is_honest_repeat(row: SignIn, shown: bytes, moment: datetime) -> bool:
    if shown != row.previous_refresh_hash or row.rotated_at is None:
        return False
    return moment - row.rotated_at <= GRACE or row.last_used_at <= row.rotated_at


def end_sign_ins(session: Session, because: str, *which: sa.ColumnElement[bool]) -> int:
    """End these sign-ins at once, and say how many they were."""
    ended = session.scalars(
        sa.update(SignIn)
        .where(SignIn.ended_at.is_(None), *which)
        .values(ended_at=now(), ended_because=because)
        .returning(SignIn.id),
        execution_options={"synchronize_session": False},
    )
    return len(ended.all())


def lift_password_due(session: Session, user_id: UUID) -> None:
    """The person has changed their one-time password: every door is open again."""
    session.execute(
        sa.update(SignIn).where(SignIn.user_id == user_id, SignIn.password_due).values(password_due=False),
        execution_options={"synchronize_session": False},
    )


def _granted(row: SignIn, pair: tokens.Pair) -> Granted:
    return Granted(
        sign_in_id=row.id,
        user_id=row.user_id,
        access_token=pair.access_token,
        access_expires_at=row.access_expires_at,
        refresh_token=pair.refresh_token,
        refresh_expires_at=row.refresh_expires_at,
    )
