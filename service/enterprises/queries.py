"""Reads of the register: search, one enterprise with all it is known by, and who stands for whom."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from service.enterprises.errors import UnknownEnterprise
from service.enterprises.models import (
    Enterprise,
    EnterpriseAlias,
    EnterpriseGroup,
    EnterpriseKind,
    ListEdition,
    ListMembership,
)
from service.kernel import clock
from service.kernel.calendar import local_date
from service.kernel.db import among


@dataclass(frozen=True, slots=True)
class FoundEnterprise:
    """A line of the register; `top500` names the lists it is on today, by its own or its group's right."""

    id: UUID
    name: str
    short_name: str | None
    kind: EnterpriseKind
    credit_code: str | None
    initials: str
    country: str | None
    province: str | None
    city: str | None
    industry: str | None
    well_known: bool
    group_id: UUID | None
    rev: int
    top500: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Alias:
    """Another name of an enterprise."""

    id: UUID
    name: str


@dataclass(frozen=True, slots=True)
class GroupOf:
    """The group an enterprise belongs to; unconfirmed it is a suggestion."""

    id: UUID
    name: str
    confirmed: bool
    confirmed_at: datetime | None


@dataclass(frozen=True, slots=True)
class MembershipOf:
    """A place on an edition of a list, of the enterprise itself or of its group."""

    id: UUID
    edition_id: UUID
    list_code: str
    title: str
    year: int
    rank: int | None
    listed_name: str
    through_group: bool
    confirmed: bool


@dataclass(frozen=True, slots=True)
class EnterpriseDetails:
    """Everything the register holds of one enterprise."""

    enterprise: Enterprise
    aliases: Sequence[Alias]
    group: GroupOf | None
    memberships: Sequence[MembershipOf]
    top500: tuple[str, ...]

    def __getattr__(self, name: str) -> Any:
        """The enterprise's own columns."""
        return getattr(self.enterprise, name)


FOUND_COLUMNS = (
    Enterprise.id,
    Enterprise.name,
    Enterprise.short_name,
    Enterprise.kind,
    Enterprise.credit_code,
    Enterprise.initials,
    Enterprise.country,
    Enterprise.province,
    Enterprise.city,
    Enterprise.industry,
    Enterprise.well_known,
    Enterprise.group_id,
    Enterprise.rev,
)


def standing(session: Session, enterprise_id: UUID) -> UUID:
    """The enterprise that stands for this one today: itself, or the end of its chain of merges.

    Raises:
        UnknownEnterprise: there is none of that id.
    """
    chain = sa.select(Enterprise.id, Enterprise.merged_into_id).where(Enterprise.id == enterprise_id)
    walked = chain.cte("chain", recursive=True)
    step = sa.select(Enterprise.id, Enterprise.merged_into_id).join(
        walked, Enterprise.id == walked.c.merged_into_id
    )
    walked = walked.union(step)
    found: UUID | None = session.scalar(sa.select(walked.c.id).where(walked.c.merged_into_id.is_(None)))
    if found is None:
        raise UnknownEnterprise
    return found


def details(session: Session, enterprise_id: UUID) -> EnterpriseDetails:
    """One enterprise with its names, group and places on lists.

    Raises:
        UnknownEnterprise: there is none of that id.
    """
    enterprise = session.get(Enterprise, enterprise_id, populate_existing=True)
    if enterprise is None:
        raise UnknownEnterprise
    aliases = session.execute(
        sa.select(EnterpriseAlias.id, EnterpriseAlias.name)
        .where(EnterpriseAlias.enterprise_id == enterprise_id)
        .order_by(EnterpriseAlias.name)
    )
    return EnterpriseDetails(
        enterprise=enterprise,
        aliases=[Alias(*row) for row in aliases],
        group=_group_of(session, enterprise),
        memberships=_memberships_of(session, enterprise),
        top500=top500_today(session, [enterprise_id]).get(enterprise_id, ()),
    )


def with_top500(session: Session, found: Sequence[FoundEnterprise]) -> list[FoundEnterprise]:
    """The same lines with the lists each is on today."""
    titles = top500_today(session, [one.id for one in found])
    return [replace(one, top500=titles.get(one.id, ())) for one in found]


def top500_today(session: Session, ids: Collection[UUID]) -> dict[UUID, tuple[str, ...]]:
    """The titles of the lists these enterprises are confirmed on, in the editions in force today."""
    if not ids:
        return {}
    in_force = editions_in_force(local_date(clock.now())).subquery()
    by_itself = ListMembership.enterprise_id == Enterprise.id
    by_group = sa.and_(
        ListMembership.group_id == Enterprise.group_id, Enterprise.group_confirmed_at.is_not(None)
    )
    rows = session.execute(
        sa.select(Enterprise.id, in_force.c.title, in_force.c.year)
        .join(ListMembership, sa.or_(by_itself, by_group))
        .join(in_force, in_force.c.id == ListMembership.edition_id)
        .where(Enterprise.id == among(ids), ListMembership.confirmed_at.is_not(None))
        .distinct()
        .order_by(Enterprise.id, in_force.c.title)
    )
    titles: dict[UUID, tuple[str, ...]] = {}
    for row in rows:
        titles[row.id] = (*titles.get(row.id, ()), f"{row.title}（{row.year}）")
    return titles


def editions_in_force(day: date) -> sa.Select[UUID, str, str, int]:
    """The edition of each list that is in force on a day: the newest that began by then."""
    return (
        sa.select(ListEdition.id, ListEdition.list_code, ListEdition.title, ListEdition.year)
        .where(ListEdition.in_force_from <= day)
        .ext(distinct_on(ListEdition.list_code))
        .order_by(ListEdition.list_code, ListEdition.in_force_from.desc())
    )


def _group_of(session: Session, enterprise: Enterprise) -> GroupOf | None:
    if enterprise.group_id is None:
        return None
    group = session.get_one(EnterpriseGroup, enterprise.group_id)
    confirmed = enterprise.group_confirmed_at
    return GroupOf(group.id, group.name, confirmed is not None, confirmed)


def _memberships_of(session: Session, enterprise: Enterprise) -> list[MembershipOf]:
    own = ListMembership.enterprise_id == enterprise.id
    through_group = ListMembership.group_id == enterprise.group_id
    rows = session.execute(
        sa.select(ListMembership, ListEdition)
        .join(ListEdition, ListEdition.id == ListMembership.edition_id)
        .where(sa.or_(own, through_group) if enterprise.group_id else own)
        .order_by(ListEdition.year.desc(), ListEdition.list_code)
    )
    return [
        MembershipOf(
            id=place.id,
            edition_id=edition.id,
            list_code=edition.list_code,
            title=edition.title,
            year=edition.year,
            rank=place.rank,
            listed_name=place.listed_name,
            through_group=place.group_id is not None,
            confirmed=place.confirmed_at is not None,
        )
        for place, edition in rows
    ]
