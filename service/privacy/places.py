"""Where something may be told of a person recorded: each table once, with what of a row is looked into.

Left alone are the audit log, whose entries hold ids, no contacts and the reasons that officers wrote; the names of accounts and of who led; and the
participants of trips, who are counted by name where they have no account.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session

from service.checkins.models import Checkin, CheckinDecision
from service.evidence.models import CheckinExplanation, InspectedVisit, VisitExplanation
from service.issues.models import Issue, IssueEvent
from service.kernel.db import among
from service.kernel.revisions import canonical
from service.privacy.subject import Hit, Subject, hits, without
from service.privacy.walks import read_bytes
from service.projects.models import ProjectMonth
from service.submissions.models import KeptSubmission, RecordRevision, RecordType, Withdrawal
from service.trips.models import Trip
from service.visits.models import ReviewDecision, Visit

_OFFICE = frozenset({"led_by", "leader"})
_SCAN = sa.text("SET LOCAL statement_timeout = '15min'")
"""A phone number stands in no index: the tables are read through."""


@dataclass(frozen=True, slots=True)
class Place:
    """A table, the record its rows belong to, and the columns that may tell of a person."""

    name: str
    keys: tuple[InstrumentedAttribute[Any], ...]
    record: InstrumentedAttribute[UUID]
    columns: tuple[InstrumentedAttribute[Any], ...]
    spared: frozenset[str] = _OFFICE
    only: tuple[sa.ColumnElement[bool], ...] = ()

    @property
    def table(self) -> Any:
        """The class of its rows."""
        return self.record.class_


_OF_TRIP = RecordRevision.record_type == RecordType.TRIP
_KEY_OF_REVISION = (RecordRevision.record_id, RecordRevision.rev)
PLACES = (
    Place(
        "visits",
        (Visit.id,),
        Visit.id,
        (
            Visit.hosts,
            Visit.participants,
            Visit.free_enterprise,
            Visit.place,
            Visit.summary,
            Visit.next_step,
            Visit.review_reason,
        ),
    ),
    Place(
        "checkins",
        (Checkin.id,),
        Checkin.id,
        (Checkin.note, Checkin.progress_text, Checkin.withdrawn_because, Checkin.review_reason),
    ),
    Place(
        "trips",
        (Trip.id,),
        Trip.id,
        (Trip.result, Trip.remark, Trip.filed_because, Trip.withdrawn_because),
    ),
    Place(
        "issues",
        (Issue.id,),
        Issue.id,
        (Issue.text, Issue.extended_because, Issue.withdrawn_because),
    ),
    Place("issue_events", (IssueEvent.id,), IssueEvent.issue_id, (IssueEvent.text,)),
    Place(
        "project_months",
        (ProjectMonth.project_id, ProjectMonth.month, ProjectMonth.number),
        ProjectMonth.project_id,
        (ProjectMonth.visible_progress, ProjectMonth.problem, ProjectMonth.not_started_because),
    ),
    Place("revisions", _KEY_OF_REVISION, RecordRevision.record_id, (RecordRevision.body,), only=(~_OF_TRIP,)),
    Place(
        "trip_revisions",
        _KEY_OF_REVISION,
        RecordRevision.record_id,
        (RecordRevision.body,),
        spared=_OFFICE | {"participants"},
        only=(_OF_TRIP,),
    ),
    Place(
        "kept", (KeptSubmission.id,), KeptSubmission.record_id, (KeptSubmission.raw, KeptSubmission.faults)
    ),
    Place("withdrawals", (Withdrawal.record_id, Withdrawal.sha256), Withdrawal.record_id, (Withdrawal.body,)),
    Place("explanations", (VisitExplanation.id,), VisitExplanation.record_id, (VisitExplanation.text,)),
    Place(
        "checkin_explanations",
        (CheckinExplanation.id,),
        CheckinExplanation.record_id,
        (CheckinExplanation.text,),
    ),
    Place(
        "inspections",
        (InspectedVisit.inspection_id, InspectedVisit.visit_id),
        InspectedVisit.visit_id,
        (InspectedVisit.note,),
    ),
    Place("decisions", (ReviewDecision.id,), ReviewDecision.visit_id, (ReviewDecision.reason,)),
    Place("checkin_decisions", (CheckinDecision.id,), CheckinDecision.checkin_id, (CheckinDecision.reason,)),
)


@dataclass(frozen=True, slots=True)
class Told:
    """A row that tells of the person, with all that it says."""

    place: Place
    key: tuple[Any, ...]
    record_id: UUID
    hits: tuple[Hit, ...]


def search(session: Session, subject: Subject, record_ids: Collection[UUID]) -> Iterator[Told]:
    """Every row that tells of the person: by the phone anywhere, by the name in records that have the phone or are named."""
    session.execute(_SCAN)
    known = set(record_ids)
    if subject.digits is not None:
        for place in PLACES:
            known.update(session.scalars(sa.select(place.record).where(_phone_in(place, subject))))
    for place in PLACES:
        yield from _told(session, place, subject, known)


def read_again(session: Session, subject: Subject, found: Mapping[str, Any]) -> Iterator[Told]:
    """The rows that a search has found, by their keys as text, with what they tell now."""
    for place in PLACES:
        for key in found.get(place.name, ()):
            parts = [_typed(column, part) for column, part in zip(place.keys, key, strict=True)]
            this = [column == part for column, part in zip(place.keys, parts, strict=True)]
            yield from _rows_told(session, place, subject, this)


def erase(session: Session, told: Told, subject: Subject) -> None:
    """Take the person out of a row; its hash, its key and its place in every count stay."""
    place, this = (
        told.place,
        [column == value for column, value in zip(told.place.keys, told.key, strict=True)],
    )
    row = session.execute(sa.select(*place.columns).where(*this).with_for_update()).one_or_none()
    if row is None:
        return
    left = {
        column.key: _left(value, subject, place.spared)
        for column, value in zip(place.columns, row, strict=True)
    }
    session.execute(
        sa.update(place.table).where(*this).values(left), execution_options={"synchronize_session": False}
    )


def _told(session: Session, place: Place, subject: Subject, known: Collection[UUID]) -> Iterator[Told]:
    if known:
        yield from _rows_told(session, place, subject, [place.record == among(known)])


def _rows_told(
    session: Session, place: Place, subject: Subject, which: list[sa.ColumnElement[bool]]
) -> Iterator[Told]:
    rows = session.execute(
        sa.select(place.record, *place.keys, *place.columns).where(*which, *place.only).order_by(*place.keys)
    )
    for row in rows:
        keys = tuple(row[1 : 1 + len(place.keys)])
        contents = {
            column.key: _readable(value)
            for column, value in zip(place.columns, row[1 + len(place.keys) :], strict=True)
        }
        found = tuple(hits(contents, subject, place.spared))
        if found:
            yield Told(place, keys, row[0], found)


def _phone_in(place: Place, subject: Subject) -> sa.ColumnElement[bool]:
    texts = [_as_text(column) for column in place.columns]
    whole = sa.func.concat_ws(sa.literal(" "), *texts)
    return sa.and_(whole.regexp_match(subject.pattern), *place.only)


def _as_text(column: InstrumentedAttribute[Any]) -> sa.ColumnElement[Any]:
    if isinstance(column.type, sa.LargeBinary):
        return sa.func.encode(column, "escape")
    return sa.cast(column, sa.Text())


def _typed(column: InstrumentedAttribute[Any], part: str) -> Any:
    kind = column.type.python_type
    if kind is date:
        return date.fromisoformat(part)
    return kind(part) if kind in (int, UUID) else part


def _readable(value: Any) -> Any:
    """Bytes as what they say; anything else as it is."""
    if not isinstance(value, bytes):
        return value
    body = read_bytes(value)
    return value.decode("utf-8", "surrogateescape") if body is None else body


def _left(value: Any, subject: Subject, spared: frozenset[str]) -> Any:
    left = without(_readable(value), subject, spared)
    if not isinstance(value, bytes):
        return left
    return left.encode("utf-8", "surrogateescape") if read_bytes(value) is None else canonical(left)


def counts(found: Mapping[str, Any]) -> dict[str, int]:
    """How many rows there are by place."""
    return {place: len(keys) for place, keys in found.items()}
