"""Reviewing check-ins: the rules of every review; no ledger counts them, so nothing follows but the phone's next pull."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from service.accounts.visibility import within_scope
from service.checkins.models import Checkin, CheckinDecision
from service.checkins.views import CheckinView, read_views, rows
from service.kernel.actor import Actor
from service.kernel.db import among
from service.submissions.models import RecordType
from service.submissions.reviewing import Decision, DecisionResult, Made, Reviewable, decide_each


def decide(
    session: Session,
    actor: Actor,
    decisions: Sequence[Decision],
    *,
    language: str = "zh",
    doubts: Mapping[UUID, Sequence[str]] | None = None,
) -> list[DecisionResult]:
    """Apply each decision about a check-in that may be applied; answers in the order they came."""
    return decide_each(session, actor, CHECKINS, decisions, language=language, doubts=doubts or {})


def checkins_to_review(session: Session, checkin_ids: Collection[UUID]) -> dict[UUID, CheckinView]:
    """These check-ins as a reviewer reads them."""
    if not checkin_ids:
        return {}
    return {view.id: view for view in read_views(session, rows().where(Checkin.id == among(checkin_ids)))}


UNDER_REVIEW: sa.ColumnElement[bool] = sa.literal_column(
    "(checkins.review_state IN ('submitted', 'unit_approved') AND checkins.withdrawn_at IS NULL)",
    sa.Boolean(),
)
"""Written as in the partial index, so that the planner may use it."""


def _lock(session: Session, actor: Actor, checkin_id: UUID) -> Checkin | None:
    return session.scalar(
        sa.select(Checkin)
        .where(Checkin.id == checkin_id, within_scope(actor, Checkin.unit_id))
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )


def _whose(checkin: Checkin) -> Collection[UUID]:
    return {checkin.user_id}


def _kept(checkin: Checkin, made: Made) -> CheckinDecision:
    return CheckinDecision(checkin_id=checkin.id, **asdict(made))


CHECKINS = Reviewable(RecordType.CHECKIN, _lock, _whose, _kept)
"""How check-ins are reviewed."""
