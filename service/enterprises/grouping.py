"""Writes of business groups: a machine or a file suggests that an enterprise belongs to one, a person confirms it."""

from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from service.audit.commands import record
from service.enterprises.commands import locked, touch
from service.enterprises.errors import NameTaken, UnknownGroup
from service.enterprises.models import Enterprise, EnterpriseGroup
from service.enterprises.rules import keepers_only
from service.kernel.actor import Actor
from service.kernel.clock import now
from service.kernel.ids import uuid7
from service.kernel.text import name_key


@dataclass(frozen=True, slots=True)
class GroupLink:
    """An enterprise belongs to a group."""

    enterprise_id: UUID
    group_id: UUID


def create_group(session: Session, actor: Actor, name: str) -> UUID:
    """A new business group.

    Raises:
        NameTaken: a group of that name is there; the answer names it.
    """
    keepers_only(actor)
    key = name_key(name)
    existing = session.execute(
        sa.select(EnterpriseGroup.id, EnterpriseGroup.name).where(EnterpriseGroup.name_key == key)
    ).one_or_none()
    if existing:
        raise NameTaken(existing_id=existing.id, name=existing.name)
    group = EnterpriseGroup(id=uuid7(), name=name, name_key=key, created_at=now())
    session.add(group)
    session.flush()
    record(session, actor, "group.create", "enterprise_group", group.id, name=name)
    return group.id


def suggest_group(session: Session, actor: Actor, link: GroupLink) -> None:
    """The enterprise may belong to the group; it counts for nothing until a person confirms it."""
    keepers_only(actor)
    enterprise = _linked(session, link)
    enterprise.group_confirmed_by = enterprise.group_confirmed_at = None
    record(session, actor, "enterprise.group.suggest", "enterprise", enterprise.id, group_id=link.group_id)


def confirm_group(session: Session, actor: Actor, link: GroupLink) -> None:
    """The enterprise belongs to the group, by this person's word."""
    keepers_only(actor)
    enterprise = _linked(session, link)
    enterprise.group_confirmed_by, enterprise.group_confirmed_at = actor.user_id, now()
    record(session, actor, "enterprise.group.confirm", "enterprise", enterprise.id, group_id=link.group_id)


def leave_group(session: Session, actor: Actor, enterprise_id: UUID) -> None:
    """The enterprise belongs to no group."""
    keepers_only(actor)
    enterprise = locked(session, enterprise_id)
    left = enterprise.group_id
    enterprise.group_id = enterprise.group_confirmed_by = enterprise.group_confirmed_at = None
    touch(enterprise)
    record(session, actor, "enterprise.group.leave", "enterprise", enterprise.id, group_id=left)


def _linked(session: Session, link: GroupLink) -> Enterprise:
    enterprise = locked(session, link.enterprise_id)
    if session.get(EnterpriseGroup, link.group_id) is None:
        raise UnknownGroup
    enterprise.group_id = link.group_id
    touch(enterprise)
    return enterprise
