"""Announcements of photos and withdrawals as ops of a batch, by the schemas and commands of their own doors."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from mobile_api.photos import announce
from mobile_api.schemas.checkins import CheckinWithdrawalIn
from mobile_api.schemas.issues import IssueWithdrawalIn
from mobile_api.schemas.photos import PhotoIn
from mobile_api.schemas.trips import TripWithdrawalIn
from mobile_api.schemas.visits import WithdrawalIn
from service.checkins import commands as checkins
from service.checkins.errors import UnknownCheckin
from service.http.parsing import load
from service.issues import commands as issues
from service.issues.errors import UnknownIssue
from service.kernel.actor import Actor
from service.kernel.errors import Fault, fault
from service.photos.commands import AnnouncedPhoto
from service.photos.queries import is_announced
from service.submissions.doors import BatchDoor, Taken, open_batch_door
from service.submissions.errors import IdTaken, WaitsForParent
from service.submissions.keeping import settle_accepted
from service.submissions.models import ParentType, RecordType
from service.submissions.receipt import Receipt
from service.submissions.sent import Sent
from service.submissions.terms import Terms
from service.submissions.withdrawals import TakenBack, receipt_of_withdrawal, record_type_of
from service.trips import commands as trips
from service.trips.errors import UnknownTrip
from service.visits import commands as visits
from service.visits.errors import UnknownVisit
from service.visits.ledger import recount

_PHOTO = PhotoIn()
_REASONS = {
    RecordType.VISIT: WithdrawalIn(),
    RecordType.CHECKIN: CheckinWithdrawalIn(),
    RecordType.TRIP: TripWithdrawalIn(),
    RecordType.ISSUE: IssueWithdrawalIn(),
}
_TAKE_BACK: Mapping[RecordType, Callable[[Session, Actor, UUID, str], TakenBack]] = {
    RecordType.VISIT: visits.take_back_visit,
    RecordType.CHECKIN: checkins.take_back_checkin,
    RecordType.TRIP: trips.take_back_trip,
    RecordType.ISSUE: issues.take_back_issue,
}


def take_photo(
    session: Session,
    actor: Actor,
    record_id: UUID,
    body: Mapping[str, Any],
    *,
    shape: Callable[[Sent], Sent],  # noqa: ARG001 a photo has no revisions
    terms: Terms,  # noqa: ARG001 and no number
) -> Taken:
    """Announce a photo: its state, and a receipt when its bytes are here, or else how to send them."""
    announced: AnnouncedPhoto = load(_PHOTO, {"id": str(record_id), **body})
    if announced.id != record_id:
        raise fault("/id", "与操作的 id 不一致", "It is not the id of the op")
    is_repeat = is_announced(session, record_id)
    state = dict(announce(session, actor, announced))
    settle_accepted(session, actor, RecordType.PHOTO, record_id)
    held = state.pop("receipt", None)
    receipt = held and Receipt(held.id, held.rev, held.sha256, held.received_at, None)
    return Taken(is_repeat=is_repeat, receipt=receipt, beside=state)


def take_withdrawal(
    session: Session,
    actor: Actor,
    record_id: UUID,
    body: Mapping[str, Any],
    *,
    shape: Callable[[Sent], Sent],  # noqa: ARG001 whatever revision is current is taken back
    terms: Terms,  # noqa: ARG001 it has no number
) -> Taken:
    """Take one's own visit, check-in, trip or problem back.

    Raises:
        WaitsForParent: it is not here yet.
        IdTaken: it is somebody else's, about which nothing is said.
        AlreadyVoided: headquarters has voided it.
        WrongState: it is a problem that is closed.
    """
    record_type = record_type_of(session, record_id)
    reason = load(_REASONS[record_type or RecordType.VISIT], body)["reason"]
    if record_type is None:
        there_is_none = Fault("", "要撤回的记录尚未到达", "The record to be withdrawn is not here yet")
        raise WaitsForParent(ParentType.RECORD, record_id, [there_is_none])
    try:
        taken_back = _TAKE_BACK[record_type](session, actor, record_id, reason)
    except (UnknownVisit, UnknownCheckin, UnknownTrip, UnknownIssue) as error:
        raise IdTaken from error
    receipt = receipt_of_withdrawal(session, actor, record_id, taken_back.rev, body)
    settle_accepted(session, actor, RecordType.WITHDRAWAL, record_id)
    return Taken(is_repeat=not taken_back.is_first, receipt=receipt)


open_batch_door(RecordType.PHOTO, BatchDoor(take_photo))
open_batch_door(RecordType.WITHDRAWAL, BatchDoor(take_withdrawal, conclude=recount))
