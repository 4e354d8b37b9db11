"""Who visited an enterprise last, and when: so that a phone warns of a second visit without a network.

Everybody may see it, of every enterprise: unit, visitor and day, and nothing of what was said.
"""

from collections.abc import Collection, Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from service.accounts.models import Unit, User
from service.enterprises.models import Enterprise
from service.kernel.actor import Actor
from service.kernel.db import among
from service.sync.feed import Feed, Shown
from service.visits.models import ReviewState, Visit

_STANDS = Visit.review_state.not_in([ReviewState.VOIDED, ReviewState.WITHDRAWN])


def _visible(actor: Actor) -> sa.Select[UUID]:
    del actor
    return sa.select(Enterprise.id).where(sa.exists().where(Visit.enterprise_id == Enterprise.id, _STANDS))


def _walk(session: Session, actor: Actor, after: UUID | None, limit: int) -> Sequence[UUID]:
    """From one visited enterprise to the next by the index, past those nobody has visited and past their visits."""
    del actor
    beyond = sa.true() if after is None else Visit.enterprise_id > after
    first = sa.select(Visit.enterprise_id).where(Visit.enterprise_id.is_not(None), beyond, _STANDS)
    steps = sa.select(first.order_by(Visit.enterprise_id).limit(1).scalar_subquery().label("id")).cte(
        "steps", recursive=True
    )
    following = (
        sa.select(Visit.enterprise_id)
        .where(Visit.enterprise_id > steps.c.id, _STANDS)
        .order_by(Visit.enterprise_id)
        .limit(1)
        .scalar_subquery()
    )
    steps = steps.union_all(sa.select(following).where(steps.c.id.is_not(None)))
    return session.scalars(sa.select(steps.c.id).where(steps.c.id.is_not(None)).limit(limit)).all()


def _read(session: Session, actor: Actor, ids: Collection[UUID], language: str) -> dict[UUID, Shown]:
    del actor, language
    wanted = sa.select(Enterprise.id).where(Enterprise.id == among(ids)).subquery("wanted")
    last = (
        sa.select(Visit.unit_id, Visit.visitor_id, Visit.visited_on)
        .where(Visit.enterprise_id == wanted.c.id, _STANDS)
        .order_by(Visit.visited_on.desc(), Visit.visited_at.desc(), Visit.id.desc())
        .limit(1)
        .lateral("last")
    )
    rows = session.execute(
        sa.select(
            wanted.c.id,
            last.c.visited_on,
            Unit.id.label("unit_id"),
            Unit.name.label("unit"),
            User.id.label("visitor_id"),
            User.name.label("visitor"),
        )
        .select_from(wanted.join(last, sa.true()))
        .join(Unit, Unit.id == last.c.unit_id)
        .join(User, User.id == last.c.visitor_id)
    )
    return {
        row.id: Shown(
            None,
            {
                "enterprise_id": str(row.id),
                "visited_on": row.visited_on.isoformat(),
                "unit": {"id": str(row.unit_id), "name": row.unit},
                "visitor": {"id": str(row.visitor_id), "name": row.visitor},
            },
        )
        for row in rows
    }


FEED = Feed("last_visit", _visible, _read, walk=_walk)
