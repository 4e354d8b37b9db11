"""What a person hands in who was cut off while offline: kept whole for headquarters, and nothing is told of the house.

A body that was accepted before (its answer was lost) is answered as a repeat, because the sender knows its content;
everything else is `unpermitted`, with the hash of what was kept. Photos stay on the phone until somebody signs in there.
"""

from datetime import timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from service.kernel.actor import Actor
from service.kernel.clock import now
from service.kernel.errors import Forbidden, NotSignedIn, TooMany
from service.submissions.doors import Taken
from service.submissions.models import KeptSubmission, RecordType
from service.submissions.receipt import Receipt
from service.submissions.receiving import repeated, stored_revisions
from service.submissions.sent import Sent
from service.submissions.withdrawals import receipt_given

MOST_AN_HOUR = 1_000
"""Bodies of one person: three weeks of work is a few hundred."""


class HandedIn(Forbidden):
    """The sign-in was cut off; what was sent is kept until headquarters decides."""

    code = "handed_in"
    zh = "该设备或账号已停用，内容已保留，由双招双引办处理"
    en = "This device or account is cut off; what was sent is kept for headquarters to decide"


class SignInForPhotos(NotSignedIn):
    """Photos are not handed in; the phone keeps them."""

    code = "sign_in_for_photos"
    zh = "照片需重新登录后上传，手机上的照片请勿删除"
    en = "Photos are sent after signing in again; keep them on the phone"


class TooManyHandedIn(TooMany):
    """More came from a cut-off sign-in within an hour than a person writes in months."""

    code = "too_many_handed_in"
    zh = "交存的内容过多，请一小时后再试，手机上的记录不会丢失"
    en = "Too much was handed in; try again in an hour, and keep the records on the phone"
    retry_after_s = 3600


def demand_pace(session: Session, actor: Actor) -> None:
    """Make sure that a cut-off sign-in does not flood the shelf.

    Raises:
        TooManyHandedIn: it has handed in too much within the hour.
    """
    handed_in = sa.select(sa.func.count()).where(
        KeptSubmission.author_id == actor.person_id,
        KeptSubmission.code == HandedIn.code,
        KeptSubmission.received_at > now() - timedelta(hours=1),
    )
    if (session.scalar(handed_in) or 0) >= MOST_AN_HOUR:
        raise TooManyHandedIn


def hand_in(session: Session, actor: Actor, record_type: RecordType, record_id: UUID, sent: Sent) -> Taken:
    """A repeat of what this person has had accepted; anything else is refused, to be kept.

    Raises:
        HandedIn: to be kept as unpermitted.
        SignInForPhotos: it is a photo's announcement.
    """
    if record_type is RecordType.PHOTO:
        raise SignInForPhotos
    receipt = _receipt_before(session, actor, record_type, record_id, sent)
    if receipt is None:
        raise HandedIn
    return Taken(is_repeat=True, receipt=receipt)


def _receipt_before(
    session: Session, actor: Actor, record_type: RecordType, record_id: UUID, sent: Sent
) -> Receipt | None:
    """The receipt that this person was given for this very body; None when there was none."""
    if record_type is RecordType.WITHDRAWAL:
        return receipt_given(session, actor, record_id, sent.sha256)
    base_rev: object = sent.base_rev  # no schema has looked at it
    if not isinstance(base_rev, int | None):
        return None
    row = repeated(stored_revisions(session, record_id), sent)
    if row is None or (row.record_type, row.author_id) != (record_type, actor.person_id):
        return None
    return Receipt(record_id, row.rev, row.sha256, row.received_at, row.seal)
