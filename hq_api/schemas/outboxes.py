"""Who may need help with a phone, which photos are awaited, and what phones were asked to send again."""

from typing import Any
from urllib.parse import urlencode

from marshmallow import fields, post_load, validate

from service.accounts.models import UnitKind
from service.http.record_schemas import InLanguage
from service.http.schemas import Day, Flag, Id, Moment, OutSchema, PageQuery, StrictSchema, Text, choice
from service.outboxes.recall_states import Came, RecallState
from service.outboxes.recalls import NewRecall

MOST_IDS = 500


class OutboxQuery(PageQuery):
    """People of all units in scope, or of one with all below it."""

    unit = Id(load_default=None, attribute="unit_id")


class AwaitedQuery(PageQuery):
    """Awaited photos of all units in scope, of one with all below it, or of one person."""

    unit = Id(load_default=None, attribute="unit_id")
    person = Id(load_default=None, attribute="person_id")


class RecallQuery(AwaitedQuery):
    """Which recalls; `open` ones are neither answered nor cancelled."""

    open = fields.Boolean(load_default=None, attribute="is_open")


class HintOut(OutSchema):
    """One thing that may be in the way, and what to do about it."""

    code = fields.String(required=True)
    text = InLanguage(required=True)


class OutboxPhoneOut(OutSchema):
    """A phone as it last spoke of itself; null where it did not say."""

    device_id = fields.String(required=True, allow_none=True)
    platform = fields.String(required=True, allow_none=True)
    model = fields.String(required=True, allow_none=True)
    app_version = fields.String(required=True, allow_none=True)
    app_is_too_old = Flag(required=True)
    reported_at = Moment(required=True)
    pending_records = fields.Integer(required=True)
    pending_photos = fields.Integer(required=True)
    oldest_pending_at = Moment(required=True, allow_none=True)
    background_restricted = Flag(required=True, allow_none=True)
    battery_restricted = Flag(required=True, allow_none=True)
    free_disk_bytes = fields.Integer(required=True, allow_none=True)
    is_silent = Flag(required=True)
    is_cut_off = Flag(required=True)
    hints = fields.List(fields.Nested(HintOut), required=True)


class OutboxKeptOut(OutSchema):
    """Bodies of this person that wait to be settled."""

    quarantined = fields.Integer(required=True)
    conflicts = fields.Integer(required=True)
    unpermitted = fields.Integer(required=True)
    id_taken = fields.Integer(required=True)


class PersonWaitingOut(OutSchema):
    """A person with unsent work; the order is that of the units, then of waiting."""

    person_id = Id(required=True)
    person_name = fields.String(required=True)
    person_phone = fields.String(required=True, allow_none=True)
    unit_id = Id(required=True)
    unit_name = fields.String(required=True)
    pending_records = fields.Integer(required=True)
    pending_photos = fields.Integer(required=True)
    photos_awaited = fields.Integer(required=True)
    photos_url = fields.Function(
        lambda row: f"/api/hq/v1/photos/missing?{urlencode({'person': row.person_id})}",
        required=True,
        metadata={"type": "string"},
    )
    kept = fields.Nested(OutboxKeptOut, required=True)
    oldest_waiting_at = Moment(required=True)
    last_contact_at = Moment(required=True, allow_none=True)
    phones = fields.List(fields.Nested(OutboxPhoneOut), required=True)


class UnitWaitingOut(OutSchema):
    """A unit's own people, without those of units below it; zeros are shown."""

    id = Id(required=True)
    name = fields.String(required=True)
    kind = choice(UnitKind, required=True)
    people = fields.Integer(required=True)
    pending_records = fields.Integer(required=True)
    pending_photos = fields.Integer(required=True)
    photos_awaited = fields.Integer(required=True)
    kept_open = fields.Integer(required=True)
    silent_phones = fields.Integer(required=True)
    oldest_waiting_at = Moment(required=True, allow_none=True)
    people_url = fields.Function(
        lambda row: f"/api/hq/v1/outboxes?{urlencode({'unit': row.id})}",
        required=True,
        metadata={"type": "string"},
    )


class AwaitedRecordOut(OutSchema):
    """The record that names the photo."""

    type = fields.String(required=True)
    id = Id(required=True)
    number = fields.String(required=True, allow_none=True)


class AwaitedPhotoOut(OutSchema):
    """A photo that is expected and has not arrived."""

    id = Id(required=True)
    person_id = Id(required=True)
    person_name = fields.String(required=True)
    unit_id = Id(required=True)
    unit_name = fields.String(required=True)
    device_id = fields.String(required=True, allow_none=True)
    record = fields.Nested(AwaitedRecordOut, required=True, allow_none=True)
    since_at = Moment(required=True)
    announced = Flag(required=True)
    size = fields.Integer(required=True, allow_none=True, metadata={"description": "bytes"})


class RecallIn(StrictSchema):
    """Whom to ask for what; without a device every phone of the person is asked."""

    user_id = Id(required=True)
    device_id = Text(least=1, most=100, load_default=None, allow_none=True)
    record_ids = fields.List(Id(), load_default=list, validate=validate.Length(max=MOST_IDS))
    photo_ids = fields.List(Id(), load_default=list, validate=validate.Length(max=MOST_IDS))
    since_on = Day(load_default=None, allow_none=True)
    reason = Text(least=1, most=500, required=True)

    @post_load
    def build(self, values: dict[str, Any], **_: Any) -> NewRecall:
        """The recall as the house has it."""
        named = {name: tuple(values[name]) for name in ("record_ids", "photo_ids")}
        return NewRecall(**(values | named))


class RecalledIdOut(OutSchema):
    """One id, and what became of it."""

    type = fields.String(required=True, metadata={"enum": ["record", "photo"]})
    id = Id(required=True)
    came = choice(Came, required=True)
    at = Moment(required=True, allow_none=True)


class RecallPhoneOut(OutSchema):
    """What one phone made of the recall."""

    device_id = fields.String(required=True, allow_none=True)
    seen_at = Moment(required=True)
    answered_at = Moment(required=True, allow_none=True)
    sent = fields.Integer(required=True)
    missing = fields.Integer(required=True)


class RecallOut(OutSchema):
    """A recall and how it stands; phones read it once its photos were looked up in the store (`is_ready`)."""

    id = Id(required=True)
    state = choice(RecallState, required=True)
    person_id = Id(required=True)
    person_name = fields.String(required=True)
    unit_id = Id(required=True)
    unit_name = fields.String(required=True)
    device_id = fields.String(required=True, allow_none=True)
    reason = fields.String(required=True)
    since_on = fields.Date(required=True, allow_none=True)
    asked_by = Id(required=True)
    asked_by_name = fields.String(required=True)
    asked_at = Moment(required=True)
    is_ready = Flag(required=True)
    cancelled_at = Moment(required=True, allow_none=True)
    phones = fields.List(fields.Nested(RecallPhoneOut), required=True)
    items = fields.List(fields.Nested(RecalledIdOut), required=True)
