"""What waits for a reviewer: the suspicious first, then the oldest, each with its evidence."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from service.accounts.visibility import within_scope
from service.kernel.actor import Actor, Role
from service.kernel.errors import Fault, Invalid
from service.kernel.pages import Page, PageRequest, page_of
from service.visits.models import ReviewState, Visit
from service.visits.views import VisitRow, VisitView, as_rows, compose, rows

KEY_PARTS = 3
_WEIGHTS = {"serious": 100, "warning": 10, "info": 1}


@dataclass(frozen=True, slots=True)
class Waiting:
    """A record to be decided about, with how much its flags weigh together."""

    type: str
    suspicion: int
    record: VisitView

    @property
    def id(self) -> UUID:
        """The record's id."""
        return self.record.id

    @property
    def rev(self) -> int:
        """The revision a decision has to name."""
        return self.record.rev


@dataclass(frozen=True, slots=True)
class _Place:
    suspicion: int
    row: VisitRow


def queue(
    session: Session,
    actor: Actor,
    page: PageRequest,
    *,
    language: str,
    beyond_flags: sa.ScalarSelect[int] | None = None,
) -> Page[Waiting]:
    """The records this reviewer may decide about next: a unit's office its own units' `submitted`, headquarters all.

    Contacts are masked. `beyond_flags` weighs what is doubtful of a row of `visits` and no flag tells.
    """
    places = page_of(_places(session, actor, page, beyond_flags), limit=page.limit, key=_key)
    views = compose(session, [place.row for place in places.items], language=language)
    waiting = [
        Waiting("visit", place.suspicion, view.masked())
        for place, view in zip(places.items, views, strict=True)
    ]
    return Page(waiting, places.next_cursor)


def _places(
    session: Session, actor: Actor, page: PageRequest, beyond_flags: sa.ScalarSelect[int] | None
) -> Sequence[_Place]:
    weight = flags_weight()
    if beyond_flags is not None:
        weight += sa.func.coalesce(beyond_flags, 0)
    # Written as in the partial index, so that the planner may use it.
    under_review = sa.text("visits.review_state IN ('submitted', 'unit_approved')")
    order = (-weight, Visit.received_at, Visit.id)
    wanted = (
        rows().add_columns(weight.label("suspicion")).where(under_review, within_scope(actor, Visit.unit_id))
    )
    if not actor.has(Role.HEADQUARTERS, Role.ADMINISTRATOR):
        wanted = wanted.where(Visit.review_state == ReviewState.SUBMITTED)
    if page.after:
        wanted = wanted.where(sa.tuple_(*order) > sa.tuple_(*_after(page.after)))
    wanted = wanted.order_by(*order).limit(page.limit + 1)
    found = session.execute(wanted, execution_options={"populate_existing": True}).all()
    return [_Place(row.suspicion, shown) for row, shown in zip(found, as_rows(found), strict=True)]


def flags_weight() -> sa.ColumnElement[int]:
    """How much the flags weigh together, as the database counts it."""
    flag = sa.func.jsonb_array_elements(Visit.flags).table_valued("value", name="flag")
    severity = sa.column("value", sa.JSON, _selectable=flag)["severity"].as_string()
    return sa.func.coalesce(
        sa.select(sa.func.sum(sa.case(_WEIGHTS, value=severity, else_=1)))
        .select_from(flag)
        .scalar_subquery(),
        0,
    )


def _key(place: _Place) -> tuple[str, str, str]:
    return str(place.suspicion), place.row.visit.received_at.isoformat(), str(place.row.visit.id)


def _after(key: tuple[str, ...]) -> tuple[sa.ColumnElement[object], ...]:
    try:
        suspicion, received_at, visit_id = int(key[0]), datetime.fromisoformat(key[1]), UUID(key[2])
    except ValueError as error:
        raise Invalid(faults=[Fault("/cursor", "分页游标无效", "The cursor is not valid")]) from error
    return sa.literal(-suspicion), sa.literal(received_at), sa.literal(visit_id, sa.Uuid())
