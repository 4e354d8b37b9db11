"""What came before what it names is let in by itself, as its sender's, when that arrives within 30 days.

::

    visit ─ enterprise ─┐                    ┌─ taken, the kept body is settled
    check-in ─ site ────┼─ kept, waiting ─▶ ─┼─ refused for another reason: kept with that reason, waits no more
    withdrawal ─ record ┘                    └─ 30 days: a quarantined body like any other

Nothing has to remember to call: whether a parent has arrived (registered, imported, restored) is asked of the tables.
"""

import logging
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import exc
from sqlalchemy.orm import Session, sessionmaker

from service.accounts.models import User
from service.enterprises.models import Enterprise
from service.kernel.actor import Actor, Role
from service.kernel.clock import now
from service.kernel.errors import Invalid, Refusal
from service.kernel.revisions import strict_json
from service.projects.models import Site
from service.submissions.doors import Taken, batch_door_for
from service.submissions.errors import WaitsForParent
from service.submissions.keeping import because_of, facts_of_refusal
from service.submissions.models import (
    KeptSubmission,
    ParentType,
    RecordRevision,
    RecordType,
    Settlement,
    WaitingSubmission,
)
from service.submissions.sent import Sent
from service.submissions.terms import Terms

log = logging.getLogger(__name__)

MOST_AT_ONCE = 1000
"""Bodies one run of the clock looks at; the next run goes on."""

_HERE = {
    ParentType.ENTERPRISE: sa.exists().where(Enterprise.id == WaitingSubmission.parent_id),
    ParentType.SITE: sa.exists().where(Site.id == WaitingSubmission.parent_id),
    ParentType.RECORD: sa.exists().where(RecordRevision.record_id == WaitingSubmission.parent_id),
}


@dataclass(frozen=True, slots=True)
class _Waiting:
    kept: KeptSubmission
    sender: Actor


def let_in_children(
    session: Session, record_ids: Collection[UUID], *, terms: Terms
) -> Iterator[tuple[RecordType, UUID]]:
    """Let in what waited for these records; tells what is to be counted anew."""
    if not record_ids:
        return
    found = sa.select(WaitingSubmission.kept_id).where(
        WaitingSubmission.parent_type == ParentType.RECORD,
        WaitingSubmission.parent_id == sa.any_(sa.literal(list(record_ids), sa.ARRAY(sa.Uuid()))),
        WaitingSubmission.until_at > now(),
    )
    for kept_id in sorted(session.scalars(found)):
        let_in = _let_in(session, kept_id, terms)
        if let_in is not None:
            yield let_in


def let_in_arrived(sessions: sessionmaker[Session], *, terms: Terms) -> int:
    """Let in everything whose parent is here, each in a transaction of its own; returns how many were let in."""
    with sessions() as session:
        due = list(session.scalars(_due()))
    return sum(_let_in_alone(sessions, kept_id, terms) for kept_id in due)


def forget_old(session: Session) -> int:
    """End the waiting of what has waited for 30 days or was settled in another way; the bodies stay kept."""
    settled = sa.exists().where(
        KeptSubmission.id == WaitingSubmission.kept_id, KeptSubmission.settled_at.is_not(None)
    )
    ended = sa.delete(WaitingSubmission).where(sa.or_(WaitingSubmission.until_at <= now(), settled))
    return len(session.scalars(ended.returning(WaitingSubmission.kept_id)).all())


def _due() -> sa.Select[UUID]:
    here = sa.or_(
        *(sa.and_(WaitingSubmission.parent_type == parent, is_here) for parent, is_here in _HERE.items())
    )
    return (
        sa.select(WaitingSubmission.kept_id)
        .join(KeptSubmission, KeptSubmission.id == WaitingSubmission.kept_id)
        .where(WaitingSubmission.until_at > now(), KeptSubmission.settled_at.is_(None), here)
        .order_by(WaitingSubmission.kept_id)
        .limit(MOST_AT_ONCE)
    )


def _let_in_alone(sessions: sessionmaker[Session], kept_id: UUID, terms: Terms) -> bool:
    try:
        with sessions.begin() as session:
            counted = _let_in(session, kept_id, terms)
            if counted is None:
                return False
            record_type, record_id = counted
            conclude = batch_door_for(record_type).conclude
            if conclude is not None:
                conclude(session, [record_id])
            return True
    except exc.OperationalError:  # a lock that is not to be had now: the next run tries again
        return False


def _let_in(session: Session, kept_id: UUID, terms: Terms) -> tuple[RecordType, UUID] | None:
    waiting = _claimed(session, kept_id)
    if waiting is None:
        return None
    kept = waiting.kept
    try:
        with session.begin_nested():
            taken = _submit(session, waiting, terms)
    except WaitsForParent:
        return None
    except Refusal as refusal:
        _waits_no_more(session, kept, refusal)
        return None
    except (exc.IntegrityError, exc.DataError):
        _waits_no_more(session, kept, Invalid())
        return None
    except exc.OperationalError:
        raise
    except Exception:  # it waits on, and holds back neither its parent's batch nor the others
        log.exception("what waited could not be let in", extra={"fields": {"kept_id": str(kept_id)}})
        return None
    _settle(session, kept)
    return None if taken.is_repeat else (kept.record_type, kept.record_id)


def _claimed(session: Session, kept_id: UUID) -> _Waiting | None:
    """The kept body and its sender, held; None when somebody else is at it or it was settled."""
    row = session.execute(
        sa.select(KeptSubmission, User)
        .join(User, User.id == KeptSubmission.author_id)
        .where(KeptSubmission.id == kept_id, KeptSubmission.settled_at.is_(None))
        .with_for_update(of=KeptSubmission, skip_locked=True)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if row is None:
        return None
    kept, person = row
    sender = Actor(
        user_id=person.id,
        name=person.name,
        unit_id=kept.unit_id,
        roles=frozenset(Role(role) for role in person.roles),
        device_id=kept.device_id,
    )
    return _Waiting(kept, sender)


def _submit(session: Session, waiting: _Waiting, terms: Terms) -> Taken:
    kept = waiting.kept
    body = strict_json(kept.raw)
    if not isinstance(body, dict):
        raise Invalid
    take = batch_door_for(kept.record_type).take
    return take(session, waiting.sender, kept.record_id, body, shape=_on_top_of(kept.base_rev), terms=terms)


def _on_top_of(base_rev: int | None) -> Callable[[Sent], Sent]:
    def shape(sent: Sent) -> Sent:
        return sent.on_top_of(base_rev)

    return shape


def _waits_no_more(session: Session, kept: KeptSubmission, refusal: Refusal) -> None:
    """It is refused for another reason now, and kept with that one."""
    because = because_of(refusal)
    if because is None:
        return
    twin = sa.select(KeptSubmission.id).where(
        KeptSubmission.author_id == kept.author_id,
        KeptSubmission.record_type == kept.record_type,
        KeptSubmission.record_id == kept.record_id,
        KeptSubmission.sha256 == kept.sha256,
        KeptSubmission.because == because,
        KeptSubmission.id != kept.id,
    )
    facts: dict[str, Any] = facts_of_refusal(refusal)
    if session.scalar(twin) is None:
        facts["because"] = because
    _change(session, kept, facts)


def _settle(session: Session, kept: KeptSubmission) -> None:
    _change(
        session,
        kept,
        {"settled_at": now(), "settled_by": kept.author_id, "settlement": Settlement.ACCEPTED_LATER},
    )


def _change(session: Session, kept: KeptSubmission, facts: dict[str, Any]) -> None:
    session.execute(
        sa.update(KeptSubmission)
        .values(facts)
        .where(KeptSubmission.id == kept.id, KeptSubmission.settled_at.is_(None)),
        execution_options={"synchronize_session": False},
    )
    session.execute(sa.delete(WaitingSubmission).where(WaitingSubmission.kept_id == kept.id))
