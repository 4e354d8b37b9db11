"""A person's own statistics, and the list of the visits behind them."""

from typing import Any

from marshmallow import ValidationError, fields, post_load, validate, validates_schema

from service.enterprises.models import EnterpriseKind
from service.http.schemas import Day, Id, OutSchema, PhonePageQuery, PhoneSchema, Text, choice
from service.http.statistic_schemas import MeasureFields, StatisticRowFields, figure
from service.indicators.asked import Asked
from service.indicators.divisions import By
from service.indicators.measures import MEASURES
from service.indicators.own import DIVISIONS, OWN_MEASURES
from service.indicators.rates import Rounding
from service.kernel.calendar import PeriodKind
from service.visits.models import Intention, VisitMode
from service.visits.queries import VisitFilter
from service.visits.traits import Each, Traits


def _both_or_neither(values: dict[str, Any]) -> None:
    first, until = values["from_"], values["until"]
    if (first is None) != (until is None) or (first is not None and until <= first):
        raise ValidationError("请同时给出 from 和之后的 until / give from, and until after it", "until")


class OwnStatisticsQuery(PhoneSchema):
    """Which measure, by what, of which days; `period` (the year) that holds `on` (today), or `from` and `until`."""

    measure = fields.String(load_default="visits", validate=validate.OneOf(OWN_MEASURES))
    by = choice(By, load_default=By.TOTAL, validate=validate.OneOf(DIVISIONS))
    period = choice(PeriodKind, load_default=PeriodKind.YEAR)
    on = Day(load_default=None)
    from_ = Day(data_key="from", load_default=None, metadata={"description": "first day"})
    until = Day(load_default=None, metadata={"description": "the day after the last"})
    programme = Id(
        load_default=None,
        metadata={"description": "only visits counted in it; without, all that stand"},
    )
    rounding = choice(Rounding, load_default=Rounding.HALF_UP)

    @validates_schema
    def ends_after_it_starts(self, values: dict[str, Any], **_: Any) -> None:
        """Days are half-open, given both or neither."""
        _both_or_neither(values)

    @post_load
    def build(self, found: dict[str, Any], **_: Any) -> Asked:
        """The question as the query takes it; whose records are counted, the query decides."""
        return Asked(
            measure=found["measure"],
            by=found["by"],
            period=found["period"],
            on=found["on"],
            from_on=found["from_"],
            until_on=found["until"],
            programme_id=found["programme"],
            rounding=found["rounding"],
        )


class OwnVisitsQuery(PhonePageQuery):
    """Which of my visits; the addresses of my statistics use these words."""

    means_something_empty = frozenset({"chain", "industry", "province", "method"})

    from_ = Day(data_key="from", load_default=None, metadata={"description": "first day"})
    until = Day(load_default=None, metadata={"description": "the day after the last"})
    chain = Text(most=100, load_default=None, metadata={"description": "industry chain; empty: none entered"})
    standing = fields.Boolean(
        load_default=False, metadata={"description": "neither returned, voided nor withdrawn"}
    )
    credited_in = Id(load_default=None, metadata={"description": "counted in this programme, on any line"})
    industry = Text(most=500, load_default=None, metadata={"description": "empty: none entered"})
    province = Text(most=500, load_default=None, metadata={"description": "empty: none entered"})
    method = Text(most=200, load_default=None, metadata={"description": "empty: none entered"})
    mode = choice(VisitMode, load_default=None)
    intention = choice(Intention, load_default=None)
    inclined = fields.Boolean(load_default=False, metadata={"description": "with an intention to invest"})
    with_amount = fields.Boolean(load_default=False)
    has_project = fields.Boolean(load_default=False)
    matched = fields.Boolean(load_default=False, metadata={"description": "of a known enterprise"})
    well_known = fields.Boolean(load_default=False)
    kind = choice(EnterpriseKind, load_default=None)
    on_list = Text(
        most=60, load_default=None, metadata={"description": "on this list's edition in force on that day"}
    )
    each = choice(
        Each, load_default=None, metadata={"description": "one visit to each enterprise, the first or last"}
    )

    @post_load
    def build(self, values: dict[str, Any], **_: Any) -> dict[str, Any]:
        """The page's words, and the filter as the house has it, or None where all are asked for."""
        traits = Traits(**{name: values[name] for name in _TRAITS})
        what = VisitFilter(
            chain=values["chain"],
            from_on=values["from_"],
            until_on=values["until"],
            traits=None if traits == Traits() else traits,
        )
        return {
            "limit": values["limit"],
            "cursor": values["cursor"],
            "what": None if what == VisitFilter() else what,
        }


_TRAITS = (
    "standing",
    "credited_in",
    "industry",
    "province",
    "method",
    "mode",
    "intention",
    "inclined",
    "with_amount",
    "has_project",
    "matched",
    "well_known",
    "kind",
    "on_list",
    "each",
)


class OwnMeasureOut(MeasureFields):
    """A measure and its words."""

    code = fields.String(required=True, validate=validate.OneOf(list(MEASURES)))


class OwnStatisticRowOut(StatisticRowFields):
    """One row of my own records: no target, no rank, nobody else's figures."""

    url = figure("the list of my visits that were counted")


class OwnStatisticsOut(OutSchema):
    """A measure of my own records, zeros included."""

    measure = fields.Nested(OwnMeasureOut(), required=True)
    by = choice(By, required=True)
    items = fields.List(fields.Nested(OwnStatisticRowOut()), required=True, attribute="rows")
