"""Units as headquarters sees and writes them."""

from marshmallow import fields, validate

from service.accounts.models import UnitKind
from service.http.lists import list_of
from service.http.schemas import Day, Id, OutSchema, PageQuery, StrictSchema, Text, Whole, choice

DIVISION_CODE = r"(?:[0-9]{6}|[0-9]{9}|[0-9]{12})\Z"


class UnitsQuery(PageQuery):
    """A page of units; `on` leaves out those that do not exist on that day."""

    on = Day(load_default=None)


class UnitIn(StrictSchema):
    """A unit to open; only the root has no parent."""

    name = Text(most=100, least=1, required=True)
    short_name = Text(most=20, load_default=None, allow_none=True)
    kind = choice(UnitKind, required=True)
    parent_id = Id(load_default=None, allow_none=True)
    division_code = fields.String(load_default=None, allow_none=True, validate=validate.Regexp(DIVISION_CODE))
    comparison_group = Text(most=40, load_default=None, allow_none=True)
    position = Whole(load_default=0)
    valid_from = Day(load_default=None)
    valid_until = Day(load_default=None, allow_none=True)


class UnitPatchIn(StrictSchema):
    """What changes in a unit; never its parent or kind."""

    name = Text(most=100, least=1)
    short_name = Text(most=20, least=1)
    division_code = fields.String(allow_none=True, validate=validate.Regexp(DIVISION_CODE))
    comparison_group = Text(most=40, allow_none=True)
    position = Whole()
    valid_until = Day(allow_none=True)


class UnitOut(OutSchema):
    """A unit of the tree."""

    id = Id(required=True)
    parent_id = Id(required=True, allow_none=True)
    depth = fields.Integer(required=True)
    name = fields.String(required=True)
    short_name = fields.String(required=True)
    kind = choice(UnitKind, required=True)
    division_code = fields.String(required=True, allow_none=True)
    comparison_group = fields.String(required=True, allow_none=True)
    position = fields.Integer(required=True)
    valid_from = Day(required=True)
    valid_until = Day(required=True, allow_none=True)


UnitList = list_of(UnitOut)
