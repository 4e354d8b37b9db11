"""How far the programme has come; a unit's office reads its own."""

import tempfile
from typing import Any

from flask import Response, send_file
from flask.views import MethodView

from hq_api.schemas.progress import (
    CoverageOut,
    CoverageQuery,
    OverviewOut,
    ProgressKnownQuery,
    ProgressRowsQuery,
    UnitProgressOutList,
    VisitSheetQuery,
    WeekOut,
)
from service.http.blueprint import Blueprint
from service.http.codes import SHEET_LABELS
from service.http.conditional import paged
from service.http.guards import office
from service.http.lists import list_of
from service.http.work import house, work
from service.kernel.calendar import local_date
from service.kernel.clock import now
from service.kernel.content_types import XLSX
from service.kernel.pages import Page
from service.progress import comparison, coverage, queries
from service.progress.queries import Question
from service.progress.tables import page_of_units, page_of_weeks
from service.progress.views import CoverageRow, Overview, UnitProgress, WeekProgress
from service.progress.visit_sheet import TITLE, SheetOrder, write_visit_sheet

blueprint = Blueprint("hq_progress", __name__, guard=office, description="进展 / Progress")


@blueprint.route("/progress/overview")
class ProgressOverview(MethodView):
    """The headline."""

    @blueprint.arguments(ProgressKnownQuery(), location="query")
    @blueprint.response(200, OverviewOut())
    def get(self, what: Question) -> Overview:
        """Show both lines: counted, pending, targets, expected today, gap and forecast."""
        return queries.overview(work().session, work().signed_in, what)


@blueprint.route("/progress/units")
class ProgressUnits(MethodView):
    """Units side by side."""

    @blueprint.arguments(ProgressRowsQuery(), location="query")
    @blueprint.response(200, UnitProgressOutList())
    def get(self, asked: dict[str, Any]) -> Page[UnitProgress]:
        """List units with their own distinct subjects, those with none too, ranked within their group.

        `note` says why they do not add up to the city.
        """
        rows = comparison.units(work().session, work().signed_in, asked["what"])
        return paged(page_of_units(rows, asked["line"], asked["page"]))


@blueprint.route("/progress/weekly")
class ProgressWeekly(MethodView):
    """Week by week."""

    @blueprint.arguments(ProgressRowsQuery(), location="query")
    @blueprint.response(200, list_of(WeekOut)())
    def get(self, asked: dict[str, Any]) -> Page[WeekProgress]:
        """List the weeks: first counted subjects, visits, and subjects that wait."""
        rows = queries.weekly(work().session, work().signed_in, asked["what"])
        return paged(page_of_weeks(rows, asked["line"], asked["page"]))


@blueprint.route("/progress/coverage")
class ProgressCoverage(MethodView):
    """How much of the target lists is visited."""

    @blueprint.arguments(CoverageQuery(), location="query")
    @blueprint.response(200, list_of(CoverageOut)())
    def get(self, asked: dict[str, Any]) -> Page[CoverageRow]:
        """List coverage of the target lists by county, industry chain, or both."""
        found = coverage.coverage(work().session, work().signed_in, asked["what"], asked["by"])
        return Page(found, None)


@blueprint.route("/progress/visits.xlsx")
class VisitSheet(MethodView):
    """The 台账 of visits."""

    @blueprint.arguments(VisitSheetQuery(), location="query")
    @blueprint.response(200, {"type": "string", "format": "binary"}, content_type=XLSX)
    def get(self, asked: dict[str, Any]) -> Response:
        """Take out the visits as a spreadsheet, contacts masked; who took it is noted.

        Those voided or withdrawn are left out unless `state` asks for them.
        """
        order = SheetOrder(asked["what"], reporting_unit=house().settings.organisation, labels=SHEET_LABELS)
        file = tempfile.TemporaryFile(prefix="qianbai-")  # noqa: SIM115 it is closed with the answer
        write_visit_sheet(work().session, work().signed_in, order, file)
        file.seek(0)
        name = f"{TITLE}_{local_date(now()):%Y%m%d}.xlsx"
        return send_file(file, mimetype=XLSX, as_attachment=True, download_name=name)
