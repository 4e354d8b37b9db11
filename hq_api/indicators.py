"""Targets of any indicator, by form and by file, and how far they are reached; headquarters writes, offices read."""

from typing import Any

from flask.views import MethodView

from hq_api.schemas.statistics import (
    AmountImportOut,
    AmountImportQuery,
    AmountsIn,
    CompletionOut,
    CompletionQuery,
    NamedIndicatorIn,
    NamedIndicatorOut,
    SheetQuery,
)
from service.http.blueprint import Blueprint, untransacted
from service.http.guards import office
from service.http.lists import list_of
from service.http.uploads import FILE_BODY, uploaded_file
from service.http.work import transaction, work
from service.indicators import amount_tables, amounts
from service.indicators.amount_tables import AmountFile, AmountReport
from service.indicators.amounts import AmountFigure
from service.indicators.completions import Completion, How, completions
from service.indicators.models import Indicator
from service.kernel.pages import Page

blueprint = Blueprint("indicators", __name__, guard=office, description="指标与目标 / Indicators and targets")


@blueprint.route("/indicators")
class Indicators(MethodView):
    """Indicators that are entered by hand."""

    @blueprint.response(200, list_of(NamedIndicatorOut)())
    def get(self) -> Page[Indicator]:
        """人工填报的指标 / Indicators that are entered by hand; measures have a list of their own."""
        return Page(list(amounts.indicators(work().session)), None)

    @blueprint.arguments(NamedIndicatorIn())
    @blueprint.response(201, NamedIndicatorOut())
    def post(self, told: dict[str, str]) -> Indicator:
        """新增人工填报的指标 / Make an indicator that is entered by hand."""
        words = (told["zh"], told["en"])
        return amounts.name_indicator(
            work().session, work().signed_in, told["code"], words, told["counted_in"]
        )


@blueprint.route("/indicators/<string:indicator>/amounts")
class Amounts(MethodView):
    """Targets and what is reached."""

    @blueprint.arguments(CompletionQuery(), location="query")
    @blueprint.response(200, CompletionOut())
    def get(self, asked: dict[str, Any], indicator: str) -> Completion:
        """三套目标与完成情况，红黄绿灯，分解合计 / Three levels, completion with lights, and the roll-up."""
        sheet = SheetQuery.sheet(asked, indicator)
        return completions(work().session, work().signed_in, sheet, asked["how"])

    @blueprint.arguments(SheetQuery(), location="query")
    @blueprint.arguments(AmountsIn())
    @blueprint.response(200, CompletionOut())
    def put(self, asked: dict[str, Any], told: list[AmountFigure], indicator: str) -> Completion:
        """设置目标（或完成数）；未列出的不变 / Set the amounts that are named; all others stay."""
        sheet = SheetQuery.sheet(asked, indicator)
        amounts.put_amounts(work().session, work().signed_in, sheet, told)
        return completions(work().session, work().signed_in, sheet, How())


@blueprint.route("/indicators/<string:indicator>/amounts/imports")
class AmountImports(MethodView):
    """Targets by file."""

    @blueprint.arguments(AmountImportQuery(), location="query")
    @blueprint.doc(**FILE_BODY)
    @blueprint.response(200, AmountImportOut())
    @untransacted
    def post(self, asked: dict[str, Any], indicator: str) -> AmountReport:
        """从表格导入（单位、计划目标、工作目标、奋斗目标、完成数） / Set the amounts of a table; a dry run changes nothing."""
        what = AmountFile(*uploaded_file(), dry_run=asked["dry_run"])
        with transaction() as session:
            sheet = SheetQuery.sheet(asked, indicator)
            return amount_tables.import_amounts(session, work().signed_in, sheet, what)
