"""What waits for a reviewer stands by suspicion and then by age: the same order for every type of record.

The places are kept ready in that order (`review_places`): triggers weigh the flags of a record, as `flags_weight` does,
and what the checks said of its present revision, whenever one of them changes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session

from service.accounts.models import Unit
from service.accounts.visibility import within_scope
from service.kernel.actor import Actor, Role
from service.kernel.errors import Fault, Invalid
from service.kernel.pages import PageRequest
from service.submissions.models import RecordType, ReviewPlace

KEY_PARTS = 3
_WEIGHTS = {"serious": 100, "warning": 10, "info": 1}


@dataclass(frozen=True, slots=True)
class WaitingPlace:
    """Where a record stands in the queue; `suspicion` is how much its flags and doubts weigh together."""

    type: RecordType
    id: UUID
    suspicion: int
    received_at: datetime

    @property
    def order(self) -> tuple[int, datetime, UUID]:
        """The suspicious first, then the oldest."""
        return -self.suspicion, self.received_at, self.id

    @property
    def key(self) -> tuple[str, str, str]:
        """The place as a cursor has it."""
        return str(self.suspicion), self.received_at.isoformat(), str(self.id)


def flags_weight(flags: InstrumentedAttribute[Any]) -> sa.ColumnElement[int]:
    """How much the flags of a row weigh together, as the database counts it."""
    flag = sa.func.jsonb_array_elements(flags).table_valued("value", name="flag")
    severity = sa.column("value", sa.JSON, _selectable=flag)["severity"].as_string()
    return sa.func.coalesce(
        sa.select(sa.func.sum(sa.case(_WEIGHTS, value=severity, else_=1)))
        .select_from(flag)
        .scalar_subquery(),
        0,
    )


def first_places(session: Session, actor: Actor, kind: RecordType, page: PageRequest) -> list[WaitingPlace]:
    """The first places of one type that this reviewer may decide about, behind the page's key, one more than it takes.

    A unit's office decides about its own units' `submitted`, headquarters about all. Either way an index is walked in
    the order of the queue and no further than the page, however much waits.
    """
    walk = _of_the_city(actor, kind, page) if actor.sees_every_unit else _of_units(actor, kind, page)
    return [WaitingPlace(kind, one.record_id, -one.trust, one.received_at) for one in session.execute(walk)]


_COLUMNS = (ReviewPlace.trust, ReviewPlace.received_at, ReviewPlace.record_id)
"""The order of the queue, all of it upwards, as its indexes have it."""
_Places = sa.Select[int, datetime, UUID]


def _of_the_city(actor: Actor, kind: RecordType, page: PageRequest) -> _Places:
    decides_last = actor.has(Role.HEADQUARTERS, Role.ADMINISTRATOR)
    return _first(kind, page, [] if decides_last else [ReviewPlace.submitted])


def _of_units(actor: Actor, kind: RecordType, page: PageRequest) -> _Places:
    """The first of the first of each unit: sorting all that waits in them would take longer."""
    own = _first(kind, page, [ReviewPlace.submitted, ReviewPlace.unit_id == Unit.id]).lateral("own")
    return (
        sa.select(own.c.trust, own.c.received_at, own.c.record_id)
        .select_from(Unit)
        .join(own, sa.true())
        .where(within_scope(actor, Unit.id))
        .order_by(own.c.trust, own.c.received_at, own.c.record_id)
        .limit(page.limit + 1)
    )


def _first(
    kind: RecordType, page: PageRequest, waiting: Sequence[sa.ColumnExpressionArgument[bool]]
) -> _Places:
    places = sa.select(*_COLUMNS).where(ReviewPlace.type == kind, *waiting)
    if page.after:
        places = places.where(sa.tuple_(*_COLUMNS) > sa.tuple_(*_after(page.after)))
    return places.order_by(*_COLUMNS).limit(page.limit + 1)


def _after(key: tuple[str, ...]) -> tuple[sa.ColumnElement[Any], ...]:
    try:
        suspicion, received_at, record_id = int(key[0]), datetime.fromisoformat(key[1]), UUID(key[2])
    except ValueError as error:
        raise Invalid(faults=[Fault("/cursor", "分页游标无效", "The cursor is not valid")]) from error
    return sa.literal(-suspicion), sa.literal(received_at), sa.literal(record_id, sa.Uuid())
