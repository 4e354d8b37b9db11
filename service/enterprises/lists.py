"""Top-500 lists come in editions, each in force from a day until the next; a place counts once it is confirmed."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from service.audit.commands import record
from service.enterprises.commands import locked
from service.enterprises.cursors import bound, rank_name_and_id
from service.enterprises.errors import NameTaken, UnknownEdition, UnknownGroup
from service.enterprises.models import Enterprise, EnterpriseGroup, ListEdition, ListMembership
from service.enterprises.rules import keepers_only
from service.kernel.actor import Actor
from service.kernel.clock import now
from service.kernel.errors import NotFound
from service.kernel.ids import uuid7
from service.kernel.pages import Page, PageRequest, page_of

KEY_PARTS = 3
_LAST_RANK = 2**31 - 1


@dataclass(frozen=True, slots=True)
class NewEdition:
    """One year's edition of a list."""

    list_code: str
    title: str
    year: int
    in_force_from: date


@dataclass(frozen=True, slots=True)
class EditionChange:
    """An edition's new title and first day."""

    edition_id: UUID
    title: str
    in_force_from: date


@dataclass(frozen=True, slots=True)
class NewPlace:
    """A group or an enterprise, one of the two, on an edition."""

    edition_id: UUID
    listed_name: str
    enterprise_id: UUID | None = None
    group_id: UUID | None = None
    rank: int | None = None
    confirmed: bool = False


@dataclass(frozen=True, slots=True)
class EditionRow:
    """An edition with how many places it has, and how many are confirmed."""

    id: UUID
    list_code: str
    title: str
    year: int
    in_force_from: date
    places: int
    confirmed: int


@dataclass(frozen=True, slots=True)
class PlaceRow:
    """A place on an edition, with who holds it."""

    id: UUID
    edition_id: UUID
    rank: int | None
    listed_name: str
    enterprise_id: UUID | None
    enterprise_name: str | None
    group_id: UUID | None
    group_name: str | None
    confirmed_at: datetime | None


def create_edition(session: Session, actor: Actor, edition: NewEdition) -> UUID:
    """A new edition; from its first day on it takes the place of the one before.

    Raises:
        NameTaken: the list has an edition of that year, or one that begins that day.
    """
    keepers_only(actor)
    same_year = ListEdition.year == edition.year
    same_day = ListEdition.in_force_from == edition.in_force_from
    _refuse_taken(session, ListEdition.list_code == edition.list_code, sa.or_(same_year, same_day))
    made = ListEdition(
        id=uuid7(),
        list_code=edition.list_code,
        title=edition.title,
        year=edition.year,
        in_force_from=edition.in_force_from,
    )
    session.add(made)
    session.flush()
    record(
        session,
        actor,
        "list_edition.create",
        "list_edition",
        made.id,
        list_code=made.list_code,
        year=made.year,
        in_force_from=made.in_force_from,
    )
    return made.id


def amend_edition(session: Session, actor: Actor, change: EditionChange) -> str:
    """The edition with its new title and first day; answers the list's code, whose visits may count otherwise."""
    keepers_only(actor)
    edition = session.get(ListEdition, change.edition_id, with_for_update=True)
    if edition is None:
        raise UnknownEdition
    _refuse_taken(
        session,
        ListEdition.list_code == edition.list_code,
        ListEdition.in_force_from == change.in_force_from,
        ListEdition.id != edition.id,
    )
    before = {"title": edition.title, "in_force_from": edition.in_force_from}
    edition.title, edition.in_force_from = change.title, change.in_force_from
    session.flush()
    after = {"title": change.title, "in_force_from": change.in_force_from}
    record(session, actor, "list_edition.amend", "list_edition", edition.id, before=before, after=after)
    return edition.list_code


def add_place(session: Session, actor: Actor, place: NewPlace) -> UUID:
    """A group or an enterprise is on the edition; it counts once confirmed.

    Raises:
        NameTaken: it is on the edition already.
        UnknownEdition, UnknownEnterprise, UnknownGroup, AlreadyMerged: as they say.
    """
    keepers_only(actor)
    if session.get(ListEdition, place.edition_id) is None:
        raise UnknownEdition
    if place.enterprise_id:
        locked(session, place.enterprise_id)
    elif place.group_id is None or session.get(EnterpriseGroup, place.group_id) is None:
        raise UnknownGroup
    holder = (
        ListMembership.enterprise_id == place.enterprise_id
        if place.enterprise_id
        else ListMembership.group_id == place.group_id
    )
    existing = session.scalar(
        sa.select(ListMembership.id).where(ListMembership.edition_id == place.edition_id, holder)
    )
    if existing:
        raise NameTaken(existing_id=existing, name=place.listed_name)
    made = ListMembership(
        id=uuid7(),
        edition_id=place.edition_id,
        enterprise_id=place.enterprise_id,
        group_id=None if place.enterprise_id else place.group_id,
        rank=place.rank,
        listed_name=place.listed_name,
        confirmed_by=actor.user_id if place.confirmed else None,
        confirmed_at=now() if place.confirmed else None,
    )
    session.add(made)
    session.flush()
    record(
        session,
        actor,
        "list_place.add",
        "list_membership",
        made.id,
        edition_id=place.edition_id,
        enterprise_id=place.enterprise_id,
        group_id=place.group_id,
        confirmed=place.confirmed,
    )
    return made.id


def confirm_places(session: Session, actor: Actor, place_ids: Collection[UUID]) -> int:
    """These places count, by this person's word; answers how many were not confirmed before."""
    keepers_only(actor)
    confirmed = session.scalars(
        sa.update(ListMembership)
        .where(ListMembership.id.in_(set(place_ids)), ListMembership.confirmed_at.is_(None))
        .values(confirmed_by=actor.user_id, confirmed_at=now())
        .returning(ListMembership.id)
    ).all()
    for place_id in confirmed:
        record(session, actor, "list_place.confirm", "list_membership", place_id)
    return len(confirmed)


def remove_place(session: Session, actor: Actor, place_id: UUID) -> None:
    """The place is no longer on the edition.

    Raises:
        NotFound: there is none of that id.
    """
    keepers_only(actor)
    place = session.get(ListMembership, place_id)
    if place is None:
        raise NotFound
    record(
        session,
        actor,
        "list_place.remove",
        "list_membership",
        place.id,
        edition_id=place.edition_id,
        enterprise_id=place.enterprise_id,
        group_id=place.group_id,
        listed_name=place.listed_name,
    )
    session.delete(place)
    session.flush()


def find_edition(session: Session, list_code: str, year: int) -> UUID | None:
    """The edition of that list and year."""
    return session.scalar(
        sa.select(ListEdition.id).where(ListEdition.list_code == list_code, ListEdition.year == year)
    )


def editions(session: Session, actor: Actor) -> list[EditionRow]:
    """Every edition, newest first, with how many places it has."""
    del actor
    confirmed = sa.func.count(ListMembership.id).filter(ListMembership.confirmed_at.is_not(None))
    rows = session.execute(
        sa.select(
            ListEdition.id,
            ListEdition.list_code,
            ListEdition.title,
            ListEdition.year,
            ListEdition.in_force_from,
            sa.func.count(ListMembership.id),
            confirmed,
        )
        .outerjoin(ListMembership, ListMembership.edition_id == ListEdition.id)
        .group_by(ListEdition.id)
        .order_by(ListEdition.year.desc(), ListEdition.list_code)
    )
    return [EditionRow(*row) for row in rows]


def places(session: Session, actor: Actor, edition_id: UUID, page: PageRequest) -> Page[PlaceRow]:
    """The places of an edition by rank.

    Raises:
        UnknownEdition: there is none of that id.
    """
    del actor
    if session.get(ListEdition, edition_id) is None:
        raise UnknownEdition
    rank = sa.func.coalesce(ListMembership.rank, _LAST_RANK)
    order = (rank, ListMembership.listed_name, ListMembership.id)
    query = (
        sa.select(
            ListMembership.id,
            ListMembership.edition_id,
            ListMembership.rank,
            ListMembership.listed_name,
            Enterprise.id,
            Enterprise.name,
            EnterpriseGroup.id,
            EnterpriseGroup.name,
            ListMembership.confirmed_at,
        )
        .outerjoin(Enterprise, Enterprise.id == ListMembership.enterprise_id)
        .outerjoin(EnterpriseGroup, EnterpriseGroup.id == ListMembership.group_id)
        .where(ListMembership.edition_id == edition_id)
        .order_by(*order)
        .limit(page.limit + 1)
    )
    if page.after:
        query = query.where(sa.tuple_(*order) > bound(*rank_name_and_id(page.after)))
    rows = [PlaceRow(*row) for row in session.execute(query)]
    return page_of(
        rows,
        limit=page.limit,
        key=lambda row: (str(row.rank if row.rank is not None else _LAST_RANK), row.listed_name, str(row.id)),
    )


def _refuse_taken(session: Session, *where: sa.ColumnElement[bool]) -> None:
    taken = session.execute(
        sa.select(ListEdition.id, ListEdition.title, ListEdition.year).where(*where)
    ).first()
    if taken:
        raise NameTaken(existing_id=taken.id, name=f"{taken.title}（{taken.year}）")
