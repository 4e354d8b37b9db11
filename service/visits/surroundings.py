"""What a submitted visit is seen against, read in one statement: its visitor, unit, enterprise and neighbours."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session, aliased

from service.accounts.models import Unit, User
from service.accounts.queries import unit_by_postings
from service.enterprises.models import Enterprise
from service.enterprises.queries import standing
from service.kernel.calendar import local_date
from service.kernel.geo import Point
from service.kernel.together import Question
from service.photos.models import Photo, PhotoSource
from service.photos.queries import reused
from service.visits.models import ReviewState, Visit
from service.visits.submission import VisitSubmission

Row = sa.Row[*tuple[Any, ...]]
_GONE = (ReviewState.VOIDED, ReviewState.WITHDRAWN)


@dataclass(frozen=True, slots=True)
class Visitor:
    """The person who paid the visit, and their unit on that day."""

    id: UUID
    name: str
    unit_id: UUID
    unit_name: str
    lineage: frozenset[UUID]


@dataclass(frozen=True, slots=True)
class KnownEnterprise:
    """The enterprise that stands for the one that was named."""

    id: UUID
    name: str
    position: Point | None


@dataclass(frozen=True, slots=True)
class PhotoFacts:
    """What is known of the photos by now; more may arrive later."""

    reused: frozenset[UUID] = frozenset()
    from_gallery: frozenset[UUID] = frozenset()


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Facts about a submission that are not in it; None is what does not exist."""

    visitor: Visitor | None
    enterprise: KnownEnterprise | None
    unit_names: dict[UUID, str]
    """The joint units that exist."""
    similar_visits: int = 0
    """Other visits of the same unit to the same enterprise on that day."""
    photos: PhotoFacts = field(default_factory=PhotoFacts)


def asking(visit_id: UUID, author_id: UUID, what: VisitSubmission) -> Question:
    """The statement whose row `surroundings` reads."""
    return Question(
        _SEEN,
        {
            "visit_id": visit_id,
            "visitor_id": what.visitor_id or author_id,
            "day": local_date(what.visited_at),
            "enterprise_id": what.enterprise_id,
            "joint": list(what.joint_unit_ids),
        },
    )


def surroundings(session: Session, visit_id: UUID, row: Row, what: VisitSubmission) -> Surroundings:
    """What this submission is seen against; one more statement when it names photos."""
    return Surroundings(
        visitor=_visitor(row),
        enterprise=_enterprise(session, row),
        unit_names={UUID(key): name for key, name in (row.joint_units or {}).items()},
        similar_visits=row.similar or 0,
        photos=_photos(session, visit_id, what.photo_ids),
    )


def _seen() -> sa.Select[*tuple[Any, ...]]:
    visitor_id = sa.bindparam("visitor_id", type_=sa.Uuid())
    day = sa.bindparam("day", type_=sa.Date())
    unit_of_account = sa.select(User.unit_id).where(User.id == visitor_id).scalar_subquery()
    one = sa.select(
        visitor_id.label("visitor_id"),
        sa.func.coalesce(
            unit_by_postings(visitor_id, day).scalar_subquery(), unit_of_account, type_=sa.Uuid()
        ).label("unit_id"),
    ).subquery("one")
    stands = aliased(Enterprise)
    columns: sa.Select[*tuple[Any, ...]] = sa.select(
        one.c.visitor_id,
        User.name.label("visitor_name"),
        one.c.unit_id,
        Unit.name.label("unit_name"),
        Unit.lineage,
        Enterprise.id.label("named_id"),
        Enterprise.merged_into_id,
        sa.func.coalesce(stands.name, Enterprise.name).label("enterprise_name"),
        sa.case((stands.id.is_not(None), stands.latitude), else_=Enterprise.latitude).label("latitude"),
        sa.case((stands.id.is_not(None), stands.longitude), else_=Enterprise.longitude).label("longitude"),
        stands.merged_into_id.label("merged_again"),
        _similar_visits(one.c.unit_id, day).label("similar"),
        _joint_units().label("joint_units"),
    )
    return (
        columns.select_from(one)
        .outerjoin(User, User.id == one.c.visitor_id)
        .outerjoin(Unit, Unit.id == one.c.unit_id)
        .outerjoin(Enterprise, Enterprise.id == sa.bindparam("enterprise_id", type_=sa.Uuid()))
        .outerjoin(stands, stands.id == Enterprise.merged_into_id)
    )


def _similar_visits(unit_id: sa.ColumnElement[Any], day: sa.ColumnElement[date]) -> sa.ScalarSelect[int]:
    return (
        sa.select(sa.func.count())
        .where(
            Visit.enterprise_id == sa.func.coalesce(Enterprise.merged_into_id, Enterprise.id),
            Visit.visited_on == day,
            Visit.unit_id == unit_id,
            Visit.id != sa.bindparam("visit_id", type_=sa.Uuid()),
            *(Visit.review_state != gone for gone in _GONE),
        )
        .correlate(Enterprise, unit_id.table)
        .scalar_subquery()
    )


def _joint_units() -> sa.ScalarSelect[Any]:
    """`{id: name}` of those joint units that exist."""
    joint = aliased(Unit)
    ids = sa.bindparam("joint", type_=sa.ARRAY(sa.Uuid()))
    return (
        sa.select(sa.func.jsonb_object_agg(sa.cast(joint.id, sa.Text), joint.name, type_=JSONB()))
        .where(joint.id == sa.any_(ids))
        .scalar_subquery()
    )


_SEEN = _seen()
"""Built once: every new visit asks this, and building it costs more than running it."""


def _visitor(row: Row) -> Visitor | None:
    if row.visitor_name is None:
        return None
    return Visitor(row.visitor_id, row.visitor_name, row.unit_id, row.unit_name, frozenset(row.lineage))


def _enterprise(session: Session, row: Row) -> KnownEnterprise | None:
    if row.named_id is None:
        return None
    if row.merged_again is not None:  # rare: it was merged into one that was merged again
        return known_enterprise(session, row.named_id)
    return KnownEnterprise(
        row.merged_into_id or row.named_id, row.enterprise_name, _position(row.latitude, row.longitude)
    )


def known_enterprise(session: Session, enterprise_id: UUID) -> KnownEnterprise:
    """The enterprise that stands for this one today.

    Raises:
        UnknownEnterprise: there is none of that id.
    """
    stands = standing(session, enterprise_id)
    row = session.execute(
        sa.select(Enterprise.name, Enterprise.latitude, Enterprise.longitude).where(Enterprise.id == stands)
    ).one()
    return KnownEnterprise(stands, row.name, _position(row.latitude, row.longitude))


def _position(latitude: float | None, longitude: float | None) -> Point | None:
    return None if latitude is None or longitude is None else Point(latitude, longitude)


def _photos(session: Session, visit_id: UUID, photo_ids: tuple[UUID, ...]) -> PhotoFacts:
    if not photo_ids:
        return PhotoFacts()
    gallery = sa.select(Photo.id).where(Photo.id.in_(photo_ids), Photo.source == PhotoSource.GALLERY)
    return PhotoFacts(
        reused=frozenset(reused(session, visit_id, photo_ids)),
        from_gallery=frozenset(session.scalars(gallery)),
    )
