"""How a body of each record type is read and submitted, told by the door that takes it.

A body that is settled later, or that comes in a batch, goes through the very schema and command of its `PUT`:
there is no second way in. Doors register when they are imported; nothing below them knows their schemas.
"""

from collections.abc import Callable, Mapping
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy.orm import Session

from service.kernel.actor import Actor
from service.submissions.models import RecordType
from service.submissions.sent import Sent


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


_DOORS: dict[RecordType, SubmitBody] = {}


def open_door(record_type: RecordType, submit_body: SubmitBody) -> None:
    """Tell how bodies of this type are submitted."""
    _DOORS[record_type] = submit_body


def door_for(record_type: RecordType) -> SubmitBody:
    """How bodies of this type are submitted."""
    return _DOORS[record_type]
