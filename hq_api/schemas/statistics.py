"""Statistics, indicators and their targets at headquarters' and units' doors."""

from decimal import Decimal
from typing import Any

from marshmallow import ValidationError, fields, post_load, validate, validates_schema

from service.http.problems import language
from service.http.schemas import Day, Id, OutSchema, StrictSchema, Text, choice
from service.http.statistic_schemas import MeasureFields, StatisticRowFields, figure, words
from service.indicators.amounts import AmountFigure, Sheet
from service.indicators.asked import Asked
from service.indicators.completions import How
from service.indicators.divisions import By
from service.indicators.errors import UnknownIndicator
from service.indicators.lights import Light
from service.indicators.measures import MEASURES
from service.indicators.models import AmountLevel
from service.indicators.rates import Rounding, plain
from service.kernel.calendar import PeriodKind, local_date
from service.kernel.clock import now
from service.kernel.text import has_forbidden_characters
from service.programmes.models import ElapsedBy

_MOST = Decimal(10) ** 12
_ELAPSED = {"days": ElapsedBy.DAYS, "months": ElapsedBy.MONTHS, "working_days": None}


class Amount(fields.Decimal):
    """An exact amount with up to four decimals; one with more is refused rather than rounded."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Decimal:
        amount = super()._deserialize(value, attr, data, **kwargs)
        if abs(amount) <= _MOST and amount != round(amount, 4):
            raise ValidationError("最多四位小数 / up to four decimals")
        return amount

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> str | None:  # noqa: ARG002
        return None if value is None else plain(value)


def _amount(**options: Any) -> Amount:
    told = {"type": "string", "description": "a decimal, up to four places"}
    return Amount(as_string=True, allow_nan=False, validate=_is_sensible, metadata=told, **options)


def _is_sensible(value: Decimal) -> None:
    if not -_MOST <= value <= _MOST:
        raise ValidationError("数额超出范围 / out of range")


def _light_text() -> fields.Function:
    return fields.Function(
        lambda row: None if row.light_text is None else row.light_text[language()],
        required=True,
        metadata={"type": ["string", "null"], "description": "the text that goes with the light"},
    )


def _elapsed_by() -> fields.String:
    return fields.String(load_default="days", validate=validate.OneOf(list(_ELAPSED)))


class StatisticsQuery(StrictSchema):
    """Which measure, by what, of which days; `period` (the year) that holds `on` (today), or `from` and `until`."""

    measure = fields.String(load_default="visits", validate=validate.OneOf(list(MEASURES)))
    by = choice(By, load_default=By.TOTAL)
    period = choice(PeriodKind, load_default=PeriodKind.YEAR)
    on = Day(load_default=None)
    from_ = Day(data_key="from", load_default=None, metadata={"description": "first day"})
    until = Day(load_default=None, metadata={"description": "the day after the last"})
    programme = Id(
        load_default=None,
        metadata={"description": "only visits counted in it; without, all that stand"},
    )
    unit = Id(load_default=None)
    rounding = choice(Rounding, load_default=Rounding.HALF_UP)
    elapsed_by = _elapsed_by()

    @validates_schema
    def ends_after_it_starts(self, values: dict[str, Any], **_: Any) -> None:
        """Days are half-open, given both or neither."""
        first, until = values["from_"], values["until"]
        if (first is None) != (until is None) or (first is not None and until <= first):
            raise ValidationError("请同时给出 from 和之后的 until / give from, and until after it", "until")

    @post_load
    def build(self, found: dict[str, Any], **_: Any) -> Asked:
        """The question as the query takes it."""
        return Asked(
            measure=found["measure"],
            by=found["by"],
            period=found["period"],
            on=found["on"],
            from_on=found["from_"],
            until_on=found["until"],
            programme_id=found["programme"],
            unit_id=found["unit"],
            rounding=found["rounding"],
            elapsed_by=_ELAPSED[found["elapsed_by"]],
        )


class MeasureOut(MeasureFields):
    """A measure and its words."""


class StatisticRowOut(StatisticRowFields):
    """One row; shares and growth are percentages, a gap percentage points, all of them decimals as text."""

    unit_id = Id(required=True, allow_none=True)
    group = fields.String(required=True, allow_none=True)
    target = figure("the working target of this period")
    rate = figure("完成率, per cent")
    elapsed = figure("序时进度, per cent")
    gap = figure("超欠进度, percentage points; negative is behind")
    light = choice(Light, required=True, allow_none=True)
    light_text = _light_text()
    rank = fields.Integer(required=True, allow_none=True)
    rank_before = fields.Integer(required=True, allow_none=True)
    rank_change = fields.Integer(required=True, allow_none=True)
    url = figure("the list of the visits that were counted")


class LightLimitsOut(OutSchema):
    """The limits the lights were lit by: of which programme, and by which of its settings (0: the usual ones)."""

    programme_id = Id(required=True, allow_none=True)
    number = fields.Integer(required=True)
    yellow_points = fields.Integer(required=True, attribute="limits.light_yellow_points")
    red_points = fields.Integer(required=True, attribute="limits.light_red_points")


class StatisticsOut(OutSchema):
    """A measure's rows, zeros included."""

    measure = fields.Nested(MeasureOut(), required=True)
    by = choice(By, required=True)
    items = fields.List(fields.Nested(StatisticRowOut()), required=True, attribute="rows")
    light_limits = fields.Nested(LightLimitsOut(), required=True, attribute="thresholds")


class NamedIndicatorIn(StrictSchema):
    """An indicator that is entered by hand."""

    code = fields.String(required=True, validate=validate.Regexp(r"^[a-z][a-z0-9_]{0,39}\Z"))
    zh = Text(required=True, least=1, most=60)
    en = Text(required=True, least=1, most=100)
    counted_in = Text(required=True, least=1, most=20)


class NamedIndicatorOut(OutSchema):
    """An indicator that is entered by hand."""

    code = fields.String(required=True)
    zh = fields.String(required=True)
    en = fields.String(required=True)
    counted_in = fields.String(required=True)


class SheetQuery(StrictSchema):
    """Which period: the one of this kind that holds a day."""

    period = choice(PeriodKind, load_default=PeriodKind.YEAR)
    on = Day(load_default=None, metadata={"description": "a day of the period; today"})

    @staticmethod
    def sheet(found: dict[str, Any], indicator: str) -> Sheet:
        """The sheet of an indicator in that period; a name that no column can hold is nobody's.

        Raises:
            UnknownIndicator: there is none such.
        """
        if has_forbidden_characters(indicator):
            raise UnknownIndicator(indicator="?")
        return Sheet(indicator, found["period"], found["on"] or local_date(now()))


class CompletionQuery(SheetQuery):
    """And how completion is shown."""

    as_of = Day(load_default=None)
    rounding = choice(Rounding, load_default=Rounding.HALF_UP)
    elapsed_by = _elapsed_by()

    @post_load
    def build(self, found: dict[str, Any], **_: Any) -> dict[str, Any]:
        """The period's words, and how."""
        how = How(_ELAPSED[found["elapsed_by"]], found["rounding"], found["as_of"])
        return {"period": found["period"], "on": found["on"], "how": how}


class AmountImportQuery(SheetQuery):
    """And whether to change anything."""

    dry_run = fields.Boolean(load_default=False)


class AmountIn(StrictSchema):
    """One amount of a unit (null: the city); null takes it away."""

    unit_id = Id(load_default=None, allow_none=True)
    level = choice(AmountLevel, required=True)
    amount = _amount(required=True, allow_none=True)


class AmountsIn(StrictSchema):
    """Amounts to set."""

    amounts = fields.List(fields.Nested(AmountIn()), required=True, validate=validate.Length(1, 2_000))

    @post_load
    def build(self, found: dict[str, Any], **_: Any) -> list[AmountFigure]:
        """The amounts, each with where it stands."""
        return [AmountFigure(**one, pointer=f"/amounts/{n}") for n, one in enumerate(found["amounts"])]


class AmountFigureOut(OutSchema):
    """One amount that a file sets."""

    unit_id = Id(required=True, allow_none=True)
    level = choice(AmountLevel, required=True)
    amount = _amount(required=True, allow_none=True)


class RefusedAmountRowOut(OutSchema):
    """A row that was left out."""

    line_no = fields.Integer(required=True)
    zh = fields.String(required=True)
    en = fields.String(required=True)


class AmountImportOut(OutSchema):
    """What a file set, or would set."""

    dry_run = fields.Boolean(required=True)
    accepted = fields.Integer(required=True)
    amounts = fields.List(fields.Nested(AmountFigureOut()), required=True)
    refused = fields.List(fields.Nested(RefusedAmountRowOut()), required=True)


class CompletionRowOut(OutSchema):
    """One unit (null: the city) against its targets; rate and gap are against the working level."""

    unit_id = Id(required=True, allow_none=True)
    name = fields.String(required=True)
    baseline = figure("计划目标")
    working = figure("工作目标")
    striving = figure("奋斗目标")
    actual = figure("what is reached")
    rate = figure("per cent")
    gap = figure("percentage points; negative is behind")
    light = choice(Light, required=True, allow_none=True)
    light_text = _light_text()
    url = figure("the records that were counted")


class RolledUpOut(OutSchema):
    """The sum of the units beside the city's own; `short` is what is missing."""

    level = choice(AmountLevel, required=True)
    city = _amount(required=True)
    units = _amount(required=True)
    short = _amount(required=True)


class CompletionOut(OutSchema):
    """An indicator in a period."""

    indicator = fields.String(required=True)
    label = words("label")
    counted_in = fields.String(required=True)
    start_on = fields.Date(required=True)
    end_on = fields.Date(required=True)
    as_of = fields.Date(required=True)
    elapsed = figure("序时进度, per cent")
    certain = fields.Boolean(
        required=True, metadata={"description": "false while the holidays of working days are not published"}
    )
    items = fields.List(fields.Nested(CompletionRowOut()), required=True, attribute="rows")
    roll_up = fields.List(fields.Nested(RolledUpOut()), required=True)
    light_limits = fields.Nested(LightLimitsOut(), required=True, attribute="thresholds")
