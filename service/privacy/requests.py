"""The register of what people recorded ask for: entered, searched by a job, granted or refused, done.

::

    enter ─▶ open ─ search (job) ─┬─ refuse ─▶ refused, with why
                                  ├─ grant access ──▶ done: the document can be read
                                  └─ grant erasure ─▶ granted ─ erase (job) ─▶ done: the register itself is masked
"""

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from service.accounts.models import User
from service.audit import commands as audit
from service.jobs.queue import defer
from service.kernel.actor import Actor, Role
from service.kernel.clock import now
from service.kernel.errors import Forbidden, fault
from service.kernel.ids import uuid7
from service.privacy.errors import AlreadyDecided, StillSearching, UnknownRequest
from service.privacy.models import PrivacyRequest, Refused, RequestKind, RequestState
from service.privacy.places import Told, counts, erase, search
from service.privacy.subject import Subject, digits_of
from service.visits.contacts import masked_phone

SEARCH = "privacy.search"
ERASE = "privacy.erase"


@dataclass(frozen=True, slots=True)
class NewRequest:
    """What somebody asks for, and how they are found: by phone, by account, or in records that are named."""

    kind: RequestKind
    name: str
    phone: str | None = None
    user_id: UUID | None = None
    record_ids: tuple[UUID, ...] = ()
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """The office grants the request, or says why not."""

    is_granted: bool
    refused_because: Refused | None = None
    reason: str | None = None


def enter_request(session: Session, actor: Actor, new: NewRequest) -> PrivacyRequest:
    """Note what somebody asks for, and have their records searched.

    Raises:
        Forbidden: the actor is not headquarters.
        Invalid: nothing says where to look, the phone is none, the account is unknown, or is to be erased.
    """
    demand_registrar(actor)
    _demand_searchable(session, new)
    request = PrivacyRequest(
        id=uuid7(),
        kind=new.kind,
        name=new.name,
        phone=new.phone,
        user_id=new.user_id,
        record_ids=list(dict.fromkeys(new.record_ids)),
        note=new.note,
        asked_by=actor.person_id,
        asked_at=now(),
    )
    session.add(request)
    session.flush()
    # Neither name nor phone: nothing takes them out of the audit log again.
    audit.record(session, actor, "privacy.request", "privacy_request", request.id, kind=new.kind)
    defer(session, SEARCH, waited_for=True, request_id=request.id)
    return request


def decide_request(session: Session, actor: Actor, request_id: UUID, decision: Decision) -> PrivacyRequest:
    """Grant the request, or refuse it with a reason; an erasure is carried out by a job.

    Raises:
        Forbidden: the actor is not headquarters.
        UnknownRequest: there is none such.
        AlreadyDecided: somebody was quicker.
        StillSearching: what would be granted is not known yet.
        Invalid: a refusal without its reason.
    """
    demand_registrar(actor)
    request = locked(session, request_id)
    if request.state is not RequestState.OPEN:
        raise AlreadyDecided
    if decision.is_granted and request.searched_at is None:
        raise StillSearching
    if not decision.is_granted and (decision.refused_because is None or not decision.reason):
        raise fault("/reason", "请说明不予办理的原因", "Say why it is refused")
    request.decided_by, request.decided_at = actor.person_id, now()
    request.reason = decision.reason
    request.refused_because = None if decision.is_granted else decision.refused_because
    request.state = _state_after(request.kind, decision)
    request.done_at = now() if request.state is RequestState.DONE else None
    audit.record(
        session,
        actor,
        "privacy.decide",
        "privacy_request",
        request.id,
        state=request.state,
        refused_because=request.refused_because,
    )
    if request.state is RequestState.GRANTED:
        defer(session, ERASE, request_id=request.id)
    return request


def search_for(session: Session, request_id: UUID) -> None:
    """Note which rows tell of the person; a decided request is left alone."""
    found: defaultdict[str, list[Any]] = defaultdict(list)
    for told in _search(session, request_id):
        found[told.place.name].append([str(part) for part in told.key])
    request = locked(session, request_id)
    if request.state is not RequestState.OPEN:
        return
    request.found = dict(found)
    request.searched_at = now()
    audit.record(
        session,
        Actor.system("privacy.search"),
        "privacy.search",
        "privacy_request",
        request.id,
        found=counts(found),
    )


def carry_out(session: Session, request_id: UUID) -> None:
    """Take the person out of every row that tells of them now; done before, nothing is left to do."""
    found = _search(session, request_id)
    request = locked(session, request_id)
    if request.state is not RequestState.GRANTED:
        return
    subject, erased = subject_of(request), Counter[str]()
    for told in found:
        erase(session, told, subject)
        erased[told.place.name] += 1
    request.state, request.done_at, request.erased = RequestState.DONE, now(), dict(erased)
    for one in _of_same_person(session, request, subject):
        _mask(one)
    audit.record(
        session,
        Actor.system("privacy.erase"),
        "privacy.erase",
        "privacy_request",
        request.id,
        erased=dict(erased),
    )


def demand_registrar(actor: Actor) -> None:
    """The register tells of people all over the city.

    Raises:
        Forbidden: the actor is not headquarters.
    """
    if not actor.has(Role.HEADQUARTERS, Role.ADMINISTRATOR):
        raise Forbidden


def subject_of(request: PrivacyRequest) -> Subject:
    """Whom the request is about."""
    return Subject(request.name, None if request.phone is None else digits_of(request.phone))


def locked(session: Session, request_id: UUID) -> PrivacyRequest:
    """The request, held until the transaction ends.

    Raises:
        UnknownRequest: there is none such.
    """
    request = session.get(PrivacyRequest, request_id, with_for_update=True, populate_existing=True)
    if request is None:
        raise UnknownRequest
    return request


def _search(session: Session, request_id: UUID) -> list[Told]:
    """It reads whole tables, so nothing is held meanwhile."""
    request = session.get(PrivacyRequest, request_id)
    if request is None:
        raise UnknownRequest
    return list(search(session, subject_of(request), request.record_ids))


def _demand_searchable(session: Session, new: NewRequest) -> None:
    if new.phone is None and new.user_id is None and not new.record_ids:
        raise fault(
            "/phone",
            "请提供电话、账号或记录编号",
            "Give a phone, an account, or the records that tell of them",
        )
    if new.phone is not None and digits_of(new.phone) is None:
        raise fault("/phone", "电话至少 7 位数字", "A phone has seven digits at least")
    if new.user_id is not None and session.get(User, new.user_id) is None:
        raise fault("/user_id", "没有这个账号", "No such account")
    if new.user_id is not None and new.kind is RequestKind.ERASURE:
        raise fault(
            "/user_id",
            "工作人员账号只能停用，履职记录依法保留",
            "Accounts are closed, and records of service are kept by law",
        )


def _state_after(kind: RequestKind, decision: Decision) -> RequestState:
    if not decision.is_granted:
        return RequestState.REFUSED
    return RequestState.DONE if kind is RequestKind.ACCESS else RequestState.GRANTED


def _of_same_person(session: Session, request: PrivacyRequest, subject: Subject) -> list[PrivacyRequest]:
    """The request, and those before it that tell the same phone and wait for nothing."""
    others = session.scalars(
        sa.select(PrivacyRequest).where(
            PrivacyRequest.state.in_((RequestState.DONE, RequestState.REFUSED)),
            PrivacyRequest.phone.is_not(None),
            PrivacyRequest.user_id.is_(None),
            PrivacyRequest.id != request.id,
        )
    )
    same = [one for one in others if subject.digits and digits_of(one.phone or "") == subject.digits]
    return [request, *same]


def _mask(request: PrivacyRequest) -> None:
    request.name = request.name[:1] + "*" * (len(request.name) - 1)
    request.phone = None if request.phone is None else masked_phone(request.phone)
    request.note = None
    request.found = {}
