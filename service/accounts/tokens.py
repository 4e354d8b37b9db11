"""Tokens are opaque and long; the database knows only their hashes.

A refresh token names its sign-in and carries a tag, so that every token we ever gave out is recognised as ours::

    base64url( sign-in id, 16 bytes │ body, 32 bytes │ tag, 16 bytes )

The next pair is computed from the refresh token that asks for it: who asks twice because the answer was cut gets
the same pair again, though only hashes are kept.
"""

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from uuid import UUID

_ID, _BODY, _TAG = 16, 32, 16


@dataclass(frozen=True, slots=True)
class Pair:
    """The two tokens of a sign-in, as the phone holds them."""

    access_token: str
    refresh_token: str


def first_pair(sign_in_id: UUID, secret: bytes) -> Pair:
    """A new pair out of 256 random bits each."""
    return Pair(secrets.token_urlsafe(32), _refresh_token(sign_in_id, secrets.token_bytes(_BODY), secret))


def next_pair(sign_in_id: UUID, refresh_token: str, secret: bytes) -> Pair:
    """The one pair that follows a refresh token, whoever asks and how often."""
    access = _mac(secret, b"next access", refresh_token.encode())
    return Pair(
        _text(access),
        _refresh_token(sign_in_id, _mac(secret, b"next refresh", refresh_token.encode()), secret),
    )


def token_hash(token: str) -> bytes:
    """What the database keeps of a token; 256 random bits need no salt and no stretching."""
    return hashlib.sha256(token.encode()).digest()


def sign_in_of(refresh_token: str, secret: bytes) -> UUID | None:
    """The sign-in this refresh token was given out for, or None when it is not one of ours."""
    try:
        raw = base64.b64decode(refresh_token + "=" * (-len(refresh_token) % 4), altchars=b"-_", validate=True)
    except ValueError:
        return None
    if len(raw) != _ID + _BODY + _TAG:
        return None
    if not hmac.compare_digest(raw[-_TAG:], _tag(raw[:-_TAG], secret)):
        return None
    return UUID(bytes=raw[:_ID])


def new_pin() -> str:
    """Eight random digits; with ten minutes to live and few guesses an address they are enough."""
    return f"{secrets.randbelow(10**8):08d}"


def pin_hash(pin: str, secret: bytes) -> bytes:
    """What the database keeps of a PIN: keyed, because eight digits alone could be tried out."""
    return _mac(secret, b"enrolment pin", pin.encode())


def csrf_token(sign_in_id: UUID, secret: bytes) -> str:
    """What a page shows beside its cookie: one for each sign-in, the same after every refresh."""
    return _text(_mac(secret, b"csrf", sign_in_id.bytes))


def _refresh_token(sign_in_id: UUID, body: bytes, secret: bytes) -> str:
    named = sign_in_id.bytes + body
    return _text(named + _tag(named, secret))


def _tag(named: bytes, secret: bytes) -> bytes:
    return _mac(secret, b"refresh tag", named)[:_TAG]


def _mac(secret: bytes, purpose: bytes, message: bytes) -> bytes:
    return hmac.digest(secret, purpose + b"\0" + message, "sha256")


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
