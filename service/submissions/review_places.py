"""What waits for a reviewer stands by suspicion and then by age: the same order for every type of record."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session

from service.kernel.errors import Fault, Invalid
from service.kernel.pages import PageRequest
from service.submissions.models import RecordType

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


def first_places(
    session: Session,
    kind: RecordType,
    columns: tuple[InstrumentedAttribute[UUID], InstrumentedAttribute[datetime], sa.ColumnElement[int]],
    waiting: Sequence[sa.ColumnElement[bool]],
    page: PageRequest,
) -> list[WaitingPlace]:
    """The first places of one type behind the page's key, one more than the page takes.

    `columns` are its id, when it was received and its weight; `waiting` says which rows wait.
    """
    record_id, received_at, weight = columns
    order = (-weight, received_at, record_id)
    wanted = sa.select(record_id, received_at, weight.label("suspicion")).where(*waiting)
    if page.after:
        wanted = wanted.where(sa.tuple_(*order) > sa.tuple_(*_after(page.after)))
    rows = session.execute(wanted.order_by(*order).limit(page.limit + 1))
    return [WaitingPlace(kind, id_, suspicion, received) for id_, received, suspicion in rows]


def _after(key: tuple[str, ...]) -> tuple[sa.ColumnElement[Any], ...]:
    try:
        suspicion, received_at, record_id = int(key[0]), datetime.fromisoformat(key[1]), UUID(key[2])
    except ValueError as error:
        raise Invalid(faults=[Fault("/cursor", "分页游标无效", "The cursor is not valid")]) from error
    return sa.literal(-suspicion), sa.literal(received_at), sa.literal(record_id, sa.Uuid())
