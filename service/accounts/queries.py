"""What other rooms ask about units and people."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from service.accounts.errors import UnknownPerson, UnknownUnit
from service.accounts.models import Posting, Unit, UnitKind, User
from service.kernel.actor import Actor, Role
from service.kernel.calendar import local_date
from service.kernel.clock import now


@dataclass(frozen=True, slots=True)
class UnitBrief:
    """A unit as it is named beside something else."""

    id: UUID
    name: str
    kind: UnitKind
    short_name: str


def posting_on(day: date | sa.ColumnElement[date]) -> sa.ColumnElement[bool]:
    """The condition that a posting is in force on a day."""
    return sa.and_(Posting.from_on <= day, sa.or_(Posting.until_on.is_(None), Posting.until_on > day))


def unit_by_postings(
    user_id: UUID | sa.ColumnElement[UUID], day: date | sa.ColumnElement[date]
) -> sa.Select[UUID]:
    """The unit a person's postings say for a day, as a part of a larger query: none when there are no postings."""
    return (
        sa.select(Posting.unit_id)
        .where(Posting.user_id == user_id)
        .order_by(
            (Posting.from_on <= day).desc(),
            sa.case((Posting.from_on <= day, day - Posting.from_on), else_=Posting.from_on - day),
        )
        .limit(1)
    )


def unit_on(session: Session, user_id: UUID, day: date) -> UUID:
    """The unit a person belonged to on a day; before their first posting, the unit of that first posting.

    Raises:
        UnknownPerson: there is no such person.
    """
    found = session.scalar(unit_by_postings(user_id, day)) or session.scalar(
        sa.select(User.unit_id).where(User.id == user_id)
    )
    if found is None:
        raise UnknownPerson
    return found


def people_named(session: Session, ids: Collection[UUID]) -> dict[UUID, str]:
    """The names of these people; ids that are nobody's are left out."""
    rows = session.execute(sa.select(User.id, User.name).where(User.id.in_(set(ids))))
    return {row.id: row.name for row in rows}


def unit_names(session: Session, ids: Collection[UUID]) -> dict[UUID, str]:
    """The names of these units; ids that are no unit's are left out."""
    rows = session.execute(sa.select(Unit.id, Unit.name).where(Unit.id.in_(set(ids))))
    return {row.id: row.name for row in rows}


def unit_briefs(session: Session, ids: Collection[UUID]) -> dict[UUID, UnitBrief]:
    """These units as they are named beside something else."""
    rows = session.execute(
        sa.select(Unit.id, Unit.name, Unit.kind, Unit.short_name).where(Unit.id.in_(set(ids)))
    )
    return {row.id: UnitBrief(row.id, row.name, row.kind, row.short_name) for row in rows}


def lineage_of(session: Session, unit_id: UUID) -> tuple[UUID, ...]:
    """The ids from the root down to the unit itself.

    Raises:
        UnknownUnit: there is no such unit.
    """
    lineage = session.scalar(sa.select(Unit.lineage).where(Unit.id == unit_id))
    if lineage is None:
        raise UnknownUnit
    return tuple(lineage)


def root_unit_id(session: Session) -> UUID | None:
    """The unit at the top of the tree, when there is one."""
    return session.scalar(
        sa.select(Unit.id).where(Unit.parent_id.is_(None)).order_by(Unit.valid_from).limit(1)
    )


def unit_in_force(day: date) -> sa.ColumnElement[bool]:
    """The condition that a unit exists on a day."""
    return sa.and_(Unit.valid_from <= day, sa.or_(Unit.valid_until.is_(None), Unit.valid_until > day))


def current_unit_column(day: date) -> sa.ScalarSelect[Any]:
    """The unit of a `users` row on a day by its postings, for use inside a query over users."""
    return (
        sa.select(Posting.unit_id)
        .where(Posting.user_id == User.id, posting_on(day))
        .limit(1)
        .scalar_subquery()
    )


def actor_of(session: Session, user_id: UUID) -> Actor | None:
    """The person as they are today, for work that was asked for earlier; None once the account is closed."""
    row = session.execute(
        sa.select(User.id, User.name, User.unit_id, User.roles, Posting.unit_id.label("posted_to"))
        .outerjoin(Posting, sa.and_(Posting.user_id == User.id, posting_on(local_date(now()))))
        .where(User.id == user_id, User.closed_at.is_(None))
        .limit(1)
    ).one_or_none()
    if row is None:
        return None
    roles = frozenset(Role(role) for role in row.roles)
    return Actor(user_id=row.id, name=row.name, unit_id=row.posted_to or row.unit_id, roles=roles)
