"""A visit as it is shown: the record, its receipt, whether it counts and why, its photos and flags."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from service.accounts.models import Unit, User
from service.enterprises.models import Enterprise
from service.kernel.named import Named
from service.photos.flags import unreadable_flags
from service.photos.queries import PhotoTally, tally
from service.submissions.clocks import CaptureView
from service.submissions.location import about
from service.submissions.receipt import Receipt
from service.submissions.records import Rows, receipt_of, with_receipt
from service.visits.contacts import masked_body, masked_hosts
from service.visits.counting import Counting, explain
from service.visits.models import Intention, ReviewState, Visit, VisitMode

NO_PHOTOS = PhotoTally(expected=0, received=0, missing=())


@dataclass(frozen=True, slots=True)
class VisitRow:
    """A visit with the names that are shown beside it and the receipt of its current revision."""

    visit: Visit
    unit_name: str
    visitor_name: str
    recorder_name: str
    enterprise_name: str | None
    receipt: Receipt


@dataclass(frozen=True, slots=True)
class VisitView:
    """The contract's answer about a visit."""

    id: UUID
    rev: int
    number: str
    receipt: Receipt
    unit: Named
    visitor: Named
    recorder: Named
    enterprise_id: UUID | None
    enterprise_name: str | None
    enterprise: dict[str, Any] | None
    matched_at: datetime | None
    visited_at: datetime
    visited_on: date
    ended_at: datetime | None
    mode: VisitMode
    method: str | None
    place: str | None
    location: dict[str, Any] | None
    wgs84: dict[str, float] | None
    led_by: dict[str, Any] | None
    participants: list[dict[str, Any]]
    hosts: list[dict[str, Any]]
    summary: str | None
    intention: Intention | None
    amount_wan: Decimal | None
    next_step: str | None
    next_on: date | None
    trip_id: UUID | None
    joint_units: list[UUID]
    photo_ids: list[UUID]
    captured_at: datetime
    capture: CaptureView
    received_at: datetime
    updated_at: datetime
    review_state: ReviewState
    review_reason: str | None
    counting: Counting
    photos: PhotoTally
    flags: list[dict[str, Any]]
    ignored_fields: tuple[str, ...] = ()

    @property
    def visitor_id(self) -> UUID:
        """The visitor's id, under the name a phone sends it by."""
        return self.visitor.id

    @property
    def recorded_by(self) -> UUID:
        """The id of the person who sent the record."""
        return self.recorder.id

    def masked(self) -> "VisitView":
        """The same with its contacts' phones masked, also where they stand in texts, for everybody but its author."""
        told = {name: getattr(self, name) for name in ("enterprise", "place", "summary", "next_step")}
        return replace(self, hosts=masked_hosts(self.hosts), **masked_body(told))

    def listed(self) -> "VisitView":
        """Masked, and its position to about a kilometre: the exact one is shown where the view of it is logged."""
        return replace(self.masked(), location=about(self.location), wgs84=about(self.wgs84))


def rows() -> Rows:
    """Visits with their names and receipts, to be narrowed by the caller."""
    visitor, recorder = aliased(User), aliased(User)
    columns: Rows = sa.select(
        Visit,
        Unit.name.label("unit_name"),
        visitor.name.label("visitor_name"),
        recorder.name.label("recorder_name"),
        Enterprise.name.label("enterprise_name"),
    )
    named = (
        columns.join(Unit, Unit.id == Visit.unit_id)
        .join(visitor, visitor.id == Visit.visitor_id)
        .join(recorder, recorder.id == Visit.recorded_by)
        .outerjoin(Enterprise, Enterprise.id == Visit.enterprise_id)
    )
    return with_receipt(named, Visit)


def read_rows(session: Session, statement: Rows) -> list[VisitRow]:
    """What `rows`, narrowed, finds."""
    return as_rows(session.execute(statement, execution_options={"populate_existing": True}).all())


def as_rows(found: Iterable[sa.Row[*tuple[Any, ...]]]) -> list[VisitRow]:
    """Rows of `rows`, to which columns may have been added."""
    return [
        VisitRow(
            visit=row.Visit,
            unit_name=row.unit_name,
            visitor_name=row.visitor_name,
            recorder_name=row.recorder_name,
            enterprise_name=row.enterprise_name,
            receipt=receipt_of(row.Visit, row),
        )
        for row in found
    ]


def compose(session: Session, found: Sequence[VisitRow], *, language: str) -> list[VisitView]:
    """The views of these visits, with at most three more statements however many they are."""
    ids = [row.visit.id for row in found]
    with_photos = [row.visit.id for row in found if row.visit.photo_ids]
    countings = explain(session, ids, language=language)
    tallies = tally(session, with_photos) if with_photos else {}
    return [_view(row, countings[row.visit.id], tallies.get(row.visit.id, NO_PHOTOS)) for row in found]


def compose_one(session: Session, row: VisitRow, counting: Counting) -> VisitView:
    """The view of one visit whose counting is explained already."""
    visit_id = row.visit.id
    photos = tally(session, [visit_id]).get(visit_id, NO_PHOTOS) if row.visit.photo_ids else NO_PHOTOS
    return _view(row, counting, photos)


def _view(row: VisitRow, counting: Counting, photos: PhotoTally) -> VisitView:
    visit = row.visit
    position = None
    if visit.latitude is not None and visit.longitude is not None:
        position = {"lat": visit.latitude, "lng": visit.longitude}
    return VisitView(
        id=visit.id,
        rev=visit.rev,
        number=visit.number,
        receipt=row.receipt,
        unit=Named(visit.unit_id, row.unit_name),
        visitor=Named(visit.visitor_id, row.visitor_name),
        recorder=Named(visit.recorded_by, row.recorder_name),
        enterprise_id=visit.enterprise_id,
        enterprise_name=row.enterprise_name or (visit.free_enterprise or {}).get("name"),
        enterprise=visit.free_enterprise,
        matched_at=visit.matched_at,
        visited_at=visit.visited_at,
        visited_on=visit.visited_on,
        ended_at=visit.ended_at,
        mode=visit.mode,
        method=visit.method,
        place=visit.place,
        location=visit.location,
        wgs84=position,
        led_by=visit.led_by,
        participants=visit.participants,
        hosts=visit.hosts,
        summary=visit.summary,
        intention=visit.intention,
        amount_wan=visit.amount_wan,
        next_step=visit.next_step,
        next_on=visit.next_on,
        trip_id=visit.trip_id,
        joint_units=visit.joint_unit_ids,
        photo_ids=visit.photo_ids,
        captured_at=visit.captured_at,
        capture=visit.capture,
        received_at=visit.received_at,
        updated_at=visit.updated_at,
        review_state=visit.review_state,
        review_reason=visit.review_reason,
        counting=counting,
        photos=photos,
        flags=[*visit.flags, *unreadable_flags(photos)],
    )
