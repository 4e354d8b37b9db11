"""What was kept without being accepted, and the decisions that settle it."""

from typing import Any

from marshmallow import fields, post_load

from service.http.record_schemas import KeptFilters, KeptOut
from service.http.schemas import Id, Moment, OutSchema, PageQuery, StrictSchema, Text, Whole, choice
from service.submissions.difference import ChangedBy
from service.submissions.models import Settlement
from service.submissions.settling import Decision, How


class KeptScopeQuery(PageQuery, KeptFilters):
    """Which kept bodies, of all or of one unit."""

    unit = Id(load_default=None, attribute="unit_id")


class KeptRowOut(KeptOut):
    """A kept body and whose it is."""

    author_id = Id(required=True)
    author_name = fields.String(required=True)
    unit_id = Id(required=True)
    unit_name = fields.String(required=True)
    device_id = fields.String(required=True, allow_none=True)


class ServerContentOut(OutSchema):
    """What the server holds under the same id."""

    rev = fields.Integer(required=True)
    sha256 = fields.String(required=True)
    author_id = Id(required=True)
    author_name = fields.String(required=True)
    received_at = Moment(required=True)
    body = fields.Dict(required=True)


class FieldDifferenceOut(OutSchema):
    """A field in which the contents differ; `base` is what both began from, null when absent or not at hand."""

    pointer = fields.String(required=True)
    base = fields.Raw(required=True, allow_none=True)
    server = fields.Raw(required=True, allow_none=True)
    kept = fields.Raw(required=True, allow_none=True)
    changed_by = choice(ChangedBy, required=True)


class KeptWholeOut(OutSchema):
    """A kept body with its content, as text that is safe to show whatever the bytes are.

    Also what the server holds under the id, if it does, and every field in which the two differ.
    """

    kept = fields.Nested(KeptRowOut, required=True)
    text = fields.String(required=True)
    is_cut = fields.Boolean(required=True)
    body = fields.Dict(required=True, allow_none=True, metadata={"description": "null when it is no object"})
    server = fields.Nested(ServerContentOut, required=True, allow_none=True)
    differences = fields.List(fields.Nested(FieldDifferenceOut), required=True)


class SettlementIn(StrictSchema):
    """How a kept body is settled; `body` is the corrected body of a repair, or the merged one of a merge.

    `base_rev` is the server's revision that the decision was made from; a merge needs it.
    """

    how = choice(How, required=True)
    note = Text(most=500, allow_none=True)
    body = fields.Dict(keys=fields.String(), values=fields.Raw(allow_none=True), allow_none=True)
    base_rev = Whole(least=1, allow_none=True)

    @post_load
    def build(self, values: dict[str, Any], **_: Any) -> Decision:
        """The decision as the house has it."""
        return Decision(**values)


class SettledOut(OutSchema):
    """What became of the kept body."""

    id = Id(required=True)
    settlement = choice(Settlement, required=True)
    record_id = Id(required=True, allow_none=True)
