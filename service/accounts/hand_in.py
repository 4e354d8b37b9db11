"""Who was cut off while offline may still hand in what was written: the way in, and nothing else of the house.

::

    device revoked, handed over, or account closed ─▶ 401 on every door
        └─ the same token, access or refresh, at the one door that takes hand-ins ─▶ an actor without any role

A lost phone that turns up again, or a person whose account was closed while in the county, holds records that exist
nowhere else. The token proves which sign-in the phone had. It reads nothing, writes no record, and its bodies are kept
for headquarters to decide.
"""

from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from service.accounts.models import SignIn, User
from service.accounts.tokens import token_hash
from service.kernel.actor import Actor
from service.kernel.clock import now
from service.kernel.errors import NotSignedIn

DEVICE_REVOKED = "device revoked"
DEVICE_HANDED_OVER = "device handed over"
ACCOUNT_CLOSED = "account closed"
CUT_OFF = (DEVICE_REVOKED, DEVICE_HANDED_OVER, ACCOUNT_CLOSED)
"""Why a sign-in ended by others' hand; one that its own person ended, or that was stolen, opens nothing."""
OPEN_FOR = timedelta(days=90)
"""As long as a phone may be asleep."""


def authenticate_cut_off(
    session: Session, token: str, *, request_id: str | None, address: str | None
) -> Actor:
    """The person behind a token whose sign-in was cut off: an actor who may only hand in.

    Raises:
        NotSignedIn: the token is unknown, its sign-in was not cut off, or that is too long ago.
    """
    row = session.execute(_behind(token_hash(token))).one_or_none()
    if row is None:
        raise NotSignedIn
    return Actor(
        user_id=row.user_id,
        name=row.name,
        unit_id=row.unit_id,
        roles=frozenset(),
        device_id=row.device_id,
        sign_in_id=row.id,
        request_id=request_id,
        address=address,
        hands_in_only=True,
    )


def may_hand_in(session: Session, token: str) -> bool:
    """Whether this token opens the way in for what was written before the sign-in was cut off."""
    return session.execute(_behind(token_hash(token))).one_or_none() is not None


def _behind(hashed: bytes) -> sa.Select[*tuple[Any, ...]]:
    shown = sa.or_(
        SignIn.access_hash == hashed, SignIn.refresh_hash == hashed, SignIn.previous_refresh_hash == hashed
    )
    return (
        sa.select(SignIn.id, SignIn.user_id, SignIn.device_id, User.name, User.unit_id)
        .join(User, User.id == SignIn.user_id)
        .where(shown, SignIn.ended_because.in_(CUT_OFF), SignIn.ended_at > now() - OPEN_FOR)
        .limit(1)
    )
