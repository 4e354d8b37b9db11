"""How a body of each record type is read and submitted, told by the door that takes it.

A body that is settled later, or that comes in a batch, goes through the very schema and command of its `PUT`:
there is no second way in. Doors register when they are imported; nothing below them knows their schemas.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy.orm import Session

from service.kernel.actor import Actor
from service.submissions.models import RecordType
from service.submissions.receipt import Receipt
from service.submissions.sent import Sent
from service.submissions.terms import Terms


class SubmitBody(Protocol):
    """Reads a body by the door's schema and calls the door's command.

    `shape` sets the conditions (base revision, author) on what was read. Raises what the door's `PUT` refuses.
    """

    def __call__(
        self,
        session: Session,
        actor: Actor,
        record_id: UUID,
        body: Mapping[str, Any],
        *,
        shape: Callable[[Sent], Sent],
    ) -> object:
        """The record as it is then."""
        ...


@dataclass(frozen=True, slots=True)
class Taken:
    """A body is accepted, now or long ago."""

    is_repeat: bool
    receipt: Receipt | None = None
    """None while the bytes of a photo are not here."""
    beside: Mapping[str, Any] = field(default_factory=dict)
    """What the phone is told beside: a photo's state and where to send its bytes."""


class TakeBody(Protocol):
    """Reads and submits a body as `SubmitBody` does, and leaves the counting to the batch it is one of."""

    def __call__(
        self,
        session: Session,
        actor: Actor,
        record_id: UUID,
        body: Mapping[str, Any],
        *,
        shape: Callable[[Sent], Sent],
        terms: Terms,
    ) -> Taken:
        """What became of it."""
        ...


class TakeNew(Protocol):
    """Takes many bodies in by statements for all of them together.

    It leaves out whatever is not plainly new and valid: those are then taken one by one, by the same rules.
    """

    def __call__(
        self,
        session: Session,
        actor: Actor,
        bodies: Sequence[tuple[UUID, Mapping[str, Any]]],
        *,
        terms: Terms,
    ) -> Mapping[UUID, Taken]:
        """What became of those that it has taken."""
        ...


Conclude = Callable[[Session, Collection[UUID]], None]
"""Brings whatever counts these records up to date; called last, once for all of a batch."""


@dataclass(frozen=True, slots=True)
class BatchDoor:
    """How bodies of one type are taken in where many come together."""

    take: TakeBody
    take_new: TakeNew | None = None
    conclude: Conclude | None = None


_DOORS: dict[RecordType, SubmitBody] = {}
_BATCH_DOORS: dict[RecordType, BatchDoor] = {}


def open_door(record_type: RecordType, submit_body: SubmitBody) -> None:
    """Tell how bodies of this type are submitted."""
    _DOORS[record_type] = submit_body


def open_batch_door(record_type: RecordType, door: BatchDoor) -> None:
    """Tell how bodies of this type are taken in where many come together."""
    _BATCH_DOORS[record_type] = door


def door_for(record_type: RecordType) -> SubmitBody:
    """How bodies of this type are submitted."""
    return _DOORS[record_type]


def batch_door_for(record_type: RecordType) -> BatchDoor:
    """How bodies of this type are taken in where many come together."""
    return _BATCH_DOORS[record_type]


def is_open(record_type: RecordType) -> bool:
    """Whether bodies of this type can be submitted by themselves, so that headquarters may let one in."""
    return record_type in _DOORS
