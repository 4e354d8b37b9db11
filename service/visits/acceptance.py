"""What makes a submitted visit acceptable, and the columns it becomes: the same for one visit as for many at once."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from service.kernel.actor import Actor
from service.kernel.calendar import local_date
from service.kernel.errors import Invalid
from service.photos.claims import StampFacts
from service.submissions.errors import MayNotRecord, MayNotRecordFor, WaitsForParent
from service.submissions.models import ParentType
from service.submissions.receiving import Arrival
from service.visits import rules
from service.visits.flags import flags_of
from service.visits.models import ReviewState
from service.visits.submission import VisitSubmission
from service.visits.surroundings import Surroundings, Visitor


@dataclass(frozen=True, slots=True)
class Case:
    """One submission that is being accepted, with all that is known about it."""

    actor: Actor
    arrival: Arrival
    what: VisitSubmission
    seen: Surroundings
    visitor: Visitor


def demand_sound(actor: Actor, what: VisitSubmission) -> None:
    """The person records visits, and the submission is right by itself.

    Raises:
        MayNotRecord, Invalid: it is not so.
    """
    if not (_is_settled(what) or rules.may_record(actor)):
        raise MayNotRecord
    faults = list(rules.faults_of(what))
    if faults:
        raise Invalid(faults=faults)


def demand_fitting(actor: Actor, author_id: UUID, what: VisitSubmission, seen: Surroundings) -> Visitor:
    """Who paid the visit; what it names exists, and the author records for that person.

    Raises:
        WaitsForParent: its enterprise is not in the register yet, and nothing else is wrong.
        Invalid, MayNotRecordFor: it is not so.
    """
    faults = list(rules.faults_against(what, seen))
    if len(faults) == 1 and what.enterprise_id is not None and seen.enterprise is None:
        raise WaitsForParent(ParentType.ENTERPRISE, what.enterprise_id, faults)
    if faults or seen.visitor is None:
        raise Invalid(faults=faults)
    if not (_is_settled(what) or rules.may_record_for(actor, author_id, seen.visitor)):
        raise MayNotRecordFor
    return seen.visitor


def _is_settled(what: VisitSubmission) -> bool:
    """What headquarters lets in needs no role of its author: that was the decision."""
    return what.sent.author_id is not None


def told_to_audit(
    case: Case, number: str, *, unit_id: UUID | None = None, enterprise_id: UUID | None = None
) -> dict[str, Any]:
    """The details of its audit entry; an edit tells the unit and the enterprise that it has left the visit with."""
    receipt, seen = case.arrival.receipt, case.seen.enterprise
    return {
        "number": number,
        "rev": receipt.rev,
        "sha256": receipt.sha256,
        "author_id": case.arrival.author_id,
        "unit_id": unit_id or case.visitor.unit_id,
        "enterprise_id": enterprise_id or (seen and seen.id),
    }


def stamp_of(case: Case, number: str) -> StampFacts:
    """What is written on the visit's photos."""
    free = case.what.free_enterprise
    named = free.name if free is not None else ""
    return StampFacts(
        place=case.what.place or "",
        unit=case.visitor.unit_name,
        number=number,
        subject=case.seen.enterprise.name if case.seen.enterprise is not None else named,
    )


def new_columns(case: Case) -> dict[str, Any]:
    """Every column of a new visit but its number."""
    arrival = case.arrival
    return {
        "id": arrival.receipt.id,
        "unit_id": case.visitor.unit_id,
        "visitor_id": case.visitor.id,
        "recorded_by": arrival.author_id,
        "device_id": case.actor.device_id if case.actor.user_id == arrival.author_id else None,
        "received_at": arrival.receipt.received_at,
        **columns_of(case),
    }


def columns_of(case: Case) -> dict[str, Any]:
    """The columns that follow from what was sent."""
    arrival, what, seen = case.arrival, case.what, case.seen
    position = what.location.wgs84 if what.location else None
    return {
        "rev": arrival.receipt.rev,
        "enterprise_id": seen.enterprise.id if seen.enterprise else None,
        "free_enterprise": what.free_enterprise.as_stored() if what.free_enterprise else None,
        "visited_at": what.visited_at,
        "visited_on": local_date(what.visited_at),
        "ended_at": what.ended_at,
        "mode": what.mode,
        "method": what.method,
        "place": what.place,
        "location": what.location.as_sent() if what.location else None,
        "latitude": position.lat if position else None,
        "longitude": position.lng if position else None,
        "led_by": what.led_by.as_stored() if what.led_by else None,
        "participants": [one.as_stored() for one in what.participants],
        "hosts": [one.as_stored() for one in what.hosts],
        "summary": what.summary,
        "intention": what.intention,
        "amount_wan": what.amount_wan,
        "next_step": what.next_step,
        "next_on": what.next_on,
        "trip_id": what.trip_id,
        "joint_unit_ids": list(what.joint_unit_ids),
        "photo_ids": list(what.photo_ids),
        "flags": [flag.as_stored() for flag in flags_of(what, seen, arrival.receipt.received_at)],
        "captured_at": what.captured_at,
        **what.capture(arrival.receipt.received_at).columns(),
        "updated_at": arrival.receipt.received_at,
        "review_state": ReviewState.SUBMITTED,
        "review_reason": None,
    }
