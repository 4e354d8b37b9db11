"""Visits as offices and headquarters see them: with everything that counting says, and contacts masked."""

from dataclasses import fields as dataclass_fields
from typing import Any

from marshmallow import ValidationError, fields, post_load, validate, validates_schema

from service.enterprises.commands import Registration
from service.enterprises.models import EnterpriseKind
from service.http.record_schemas import (
    CaptureOut,
    CountingOut,
    FlagOut,
    ReceiptOut,
    RecordPersonOut,
    RecordPhotosOut,
    RecordUnitOut,
)
from service.http.schemas import Day, Id, Moment, OutSchema, PageQuery, StrictSchema, Text, Wan, choice
from service.programmes.models import Line
from service.visits.matching import Matching
from service.visits.models import Intention, ReviewState, VisitCreditStatus, VisitMode
from service.visits.queries import VisitFilter
from service.visits.records import Records
from service.visits.traits import Each, Traits

_STATUS = {"true": VisitCreditStatus.COUNTED, "pending": VisitCreditStatus.PENDING}


_TRAITS = tuple(one.name for one in dataclass_fields(Traits))


class VisitQuery(PageQuery):
    """Which visits; `programme`, `line`, `counted` and `first` open the records behind a figure."""

    means_something_empty = frozenset({"chain", "industry", "province", "method", "of_group"})

    unit = Id(load_default=None)
    visitor = Id(load_default=None)
    enterprise = Id(load_default=None)
    chain = Text(most=100, load_default=None, metadata={"description": "industry chain; empty: none entered"})
    state = choice(ReviewState, load_default=None)
    from_ = Day(data_key="from", load_default=None, metadata={"description": "first day"})
    until = Day(load_default=None, metadata={"description": "the day after the last"})
    programme = Id(load_default=None)
    unassigned = fields.Boolean(
        load_default=False,
        metadata={
            "description": "only enterprises on the target lists of `programme` that no unit is to visit (未分派)"
        },
    )
    line = choice(Line, load_default=None)
    counted = fields.String(load_default=None, validate=validate.OneOf(list(_STATUS)))
    first = fields.Boolean(
        load_default=False, metadata={"description": "one visit a subject: the one that made it count"}
    )

    late = fields.Boolean(
        load_default=False,
        metadata={"description": "only those that stand and arrived after the Sunday of their week"},
    )
    as_of = Day(
        load_default=None,
        metadata={"description": "a subject that counts by the end of this day does not wait"},
    )

    standing = fields.Boolean(
        load_default=False, metadata={"description": "neither returned, voided nor withdrawn"}
    )
    credited_in = Id(load_default=None, metadata={"description": "counted in this programme, on any line"})
    of_unit = Id(load_default=None, metadata={"description": "of this unit or below, joint visits, too"})
    own_unit = Id(load_default=None, metadata={"description": "of this unit itself, joint visits, too"})
    of_group = Text(most=100, load_default=None, metadata={"description": "comparison group of the units"})
    industry = Text(most=500, load_default=None, metadata={"description": "empty: none entered"})
    province = Text(most=500, load_default=None, metadata={"description": "empty: none entered"})
    method = Text(most=200, load_default=None, metadata={"description": "empty: none entered"})
    mode = choice(VisitMode, load_default=None)
    intention = choice(Intention, load_default=None)
    inclined = fields.Boolean(load_default=False, metadata={"description": "with an intention to invest"})
    with_amount = fields.Boolean(load_default=False)
    has_project = fields.Boolean(
        load_default=False, metadata={"description": "whose enterprise is the investor of a project"}
    )
    matched = fields.Boolean(load_default=False, metadata={"description": "of a known enterprise"})
    well_known = fields.Boolean(load_default=False)
    kind = choice(EnterpriseKind, load_default=None)
    on_list = Text(
        most=60, load_default=None, metadata={"description": "on this list's edition in force on that day"}
    )
    targeted_in = Id(load_default=None, metadata={"description": "on a target list of this programme"})
    assigned_to = Id(load_default=None, metadata={"description": "on a target list, for this unit to visit"})
    each = choice(
        Each, load_default=None, metadata={"description": "one visit to each enterprise, the first or last"}
    )

    @validates_schema
    def needs_programme(self, values: dict[str, Any], **_: Any) -> None:
        """Who is assigned is a matter of a programme."""
        if values["unassigned"] and values["programme"] is None:
            raise ValidationError("请同时给出 programme / give programme, too", "unassigned")

    @post_load
    def build(self, values: dict[str, Any], **_: Any) -> dict[str, Any]:
        """The page's words, and the filter as the house has it."""
        status = _STATUS.get(values["counted"])
        if values["first"] and status is None:
            status = VisitCreditStatus.COUNTED
        figure = Records(values["programme"], values["line"], status, values["first"], values["as_of"])
        traits = Traits(**{name: values[name] for name in _TRAITS})
        what = VisitFilter(
            traits=None if traits == Traits() else traits,
            unit_id=values["unit"],
            visitor_id=values["visitor"],
            enterprise_id=values["enterprise"],
            chain=values["chain"],
            unassigned_in=values["programme"] if values["unassigned"] else None,
            state=values["state"],
            from_on=values["from_"],
            until_on=values["until"],
            records=None if figure == Records() else figure,
            late=values["late"],
        )
        return {"limit": values["limit"], "cursor": values["cursor"], "what": what}


class RegisterIn(StrictSchema):
    """The enterprise to register for a free entry."""

    name = Text(most=200, least=1, required=True)
    kind = choice(EnterpriseKind)
    credit_code = Text(most=40, allow_none=True)
    short_name = Text(most=100, allow_none=True)
    well_known = fields.Boolean()
    industry = Text(most=100, allow_none=True)
    chain = Text(most=100, allow_none=True)
    country = Text(most=100, allow_none=True)
    province = Text(most=100, allow_none=True)
    city = Text(most=100, allow_none=True)
    address = Text(most=300, allow_none=True)

    @post_load
    def build(self, values: dict[str, Any], **_: Any) -> Registration:
        """The registration as the house has it."""
        return Registration(**{name: value for name, value in values.items() if value != ""})


class MatchingIn(StrictSchema):
    """Exactly one of an enterprise of the register, or one to register now."""

    enterprise_id = Id()
    register = fields.Nested(RegisterIn)

    @post_load
    def build(self, values: dict[str, Any], **_: Any) -> Matching:
        """The matching as the house has it."""
        return Matching(**values)


class VisitRecordOut(OutSchema):
    """A visit with its hosts' phones masked."""

    id = Id(required=True)
    rev = fields.Integer(required=True)
    number = fields.String(required=True)
    receipt = fields.Nested(ReceiptOut, required=True)
    review_state = choice(ReviewState, required=True)
    review_reason = fields.String(required=True, allow_none=True)
    counting = fields.Nested(CountingOut, required=True)
    photos = fields.Nested(RecordPhotosOut, required=True)
    flags = fields.List(fields.Nested(FlagOut), required=True)
    unit = fields.Nested(RecordUnitOut, required=True)
    visitor = fields.Nested(RecordPersonOut, required=True)
    recorder = fields.Nested(RecordPersonOut, required=True)
    enterprise_id = Id(required=True, allow_none=True)
    enterprise_name = fields.String(required=True, allow_none=True)
    enterprise = fields.Dict(required=True, allow_none=True)
    matched_at = Moment(required=True, allow_none=True)
    visited_at = Moment(required=True)
    visited_on = fields.Date(required=True)
    ended_at = Moment(required=True, allow_none=True)
    mode = choice(VisitMode, required=True)
    method = fields.String(required=True, allow_none=True)
    place = fields.String(required=True, allow_none=True)
    location = fields.Dict(required=True, allow_none=True)
    wgs84 = fields.Dict(required=True, allow_none=True)
    led_by = fields.Dict(required=True, allow_none=True)
    participants = fields.List(fields.Dict(), required=True)
    hosts = fields.List(fields.Dict(), required=True)
    summary = fields.String(required=True, allow_none=True)
    intention = choice(Intention, required=True, allow_none=True)
    amount_wan = Wan(required=True, allow_none=True)
    next_step = fields.String(required=True, allow_none=True)
    next_on = fields.Date(required=True, allow_none=True)
    trip_id = Id(required=True, allow_none=True)
    joint_units = fields.List(Id(), required=True)
    photo_ids = fields.List(Id(), required=True)
    captured_at = Moment(required=True)
    capture = fields.Nested(CaptureOut, required=True)
    received_at = Moment(required=True)
    updated_at = Moment(required=True)
