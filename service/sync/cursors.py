"""A cursor says how far a phone has read, what it may hold by earlier rights, and is sealed against changes.

::

    base64url( canonical JSON | first 16 bytes of HMAC-SHA-256 )

It is bound to a person and to an epoch. Anything that does not read as a cursor is invalid; one that reads and is not
sealed with this installation's secret has expired, as after a restore with another secret.
"""

import base64
import binascii
import hashlib
import hmac
import json
from dataclasses import dataclass
from typing import Any, Self
from uuid import UUID

from service.kernel.actor import Role
from service.kernel.errors import Fault, Invalid
from service.sync.errors import CursorExpired
from service.sync.scopes import Scope

SEAL_BYTES = 16
LONGEST = 2000
"""Characters; one of a person of eight roles who moved five times has about 1,000."""
_VERSION = 1
_PURPOSE = b"sync cursor\0"


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """A place in the order of marks; everything up to it has been read."""

    xid: int
    seq: int = 0


@dataclass(frozen=True, slots=True)
class Walk:
    """A walk over what is there, type by type in the order of their ids, and how far it has come."""

    feed: str
    after: UUID | None = None


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where the next page begins.

    `held` are the scopes in which the phone was given what it has, the present one last; `has` names the types it was
    given whole. While `walk` is there the marks wait behind it; the marks up to `until` are then read for all scopes
    that are held, and for the present one alone from there on.
    """

    person_id: UUID
    epoch: str
    position: Position
    held: tuple[Scope, ...]
    issued: int
    """Seconds since 1970."""
    has: tuple[str, ...] = ()
    walk: Walk | None = None
    until: int | None = None
    codes: str = ""
    """Which code lists the phone has, and after a stroke how many of them while they are being sent."""

    @classmethod
    def read(cls, text: str, secret: bytes) -> Self:
        """The cursor that `write` wrote.

        Raises:
            Invalid: it is none.
            CursorExpired: it was not written with this secret.
        """
        body, seal = _parts(text)
        if not hmac.compare_digest(seal, _seal(body, secret)):
            raise CursorExpired
        version, person_id, epoch, xid, seq, held, issued, has, walk, until, codes = json.loads(body)
        if version != _VERSION:
            raise CursorExpired
        return cls(
            person_id=UUID(person_id),
            epoch=epoch,
            position=Position(xid, seq),
            held=tuple(_scope(one) for one in held),
            issued=issued,
            has=tuple(has),
            walk=None if walk is None else Walk(walk[0], walk[1] and UUID(walk[1])),
            until=until,
            codes=codes,
        )

    def write(self, secret: bytes) -> str:
        """The cursor as one opaque, URL-safe word; equal cursors give equal words."""
        parts = [
            _VERSION,
            self.person_id.hex,
            self.epoch,
            self.position.xid,
            self.position.seq,
            [[scope.unit_id and scope.unit_id.hex, sorted(scope.roles)] for scope in self.held],
            self.issued,
            self.has,
            self.walk and [self.walk.feed, self.walk.after and self.walk.after.hex],
            self.until,
            self.codes,
        ]
        body = json.dumps(parts, separators=(",", ":")).encode()
        return base64.urlsafe_b64encode(body + _seal(body, secret)).rstrip(b"=").decode()


def _parts(text: str) -> tuple[bytes, bytes]:
    try:
        raw = base64.b64decode(text.encode("ascii") + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raw = b""
    body, seal = raw[:-SEAL_BYTES], raw[-SEAL_BYTES:]
    if not body.startswith(b"[") or len(text) > LONGEST:
        raise Invalid(faults=[Fault("/cursor", "同步游标无效", "The cursor is not valid")])
    return body, seal


def _seal(body: bytes, secret: bytes) -> bytes:
    return hmac.digest(secret, _PURPOSE + body, hashlib.sha256)[:SEAL_BYTES]


def _scope(part: Any) -> Scope:
    unit_id, roles = part
    return Scope(None if unit_id is None else UUID(unit_id), frozenset(Role(role) for role in roles))
