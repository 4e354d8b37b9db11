"""Policies let visits through that they do not hold; of check-ins none ever is."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from service.evidence.assessing import AT_ONCE, UNDER_REVIEW
from service.evidence.models import PolicyKind, ReviewPolicy, VisitAssessment
from service.evidence.rules import Policy, holds
from service.kernel.clock import now
from service.photos.models import Photo, PhotoClaim
from service.programmes.models import Programme
from service.visits.models import Visit
from service.visits.review import PolicyApproval, approve_by_policy

_WORDS = {
    PolicyKind.FLAGGED: "按审核策略自动通过：只审核存疑记录，本条没有疑点",
    PolicyKind.RANDOM: "按审核策略自动通过：存疑记录全审，其余随机抽审 {percent}%，本条没有疑点且未抽中",
}


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
            sa.and_(VisitAssessment.record_id == Visit.id, VisitAssessment.rev == Visit.rev),
        )
        .join(strictest, sa.true())
        .where(
            UNDER_REVIEW,
            Visit.enterprise_id.is_not(None),
            sa.func.cardinality(VisitAssessment.doubts) == 0,
            strictest.c.kind != PolicyKind.ALL,
            waited <= now(),
            ~on_its_way.exists(),
            strictest.c.set_by.not_in([Visit.visitor_id, Visit.recorded_by]),
        )
        .order_by(Visit.received_at, Visit.id)
    )
