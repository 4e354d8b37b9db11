"""Check-ins are submitted, edited and withdrawn here."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from service.accounts.queries import unit_names, unit_on
from service.audit import commands as audit
from service.checkins import queries
from service.checkins.errors import UnknownCheckin
from service.checkins.evidence import Evidence, Seen, examine
from service.checkins.models import Checkin, stands
from service.checkins.submission import CheckinSubmission
from service.checkins.views import CheckinView
from service.kernel.actor import FIELD_ROLES, Actor, Role
from service.kernel.calendar import local_date
from service.kernel.clock import now
from service.kernel.errors import Fault
from service.photos.claims import StampFacts, claim
from service.photos.queries import reused
from service.projects.fence import fence_of
from service.projects.models import Site
from service.projects.queries import is_assigned, known_site
from service.submissions.errors import MayNotRecord, RecordClosed, WaitsForParent
from service.submissions.models import ParentType, RecordType
from service.submissions.queries import receipts
from service.submissions.receiving import Arrival, conflict, receive
from service.submissions.review_errors import AlreadyVoided
from service.submissions.review_states import CLOSED, ReviewState
from service.submissions.terms import Terms
from service.submissions.withdrawals import TakenBack

DEFAULT_TERMS = Terms()
RECORDERS = FIELD_ROLES | {Role.HEADQUARTERS}
"""Leaders and inspectors read; everybody else in the field may record."""


@dataclass(frozen=True, slots=True)
class SubmittedCheckin:
    """The check-in as it is now; `created` and `replayed` say what the submission did to it."""

    view: CheckinView
    created: bool
    replayed: bool


@dataclass(frozen=True, slots=True)
class _Setting:
    """Where and for whom a check-in stands: its site, day and unit."""

    site: Site
    on_day: date
    unit_id: UUID
    author_id: UUID


def submit_checkin(
    session: Session,
    actor: Actor,
    checkin_id: UUID,
    what: CheckinSubmission,
    *,
    terms: Terms = DEFAULT_TERMS,
) -> SubmittedCheckin:
    """Take a check-in in as new, as an edit, or as a repeat of what is known; a repeat gets its own first receipt.

    Raises:
        RecordConflict, IdTaken, Stale: see `receive`; RecordClosed for an edit of a withdrawn or voided check-in.
        WaitsForParent: there is no such site yet.
        MayNotRecord: the person only reads.
    """
    arrival = take_checkin(session, actor, checkin_id, what, terms=terms)
    view = queries.checkin_with_receipt(session, checkin_id, arrival.receipt)
    view = replace(view, ignored_fields=what.sent.ignored_fields)
    return SubmittedCheckin(view=view, created=arrival.is_new, replayed=arrival.is_repeat)


def take_checkin(
    session: Session,
    actor: Actor,
    checkin_id: UUID,
    what: CheckinSubmission,
    *,
    terms: Terms = DEFAULT_TERMS,
) -> Arrival:
    """`submit_checkin` for one of many: nobody asks for a view."""
    arrival = receive(session, actor, RecordType.CHECKIN, checkin_id, what.sent)
    if not arrival.is_repeat:
        _accept(session, actor, arrival, what, terms)
    return arrival


def withdraw_checkin(session: Session, actor: Actor, checkin_id: UUID, reason: str) -> CheckinView:
    """Take back one's own check-in; it stays to be read, with the reason. A repeat keeps the first reason.

    Raises:
        UnknownCheckin: there is none of the actor's own.
        AlreadyVoided: headquarters has voided it.
    """
    take_back_checkin(session, actor, checkin_id, reason)
    return queries.own_checkin(session, actor, checkin_id)


def take_back_checkin(session: Session, actor: Actor, checkin_id: UUID, reason: str) -> TakenBack:
    """`withdraw_checkin` for one of many: nobody asks for a view."""
    own = sa.select(Checkin).where(Checkin.id == checkin_id, Checkin.user_id == actor.person_id)
    checkin = session.scalar(own.with_for_update())
    if checkin is None:
        raise UnknownCheckin
    if checkin.withdrawn_at is not None:
        return TakenBack(checkin.rev, is_first=False)
    if checkin.review_state is ReviewState.VOIDED:
        raise AlreadyVoided
    checkin.withdrawn_at = checkin.updated_at = now()
    checkin.withdrawn_because = reason
    audit.record(session, actor, "checkin.withdraw", "checkin", checkin_id, rev=checkin.rev, reason=reason)
    session.flush()
    return TakenBack(checkin.rev, is_first=True)


def _accept(session: Session, actor: Actor, arrival: Arrival, what: CheckinSubmission, terms: Terms) -> None:
    # What headquarters lets in needs no role of its author: that was the decision.
    if what.sent.author_id is None and not actor.has(*RECORDERS):
        raise MayNotRecord
    checkin_id = arrival.receipt.id
    held = None if arrival.is_new else _open_checkin(session, checkin_id, arrival, what)
    setting = _setting(session, arrival.author_id, what, held)
    evidence = examine(what, _seen(session, checkin_id, setting, what), arrival.receipt.received_at)
    columns = _columns(arrival, setting, what, evidence)
    if held is None:
        number = terms.numbers(local_date(what.at).year).taken(session)
        checkin = _new_checkin(actor, checkin_id, setting.author_id, number, columns)
        session.add(checkin)
    else:
        checkin = _edited(held, columns)
    session.flush()
    _claim_photos(session, actor, checkin, setting)
    _note(session, actor, checkin, arrival)


def _open_checkin(session: Session, checkin_id: UUID, arrival: Arrival, what: CheckinSubmission) -> Checkin:
    held = session.scalars(sa.select(Checkin).where(Checkin.id == checkin_id).with_for_update()).one()
    if held.state in CLOSED:
        before = receipts(session, {checkin_id})[checkin_id, arrival.receipt.rev - 1]
        raise conflict(RecordClosed, RecordType.CHECKIN, before, what.sent)
    return held


def _setting(session: Session, author_id: UUID, what: CheckinSubmission, held: Checkin | None) -> _Setting:
    """The unit is frozen: an edit moves it only together with the day."""
    site = known_site(session, what.site_id)
    if site is None:
        faults = [Fault("/site_id", "没有这个工地", "There is no such site")]
        raise WaitsForParent(ParentType.SITE, what.site_id, faults)
    on_day = local_date(what.at)
    if held is not None and held.on_day == on_day:
        return _Setting(site, on_day, held.unit_id, held.user_id)
    person_id = author_id if held is None else held.user_id
    return _Setting(site, on_day, unit_on(session, person_id, on_day), person_id)


def _seen(session: Session, checkin_id: UUID, setting: _Setting, what: CheckinSubmission) -> Seen:
    return Seen(
        fence=fence_of(setting.site),
        closed_at=setting.site.closed_at,
        is_assigned=is_assigned(session, setting.author_id, setting.site.id, setting.on_day),
        is_of_own_unit=setting.site.unit_id == setting.unit_id,
        last_percent=session.scalar(_last_percent(checkin_id, what)) if what.percent is not None else None,
        reused_photos=len(reused(session, checkin_id, what.photo_ids)),
    )


def _last_percent(checkin_id: UUID, what: CheckinSubmission) -> sa.Select[Any]:
    return (
        sa.select(Checkin.progress_percent)
        .where(
            Checkin.site_id == what.site_id,
            Checkin.at < what.at,
            Checkin.id != checkin_id,
            Checkin.progress_percent.is_not(None),
            stands(),
        )
        .order_by(Checkin.at.desc(), Checkin.id.desc())
        .limit(1)
    )


def _columns(
    arrival: Arrival, setting: _Setting, what: CheckinSubmission, evidence: Evidence
) -> dict[str, Any]:
    place = None if what.location is None else what.location.wgs84
    return {
        "rev": arrival.receipt.rev,
        "updated_at": arrival.receipt.received_at,
        "unit_id": setting.unit_id,
        "site_id": setting.site.id,
        "kind": what.kind,
        "at": what.at,
        "on_day": setting.on_day,
        "location": None if what.location is None else what.location.as_sent(),
        "latitude": None if place is None else place.lat,
        "longitude": None if place is None else place.lng,
        "accuracy_m": evidence.accuracy_m,
        "distance_m": evidence.distance_m,
        "inside": evidence.inside,
        "clock_skew_s": evidence.clock_skew_s,
        "note": what.note,
        "progress_percent": what.percent,
        "progress_text": None if what.progress is None else what.progress.text,
        "photo_ids": list(dict.fromkeys(what.photo_ids)),
        "flags": [flag.as_stored() for flag in evidence.flags],
        "captured_at": what.captured_at,
        "review_state": ReviewState.SUBMITTED,
        "review_reason": None,
        **what.capture(arrival.receipt.received_at).columns(),
    }


def _new_checkin(
    actor: Actor, checkin_id: UUID, author_id: UUID, number: str, columns: dict[str, Any]
) -> Checkin:
    return Checkin(
        id=checkin_id,
        number=number,
        user_id=author_id,
        device_id=actor.device_id if author_id == actor.user_id else None,
        received_at=columns["updated_at"],
        **columns,
    )


def _edited(held: Checkin, columns: dict[str, Any]) -> Checkin:
    for column, value in columns.items():
        setattr(held, column, value)
    return held


def _claim_photos(session: Session, actor: Actor, checkin: Checkin, setting: _Setting) -> None:
    stamp = StampFacts(
        place=setting.site.address or setting.site.name,
        unit=unit_names(session, [setting.unit_id])[setting.unit_id],
        number=checkin.number,
        subject=setting.site.name,
    )
    # Photos are their owner's: what headquarters settles is claimed in the name of the person who took them.
    claim(
        session,
        replace(actor, user_id=setting.author_id),
        record_type=RecordType.CHECKIN.value,
        record_id=checkin.id,
        photo_ids=checkin.photo_ids,
        stamp=stamp,
    )


def _note(session: Session, actor: Actor, checkin: Checkin, arrival: Arrival) -> None:
    audit.record(
        session,
        actor,
        "checkin.submit" if arrival.is_new else "checkin.edit",
        "checkin",
        checkin.id,
        rev=arrival.receipt.rev,
        sha256=arrival.receipt.sha256,
        site=checkin.site_id,
        number=checkin.number,
    )
