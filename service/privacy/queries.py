"""Reads of requests, and the document that a granted request for access gives."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from service.accounts.models import Device, DeviceHolder, Posting, SignIn, Unit, User
from service.audit import commands as audit
from service.checkins.models import Checkin
from service.issues.models import Issue, IssueEvent
from service.kernel.actor import Actor
from service.kernel.clock import now
from service.kernel.pages import Page, PageRequest, moment_and_id, page_of
from service.photos.models import Photo
from service.privacy.errors import NothingToHandOut, UnknownRequest
from service.privacy.models import PositionView, PrivacyRequest, Refused, RequestKind, RequestState
from service.privacy.places import Told, counts, read_again
from service.privacy.requests import demand_registrar, subject_of
from service.trips.models import Trip
from service.visits.models import Visit


@dataclass(frozen=True, slots=True)
class RequestRow:
    """A request as the register shows it; `found` and `erased` count rows by place."""

    id: UUID
    kind: RequestKind
    state: RequestState
    name: str
    phone: str | None
    user_id: UUID | None
    record_ids: list[UUID]
    note: str | None
    asked_by: UUID
    asked_by_name: str
    asked_at: datetime
    searched_at: datetime | None
    found: dict[str, int]
    decided_by: UUID | None
    decided_by_name: str | None
    decided_at: datetime | None
    refused_because: Refused | None
    reason: str | None
    done_at: datetime | None
    erased: dict[str, int]


def requests(
    session: Session, actor: Actor, page: PageRequest, *, state: RequestState | None = None
) -> Page[RequestRow]:
    """The register, the newest first.

    Raises:
        Forbidden: the actor is not headquarters.
    """
    demand_registrar(actor)
    wanted = _rows() if state is None else _rows().where(PrivacyRequest.state == state)
    if page.after is not None:
        key = sa.tuple_(PrivacyRequest.asked_at, PrivacyRequest.id)
        wanted = wanted.where(key < sa.tuple_(*moment_and_id(page.after)))
    wanted = wanted.order_by(PrivacyRequest.asked_at.desc(), PrivacyRequest.id.desc()).limit(page.limit + 1)
    found = [_row(row) for row in session.execute(wanted)]
    return page_of(found, limit=page.limit, key=lambda row: (row.asked_at.isoformat(), str(row.id)))


def one_request(session: Session, actor: Actor, request_id: UUID) -> RequestRow:
    """One request.

    Raises:
        Forbidden: the actor is not headquarters.
        UnknownRequest: there is none such.
    """
    demand_registrar(actor)
    row = session.execute(_rows().where(PrivacyRequest.id == request_id)).one_or_none()
    if row is None:
        raise UnknownRequest
    return _row(row)


def hand_out(session: Session, actor: Actor, request_id: UUID) -> dict[str, Any]:
    """Everything that the search has found about the person, as it reads now; who took it is noted.

    Raises:
        Forbidden: the actor is not headquarters.
        UnknownRequest: there is none such.
        NothingToHandOut: it is no granted request for access.
    """
    demand_registrar(actor)
    request = session.get(PrivacyRequest, request_id)
    if request is None:
        raise UnknownRequest
    if request.kind is not RequestKind.ACCESS or request.state is not RequestState.DONE:
        raise NothingToHandOut
    told = list(read_again(session, subject_of(request), request.found or {}))
    audit.record(session, actor, "privacy.hand_out", "privacy_request", request_id, rows=len(told))
    return {
        "made_at": now(),
        "name": request.name,
        "phone": request.phone,
        "account": None if request.user_id is None else _account(session, request.user_id),
        "records": [_told(one) for one in told],
    }


def _told(told: Told) -> dict[str, Any]:
    return {
        "place": told.place.name,
        "record_id": told.record_id,
        "key": [str(part) for part in told.key],
        "tells": [{"pointer": hit.pointer, "value": _showable(hit.value)} for hit in told.hits],
    }


def _showable(value: Any) -> Any:
    """Bytes that are no text are shown as what stands for such."""
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else value


def _account(session: Session, user_id: UUID) -> dict[str, Any]:
    user = session.get_one(User, user_id)
    return {
        "id": user.id,
        "username": user.username,
        "name": user.name,
        "phone": user.phone,
        "rank": user.rank,
        "roles": user.roles,
        "created_at": user.created_at,
        "closed_at": user.closed_at,
        "postings": _postings(session, user_id),
        "devices": _devices(session, user_id),
        "counts": _counts_of(session, user_id),
    }


def _postings(session: Session, user_id: UUID) -> list[dict[str, Any]]:
    rows = session.execute(
        sa.select(Unit.name, Posting.from_on, Posting.until_on)
        .join(Unit, Unit.id == Posting.unit_id)
        .where(Posting.user_id == user_id)
        .order_by(Posting.from_on)
    )
    return [{"unit": name, "from_on": _day(began), "until_on": _day(ended)} for name, began, ended in rows]


def _devices(session: Session, user_id: UUID) -> list[dict[str, Any]]:
    rows = session.execute(
        sa.select(Device.id, Device.platform, Device.model, DeviceHolder.since_at, Device.last_seen_at)
        .join(DeviceHolder, DeviceHolder.device_id == Device.id)
        .where(DeviceHolder.user_id == user_id)
        .order_by(DeviceHolder.since_at)
    )
    return [row._asdict() for row in rows]


def _counts_of(session: Session, user_id: UUID) -> Mapping[str, int]:
    """How many records of service there are, and how many tell a position."""
    own = {
        "visits": sa.select(Visit.id).where(
            sa.or_(Visit.visitor_id == user_id, Visit.recorded_by == user_id)
        ),
        "visits_with_position": sa.select(Visit.id).where(
            Visit.visitor_id == user_id, Visit.latitude.is_not(None)
        ),
        "checkins": sa.select(Checkin.id).where(Checkin.user_id == user_id),
        "checkins_with_position": sa.select(Checkin.id).where(
            Checkin.user_id == user_id, Checkin.latitude.is_not(None)
        ),
        "trips": sa.select(Trip.id).where(Trip.filed_by == user_id),
        "issues": sa.select(Issue.id).where(Issue.raised_by == user_id),
        "issue_events": sa.select(IssueEvent.id).where(IssueEvent.by_user == user_id),
        "photos": sa.select(Photo.id).where(Photo.owner_id == user_id),
        "sign_ins": sa.select(SignIn.id).where(SignIn.user_id == user_id),
        "views_of_position": sa.select(PositionView.id).where(PositionView.person_id == user_id),
    }
    columns = [
        sa.select(sa.func.count()).select_from(rows.subquery()).scalar_subquery().label(name)
        for name, rows in own.items()
    ]
    return dict(session.execute(sa.select(*columns)).mappings().one())


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _rows() -> sa.Select[*tuple[Any, ...]]:
    entered, decider = aliased(User), aliased(User)
    columns: sa.Select[*tuple[Any, ...]] = sa.select(
        PrivacyRequest, entered.name.label("asked_by_name"), decider.name.label("decided_by_name")
    )
    return columns.join(entered, entered.id == PrivacyRequest.asked_by).outerjoin(
        decider, decider.id == PrivacyRequest.decided_by
    )


def _row(row: sa.Row[*tuple[Any, ...]]) -> RequestRow:
    one: PrivacyRequest = row.PrivacyRequest
    return RequestRow(
        id=one.id,
        kind=one.kind,
        state=one.state,
        name=one.name,
        phone=one.phone,
        user_id=one.user_id,
        record_ids=one.record_ids,
        note=one.note,
        asked_by=one.asked_by,
        asked_by_name=row.asked_by_name,
        asked_at=one.asked_at,
        searched_at=one.searched_at,
        found=counts(one.found or {}),
        decided_by=one.decided_by,
        decided_by_name=row.decided_by_name,
        decided_at=one.decided_at,
        refused_because=one.refused_because,
        reason=one.reason,
        done_at=one.done_at,
        erased=one.erased or {},
    )
