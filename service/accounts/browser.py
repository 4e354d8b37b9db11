"""A sign-in as a page in a browser knows it: who, until when, and what proves that the page itself is asking.

Its tokens stay in cookies; the proof is derived from the sign-in, so that it survives every refresh and no other.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from service.accounts import tokens
from service.accounts.models import SignIn, User
from service.accounts.sessions import end_sign_ins, in_force
from service.accounts.sign_in import SignedInPerson, Terms, person_shown
from service.kernel.clock import now


@dataclass(frozen=True, slots=True)
class BrowserSession:
    """What a page is told of its sign-in; `expires_at` is the access cookie's."""

    user: SignedInPerson
    csrf_token: str
    expires_at: datetime
    must_change_password: bool
    """Every other door is closed to this sign-in until the one-time password is changed."""


def shown(session: Session, sign_in_id: UUID, *, secret: bytes) -> BrowserSession:
    """The sign-in as its page is told of it."""
    row = session.get_one(SignIn, sign_in_id, populate_existing=True)
    return BrowserSession(
        user=person_shown(session, session.get_one(User, row.user_id)),
        csrf_token=tokens.csrf_token(row.id, secret),
        expires_at=row.access_expires_at,
        must_change_password=row.password_due,
    )


def still_fresh(session: Session, access_token: str | None, refresh_token: str, terms: Terms) -> UUID | None:
    """The sign-in of both tokens, when its access token has more than half of its life before it.

    A page and its worker refresh at the same moment: the second must not end what the first was just given.
    """
    sign_in_id = tokens.sign_in_of(refresh_token, terms.secret)
    if access_token is None or sign_in_id is None:
        return None
    return session.scalar(
        sa.select(SignIn.id)
        .join(User, User.id == SignIn.user_id)
        .where(
            SignIn.id == sign_in_id,
            SignIn.access_hash == tokens.token_hash(access_token),
            SignIn.access_expires_at > now() + terms.lifetimes.access / 2,
            *in_force(),
        )
    )


def end_replaced(session: Session, access_token: str, *, by: UUID) -> None:
    """Whoever was signed in before in the same browser no longer is: nothing can reach that sign-in any more."""
    end_sign_ins(
        session,
        "replaced in its browser",
        SignIn.access_hash == tokens.token_hash(access_token),
        SignIn.id != by,
    )
