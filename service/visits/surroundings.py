"""What a submitted visit is seen against, read in one statement: its visitor, unit, enterprise and neighbours."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
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
from service.kernel.many import as_rows
from service.kernel.together import Question, together
from service.photos.models import Photo, PhotoClaim, PhotoSource
from service.photos.queries import asking_gallery, asking_reused
from service.programmes.limits import USUAL, Limits, read_limits
from service.programmes.thresholds import kept_limits
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
    """Other visits of the same unit to the same enterprise on that day, or as many days around as the limits say."""
    photos: PhotoFacts = field(default_factory=PhotoFacts)
    limits: Limits = USUAL
    """Of the programme in force on that day."""


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


def asking_many(what: Sequence[tuple[UUID, UUID, VisitSubmission]]) -> tuple[Question, Question]:
    """The statements whose rows `surroundings_of_many` reads, for `(visit_id, author_id, submission)` each."""
    rows = [
        {
            "visit_id": visit_id,
            "visitor_id": one.visitor_id or author_id,
            "day": local_date(one.visited_at),
            "enterprise_id": one.enterprise_id,
            "joint": list(one.joint_unit_ids),
        }
        for visit_id, author_id, one in what
    ]
    photo_ids = sorted({photo_id for _, _, one in what for photo_id in one.photo_ids})
    gallery = {"photos": photo_ids}
    return Question(_SEEN_BY_MANY, {"rows": as_rows(rows)}), Question(_PHOTOS, gallery)


def surroundings_of_many(
    session: Session, rows: Sequence[Row], photos: Sequence[Row], what: Mapping[UUID, VisitSubmission]
) -> dict[UUID, Surroundings]:
    """What each is seen against; the earlier ones of them count as neighbours of the later, in the order of ids."""
    reused_ids = {row.id for row in photos if row.is_used}
    from_gallery = {row.id for row in photos if row.source == PhotoSource.GALLERY}
    earlier: Counter[tuple[UUID, UUID, date]] = Counter()
    found: dict[UUID, Surroundings] = {}
    for row in sorted(rows, key=lambda row: row.visit_id):
        submission = what[row.visit_id]
        seen = surroundings(session, row.visit_id, row, replace(submission, photo_ids=()))
        named = frozenset(submission.photo_ids)
        similar = seen.similar_visits
        if seen.enterprise is not None and row.unit_id is not None:
            subject, day = (seen.enterprise.id, row.unit_id), local_date(submission.visited_at)
            around = range(-seen.limits.duplicate_days, seen.limits.duplicate_days + 1)
            similar += sum(earlier[*subject, day + timedelta(days=n)] for n in around)
            earlier[*subject, day] += 1
        found[row.visit_id] = replace(
            seen,
            similar_visits=similar,
            photos=PhotoFacts(reused=named & reused_ids, from_gallery=named & from_gallery),
        )
    return found


def surroundings(session: Session, visit_id: UUID, row: Row, what: VisitSubmission) -> Surroundings:
    """What this submission is seen against; one more statement when it names photos."""
    return Surroundings(
        visitor=_visitor(row),
        enterprise=_enterprise(session, row),
        unit_names={UUID(key): name for key, name in (row.joint_units or {}).items()},
        similar_visits=row.similar or 0,
        limits=read_limits(row.limits),
        photos=_photos(session, visit_id, what.photo_ids),
    )


_ASKED: Mapping[str, Any] = {
    "visit_id": sa.Uuid(),
    "visitor_id": sa.Uuid(),
    "day": sa.Date(),
    "enterprise_id": sa.Uuid(),
    "joint": sa.ARRAY(sa.Uuid()),
}


def _of_one() -> sa.FromClause:
    """The one visit that is asked about."""
    return sa.select(*(sa.bindparam(name, type_=kind).label(name) for name, kind in _ASKED.items())).subquery(
        "asked"
    )


def _of_many() -> sa.FromClause:
    """The visits that are asked about, as rows of a JSON text."""
    rows = sa.cast(sa.bindparam("rows", type_=sa.Text()), JSONB)
    columns = [sa.column(name, kind) for name, kind in _ASKED.items()]
    return (
        sa.func.jsonb_to_recordset(rows).table_valued(*columns, name="asked").render_derived(with_types=True)
    )


def _seen(asked: sa.FromClause) -> sa.Select[*tuple[Any, ...]]:
    unit_of_account = sa.select(User.unit_id).where(User.id == asked.c.visitor_id).scalar_subquery()
    postings = unit_by_postings(asked.c.visitor_id, asked.c.day).correlate(asked).scalar_subquery()
    one = sa.select(
        *asked.c,
        sa.func.coalesce(postings, unit_of_account, type_=sa.Uuid()).label("unit_id"),
        kept_limits(asked.c.day).correlate(asked).label("limits"),
    ).subquery("one")
    stands = aliased(Enterprise)
    columns: sa.Select[*tuple[Any, ...]] = sa.select(
        one.c.visit_id,
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
        _similar_visits(one).label("similar"),
        _joint_units(one).label("joint_units"),
        one.c.limits,
    )
    return (
        columns.select_from(one)
        .outerjoin(User, User.id == one.c.visitor_id)
        .outerjoin(Unit, Unit.id == one.c.unit_id)
        .outerjoin(Enterprise, Enterprise.id == one.c.enterprise_id)
        .outerjoin(stands, stands.id == Enterprise.merged_into_id)
    )


def _similar_visits(one: sa.FromClause) -> sa.ScalarSelect[int]:
    days = sa.func.coalesce(one.c.limits["duplicate_days"].as_integer(), USUAL.duplicate_days)
    return (
        sa.select(sa.func.count())
        .where(
            Visit.enterprise_id == sa.func.coalesce(Enterprise.merged_into_id, Enterprise.id),
            Visit.visited_on.between(one.c.day - days, one.c.day + days),
            Visit.unit_id == one.c.unit_id,
            Visit.id != one.c.visit_id,
            *(Visit.review_state != gone for gone in _GONE),
        )
        .correlate(Enterprise, one)
        .scalar_subquery()
    )


def _joint_units(one: sa.FromClause) -> sa.ScalarSelect[Any]:
    """`{id: name}` of those joint units that exist."""
    joint = aliased(Unit)
    return (
        sa.select(sa.func.jsonb_object_agg(sa.cast(joint.id, sa.Text), joint.name, type_=JSONB()))
        .where(joint.id == sa.any_(one.c.joint))
        .correlate(one)
        .scalar_subquery()
    )


def _photo_facts() -> sa.Select[*tuple[Any, ...]]:
    """Of each photo that is named whether another record uses it, or the same bytes, and where it came from."""
    photos = sa.bindparam("photos", type_=sa.ARRAY(sa.Uuid()))
    named = sa.select(sa.func.unnest(photos, type_=sa.Uuid()).label("id")).subquery("named")
    twin = aliased(Photo)
    same_photo = sa.exists().where(PhotoClaim.photo_id == named.c.id)
    same_bytes = sa.exists().where(
        twin.sha256 == Photo.sha256, twin.id != Photo.id, PhotoClaim.photo_id == twin.id
    )
    columns: sa.Select[*tuple[Any, ...]] = sa.select(
        named.c.id, sa.or_(same_photo, same_bytes).label("is_used"), Photo.source
    )
    return columns.select_from(named).outerjoin(Photo, Photo.id == named.c.id)


_SEEN = _seen(_of_one())
"""Built once: every new visit asks this, and building it costs more than running it."""
_SEEN_BY_MANY = _seen(_of_many())
_PHOTOS = _photo_facts()


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
    used, gallery = together(session, asking_reused(visit_id, photo_ids), asking_gallery(photo_ids))
    return PhotoFacts(
        reused=frozenset(row.photo_id for row in used), from_gallery=frozenset(row.id for row in gallery)
    )
