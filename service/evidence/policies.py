"""Review policies of programmes: set by headquarters, seen by every office, their lots' seed by nobody."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from service.accounts.models import User
from service.audit import commands as audit
from service.evidence.models import PolicyKind, ReviewPolicy
from service.kernel.actor import Actor, Role
from service.kernel.clock import now
from service.kernel.errors import Forbidden
from service.programmes.queries import programme


@dataclass(frozen=True, slots=True)
class NewPolicy:
    """What a programme shall hold for review."""

    kind: PolicyKind
    percent: int
    wait_hours: int


@dataclass(frozen=True, slots=True)
class PolicyShown:
    """A programme's policy; without one everything is held, and nobody has set it."""

    programme_id: UUID
    kind: PolicyKind
    percent: int
    wait_hours: int
    set_by_name: str | None
    set_at: datetime | None


def policy_of(session: Session, programme_id: UUID) -> PolicyShown:
    """The policy of a programme.

    Raises:
        UnknownProgramme: there is none such.
    """
    programme(session, programme_id)
    found = session.execute(
        sa.select(ReviewPolicy, User.name)
        .join(User, User.id == ReviewPolicy.set_by)
        .where(ReviewPolicy.programme_id == programme_id)
    ).one_or_none()
    if found is None:
        return PolicyShown(programme_id, PolicyKind.ALL, 100, 0, None, None)
    policy, name = found
    return PolicyShown(programme_id, policy.kind, policy.percent, policy.wait_hours, name, policy.set_at)


def set_policy(session: Session, actor: Actor, programme_id: UUID, new: NewPolicy) -> PolicyShown:
    """Hold from now on what the policy says; what it lets through, its setter answers for.

    The seed of the lots stays the same for ever, so that setting it again draws nothing anew.

    Raises:
        Forbidden: only headquarters sets policies.
        UnknownProgramme: there is none such.
    """
    if not actor.has(Role.HEADQUARTERS, Role.ADMINISTRATOR):
        raise Forbidden
    programme(session, programme_id)
    policy = session.get(ReviewPolicy, programme_id, with_for_update=True)
    if policy is None:
        policy = ReviewPolicy(
            programme_id=programme_id,
            kind=new.kind,
            percent=new.percent,
            wait_hours=new.wait_hours,
            seed=secrets.token_hex(16),
            set_by=actor.person_id,
            set_at=now(),
        )
        session.add(policy)
    else:
        policy.kind, policy.percent, policy.wait_hours = new.kind, new.percent, new.wait_hours
        policy.set_by, policy.set_at = actor.person_id, now()
    audit.record(
        session,
        actor,
        "programme.review_policy",
        "programme",
        programme_id,
        kind=new.kind,
        percent=new.percent,
        wait_hours=new.wait_hours,
    )
    session.flush()
    return policy_of(session, programme_id)
