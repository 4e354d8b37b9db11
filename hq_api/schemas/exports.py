"""Exports at headquarters' doors."""

from typing import Any

from marshmallow import ValidationError, fields, post_load

from hq_api.schemas.checkins import CheckinRowQuery
from hq_api.schemas.issues import IssueRowQuery
from hq_api.schemas.projects import ProjectQuery
from hq_api.schemas.visits import VisitQuery
from service.exports.models import ExportForm, ExportState
from service.exports.orders import Order, PictureChoice, TargetsAsked
from service.http.schemas import Day, Id, Moment, OutSchema, PageQuery, StrictSchema, Text, choice
from service.kernel.calendar import PeriodKind


class TargetTableQuery(PageQuery):
    """Which targets: those of the period with the day `on`, as they stand at the end of `as_of`."""

    period = choice(PeriodKind, load_default=PeriodKind.YEAR)
    on = Day(load_default=None)
    as_of = Day(load_default=None)

    @post_load
    def build(self, found: dict[str, Any], **_: Any) -> dict[str, Any]:
        """The question beside the page."""
        return {"what": TargetsAsked(found["period"], found["on"], found["as_of"])}


_FILTERS: dict[str, PageQuery] = {
    "visits": VisitQuery(),
    "checkins": CheckinRowQuery(),
    "projects": ProjectQuery(),
    "targets": TargetTableQuery(),
    "issues": IssueRowQuery(),
}
"""The filters of each list; pages do not apply, for what is taken out is whole."""


class ExportIn(StrictSchema):
    """What to take out: `filters` are the query parameters of the list that the form begins with, as the screen has them."""

    form = choice(ExportForm, required=True)
    filters = fields.Dict(keys=fields.String(), values=fields.String(), load_default=dict)
    bom = fields.Boolean(
        load_default=True, truthy={True}, falsy={False}, metadata={"description": "of a CSV, for Excel"}
    )
    pictures = choice(PictureChoice, load_default=PictureChoice.STAMPED)
    reason = Text(
        least=4,
        most=200,
        load_default=None,
        allow_none=True,
        metadata={"description": "why contacts are to be shown whole, or originals handed out; it is noted"},
    )

    @post_load
    def build(self, found: dict[str, Any], **_: Any) -> Order:
        """The order as the command takes it."""
        listed = _listed(found["form"])
        try:
            filters = _FILTERS[listed].load(found.pop("filters"))
        except ValidationError as error:
            raise ValidationError({"filters": error.messages}) from error
        return Order(**{listed: filters["what"]}, **found)


def _listed(form: ExportForm) -> str:
    """The list whose rows a form takes out; photos are those of visits."""
    first = form.value.partition("_")[0]
    return "issues" if first == "problems" else first if first in _FILTERS else "visits"


class ExportFileOut(OutSchema):
    """A file to fetch; the last one, `manifest.json`, proves the others."""

    name = fields.String(required=True)
    size = fields.Integer(required=True, metadata={"description": "bytes"})
    sha256 = fields.String(required=True)
    content_type = fields.String(required=True)
    url = fields.String(required=True)


class ExportOut(OutSchema):
    """An export: how far it is, and its files once it succeeded."""

    id = Id(required=True)
    form = choice(ExportForm, required=True)
    state = choice(ExportState, required=True)
    asked_at = Moment(required=True)
    asked_by = Id(required=True)
    asked_by_name = fields.String(required=True)
    what = fields.Dict(required=True)
    started_at = Moment(required=True, allow_none=True)
    finished_at = Moment(required=True, allow_none=True)
    expires_at = Moment(required=True, allow_none=True)
    rows_expected = fields.Integer(required=True, allow_none=True)
    rows_done = fields.Integer(required=True)
    failed_because = fields.String(required=True, allow_none=True)
    files = fields.List(fields.Nested(ExportFileOut), required=True)
