"""Review policies and inspections at headquarters' doors."""

from typing import Any

from marshmallow import ValidationError, fields, post_load, validates_schema

from service.evidence.inspected_months import Outcome
from service.evidence.inspections import Found, NewInspection
from service.evidence.models import DrawnAs, InspectionResult, PolicyKind
from service.evidence.policies import NewPolicy
from service.http.schemas import (
    Day,
    Id,
    Moment,
    OutSchema,
    PageQuery,
    StrictSchema,
    Text,
    Whole,
    choice,
)

MOST_DRAWN = 500


class ReviewPolicyIn(StrictSchema):
    """What is held: `all`, what is `flagged`, or that and `percent` of the rest by lot, after `wait_hours`."""

    kind = choice(PolicyKind, required=True)
    percent = Whole(most=100, load_default=0)
    wait_hours = Whole(most=720, load_default=24)

    @validates_schema
    def draws_some(self, found: dict[str, Any], **_: Any) -> None:
        """Who forgets the share would let pass all that nothing speaks against."""
        if found["kind"] is PolicyKind.RANDOM and not found["percent"]:
            raise ValidationError("随机抽审须填写 1 至 100 的比例 / a share of 1 to 100 per cent", "percent")

    @post_load
    def build(self, found: dict[str, Any], **_: Any) -> NewPolicy:
        """The policy as the command takes it."""
        return NewPolicy(**found)


class ReviewPolicyOut(OutSchema):
    """A programme's review policy; `set_at` is null where everything is held because nobody set one."""

    programme_id = Id(required=True)
    kind = choice(PolicyKind, required=True)
    percent = fields.Integer(required=True)
    wait_hours = fields.Integer(required=True)
    set_by_name = fields.String(required=True, allow_none=True)
    set_at = Moment(required=True, allow_none=True)


class InspectionIn(StrictSchema):
    """A draw of the visits of the month with this day: so many by lot, and so many of the rest by suspicion."""

    month = Day(required=True)
    random_count = Whole(most=MOST_DRAWN, required=True)
    weighted_count = Whole(most=MOST_DRAWN, load_default=0)

    @validates_schema
    def draws_any(self, found: dict[str, Any], **_: Any) -> None:
        """A draw of none is no draw."""
        if not found["random_count"] + found["weighted_count"]:
            raise ValidationError("至少抽取一条 / draw one at least", "random_count")

    @post_load
    def build(self, found: dict[str, Any], **_: Any) -> NewInspection:
        """The draw as the command takes it."""
        return NewInspection(**found)


class InspectionOut(OutSchema):
    """A draw; with its seed and its visits it can be repeated."""

    id = Id(required=True)
    month = Day(required=True)
    seed = fields.String(required=True)
    random_count = fields.Integer(required=True)
    weighted_count = fields.Integer(required=True)
    population = fields.Integer(required=True)
    drawn_at = Moment(required=True)


class UnitFindingsOut(OutSchema):
    """What was found of a unit's drawn visits."""

    unit_id = Id(required=True)
    unit_name = fields.String(required=True)
    drawn = fields.Integer(required=True)
    confirmed = fields.Integer(required=True)
    wrong = fields.Integer(required=True)
    unreachable = fields.Integer(required=True)
    open = fields.Integer(required=True)
    records_url = fields.String(required=True)


class WholeInspectionOut(InspectionOut):
    """A draw with what was found, by unit."""

    units = fields.List(fields.Nested(UnitFindingsOut()), required=True)


class InspectionQuery(PageQuery):
    """The draws of the month with this day, or all."""

    month = Day(load_default=None)


class InspectedQuery(StrictSchema):
    """The drawn visits of a unit, or with one result."""

    unit = Id(load_default=None)
    result = choice(InspectionResult, load_default=None)


class InspectedMonthQuery(PageQuery):
    """The drawn visits of all draws of the month with this day; `unit` takes those below it too."""

    month = Day(required=True)
    unit = Id(load_default=None)
    drawn_as = choice(DrawnAs, load_default=None)
    outcome = choice(Outcome, load_default=None)


class InspectedVisitOut(OutSchema):
    """A drawn visit, and what was found."""

    place = fields.Integer(required=True)
    visit_id = Id(required=True)
    number = fields.String(required=True)
    unit_id = Id(required=True)
    unit_name = fields.String(required=True)
    visited_on = Day(required=True)
    drawn_as = choice(DrawnAs, required=True)
    weight = fields.Integer(required=True)
    result = choice(InspectionResult, required=True, allow_none=True)
    note = fields.String(required=True, allow_none=True)
    inspected_by_name = fields.String(required=True, allow_none=True)
    inspected_at = Moment(required=True, allow_none=True)
    record_url = fields.String(required=True)
    evidence_url = fields.String(required=True)


class InspectedListOut(OutSchema):
    """The visits of a draw, in its order."""

    items = fields.List(fields.Nested(InspectedVisitOut()), required=True)


class FindingIn(StrictSchema):
    """What an inspector found about a drawn visit."""

    visit_id = Id(required=True)
    result = choice(InspectionResult, required=True)
    note = Text(most=500, load_default=None, allow_none=True)

    @post_load
    def build(self, found: dict[str, Any], **_: Any) -> Found:
        """The finding as the command takes it."""
        return Found(**found)
