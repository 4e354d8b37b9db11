"""Target enterprises that are not visited yet, as offices read them."""

from typing import Any

from marshmallow import fields, post_load

from service.http.places import NamedRowOut
from service.http.schemas import Day, Id, OutSchema, PageQuery, QueryMoment, Text, page_request
from service.progress.queries import Question
from service.progress.unvisited import Wanted


class UnvisitedQuery(PageQuery):
    """Of which programme, day and unit; of which chain, or of none that is assigned."""

    means_something_empty = frozenset({"chain"})

    programme = Id(load_default=None)
    as_of = Day(load_default=None)
    unit = Id(load_default=None)
    known_at = QueryMoment(
        load_default=None,
        metadata={"description": "as it was known then; answered by the last moment fixed at or before it"},
    )
    chain = Text(most=100, load_default=None, metadata={"description": "industry chain; empty: none entered"})
    unassigned = fields.Boolean(
        load_default=False, metadata={"description": "only enterprises that no unit is to visit (未分派)"}
    )

    @post_load
    def build(self, found: dict[str, Any], **_: Any) -> Wanted:
        """What is asked for, as the query takes it."""
        what = Question(found["programme"], found["as_of"], found["unit"], found["known_at"])
        page = page_request(found["limit"], found["cursor"], parts=2)
        return Wanted(what, found["chain"], found["unassigned"], page)


class UnvisitedOut(OutSchema):
    """An enterprise without a counted visit; `waits` when one is under review."""

    id = Id(required=True)
    name = fields.String(required=True)
    chain = fields.String(required=True, allow_none=True)
    city = fields.String(required=True, allow_none=True)
    waits = fields.Boolean(required=True)
    units = fields.List(fields.Nested(NamedRowOut()), required=True)
