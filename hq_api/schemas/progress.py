"""Figures as headquarters reads them; each opens its records."""

from typing import Any

from marshmallow import fields, post_load, validate

from hq_api.schemas.programmes import LevelsOut
from hq_api.schemas.visits import VisitQuery
from service.accounts.models import UnitKind
from service.http.problems import language
from service.http.schemas import (
    Day,
    Figure,
    Id,
    Moment,
    OutSchema,
    QueryMoment,
    QueryWhole,
    StrictSchema,
    choice,
    page_request,
)
from service.http.table_rows import TableRowSchema
from service.kernel.pages import LARGEST_LIMIT
from service.programmes.models import Line
from service.progress.coverage import CoverageBy
from service.progress.queries import Question


def _figure(meaning: str) -> Figure:
    return Figure(required=True, allow_none=True, metadata={"description": meaning})


_NOTE_ZH = "全市按对象去重计数；联合走访与重复走访在各单位分别计数，各单位之和可大于全市。"
_NOTE_EN = (
    "The city counts each subject once; joint and repeated visits count in each unit, "
    "so the units may add up to more than the city."
)


def _note() -> fields.Function:
    return fields.Function(
        lambda _: _NOTE_EN if language() == "en" else _NOTE_ZH,
        required=True,
        metadata={"type": "string", "description": "why the units do not add up to the city"},
    )


def _known_at() -> Moment:
    return Moment(
        required=True,
        allow_none=True,
        metadata={"description": "the moment the figures were known at; null is now"},
    )


class ProgressQuery(StrictSchema):
    """Of which programme (the one in force), as of which business day (today), of which unit (the whole scope)."""

    programme = Id(load_default=None)
    as_of = Day(load_default=None)
    unit = Id(load_default=None)

    @post_load
    def build(self, found: dict[str, Any], **_: Any) -> Any:
        """The question as the query takes it."""
        return Question(found["programme"], found["as_of"], found["unit"], found.get("known_at"))


class ProgressKnownQuery(ProgressQuery):
    """The same, as it was known at a past moment if one is given."""

    known_at = QueryMoment(
        load_default=None,
        metadata={"description": "as it was known then; answered by the last moment fixed at or before it"},
    )


class ProgressRowsQuery(ProgressKnownQuery):
    """The same, of one line only if that is asked for; a table comes whole unless `limit` cuts it."""

    line = choice(Line, load_default=None)
    limit = QueryWhole(least=1, most=LARGEST_LIMIT, load_default=LARGEST_LIMIT)
    cursor = fields.String(load_default=None, validate=validate.Length(max=500))

    @post_load
    def build(self, found: dict[str, Any], **_: Any) -> Any:
        """The question, the line, and the page."""
        what = Question(found["programme"], found["as_of"], found["unit"], found["known_at"])
        return {
            "what": what,
            "line": found["line"],
            "page": page_request(found["limit"], found["cursor"], parts=2),
        }


class CoverageQuery(ProgressKnownQuery):
    """By county, by industry chain, or by both."""

    by = choice(CoverageBy, load_default=CoverageBy.COUNTY)

    @post_load
    def build(self, found: dict[str, Any], **_: Any) -> Any:
        """The question, and what the rows are."""
        what = Question(found["programme"], found["as_of"], found["unit"], found["known_at"])
        return {"what": what, "by": found["by"]}


class VisitSheetQuery(VisitQuery):
    """The same filters as the list of visits; pages do not apply."""


class ProgressProgrammeOut(OutSchema):
    """The programme the figures are of; `ends_on` is its last day."""

    id = Id(required=True)
    name = fields.String(required=True)
    year = fields.Integer(required=True)
    starts_on = fields.Date(required=True)
    ends_on = fields.Date(required=True)


class ProgressUnitOut(OutSchema):
    """A unit beside its figures."""

    id = Id(required=True)
    name = fields.String(required=True)
    kind = choice(UnitKind, required=True)


class WeekInputOut(OutSchema):
    """A full week the forecast is made from."""

    start_on = fields.Date(required=True)
    first_counted = fields.Integer(required=True)


class ForecastOut(OutSchema):
    """When the working target is reached at the pace of the last full weeks, or was (`reached`)."""

    on = fields.Date(required=True, allow_none=True)
    within_programme = fields.Boolean(
        required=True,
        allow_none=True,
        metadata={"description": "false when `on` lies after the programme's last day; null without a day"},
    )
    earliest = fields.Date(required=True, allow_none=True)
    latest = fields.Date(required=True, allow_none=True)
    reached = fields.Boolean(required=True)
    per_week = _figure("mean of first counted subjects a week")
    remaining = fields.Integer(required=True)
    weeks = fields.List(fields.Nested(WeekInputOut()), required=True)


class LineOut(OutSchema):
    """One line's headline: 已核 `counted` and 待核 `pending` side by side."""

    code = choice(Line, required=True)
    counted = fields.Integer(required=True)
    pending = fields.Integer(required=True)
    visits = fields.Integer(required=True)
    visits_pending = fields.Integer(required=True)
    targets = fields.Nested(LevelsOut(), required=True)
    rate = _figure("completion of the working target, 1 is all")
    elapsed = _figure("序时进度, 1 is all")
    expected_today = _figure("subjects at an even pace")
    gap = _figure("percentage points; negative is behind")
    behind = _figure("subjects; negative is ahead")
    forecast = fields.Nested(ForecastOut(), required=True, allow_none=True)
    needed_per_week = _figure("whole subjects a week from tomorrow, rounded up")
    records_url = fields.String(required=True)
    pending_url = fields.String(required=True)
    visits_url = fields.String(required=True)


class OverviewOut(OutSchema):
    """The headline; `unit` is null for the city."""

    programme = fields.Nested(ProgressProgrammeOut(), required=True)
    as_of = fields.Date(required=True)
    unit = fields.Nested(ProgressUnitOut(), required=True, allow_none=True)
    lines = fields.List(fields.Nested(LineOut()), required=True)
    known_at = _known_at()
    note = _note()


class UnitProgressOut(TableRowSchema):
    """One unit on one line."""

    unit = fields.Nested(ProgressUnitOut(), required=True)
    group = fields.String(required=True, allow_none=True)
    line = choice(Line, required=True)
    targets = fields.Nested(LevelsOut(), required=True)
    counted = fields.Integer(required=True)
    pending = fields.Integer(required=True)
    visits = fields.Integer(required=True)
    rate = _figure("completion of the working target, 1 is all")
    gap = _figure("percentage points; negative is behind")
    rank = fields.Integer(required=True, allow_none=True)
    records_url = fields.String(required=True)
    pending_url = fields.String(required=True)
    visits_url = fields.String(required=True)
    known_at = _known_at()


class UnitProgressOutList(OutSchema):
    """Every unit on every line, and why their figures do not add up to the city's."""

    items = fields.List(fields.Nested(UnitProgressOut), required=True)
    next_cursor = fields.String(required=True, allow_none=True)
    note = _note()


class WeekOut(TableRowSchema):
    """A week from `start_on` up to, and without, `end_on`."""

    start_on = fields.Date(required=True)
    end_on = fields.Date(required=True)
    line = choice(Line, required=True)
    first_counted = fields.Integer(required=True)
    visits = fields.Integer(required=True)
    pending = fields.Integer(required=True)
    complete = fields.Boolean(required=True)
    late = fields.Integer(
        required=True,
        allow_none=True,
        metadata={
            "description": "visits of this week, on whatever line, that arrived after its Sunday; null with `known_at`"
        },
    )
    latest_at = Moment(
        required=True,
        allow_none=True,
        metadata={"description": "when the last of them arrived and changed a week that was over"},
    )
    records_url = fields.String(required=True)
    pending_url = fields.String(required=True)
    visits_url = fields.String(required=True)
    late_url = fields.String(required=True)
    known_at = _known_at()


class CoverageOut(TableRowSchema):
    """Target enterprises of a unit, of a chain or both, and how many of them were visited."""

    unit = fields.Nested(ProgressUnitOut(), required=True, allow_none=True)
    chain = fields.String(required=True, allow_none=True)
    label = fields.Function(
        lambda row: row.label[language()],
        required=True,
        metadata={
            "type": "string",
            "description": "the unit, the chain or both; 未分派: no unit is to visit",
        },
    )
    listed = fields.Integer(required=True)
    listed_counted = fields.Integer(required=True)
    coverage = _figure("visited share of the listed, 1 is all")
    counted = fields.Integer(required=True)
    pending = fields.Integer(required=True)
    records_url = fields.String(required=True)
    pending_url = fields.String(required=True)
    known_at = _known_at()
