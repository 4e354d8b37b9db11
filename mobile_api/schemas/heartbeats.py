"""What a phone says of its outbox, and what it is asked to send again."""

from datetime import datetime
from typing import Any

from marshmallow import fields, post_load, validate

from mobile_api.schemas.clocks import ClaimedMoment
from service.http.phone_clock import skew_of_request
from service.http.schemas import Flag, Id, Moment, OutSchema, PhoneSchema, Text, Whole
from service.outboxes.heartbeats import Outbox
from service.outboxes.recalls import RecallOutcome
from service.submissions.clocks import put_right

MOST_IDS = 1_000
MOST_BYTES = 2**53 - 1


class HeartbeatIn(PhoneSchema):
    """What waits on the phone; whatever the phone cannot know is left out."""

    pending_records = Whole(required=True)
    pending_photos = Whole(required=True)
    oldest_pending_at = ClaimedMoment(
        load_default=None,
        allow_none=True,
        metadata={"description": "by the phone's own clock, which X-Phone-Time puts right"},
    )
    app_version = Text(most=50, load_default=None, allow_none=True)
    platform = Text(most=50, load_default=None, allow_none=True)
    model = Text(most=100, load_default=None, allow_none=True)
    background_restricted = Flag(load_default=None, allow_none=True)
    battery_restricted = Flag(load_default=None, allow_none=True)
    free_disk_bytes = Whole(most=MOST_BYTES, load_default=None, allow_none=True)

    @post_load
    def build(self, values: dict[str, Any], **_: Any) -> Outbox:
        """The outbox as the house has it, its times by the server's clock."""
        oldest: datetime | None = values.pop("oldest_pending_at")
        waits_since = None if oldest is None else put_right(oldest, skew_of_request())
        return Outbox(oldest_pending_at=waits_since, **values)


class PhoneRecallOut(OutSchema):
    """What the phone is asked to send again: named ids, and everything since a day if one is given."""

    id = Id(required=True)
    reason = fields.String(required=True)
    record_ids = fields.List(Id(), required=True)
    photo_ids = fields.List(Id(), required=True)
    since_on = fields.Date(required=True, allow_none=True)
    asked_at = Moment(required=True)


class HeardOut(OutSchema):
    """The server's time, the oldest app it serves, and what this phone is asked for."""

    server_time = Moment(required=True)
    oldest_app = fields.String(
        required=True, allow_none=True, metadata={"description": "the oldest app that is served; null: any"}
    )
    recalls = fields.List(fields.Nested(PhoneRecallOut), required=True)


class RecallAnsweredOut(OutSchema):
    """All that this phone has said of the recall so far."""

    id = Id(required=True)
    answered_at = Moment(required=True)
    sent = fields.List(Id(), required=True)
    missing = fields.List(Id(), required=True)


class RecallOutcomeIn(PhoneSchema):
    """What the phone has sent again, and what it no longer has; in as many calls as it likes."""

    sent = fields.List(Id(), load_default=list, validate=validate.Length(max=MOST_IDS))
    missing = fields.List(Id(), load_default=list, validate=validate.Length(max=MOST_IDS))

    @post_load
    def build(self, values: dict[str, Any], **_: Any) -> RecallOutcome:
        """The outcome as the house has it."""
        return RecallOutcome(tuple(values["sent"]), tuple(values["missing"]))
