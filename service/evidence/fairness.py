"""How fair flags and checks are, measured from reviewers' decisions: a remark on a record that passes was in vain."""

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import InstrumentedAttribute, Session

from service.accounts.models import Unit
from service.accounts.visibility import within_scope
from service.checkins.models import Checkin, CheckinDecision
from service.kernel.actor import Actor
from service.kernel.calendar import start_of
from service.kernel.pages import Page, PageRequest, moment_and_id, page_of
from service.submissions.models import RecordType
from service.submissions.review_reasons import BY_POLICY
from service.visits.models import ReviewDecision, ReviewState, Visit


@dataclass(frozen=True, slots=True)
class Between:
    """The days of the decisions that are asked about: `from_on` up to, and without, `until_on`."""

    from_on: date | None = None
    until_on: date | None = None


class RemarkOutcome(StrEnum):
    """What became of a record that bore a remark."""

    APPROVED = "approved"
    RETURNED = "returned"
    VOIDED = "voided"


@dataclass(frozen=True, slots=True)
class RemarkedFilter:
    """Which reviewed records: those that bore this flag or doubt, decided on these days, with this outcome."""

    code: str
    between: Between
    outcome: RemarkOutcome | None = None

    @property
    def url(self) -> str:
        """Where they are listed."""
        asked = {
            "remark": self.code,
            "from": self.between.from_on,
            "to": self.between.until_on,
            "outcome": self.outcome,
        }
        told = urlencode({name: value for name, value in asked.items() if value})
        return f"/api/hq/v1/reviews/remarked?{told}"


@dataclass(frozen=True, slots=True)
class Fairness:
    """Of the reviewed records that bore a remark, what became of them; `false_positive_share` is a percentage."""

    code: str
    raised: int
    approved: int
    returned: int
    voided: int
    false_positive_share: float | None
    records_url: str


@dataclass(frozen=True, slots=True)
class Remarked:
    """The last decision about a record that bore a remark."""

    type: RecordType
    id: UUID
    number: str
    unit_name: str
    to_state: ReviewState
    reason: str | None
    reason_code: str | None
    remarks: list[str]
    decided_at: Any
    record_url: str


def fairness(session: Session, actor: Actor, between: Between) -> list[Fairness]:
    """Each remark that reviewers in scope decided about, by code; a machine's approval proves nothing and is left out."""
    last = _last_decisions(actor, between).subquery("last")
    told = sa.func.unnest(last.c.remarks).table_valued("remark", name="told").render_derived()
    counts = {
        one.value: sa.func.count().filter(last.c.to_state.in_(states)).label(one.value)
        for one, states in _OUTCOMES.items()
    }
    rows = session.execute(
        sa.select(told.c.remark.label("code"), sa.func.count().label("raised"), *counts.values())
        .select_from(last)
        .join(told, sa.true())
        .group_by(told.c.remark)
        .order_by(told.c.remark)
    )
    return [
        Fairness(
            row.code,
            row.raised,
            row.approved,
            row.returned,
            row.voided,
            _share(row.approved, row.raised),
            RemarkedFilter(row.code, between).url,
        )
        for row in rows
    ]


def remarked(session: Session, actor: Actor, what: RemarkedFilter, page: PageRequest) -> Page[Remarked]:
    """The records behind a figure of `fairness`, the latest decided first."""
    last = _last_decisions(actor, what.between).subquery("last")
    found: sa.Select[*tuple[Any, ...]] = sa.select(last).where(last.c.remarks.contains([what.code]))
    if what.outcome is not None:
        found = found.where(last.c.to_state.in_(_OUTCOMES[what.outcome]))
    if page.after is not None:
        found = found.where(
            sa.tuple_(last.c.decided_at, last.c.record_id) < sa.tuple_(*moment_and_id(page.after))
        )
    rows = session.execute(
        found.order_by(last.c.decided_at.desc(), last.c.record_id.desc()).limit(page.limit + 1)
    )
    items = [
        Remarked(
            RecordType(row.type),
            row.record_id,
            row.number,
            row.unit_name,
            row.to_state,
            row.reason,
            row.reason_code,
            row.remarks,
            row.decided_at,
            f"/api/hq/v1/{row.type}s/{row.record_id}",
        )
        for row in rows
    ]
    return page_of(items, limit=page.limit, key=lambda one: (one.decided_at.isoformat(), str(one.id)))


_OUTCOMES = {
    RemarkOutcome.APPROVED: [ReviewState.APPROVED, ReviewState.UNIT_APPROVED],
    RemarkOutcome.RETURNED: [ReviewState.RETURNED],
    RemarkOutcome.VOIDED: [ReviewState.VOIDED],
}


def _last_decisions(actor: Actor, between: Between) -> sa.CompoundSelect[Any]:
    """The last decision a person took about each record in scope, unless it was taken back."""
    return sa.union_all(
        _of(RecordType.VISIT, ReviewDecision.visit_id, Visit, actor, between),
        _of(RecordType.CHECKIN, CheckinDecision.checkin_id, Checkin, actor, between),
    )


def _of(
    kind: RecordType,
    about: InstrumentedAttribute[UUID],
    records: type[Visit] | type[Checkin],
    actor: Actor,
    between: Between,
) -> sa.Select[*tuple[Any, ...]]:
    """The same of one type; `about` is the column of its history that names the record."""
    table: Any = about.class_
    decided = [table.remarks.is_not(None), table.reason_code.is_distinct_from(BY_POLICY)]
    if between.from_on is not None:
        decided.append(table.decided_at >= start_of(between.from_on))
    if between.until_on is not None:
        decided.append(table.decided_at < start_of(between.until_on))
    newest = (
        sa.select(table, about.label("record_id"))
        .where(*decided)
        .order_by(about, table.id.desc())
        .ext(distinct_on(about))
        .subquery("newest")
    )
    columns: sa.Select[*tuple[Any, ...]] = sa.select(
        sa.literal(kind.value).label("type"),
        newest.c.record_id,
        records.number,
        Unit.name.label("unit_name"),
        newest.c.to_state,
        newest.c.reason,
        newest.c.reason_code,
        newest.c.remarks,
        newest.c.decided_at,
    )
    return (
        columns.join(records, records.id == newest.c.record_id)
        .join(Unit, Unit.id == records.unit_id)
        .where(newest.c.to_state != ReviewState.SUBMITTED, within_scope(actor, records.unit_id))
    )


def _share(approved: int, raised: int) -> float | None:
    """Percent to one place, half up."""
    if not raised:
        return None
    return float((Decimal(approved * 100) / raised).quantize(Decimal("0.1"), ROUND_HALF_UP))
