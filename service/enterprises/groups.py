"""Groups, and which enterprises share something that counts: a list, a group, a place."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from service.enterprises.cursors import bound, name_and_id
from service.enterprises.models import Enterprise, EnterpriseGroup, ListEdition, ListMembership
from service.kernel.actor import Actor
from service.kernel.pages import Page, PageRequest, page_of
from service.kernel.text import name_key

KEY_PARTS = 2


@dataclass(frozen=True, slots=True)
class GroupRow:
    """A group with how many enterprises were said to belong to it, and how many by a person's word."""

    id: UUID
    name: str
    name_key: str
    members: int
    confirmed: int


def groups(session: Session, actor: Actor, text: str, page: PageRequest) -> Page[GroupRow]:
    """The groups with this in their name, by name."""
    del actor
    alive = Enterprise.merged_into_id.is_(None)
    members = sa.func.count(Enterprise.id)
    query = (
        sa.select(
            EnterpriseGroup.id,
            EnterpriseGroup.name,
            EnterpriseGroup.name_key,
            members,
            members.filter(Enterprise.group_confirmed_at.is_not(None)),
        )
        .outerjoin(Enterprise, sa.and_(Enterprise.group_id == EnterpriseGroup.id, alive))
        .group_by(EnterpriseGroup.id)
        .order_by(EnterpriseGroup.name_key, EnterpriseGroup.id)
        .limit(page.limit + 1)
    )
    if text.strip():
        query = query.where(sa.func.strpos(EnterpriseGroup.name_key, name_key(text)) > 0)
    if page.after:
        key = sa.tuple_(EnterpriseGroup.name_key, EnterpriseGroup.id)
        query = query.where(key > bound(*name_and_id(page.after)))
    rows = [GroupRow(*row) for row in session.execute(query)]
    return page_of(rows, limit=page.limit, key=lambda row: (row.name_key, str(row.id)))


def on_list(session: Session, list_code: str) -> set[UUID]:
    """Every enterprise on any edition of a list, by its own or its group's right."""
    return _holders(session, ListEdition.list_code == list_code)


def holding(session: Session, place_ids: Collection[UUID]) -> set[UUID]:
    """The enterprises that hold these places, by their own or their group's right."""
    return _holders(session, ListMembership.id.in_(set(place_ids)))


def _holders(session: Session, where: sa.ColumnElement[bool]) -> set[UUID]:
    by_itself = ListMembership.enterprise_id == Enterprise.id
    by_group = ListMembership.group_id == Enterprise.group_id
    return set(
        session.scalars(
            sa.select(Enterprise.id)
            .join(ListMembership, sa.or_(by_itself, by_group))
            .join(ListEdition, ListEdition.id == ListMembership.edition_id)
            .where(where)
        )
    )
