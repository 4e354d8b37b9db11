"""A check-in as it is answered: its facts, the names beside it, its receipt and the tally of its photos."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from service.accounts.models import Unit, User
from service.checkins.models import Checkin, CheckinKind
from service.kernel.named import Named
from service.photos.flags import unreadable_flags
from service.photos.queries import PhotoTally, tally
from service.projects.models import Site
from service.submissions.clocks import CaptureView
from service.submissions.receipt import Receipt
from service.submissions.records import Rows, receipt_of, with_receipt
from service.submissions.review_states import ReviewState

NO_PHOTOS = PhotoTally()


@dataclass(frozen=True, slots=True)
class ProgressView:
    """形象进度 as it was told."""

    percent: Decimal | None
    text: str | None


@dataclass(frozen=True, slots=True)
class CheckinView:
    """The contract's answer about a check-in."""

    id: UUID
    rev: int
    number: str
    receipt: Receipt
    unit: Named
    user: Named
    site: Named
    kind: CheckinKind
    at: datetime
    on_day: date
    location: dict[str, Any] | None
    wgs84: dict[str, float] | None
    accuracy_m: float | None
    distance_m: float | None
    inside: bool | None
    clock_skew_s: float | None
    note: str | None
    progress: ProgressView | None
    photo_ids: list[UUID]
    photos: PhotoTally
    flags: list[dict[str, Any]]
    captured_at: datetime
    capture: CaptureView
    received_at: datetime
    updated_at: datetime
    withdrawn_at: datetime | None
    withdrawn_because: str | None
    review_state: ReviewState
    review_reason: str | None
    """What a reviewer says to its author."""
    ignored_fields: tuple[str, ...] = ()

    @property
    def site_id(self) -> UUID:
        """The site's id, under the name a phone sends it by."""
        return self.site.id


def rows() -> Rows:
    """Check-ins with their names and receipts, to be narrowed by the caller."""
    columns: Rows = sa.select(
        Checkin,
        Unit.name.label("unit_name"),
        User.name.label("user_name"),
        Site.name.label("site_name"),
    )
    named = (
        columns.join(Unit, Unit.id == Checkin.unit_id)
        .join(User, User.id == Checkin.user_id)
        .join(Site, Site.id == Checkin.site_id)
    )
    return with_receipt(named, Checkin)


def read_views(session: Session, narrowed: Rows) -> list[CheckinView]:
    """What `rows`, narrowed, finds; one more statement tallies the photos of all."""
    found = session.execute(narrowed, execution_options={"populate_existing": True}).all()
    with_photos = [row.Checkin.id for row in found if row.Checkin.photo_ids]
    tallies = tally(session, with_photos) if with_photos else {}
    return [_view(row, tallies.get(row.Checkin.id, NO_PHOTOS)) for row in found]


def _view(row: sa.Row[*tuple[Any, ...]], photos: PhotoTally) -> CheckinView:
    checkin: Checkin = row.Checkin
    return CheckinView(
        id=checkin.id,
        rev=checkin.rev,
        number=checkin.number,
        receipt=receipt_of(checkin, row),
        unit=Named(checkin.unit_id, row.unit_name),
        user=Named(checkin.user_id, row.user_name),
        site=Named(checkin.site_id, row.site_name),
        kind=checkin.kind,
        at=checkin.at,
        on_day=checkin.on_day,
        location=checkin.location,
        wgs84=_position(checkin),
        accuracy_m=checkin.accuracy_m,
        distance_m=checkin.distance_m,
        inside=checkin.inside,
        clock_skew_s=checkin.clock_skew_s,
        note=checkin.note,
        progress=_progress(checkin),
        photo_ids=checkin.photo_ids,
        photos=photos,
        flags=[*checkin.flags, *unreadable_flags(photos)],
        captured_at=checkin.captured_at,
        capture=checkin.capture,
        received_at=checkin.received_at,
        updated_at=checkin.updated_at,
        withdrawn_at=checkin.withdrawn_at,
        withdrawn_because=checkin.withdrawn_because,
        review_state=checkin.state,
        review_reason=checkin.withdrawn_because if checkin.withdrawn_at else checkin.review_reason,
    )


def _position(checkin: Checkin) -> dict[str, float] | None:
    if checkin.latitude is None or checkin.longitude is None:
        return None
    return {"lat": checkin.latitude, "lng": checkin.longitude}


def _progress(checkin: Checkin) -> ProgressView | None:
    if checkin.progress_percent is None and checkin.progress_text is None:
        return None
    return ProgressView(checkin.progress_percent, checkin.progress_text)
