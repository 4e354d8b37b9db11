"""A trip as every door takes it and shows it: phones and offices file by the same words."""

from typing import Any, Literal

import marshmallow as ma
from marshmallow import fields, post_load, validate

from service.accounts.ranks import RANKS, rank_code
from service.http.record_schemas import CaptureOut, FlagOut, ReceiptOut, RecordPersonOut, RecordUnitOut
from service.http.schemas import Day, Id, Moment, OutSchema, PhoneSchema, Text, Whole, choice
from service.submissions.sent import Sent
from service.trips.models import Filed, Half, TripKind
from service.trips.submission import Days, Destination, Organisation, TripPerson, TripSubmission

TITLE, TEXT = 200, 4000
MOST_PEOPLE, MOST_PLACES, MOST_ORGANISATIONS, MOST_PROJECTS = 200, 50, 500, 200


class RankCode(fields.String):
    """职务级别 by its code (see `/api/v1/codes`) or the office's word for it."""

    def __init__(self, **options: Any) -> None:
        super().__init__(metadata={"enum": [*(rank.code for rank in RANKS), None]}, **options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        code = rank_code(str(super()._deserialize(value, attr, data, **kwargs)))
        if code is None:
            raise ma.ValidationError("没有这种职务级别 / unknown rank")
        return code


class TripLeaderIn(PhoneSchema):
    """带队领导."""

    name = Text(most=TITLE, least=1, required=True)
    rank = RankCode(allow_none=True)
    user_id = Id(allow_none=True)

    @post_load
    def build(self, values: dict[str, Any], **_: Any) -> TripPerson:
        """The leader as the house has them."""
        return TripPerson(**values)


class TripParticipantIn(PhoneSchema):
    """Somebody of ours who went along."""

    name = Text(most=TITLE, least=1, required=True)
    rank = RankCode(allow_none=True)
    user_id = Id(allow_none=True)
    unit_id = Id(allow_none=True)

    @post_load
    def build(self, values: dict[str, Any], **_: Any) -> TripPerson:
        """The participant as the house has them."""
        return TripPerson(**values)


class TripDestinationIn(PhoneSchema):
    """Where they went; at least one part."""

    country = Text(most=TITLE, allow_none=True)
    province = Text(most=TITLE, allow_none=True)
    city = Text(most=TITLE, allow_none=True)

    @post_load
    def build(self, values: dict[str, Any], **_: Any) -> Destination:
        """The place as the house has it."""
        return Destination(**_without_blanks(values))


class TripOrganisationIn(PhoneSchema):
    """Somebody they met who has no visit of their own (yet): by name, or of the register."""

    name = Text(most=TITLE, allow_none=True)
    enterprise_id = Id(allow_none=True)

    @post_load
    def build(self, values: dict[str, Any], **_: Any) -> Organisation:
        """The organisation as the house has it."""
        return Organisation(**_without_blanks(values))


class TripFields(ma.Schema):
    """The whole record, each time. Visits join it by their `trip_id`, before or after it is here."""

    kind = choice(TripKind, load_default=TripKind.OUTING)
    unit_id = Id(
        allow_none=True, metadata={"description": "whose trip it is; else the filer's unit on that day"}
    )
    departs_on = Day(required=True)
    departs_half = choice(Half, load_default=Half.AM)
    returns_on = Day(required=True)
    returns_half = choice(Half, load_default=Half.PM)
    campaign = Text(most=TITLE, allow_none=True, metadata={"description": "such as 招商周"})
    projects = fields.List(Text(most=TITLE, least=1), validate=validate.Length(max=MOST_PROJECTS))
    project_count = Whole(most=10_000, allow_none=True)
    intention_count = Whole(most=10_000, allow_none=True)
    result = Text(most=TEXT, allow_none=True)
    remark = Text(most=TEXT, allow_none=True)
    filed_because = Text(
        most=TITLE, allow_none=True, metadata={"description": "why it was not filed before departure"}
    )
    base_rev = Whole(
        least=1, allow_none=True, metadata={"description": "the revision this edits; not hashed"}
    )


def nested(schema: type[ma.Schema], most: int, unknown: Literal["exclude", "raise"]) -> fields.List[Any]:
    """A list of so many at most; `unknown` says what becomes of fields that the schema does not know."""
    return fields.List(fields.Nested(schema, unknown=unknown), validate=validate.Length(max=most))


def as_submission(values: dict[str, Any], sent: Sent) -> TripSubmission:
    """What was read, as the house has it, with what was sent beside it."""
    values.pop("base_rev", None)
    values["days"] = Days(
        **{name: values.pop(name) for name in ("departs_on", "returns_on", "departs_half", "returns_half")}
    )
    for name in ("participants", "destinations", "organisations", "projects"):
        values[name] = tuple(values.get(name) or ())
    return TripSubmission(sent=sent, **_without_blanks(values))


class TripLeaderOut(OutSchema):
    """带队领导."""

    name = fields.String(required=True)
    rank = fields.String(required=True, allow_none=True)
    user_id = Id(required=True, allow_none=True)


class TripOut(OutSchema):
    """A trip with its receipt; `days` are whole or half, as a decimal string."""

    id = Id(required=True)
    rev = fields.Integer(required=True)
    number = fields.String(required=True)
    receipt = fields.Nested(ReceiptOut, required=True)
    unit = fields.Nested(RecordUnitOut, required=True)
    filer = fields.Nested(RecordPersonOut, required=True)
    kind = choice(TripKind, required=True)
    leader = fields.Nested(TripLeaderOut, required=True)
    participants = fields.List(fields.Dict(), required=True)
    people = fields.Integer(required=True, metadata={"description": "人次, the leader included, each once"})
    departs_on = fields.Date(required=True)
    departs_half = choice(Half, required=True)
    returns_on = fields.Date(required=True)
    returns_half = choice(Half, required=True)
    days = fields.String(required=True)
    destinations = fields.List(fields.Dict(), required=True)
    campaign = fields.String(required=True, allow_none=True)
    organisations = fields.List(fields.Dict(), required=True)
    projects = fields.List(fields.String(), required=True)
    project_count = fields.Integer(required=True)
    intention_count = fields.Integer(required=True, allow_none=True)
    result = fields.String(required=True, allow_none=True)
    remark = fields.String(required=True, allow_none=True)
    filed = choice(Filed, required=True)
    filed_because = fields.String(required=True, allow_none=True)
    flags = fields.List(fields.Nested(FlagOut), required=True)
    ignored_fields = fields.List(fields.String(), required=True)
    captured_at = Moment(required=True)
    capture = fields.Nested(CaptureOut, required=True)
    received_at = Moment(required=True)
    updated_at = Moment(required=True)
    withdrawn_at = Moment(required=True, allow_none=True)
    withdrawn_because = fields.String(required=True, allow_none=True)


def _without_blanks(values: dict[str, Any]) -> dict[str, Any]:
    """What was left empty on the form is nothing, not an empty text."""
    return {name: None if value == "" else value for name, value in values.items()}
