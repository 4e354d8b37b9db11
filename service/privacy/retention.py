"""Forgetting by age, a batch a transaction: run again it goes on where it stopped, and a second time changes nothing.

What is forgotten is the exactness of positions, the bytes of kept bodies long settled, and old entries of the log of
views. Rows, hashes, receipts and figures stay.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, sessionmaker

from service.audit import commands as audit
from service.kernel.actor import Actor
from service.kernel.clock import now
from service.privacy.models import PositionView, Reach
from service.privacy.walks import WALKS, Walk
from service.settings import Settings
from service.submissions.models import KeptSubmission

BATCH = 500
_STRETCH = timedelta(days=1)
"""A batch is looked for within a day, so that no index has to give the order of years."""
_LOCK = 5_190_221_022
_SYSTEM = Actor.system("privacy.retain")


@dataclass(frozen=True, slots=True)
class Policy:
    """After how many days what is forgotten; 0 keeps it for ever."""

    position_days: int
    decimals: int
    kept_days: int
    view_days: int

    @classmethod
    def of(cls, settings: Settings) -> "Policy":
        """What the operator decided."""
        return cls(
            position_days=settings.position_days,
            decimals=settings.position_decimals,
            kept_days=settings.kept_days,
            view_days=settings.view_days,
        )


@dataclass(frozen=True, slots=True)
class Step:
    """How far one batch came, what it changed, and whether there is more."""

    at: datetime
    id: str
    changed: Counter[str]
    is_last: bool


def retain(sessions: sessionmaker[Session], policy: Policy) -> Counter[str]:
    """Forget what is due; a run beside another one leaves the work to it. Answers how many rows were changed."""
    done = Counter[str]()
    for work in _due(policy):
        more = True
        while more:
            with sessions.begin() as session:
                if not session.scalar(sa.select(sa.func.pg_try_advisory_xact_lock(_LOCK))):
                    return done
                changed, more = work(session)
                if changed:
                    audit.record(session, _SYSTEM, "privacy.retain", "privacy", "retention", **changed)
            done += changed
    return done


def rehearse(sessions: sessionmaker[Session], policy: Policy) -> Counter[str]:
    """What `retain` would change now; nothing is written, whatever the size."""
    found = Counter[str]()
    for walk in _walks(policy):
        with sessions() as session:
            reached = _reached(session, walk, policy)
        while reached is not None:
            with sessions() as session:
                step = _step(session, walk, policy, reached)  # closed without a commit: undone
            found += step.changed
            reached = None if step.is_last else (step.at, step.id)
    with sessions() as session:
        for name, due in _due_by_age(policy):
            found[name] += session.scalar(sa.select(sa.func.count()).select_from(due.subquery())) or 0
    return +found


Work = Callable[[Session], tuple[Counter[str], bool]]


def _due(policy: Policy) -> Iterator[Work]:
    # The bytes that go need not be made coarse first.
    if policy.kept_days:
        yield lambda session: _give_up_bytes(session, policy)
    for walk in _walks(policy):
        yield lambda session, walk=walk: _go_on(session, walk, policy)  # type: ignore[misc] # mypy knows no default of a lambda
    if policy.view_days:
        yield lambda session: _forget_views(session, policy)


def _walks(policy: Policy) -> tuple[Walk, ...]:
    return WALKS if policy.position_days else ()


def _due_by_age(policy: Policy) -> Iterator[tuple[str, sa.Select[Any]]]:
    if policy.kept_days:
        yield "kept_bytes", _old_bytes(policy)
    if policy.view_days:
        yield "views", sa.select(PositionView.id).where(PositionView.viewed_at < _ago(policy.view_days))


def _go_on(session: Session, walk: Walk, policy: Policy) -> tuple[Counter[str], bool]:
    reached = _reached(session, walk, policy)
    if reached is None:
        return Counter(), False
    step = _step(session, walk, policy, reached)
    row = insert(Reach).values(walk=_name(walk, policy), reached_at=step.at, reached_id=step.id)
    session.execute(
        row.on_conflict_do_update(
            index_elements=["walk"],
            set_={"reached_at": row.excluded.reached_at, "reached_id": row.excluded.reached_id},
        )
    )
    return step.changed, not step.is_last


def _reached(session: Session, walk: Walk, policy: Policy) -> tuple[datetime, str] | None:
    """Where the walk goes on; None when there is nothing at all to walk through yet."""
    row = session.execute(
        sa.select(Reach.reached_at, Reach.reached_id).where(Reach.walk == _name(walk, policy))
    ).one_or_none()
    if row is not None:
        return row.reached_at, row.reached_id
    first = session.scalar(sa.select(sa.func.min(walk.moment)).where(*walk.only))
    return None if first is None else (first, "")


def _step(session: Session, walk: Walk, policy: Policy, reached: tuple[datetime, str]) -> Step:
    """Look at the next batch that is old enough, and at nothing beyond a day: then the walk stands at that day's end."""
    at, key = reached
    cutoff = _ago(policy.position_days)
    end = min(at + _STRETCH, cutoff)
    if end <= at:
        return Step(at, key, Counter(), is_last=True)
    rows = session.execute(
        sa.select(walk.moment.label("at"), walk.key.label("key"), *walk.columns)
        .where(
            walk.moment >= at,
            walk.moment < end,
            sa.tuple_(walk.moment, walk.key) > sa.tuple_(sa.literal(at), sa.literal(key)),
            *walk.only,
        )
        .order_by(sa.text("at"), sa.text("key"))
        .limit(BATCH)
        # What is written back is what was read: an erasure or an edit that comes meanwhile waits for it.
        .with_for_update(key_share=True)
    ).all()
    changed = +walk.treat(session, rows, policy.decimals)
    if len(rows) == BATCH:
        return Step(rows[-1].at, rows[-1].key, changed, is_last=False)
    # To look far ahead reads all that is left, so it is done from a day that had nothing.
    following = end if rows else _following(session, walk, end, cutoff)
    return Step(following, "", changed, is_last=following >= cutoff)


def _following(session: Session, walk: Walk, end: datetime, cutoff: datetime) -> datetime:
    """Where the next rows are: a quiet year takes one step, not three hundred."""
    if end >= cutoff:
        return cutoff
    beyond = sa.select(sa.func.min(walk.moment)).where(walk.moment >= end, walk.moment < cutoff, *walk.only)
    return session.scalar(beyond) or cutoff


def _ago(days: int) -> datetime:
    return now() - timedelta(days=days)


def _name(walk: Walk, policy: Policy) -> str:
    return f"{walk.name}:{policy.decimals}"


def _old_bytes(policy: Policy) -> sa.Select[Any]:
    return sa.select(KeptSubmission.id).where(
        KeptSubmission.settled_at < _ago(policy.kept_days),
        KeptSubmission.raw_gone_at.is_(None),
    )


def _give_up_bytes(session: Session, policy: Policy) -> tuple[Counter[str], bool]:
    due = _old_bytes(policy).order_by(KeptSubmission.settled_at).limit(BATCH)
    gone = session.scalars(
        sa.update(KeptSubmission)
        .values(raw=b"", raw_gone_at=now())
        .where(KeptSubmission.id.in_(due))
        .returning(KeptSubmission.id),
        execution_options={"synchronize_session": False},
    ).all()
    return +Counter({"kept_bytes": len(gone)}), len(gone) == BATCH


def _old_views(policy: Policy) -> sa.Select[Any]:
    """The oldest lie first: a look at them ends at the first that is young."""
    oldest = sa.select(PositionView.id, PositionView.viewed_at).order_by(PositionView.id).limit(BATCH)
    found = oldest.subquery()
    return sa.select(found.c.id).where(found.c.viewed_at < _ago(policy.view_days))


def _forget_views(session: Session, policy: Policy) -> tuple[Counter[str], bool]:
    gone = session.scalars(
        sa.delete(PositionView).where(PositionView.id.in_(_old_views(policy))).returning(PositionView.id),
        execution_options={"synchronize_session": False},
    ).all()
    return +Counter({"views": len(gone)}), len(gone) == BATCH
