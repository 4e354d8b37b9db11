"""Checks run in the background over what waits for review and has changed since they last ran."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from service.checkins import review as checkin_review
from service.checkins.models import Checkin
from service.evidence.models import CheckinAssessment, RecordAssessment, VisitAssessment
from service.evidence.pictures import ON_ITS_WAY
from service.evidence.queries import Assessed, assess_checkins, assess_visits
from service.kernel.clock import now
from service.photos.models import Photo, PhotoClaim
from service.programmes.models import Programme, ProgrammeThresholds
from service.visits.models import Visit

AT_ONCE = 200
# Written as in the partial index, so that the planner may use it.
UNDER_REVIEW = sa.text("visits.review_state IN ('submitted', 'unit_approved')")


def assess_waiting_visits(session: Session) -> int:
    """Assess visits under review that changed, whose photos came, or whose limits were set since the last time; how many.

    A visit whose photos do not come is assessed again once they are overdue.
    """
    ids = session.scalars(_unassessed_visits()).all()
    _note(session, VisitAssessment, assess_visits(session, ids))
    return len(ids)


def assess_waiting_checkins(session: Session) -> int:
    """Assess check-ins under review that changed, or whose photos came or are overdue, since the last time; how many."""
    ids = session.scalars(_unassessed_checkins()).all()
    _note(session, CheckinAssessment, assess_checkins(session, ids))
    return len(ids)


def _note(session: Session, table: type[RecordAssessment], found: Mapping[UUID, Assessed]) -> None:
    """Write what the checks said, in place of what they said before."""
    if not found:
        return
    assessed_at = now()
    noting = insert(table).values(
        [
            {
                table.record_id: record_id,
                table.rev: one.rev,
                table.weight: one.weight,
                table.doubts: one.doubts,
                table.assessed_at: assessed_at,
            }
            for record_id, one in sorted(found.items())
        ]
    )
    renewed = {name: noting.excluded[name] for name in ("rev", "weight", "doubts", "assessed_at")}
    session.execute(noting.on_conflict_do_update(index_elements=[table.record_id], set_=renewed))


def _unassessed_visits() -> sa.Select[Any]:
    limits_were_set = (
        sa.select(sa.literal(1))
        .select_from(ProgrammeThresholds)
        .join(Programme, Programme.id == ProgrammeThresholds.programme_id)
        .where(
            ProgrammeThresholds.set_at > VisitAssessment.assessed_at,
            Visit.visited_on.between(Programme.starts_on, Programme.ends_on),
        )
    )
    is_stale = sa.or_(_is_stale(Visit, VisitAssessment), limits_were_set.exists())
    return _waiting(Visit, VisitAssessment).where(UNDER_REVIEW, is_stale)


def _unassessed_checkins() -> sa.Select[Any]:
    return _waiting(Checkin, CheckinAssessment).where(
        checkin_review.UNDER_REVIEW, _is_stale(Checkin, CheckinAssessment)
    )


def _waiting(record: type[Visit | Checkin], table: type[RecordAssessment]) -> sa.Select[Any]:
    """The first of those records, beside what the checks said of them."""
    return (
        sa.select(record.id)
        .outerjoin(table, table.record_id == record.id)
        .order_by(record.received_at, record.id)
        .limit(AT_ONCE)
    )


def _is_stale(record: type[Visit | Checkin], table: type[RecordAssessment]) -> sa.ColumnElement[bool]:
    """The checks never ran, or on an earlier revision, or before its photos came or were overdue."""
    developed = (
        sa.select(sa.literal(1))
        .select_from(PhotoClaim)
        .join(Photo, Photo.id == PhotoClaim.photo_id)
        .where(PhotoClaim.record_id == record.id, Photo.developed_at > table.assessed_at)
    )
    overdue_at = record.received_at + ON_ITS_WAY
    is_overdue = sa.and_(table.assessed_at < overdue_at, overdue_at <= now())
    return sa.or_(
        table.record_id.is_(None),
        table.rev != record.rev,
        sa.and_(sa.func.cardinality(record.photo_ids) > 0, sa.or_(is_overdue, developed.exists())),
    )
