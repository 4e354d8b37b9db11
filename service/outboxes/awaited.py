"""Photos that are expected and have not arrived: announced by a phone, or only named by a record.

What a withdrawn or voided record names is not asked for. A name older than `NAMED_DAYS` is given up: no phone keeps a
photo that long, and the list stays about what can still be done.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session
from sqlalchemy.sql.selectable import LateralFromClause

from service.accounts.models import Unit, User
from service.accounts.visibility import units_below, within_scope
from service.checkins.models import Checkin
from service.issues.models import GONE_STATES, Issue
from service.kernel.actor import Actor
from service.kernel.clock import now
from service.kernel.pages import Page, PageRequest, moment_and_id, page_of
from service.photos.models import Photo, PhotoClaim
from service.visits.models import ReviewState, Visit

NAMED_DAYS = 400
_GONE = (ReviewState.WITHDRAWN, ReviewState.VOIDED)


@dataclass(frozen=True, slots=True)
class AwaitedFilter:
    """Whose awaited photos; a unit's with all below it."""

    unit_id: UUID | None = None
    person_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class AwaitedRecord:
    """The record that names the photo."""

    type: str
    id: UUID
    number: str | None


@dataclass(frozen=True, slots=True)
class AwaitedPhoto:
    """A photo that has not arrived, whose it is, and since when it is expected."""

    id: UUID
    person_id: UUID
    person_name: str
    unit_id: UUID
    unit_name: str
    device_id: str | None
    record: AwaitedRecord | None
    since_at: datetime
    announced: bool
    """Whether a phone has told its hash and size; otherwise only a record names it."""
    size: int | None


def awaited() -> sa.Subquery:
    """One row an awaited photo: `photo_id, person_id, device_id, since_at, announced, size, record_id, record_type`."""
    claim = _first_live_claim_of(Photo.id)
    announced = (
        sa.select(
            Photo.id.label("photo_id"),
            Photo.owner_id.label("person_id"),
            Photo.device_id,
            Photo.expected_at.label("since_at"),
            sa.true().label("announced"),
            Photo.size,
            claim.c.record_id,
            claim.c.record_type,
        )
        .outerjoin(claim, sa.true())
        .where(Photo.received_at.is_(None))
    )
    unannounced = (
        sa.select(
            PhotoClaim.photo_id,
            PhotoClaim.claimed_by,
            sa.cast(sa.null(), sa.Text).label("device_id"),
            PhotoClaim.claimed_at,
            sa.false().label("announced"),
            sa.cast(sa.null(), sa.BigInteger).label("size"),
            PhotoClaim.record_id,
            PhotoClaim.record_type,
        )
        .ext(distinct_on(PhotoClaim.photo_id))
        .where(
            PhotoClaim.claimed_at > now() - timedelta(days=NAMED_DAYS),
            ~sa.exists().where(Photo.id == PhotoClaim.photo_id),
            *_of_a_record_that_stands(),
        )
        .order_by(PhotoClaim.photo_id, PhotoClaim.claimed_at, PhotoClaim.record_id)
        .subquery("unannounced")
    )
    return sa.union_all(announced, sa.select(unannounced)).subquery("awaited")


def awaited_photos(
    session: Session, actor: Actor, what: AwaitedFilter, page: PageRequest
) -> Page[AwaitedPhoto]:
    """The awaited photos of people in the actor's scope, those that wait longest first."""
    one = awaited()
    rows = (
        sa.select(
            one.c.photo_id,
            one.c.person_id,
            User.name.label("person_name"),
            User.unit_id,
            Unit.name.label("unit_name"),
            one.c.device_id,
            one.c.record_type,
            one.c.record_id,
            sa.func.coalesce(Visit.number, Checkin.number, Issue.number).label("number"),
            one.c.since_at,
            one.c.announced,
            one.c.size,
        )
        .join(User, User.id == one.c.person_id)
        .join(Unit, Unit.id == User.unit_id)
        .outerjoin(Visit, Visit.id == one.c.record_id)
        .outerjoin(Checkin, Checkin.id == one.c.record_id)
        .outerjoin(Issue, Issue.id == one.c.record_id)
        .where(within_scope(actor, User.unit_id), *_conditions(what, one))
    )
    if page.after is not None:
        rows = rows.where(sa.tuple_(one.c.since_at, one.c.photo_id) > sa.tuple_(*moment_and_id(page.after)))
    ordered = rows.order_by(one.c.since_at, one.c.photo_id).limit(page.limit + 1)
    found = [_shown(row) for row in session.execute(ordered)]
    return page_of(found, limit=page.limit, key=lambda photo: (photo.since_at.isoformat(), str(photo.id)))


def _first_live_claim_of(photo_id: Any) -> LateralFromClause:
    return (
        sa.select(PhotoClaim.record_id, PhotoClaim.record_type)
        .where(PhotoClaim.photo_id == photo_id, *_of_a_record_that_stands())
        .order_by(PhotoClaim.claimed_at, PhotoClaim.record_id)
        .limit(1)
        .lateral("claim")
    )


def _of_a_record_that_stands() -> tuple[sa.ColumnElement[bool], ...]:
    gone_visit = sa.exists().where(Visit.id == PhotoClaim.record_id, Visit.review_state.in_(_GONE))
    gone_checkin = sa.exists().where(Checkin.id == PhotoClaim.record_id, Checkin.withdrawn_at.is_not(None))
    gone_issue = sa.exists().where(Issue.id == PhotoClaim.record_id, Issue.state.in_(GONE_STATES))
    return ~gone_visit, ~gone_checkin, ~gone_issue


def _conditions(what: AwaitedFilter, one: sa.Subquery) -> Sequence[sa.ColumnElement[bool]]:
    found: list[sa.ColumnElement[bool]] = []
    if what.unit_id is not None:
        found.append(User.unit_id.in_(units_below(what.unit_id)))
    if what.person_id is not None:
        found.append(one.c.person_id == what.person_id)
    return found


def _shown(row: Any) -> AwaitedPhoto:
    record = None if row.record_id is None else AwaitedRecord(str(row.record_type), row.record_id, row.number)
    return AwaitedPhoto(
        id=row.photo_id,
        person_id=row.person_id,
        person_name=row.person_name,
        unit_id=row.unit_id,
        unit_name=row.unit_name,
        device_id=row.device_id,
        record=record,
        since_at=row.since_at,
        announced=row.announced,
        size=row.size,
    )
