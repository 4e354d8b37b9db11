"""What the outbox holds: items, the states they go through, and the receipts that prove them."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from tests.support.phone.bodies import read_object


class Kind(StrEnum):
    """What a phone writes."""

    VISIT = "visit"
    CHECKIN = "checkin"
    WITHDRAWAL = "withdrawal"
    PHOTO = "photo"


RECORDS = (Kind.VISIT, Kind.CHECKIN, Kind.WITHDRAWAL)


class State(StrEnum):
    """Where an item stands."""

    PENDING = "pending"
    WAITING = "waiting"
    NEEDS_PERSON = "needs_person"
    SENT = "sent"
    REPLACED = "replaced"
    SETTLED = "settled"


UNSENT = (State.PENDING, State.WAITING)


class NotOurReceipt(ValueError):
    """It is about something else than what the phone sent: the item stays, as if nothing had come."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the server says it holds."""

    id: str
    rev: int
    sha256: str
    received_at: str
    document: Mapping[str, Any]

    @classmethod
    def read(cls, document: object) -> "Receipt":
        """A receipt as it came.

        Raises:
            NotOurReceipt: it is none.
        """
        if not isinstance(document, dict):
            raise NotOurReceipt("there is no receipt")
        try:
            rev = int(document["rev"])
            return cls(
                str(document["id"]), rev, str(document["sha256"]), str(document["received_at"]), document
            )
        except (KeyError, TypeError, ValueError) as error:
            raise NotOurReceipt(f"a receipt without {error}") from error


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to be sent: a revision of a record, a withdrawal, or a photo."""

    seq: int
    op_id: str
    kind: Kind
    id: str
    text: bytes
    sha256: str
    kept_at: str
    state: State
    failures: int
    decided_rev: int | None
    waits_from_ms: int | None
    waits_ms: int | None
    problem: Mapping[str, Any] | None
    receipt: Mapping[str, Any] | None

    @property
    def body(self) -> dict[str, Any]:
        """The body as it was frozen; a photo's announcement."""
        return read_object(self.text)


@dataclass(frozen=True, slots=True)
class Sending:
    """An item that may go now, and the revision it goes on top of."""

    item: Item
    base_rev: int | None
