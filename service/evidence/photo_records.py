"""The records that name a photo: whom or what they are about, and which of their checks speak of pictures."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from service.accounts.visibility import within_scope
from service.checkins.models import Checkin
from service.enterprises.models import Enterprise
from service.evidence.models import CheckinAssessment, VisitAssessment
from service.issues.models import Issue, IssueState
from service.issues.queries import visible
from service.kernel.actor import Actor
from service.photos.models import Photo, PhotoClaim
from service.projects.models import Site
from service.submissions.models import RecordType
from service.submissions.review_states import ReviewState
from service.visits.models import Visit

LIKENESS_CHECKS = ("photo_bytes", "photo_alike")
PICTURE_CHECKS = (*LIKENESS_CHECKS, "exif_time", "exif_place")
"""Checks of a record that speak of its pictures; where it came from and whether it opens, each photo knows itself."""


@dataclass(frozen=True, slots=True)
class AboutWhat:
    """The enterprise or the site of a record; a free entry that waits to be matched has no id."""

    id: UUID | None
    name: str


@dataclass(frozen=True, slots=True)
class RecordOfPhoto:
    """A record that names the photo, itself or by what was done about it, and whom or what it is about."""

    type: RecordType
    id: UUID
    number: str
    review_state: ReviewState | None
    """None of a problem, which nobody reviews."""
    issue_state: IssueState | None
    """Where a problem is; None of other records."""
    enterprise: AboutWhat | None
    site: AboutWhat | None
    doubts: tuple[str, ...]
    """The checks of its pictures that were doubtful when they last ran."""


def named_by_doubted(checks: Sequence[str]) -> sa.ColumnElement[bool]:
    """The photos of a record whose last checks were doubtful in one of these points."""
    named = sa.literal(list(checks), sa.ARRAY(sa.Text()))
    visits = (
        sa.select(VisitAssessment.record_id)
        .join(Visit, sa.and_(Visit.id == VisitAssessment.record_id, Visit.rev == VisitAssessment.rev))
        .where(VisitAssessment.doubts.op("&&")(named))
    )
    checkins = (
        sa.select(CheckinAssessment.record_id)
        .join(
            Checkin, sa.and_(Checkin.id == CheckinAssessment.record_id, Checkin.rev == CheckinAssessment.rev)
        )
        .where(CheckinAssessment.doubts.op("&&")(named))
    )
    doubted = sa.union_all(visits, checkins)
    return Photo.id.in_(sa.select(PhotoClaim.photo_id).where(PhotoClaim.record_id.in_(doubted)))


def records_naming(session: Session, actor: Actor, photo_ids: list[UUID]) -> dict[UUID, list[RecordOfPhoto]]:
    """The records of the scope that name these photos, the first received first."""
    found: defaultdict[UUID, list[RecordOfPhoto]] = defaultdict(list)
    of_all = sa.union_all(
        _visits(actor, photo_ids), _checkins(actor, photo_ids), _issues(actor, photo_ids)
    ).subquery()
    for row in session.execute(sa.select(of_all).order_by(of_all.c.received_at, of_all.c.id)):
        is_issue = row.type == RecordType.ISSUE
        found[row.photo_id].append(
            RecordOfPhoto(
                type=RecordType(row.type),
                id=row.id,
                number=row.number,
                review_state=None if is_issue else ReviewState(row.state),
                issue_state=IssueState(row.state) if is_issue else None,
                enterprise=_about(row.enterprise_id, row.enterprise),
                site=_about(row.site_id, row.site),
                doubts=tuple(one for one in row.doubts or () if one in PICTURE_CHECKS),
            )
        )
    return found


def _about(id_: UUID | None, name: str | None) -> AboutWhat | None:
    return None if name is None else AboutWhat(id_, name)


_NO_ID, _NO_NAME = sa.cast(sa.null(), sa.Uuid()), sa.cast(sa.null(), sa.Text())
_NO_DOUBTS = sa.cast(sa.null(), sa.ARRAY(sa.Text()))


def _visits(actor: Actor, photo_ids: list[UUID]) -> sa.Select[*tuple[Any, ...]]:
    columns: sa.Select[*tuple[Any, ...]] = sa.select(
        PhotoClaim.photo_id,
        sa.literal(RecordType.VISIT.value).label("type"),
        Visit.id,
        Visit.number,
        Visit.received_at,
        sa.cast(Visit.review_state, sa.Text()).label("state"),
        Visit.enterprise_id,
        sa.func.coalesce(Enterprise.name, Visit.free_enterprise["name"].astext).label("enterprise"),
        _NO_ID.label("site_id"),
        _NO_NAME.label("site"),
        VisitAssessment.doubts,
    )
    return (
        columns.join(Visit, Visit.id == PhotoClaim.record_id)
        .outerjoin(Enterprise, Enterprise.id == Visit.enterprise_id)
        .outerjoin(
            VisitAssessment,
            sa.and_(VisitAssessment.record_id == Visit.id, VisitAssessment.rev == Visit.rev),
        )
        .where(PhotoClaim.photo_id.in_(photo_ids), within_scope(actor, Visit.unit_id))
    )


def _checkins(actor: Actor, photo_ids: list[UUID]) -> sa.Select[*tuple[Any, ...]]:
    taken_back = sa.case(
        (Checkin.withdrawn_at.is_not(None), ReviewState.WITHDRAWN.value),
        else_=sa.cast(Checkin.review_state, sa.Text()),
    )
    columns: sa.Select[*tuple[Any, ...]] = sa.select(
        PhotoClaim.photo_id,
        sa.literal(RecordType.CHECKIN.value).label("type"),
        Checkin.id,
        Checkin.number,
        Checkin.received_at,
        taken_back.label("state"),
        _NO_ID.label("enterprise_id"),
        _NO_NAME.label("enterprise"),
        Checkin.site_id,
        Site.name.label("site"),
        CheckinAssessment.doubts,
    )
    return (
        columns.join(Checkin, Checkin.id == PhotoClaim.record_id)
        .join(Site, Site.id == Checkin.site_id)
        .outerjoin(
            CheckinAssessment,
            sa.and_(CheckinAssessment.record_id == Checkin.id, CheckinAssessment.rev == Checkin.rev),
        )
        .where(PhotoClaim.photo_id.in_(photo_ids), within_scope(actor, Checkin.unit_id))
    )


def _issues(actor: Actor, photo_ids: list[UUID]) -> sa.Select[*tuple[Any, ...]]:
    """Problems that the actor reads; photos of what was done about one are the problem's own."""
    columns: sa.Select[*tuple[Any, ...]] = sa.select(
        PhotoClaim.photo_id,
        sa.literal(RecordType.ISSUE.value).label("type"),
        Issue.id,
        Issue.number,
        Issue.received_at,
        sa.cast(Issue.state, sa.Text()).label("state"),
        Issue.enterprise_id,
        Enterprise.name.label("enterprise"),
        Issue.site_id,
        Site.name.label("site"),
        _NO_DOUBTS.label("doubts"),
    )
    return (
        columns.join(Issue, Issue.id == PhotoClaim.record_id)
        .outerjoin(Enterprise, Enterprise.id == Issue.enterprise_id)
        .outerjoin(Site, Site.id == Issue.site_id)
        .where(PhotoClaim.photo_id.in_(photo_ids), visible(actor))
    )
