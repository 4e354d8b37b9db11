"""Checks run in the background over what waits for review, and policies let through what they do not hold."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, aliased

from service.evidence.models import PolicyKind, ReviewPolicy, VisitAssessment
from service.evidence.pictures import ON_ITS_WAY
from service.evidence.queries import assess_visits
from service.evidence.rules import Policy, holds
from service.kernel.clock import now
from service.photos.models import Photo, PhotoClaim
from service.programmes.models import Programme, ProgrammeThresholds
from service.visits.models import Visit
from service.visits.review import PolicyApproval, approve_by_policy

AT_ONCE = 200
# Written as in the partial index, so that the planner may use it.
_UNDER_REVIEW = sa.text("visits.review_state IN ('submitted', 'unit_approved')")
_WORDS = {
    PolicyKind.FLAGGED: "按审核策略自动通过：只审核存疑记录，本条没有疑点",
    PolicyKind.RANDOM: "按审核策略自动通过：存疑记录全审，其余随机抽审 {percent}%，本条没有疑点且未抽中",
}


def assess_waiting(session: Session) -> int:
    """Assess visits under review that changed, whose photos came, or whose limits were set since the last time; how many.

    A visit whose photos do not come is assessed again once they are overdue.
    """
    ids = session.scalars(_unassessed()).all()
    found = assess_visits(session, ids)
    if found:
        rows = [
            {
                "visit_id": visit_id,
                "rev": one.rev,
                "weight": one.weight,
                "doubts": one.doubts,
                "assessed_at": now(),
            }
            for visit_id, one in sorted(found.items())
        ]
        noting = insert(VisitAssessment).values(rows)
        renewed = {name: noting.excluded[name] for name in ("rev", "weight", "doubts", "assessed_at")}
        session.execute(noting.on_conflict_do_update(index_elements=["visit_id"], set_=renewed))
    return len(ids)


def apply_policies(session: Session) -> int:
    """Approve up to 200 visits that no policy holds, and say so in their history; how many were approved."""
    approvals: list[PolicyApproval] = []
    for row in session.execute(_undoubted()):
        if len(approvals) == AT_ONCE:
            break
        policy = Policy(row.kind, row.percent, row.seed)
        if not holds(policy, row.id, is_doubtful=False):
            words = _WORDS[policy.kind].format(percent=policy.percent)
            approvals.append(PolicyApproval(row.id, row.rev, row.set_by, words))
    return len(approve_by_policy(session, approvals))


def _unassessed() -> sa.Select[Any]:
    developed = (
        sa.select(sa.literal(1))
        .select_from(PhotoClaim)
        .join(Photo, Photo.id == PhotoClaim.photo_id)
        .where(PhotoClaim.record_id == Visit.id, Photo.developed_at > VisitAssessment.assessed_at)
    )
    overdue_at = Visit.received_at + ON_ITS_WAY
    is_overdue = sa.and_(
        sa.func.cardinality(Visit.photo_ids) > 0,
        VisitAssessment.assessed_at < overdue_at,
        overdue_at <= now(),
    )
    limits_were_set = (
        sa.select(sa.literal(1))
        .select_from(ProgrammeThresholds)
        .join(Programme, Programme.id == ProgrammeThresholds.programme_id)
        .where(
            ProgrammeThresholds.set_at > VisitAssessment.assessed_at,
            Visit.visited_on.between(Programme.starts_on, Programme.ends_on),
        )
    )
    is_stale = sa.or_(
        VisitAssessment.visit_id.is_(None),
        VisitAssessment.rev != Visit.rev,
        is_overdue,
        limits_were_set.exists(),
        sa.and_(sa.func.cardinality(Visit.photo_ids) > 0, developed.exists()),
    )
    return (
        sa.select(Visit.id)
        .outerjoin(VisitAssessment, VisitAssessment.visit_id == Visit.id)
        .where(_UNDER_REVIEW, is_stale)
        .order_by(Visit.received_at, Visit.id)
        .limit(AT_ONCE)
    )


def _undoubted() -> sa.Select[*tuple[Any, ...]]:
    """Visits without a doubt, all photos developed, of days that only programmes with a letting policy cover.

    Where two programmes cover the day, the stricter one's policy speaks: each row has that policy beside it.
    """
    covering, policy = aliased(Programme), aliased(ReviewPolicy)
    strictest = (
        sa.select(
            sa.func.coalesce(policy.kind, PolicyKind.ALL).label("kind"),
            policy.percent,
            policy.seed,
            policy.set_by,
            policy.wait_hours,
        )
        .select_from(covering)
        .outerjoin(policy, policy.programme_id == covering.id)
        .where(Visit.visited_on.between(covering.starts_on, covering.ends_on))
        .order_by(
            sa.case((policy.kind.is_(None), 0), (policy.kind == PolicyKind.ALL, 0), else_=1),
            sa.case((policy.kind == PolicyKind.RANDOM, 0), else_=1),
            policy.percent.desc(),
            covering.id,
        )
        .limit(1)
        .lateral("strictest")
    )
    on_its_way = (
        sa.select(sa.literal(1))
        .select_from(PhotoClaim)
        .outerjoin(Photo, Photo.id == PhotoClaim.photo_id)
        .where(PhotoClaim.record_id == Visit.id, Photo.developed_at.is_(None))
    )
    waited = Visit.received_at + sa.func.make_interval(0, 0, 0, 0, strictest.c.wait_hours)
    columns: sa.Select[*tuple[Any, ...]] = sa.select(
        Visit.id, Visit.rev, strictest.c.kind, strictest.c.percent, strictest.c.seed, strictest.c.set_by
    )
    return (
        columns.join(
            VisitAssessment,
            sa.and_(VisitAssessment.visit_id == Visit.id, VisitAssessment.rev == Visit.rev),
        )
        .join(strictest, sa.true())
        .where(
            _UNDER_REVIEW,
            Visit.enterprise_id.is_not(None),
            sa.func.cardinality(VisitAssessment.doubts) == 0,
            strictest.c.kind != PolicyKind.ALL,
            waited <= now(),
            ~on_its_way.exists(),
            strictest.c.set_by.not_in([Visit.visitor_id, Visit.recorded_by]),
        )
        .order_by(Visit.received_at, Visit.id)
    )
