"""Problems in figures, what was told and not raised, and the office's settings: whom a category calls, and the limits."""

from dataclasses import asdict, replace
from datetime import timedelta
from typing import Any

from marshmallow import ValidationError, fields, post_load, pre_dump, validate, validates_schema

from hq_api.schemas.issues import IssueFilterFields, issue_filter
from service.checkins.queries import CheckinFilter
from service.http.places import NamedRowOut
from service.http.problems import language
from service.http.record_schemas import MaskedText
from service.http.schemas import Day, Id, Moment, OutSchema, PageQuery, StrictSchema, Whole, choice
from service.indicators.rates import Rounding, figure, in_percent
from service.issues.clocks import BOUNDS, ClockShown
from service.issues.measures import WORDS, Measure, Rate
from service.issues.models import CountDays, IssueCategory
from service.issues.routes import NewRoute
from service.issues.statistics import By, IssueRow, IssueTable
from service.issues.words import CATEGORIES
from service.kernel.calendar import local_date
from service.kernel.clock import now

MOST_SUPPORTS = 20
_NOTHING = {By.DEPARTMENT: ("未被吹哨", "not called")}
_TOTAL = ("合计", "Total")
_NONE_RAISED = ("无问题", "no problem")


class IssueStatisticsQuery(StrictSchema, IssueFilterFields):
    """What to count, and by what: problems raised on the days `from` up to, and without, `to`; this year without them."""

    class Meta(StrictSchema.Meta):
        """What does not narrow a table."""

        exclude = ("measure", "own_only", "state", "role", "due", "checkin", "q")

    by = choice(By, load_default=By.DEPARTMENT)
    rounding = choice(Rounding, load_default=Rounding.HALF_UP)

    @validates_schema
    def ends_after_it_begins(self, values: dict[str, Any], **_: Any) -> None:
        """Days that are given are in order."""
        if values["from_on"] and values["until_on"] and values["until_on"] <= values["from_on"]:
            raise ValidationError("应晚于起始日期 / must be after from", "to")

    @post_load
    def build(self, values: dict[str, Any], **_: Any) -> dict[str, Any]:
        """What to count by, how to round, and the filter as the house has it."""
        tomorrow = local_date(now()) + timedelta(days=1)
        first_end = values["from_on"] + timedelta(days=1) if values["from_on"] else tomorrow
        until = values["until_on"] or max(tomorrow, first_end)
        start = values["from_on"] or (until - timedelta(days=1)).replace(month=1, day=1)
        narrowed = dict.fromkeys(self.Meta.exclude) | {"state": ()} | values
        what = replace(issue_filter(narrowed), from_on=start, until_on=until)
        return {"by": values["by"], "rounding": values["rounding"], "what": what}


class IssueFigureOut(OutSchema):
    """A count, and where the problems that it counts are listed."""

    count = fields.Integer(required=True)
    records_url = fields.String(required=True)


def _per(several: Any, made: Any) -> dict[str, Any]:
    return {
        one.value: made({"description": f"{WORDS[one].zh} / {WORDS[one].en}: {WORDS[one].means_en}"})
        for one in several
    }


IssueFiguresOut: type[OutSchema] = type(
    "IssueFiguresOut",
    (OutSchema,),
    {"__doc__": "Every figure of a row; they speak of the same problems."}
    | _per(Measure, lambda told: fields.Nested(IssueFigureOut, required=True, metadata=told)),
)
IssueRatesOut: type[OutSchema] = type(
    "IssueRatesOut",
    (OutSchema,),
    {"__doc__": "Shares in percent with two decimals, null where there is nothing to share."}
    | _per(Rate, lambda told: fields.String(required=True, allow_none=True, metadata=told)),
)


class IssueStatisticsRowOut(OutSchema):
    """One row; `note` says in words that there is nothing."""

    label = fields.String(required=True)
    unit = fields.Nested(NamedRowOut, required=True, allow_none=True)
    category = choice(IssueCategory, required=True, allow_none=True)
    figures = fields.Nested(IssueFiguresOut, required=True)
    rates = fields.Nested(IssueRatesOut, required=True)
    days_to_close = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "平均办理天数, from the call to the confirmation"},
    )
    note = fields.String(required=True, allow_none=True)


class IssueMeasureOut(OutSchema):
    """What a figure or a rate is called, and what it means."""

    code = fields.String(required=True)
    name = fields.String(required=True)
    meaning = fields.String(required=True)


class IssueStatisticsOut(OutSchema):
    """The rows in the order of office, never by count; a problem calls several departments and is once in the total."""

    by = choice(By, required=True)
    rounding = choice(Rounding, required=True)
    from_on = fields.Date(required=True, data_key="from")
    until_on = fields.Date(required=True, data_key="to")
    items = fields.List(fields.Nested(IssueStatisticsRowOut), required=True)
    total = fields.Nested(IssueStatisticsRowOut, required=True)
    measures = fields.List(fields.Nested(IssueMeasureOut), required=True)


def shown_statistics(by: By, rounding: Rounding, table: IssueTable) -> dict[str, Any]:
    """A table as the door shows it."""
    asked = table.total.records
    return {
        "by": by,
        "rounding": rounding,
        "from_on": asked.from_on,
        "until_on": asked.until_on,
        "items": [_row(row, by, rounding) for row in table.rows],
        "total": _row(table.total, by, rounding),
        "measures": [_told(one) for one in (*Measure, *Rate)],
    }


def _row(row: IssueRow, by: By, rounding: Rounding) -> dict[str, Any]:
    figures = row.figures
    return {
        "label": row.unit.name if row.unit else _said(CATEGORIES[row.category] if row.category else _TOTAL),
        "unit": row.unit,
        "category": row.category,
        "figures": {
            one.value: {"count": figures.counts[one], "records_url": row.url(one)} for one in Measure
        },
        "rates": {one.value: in_percent(figures.rate(one), rounding) for one in Rate},
        "days_to_close": figure(figures.days_to_close, rounding, places=1),
        "note": None if figures.counts[Measure.RAISED] else _said(_NOTHING.get(by, _NONE_RAISED)),
    }


def _told(one: Measure | Rate) -> dict[str, str]:
    words = WORDS[one]
    name, meaning = _said((words.zh, words.en)), _said((words.means_zh, words.means_en))
    return {"code": one.value, "name": name, "meaning": meaning}


def _said(words: tuple[str, str]) -> str:
    return words[1] if language() == "en" else words[0]


class IssueRouteIn(StrictSchema):
    """Whom a category calls at once."""

    category = choice(IssueCategory, required=True)
    lead_unit_id = Id(required=True)
    support_unit_ids = fields.List(Id(), load_default=list, validate=validate.Length(max=MOST_SUPPORTS))

    @post_load
    def build(self, values: dict[str, Any], **_: Any) -> NewRoute:
        """The route as the command takes it."""
        return NewRoute(values["category"], values["lead_unit_id"], tuple(values["support_unit_ids"]))


class IssueRoutesIn(StrictSchema):
    """The whole table; problems of a category that is left out wait to be assigned."""

    items = fields.List(
        fields.Nested(IssueRouteIn), required=True, validate=validate.Length(max=len(IssueCategory))
    )


class IssueRouteOut(OutSchema):
    """Whom a category calls at once; nobody without a lead."""

    category = choice(IssueCategory, required=True)
    lead = fields.Nested(NamedRowOut, required=True, allow_none=True)
    supports = fields.List(fields.Nested(NamedRowOut), required=True)
    set_by_name = fields.String(required=True, allow_none=True)
    set_at = Moment(required=True, allow_none=True)


def _limit(name: str, told: str) -> Whole:
    least, most = BOUNDS[name]
    return Whole(least=least, most=most, metadata={"description": told})


class IssueClockIn(StrictSchema):
    """Limits to set from now on; those left out stay, and what is due already stays due as it was."""

    report_in_working_days = _limit("report_in_working_days", "报到, in working days")
    feedback_days = _limit("feedback_days", "首次反馈, in days")
    general_days = _limit("general_days", "一般问题, in days")
    major_months = _limit("major_months", "重大复杂问题, in months")
    count_days = choice(CountDays)
    yellow_days = _limit("yellow_days", "yellow from so many working days before the limit")
    escalate_after = _limit("escalate_after", "the 督办 that brings it before 联席会议")


class IssueClockOut(OutSchema):
    """The limits from a moment on; `number` 0 is the usual ones, which nobody has set."""

    number = fields.Integer(required=True)
    report_in_working_days = fields.Integer(required=True)
    feedback_days = fields.Integer(required=True)
    general_days = fields.Integer(required=True)
    major_months = fields.Integer(required=True)
    count_days = choice(CountDays, required=True)
    yellow_days = fields.Integer(required=True)
    escalate_after = fields.Integer(required=True)
    set_by_name = fields.String(required=True, allow_none=True)
    set_at = Moment(required=True, allow_none=True)

    @pre_dump
    def laid_out(self, shown: ClockShown, **_: Any) -> dict[str, Any]:
        """The limits beside who set them."""
        told = {"number": shown.number, "set_by_name": shown.set_by_name, "set_at": shown.set_at}
        return asdict(shown.setting) | told


class UntakenQuery(PageQuery):
    """Of which check-ins: days `from` up to, and without, `to`; a unit with all below it."""

    unit = Id(load_default=None)
    site = Id(load_default=None)
    from_on = Day(data_key="from", load_default=None)
    until_on = Day(data_key="to", load_default=None)

    @post_load
    def build(self, values: dict[str, Any], **_: Any) -> dict[str, Any]:
        """The page's words, and the filter as the house has it."""
        what = CheckinFilter(
            unit_id=values["unit"],
            site_id=values["site"],
            from_on=values["from_on"],
            until_on=values["until_on"],
        )
        return {"limit": values["limit"], "cursor": values["cursor"], "what": what}


class UntakenCheckinOut(OutSchema):
    """A service check-in that tells of a problem nobody has raised; `heading` is what stands in front of its note."""

    id = Id(required=True)
    number = fields.String(required=True)
    unit = fields.Nested(NamedRowOut, required=True)
    user = fields.Nested(NamedRowOut, required=True)
    site = fields.Nested(NamedRowOut, required=True)
    project = fields.Nested(NamedRowOut, required=True, allow_none=True)
    at = Moment(required=True)
    on_day = fields.Date(required=True)
    heading = fields.String(required=True)
    text = MaskedText(required=True)
    photo_ids = fields.List(Id(), required=True)
    record_url = fields.String(required=True)
