"""Checks run in the background over the check-ins that wait for review; no policy lets any of them through."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from service.checkins.models import Checkin
from service.checkins.review import UNDER_REVIEW
from service.evidence.models import CheckinAssessment
from service.evidence.pictures import ON_ITS_WAY
from service.evidence.queries import assess_checkins
from service.kernel.clock import now
from service.photos.models import Photo, PhotoClaim

AT_ONCE = 200


def assess_waiting_checkins(session: Session) -> int:
    """Assess check-ins under review that changed, or whose photos came or are overdue, since the last time; how many."""
    ids = session.scalars(_unassessed()).all()
    found = assess_checkins(session, ids)
    if found:
        rows = [
            {
                "checkin_id": checkin_id,
                "rev": one.rev,
                "weight": one.weight,
                "doubts": one.doubts,
                "assessed_at": now(),
            }
            for checkin_id, one in sorted(found.items())
        ]
        noting = insert(CheckinAssessment).values(rows)
        renewed = {name: noting.excluded[name] for name in ("rev", "weight", "doubts", "assessed_at")}
        session.execute(noting.on_conflict_do_update(index_elements=["checkin_id"], set_=renewed))
    return len(ids)


def _unassessed() -> sa.Select[Any]:
    developed = (
        sa.select(sa.literal(1))
        .select_from(PhotoClaim)
        .join(Photo, Photo.id == PhotoClaim.photo_id)
        .where(PhotoClaim.record_id == Checkin.id, Photo.developed_at > CheckinAssessment.assessed_at)
    )
    overdue_at = Checkin.received_at + ON_ITS_WAY
    is_overdue = sa.and_(CheckinAssessment.assessed_at < overdue_at, overdue_at <= now())
    is_stale = sa.or_(
        CheckinAssessment.checkin_id.is_(None),
        CheckinAssessment.rev != Checkin.rev,
        sa.and_(sa.func.cardinality(Checkin.photo_ids) > 0, sa.or_(is_overdue, developed.exists())),
    )
    return (
        sa.select(Checkin.id)
        .outerjoin(CheckinAssessment, CheckinAssessment.checkin_id == Checkin.id)
        .where(UNDER_REVIEW, is_stale)
        .order_by(Checkin.received_at, Checkin.id)
        .limit(AT_ONCE)
    )
