"""The headline on a phone."""

from typing import Any

from marshmallow import fields, post_load

from service.accounts.models import UnitKind
from service.http.schemas import Day, Figure, Id, OutSchema, PhoneSchema, choice
from service.programmes.models import Line
from service.progress.queries import Question


class HeadlineQuery(PhoneSchema):
    """As of which business day; today by default."""

    as_of = Day(load_default=None)

    @post_load
    def build(self, found: dict[str, Any], **_: Any) -> Question:
        """The question as the query takes it."""
        return Question(as_of=found["as_of"])


class HeadlineTargetsOut(OutSchema):
    """三套目标 of my scope."""

    baseline = fields.Integer(required=True, allow_none=True)
    working = fields.Integer(required=True, allow_none=True)
    striving = fields.Integer(required=True, allow_none=True)


class HeadlineLineOut(OutSchema):
    """One line's headline."""

    code = choice(Line, required=True)
    counted = fields.Integer(required=True)
    pending = fields.Integer(required=True)
    visits = fields.Integer(required=True)
    visits_pending = fields.Integer(required=True)
    targets = fields.Nested(HeadlineTargetsOut(), required=True)
    rate = Figure(required=True, allow_none=True)
    elapsed = Figure(required=True)
    expected_today = Figure(required=True, allow_none=True)
    gap = Figure(required=True, allow_none=True)
    behind = Figure(required=True, allow_none=True)
    needed_per_week = Figure(required=True, allow_none=True)


class HeadlineUnitOut(OutSchema):
    """The unit the figures are of."""

    id = Id(required=True)
    name = fields.String(required=True)
    kind = choice(UnitKind, required=True)


class HeadlineProgrammeOut(OutSchema):
    """The programme in force; `ends_on` is its last day."""

    id = Id(required=True)
    name = fields.String(required=True)
    year = fields.Integer(required=True)
    starts_on = fields.Date(required=True)
    ends_on = fields.Date(required=True)


class HeadlineOut(OutSchema):
    """The headline for my scope; `unit` is null when that is the whole city."""

    programme = fields.Nested(HeadlineProgrammeOut(), required=True)
    as_of = fields.Date(required=True)
    unit = fields.Nested(HeadlineUnitOut(), required=True, allow_none=True)
    lines = fields.List(fields.Nested(HeadlineLineOut()), required=True)
