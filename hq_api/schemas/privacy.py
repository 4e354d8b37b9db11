"""Privacy at headquarters' doors: contacts revealed, who looked at whom, and requests of the people recorded."""

from typing import Any

from marshmallow import fields, post_load, validate

from service.http.issue_contact_schemas import LEAST_REASON, MOST_REASON
from service.http.schemas import Id, Moment, OutSchema, PageQuery, StrictSchema, Text, choice
from service.privacy.models import Door, Refused, RequestKind, RequestState
from service.privacy.requests import Decision, NewRequest

MOST_RECORDS = 100


class RevealIn(StrictSchema):
    """Why contacts must be read whole; it is noted."""

    reason = Text(least=LEAST_REASON, most=MOST_REASON, required=True)


class ContactsOut(OutSchema):
    """What of a visit is masked elsewhere, whole."""

    id = Id(required=True)
    hosts = fields.List(fields.Dict(), required=True)
    enterprise = fields.Dict(required=True, allow_none=True)
    place = fields.String(required=True, allow_none=True)
    summary = fields.String(required=True, allow_none=True)
    next_step = fields.String(required=True, allow_none=True)


class PositionViewQuery(PageQuery):
    """Whose position was looked at, by whom, when; the period is half-open."""

    person = Id(load_default=None)
    viewer = Id(load_default=None)
    from_at = Moment(load_default=None, data_key="from")
    until_at = Moment(load_default=None, data_key="until")


class PositionViewOut(OutSchema):
    """One look at the exact position of somebody."""

    viewed_at = Moment(required=True)
    viewer_id = Id(required=True)
    viewer_name = fields.String(required=True)
    viewer_unit = fields.String(required=True)
    person_id = Id(required=True)
    person_name = fields.String(required=True)
    door = choice(Door, required=True)
    record_type = fields.String(required=True)
    record_id = Id(required=True)


class PrivacyRequestQuery(PageQuery):
    """Which requests."""

    state = choice(RequestState, load_default=None)


class PrivacyRequestIn(StrictSchema):
    """What somebody asks for, and where to look: a phone, an account, or the records that tell of them by name."""

    kind = choice(RequestKind, required=True)
    name = Text(least=1, most=100, required=True)
    phone = Text(most=40, allow_none=True)
    user_id = Id(allow_none=True, metadata={"description": "one of our own: access only"})
    record_ids = fields.List(Id(), validate=validate.Length(max=MOST_RECORDS))
    note = Text(most=500, allow_none=True)

    @post_load
    def build(self, values: dict[str, Any], **_: Any) -> NewRequest:
        """The request as the house has it."""
        given = {name: value for name, value in values.items() if value != ""}
        return NewRequest(**(given | {"record_ids": tuple(given.get("record_ids", ()))}))


class PrivacyDecisionIn(StrictSchema):
    """Granted, or refused with its reason; `legal_hold` where a law obliges the office to keep the record."""

    granted = fields.Boolean(required=True, truthy={True}, falsy={False}, attribute="is_granted")
    refused_because = choice(Refused, allow_none=True)
    reason = Text(most=500, allow_none=True)

    @post_load
    def build(self, values: dict[str, Any], **_: Any) -> Decision:
        """The decision as the house has it."""
        return Decision(**values)


class PrivacyRequestOut(OutSchema):
    """A request; `found` and `erased` count rows by place, name and phone are masked once the person is erased."""

    id = Id(required=True)
    kind = choice(RequestKind, required=True)
    state = choice(RequestState, required=True)
    name = fields.String(required=True)
    phone = fields.String(required=True, allow_none=True)
    user_id = Id(required=True, allow_none=True)
    record_ids = fields.List(Id(), required=True)
    note = fields.String(required=True, allow_none=True)
    asked_by = Id(required=True)
    asked_by_name = fields.String(required=True)
    asked_at = Moment(required=True)
    searched_at = Moment(
        required=True, allow_none=True, metadata={"description": "null while it is searched"}
    )
    found = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
    decided_by = Id(required=True, allow_none=True)
    decided_by_name = fields.String(required=True, allow_none=True)
    decided_at = Moment(required=True, allow_none=True)
    refused_because = choice(Refused, required=True, allow_none=True)
    reason = fields.String(required=True, allow_none=True)
    done_at = Moment(required=True, allow_none=True)
    erased = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)


class ToldOut(OutSchema):
    """A place within a row that tells of the person."""

    pointer = fields.String(required=True)
    value = fields.Raw(required=True)


class ToldRowOut(OutSchema):
    """A row that tells of the person."""

    place = fields.String(required=True)
    record_id = Id(required=True)
    key = fields.List(fields.String(), required=True)
    tells = fields.List(fields.Nested(ToldOut()), required=True)


class AccountPostingOut(OutSchema):
    """A unit the person belonged to."""

    unit = fields.String(required=True)
    from_on = fields.String(required=True)
    until_on = fields.String(required=True, allow_none=True)


class AccountDeviceOut(OutSchema):
    """A phone or browser the person signed in on."""

    id = fields.String(required=True)
    platform = fields.String(required=True, allow_none=True)
    model = fields.String(required=True, allow_none=True)
    since_at = Moment(required=True)
    last_seen_at = Moment(required=True)


class AccountToldOut(OutSchema):
    """What is kept about one of our own, and how many records of service there are."""

    id = Id(required=True)
    username = fields.String(required=True)
    name = fields.String(required=True)
    phone = fields.String(required=True, allow_none=True)
    rank = fields.String(required=True, allow_none=True)
    roles = fields.List(fields.String(), required=True)
    created_at = Moment(required=True)
    closed_at = Moment(required=True, allow_none=True)
    postings = fields.List(fields.Nested(AccountPostingOut()), required=True)
    devices = fields.List(fields.Nested(AccountDeviceOut()), required=True)
    counts = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)


class PersonalDocumentOut(OutSchema):
    """Everything that is kept about a person, to be handed to them."""

    made_at = Moment(required=True)
    name = fields.String(required=True)
    phone = fields.String(required=True, allow_none=True)
    account = fields.Nested(AccountToldOut(), required=True, allow_none=True)
    records = fields.List(fields.Nested(ToldRowOut()), required=True)
