"""外出招商 as offices see it: filed for a unit, listed, counted in every way a bulletin asks for, taken out."""

import tempfile
from typing import Any
from uuid import UUID

from flask import Response, send_file
from flask.views import MethodView

from hq_api.schemas.trips import (
    TripFilingIn,
    TripOrganisationOut,
    TripQuery,
    TripRecordOut,
    TripRecordsQuery,
    TripSheetQuery,
    TripStatisticsOut,
    TripStatisticsQuery,
    TripStrikingIn,
    TripVisitOut,
    shown_table,
)
from service.http.blueprint import Blueprint
from service.http.conditional import paged
from service.http.guards import office
from service.http.keeping import keeps_as
from service.http.lists import list_of
from service.http.record_doors import Answer, answered, on_condition, tagged, terms
from service.http.schemas import page_request
from service.http.work import house, work
from service.kernel.calendar import local_date
from service.kernel.clock import now
from service.kernel.content_types import XLSX
from service.kernel.pages import Page
from service.reports.sheet import write_tables
from service.reports.trip_sheet import TITLE, take_out_trip_sheet
from service.submissions.models import RecordType
from service.trips import commands, queries, records
from service.trips.queries import TripFilter
from service.trips.statistics import statistics
from service.trips.submission import TripSubmission
from service.trips.views import TripView

blueprint = Blueprint("hq_trips", __name__, guard=office, description="外出招商 / Trips of the scope")


@blueprint.route("/trips")
class Trips(MethodView):
    """The trips of the scope, and the records behind every figure."""

    @blueprint.arguments(TripQuery(), location="query")
    @blueprint.response(200, list_of(TripRecordOut)())
    def get(self, query: dict[str, Any]) -> Page[TripView]:
        """外出招商记录列表 / List the trips of the scope, the latest first."""
        page = page_request(query["limit"], query["cursor"], parts=2)
        return paged(queries.trips_in_scope(work().session, work().signed_in, query["what"], page))


@blueprint.route("/trips/<uuid:trip_id>")
class Trip(MethodView):
    """One trip."""

    @blueprint.response(200, TripRecordOut())
    def get(self, trip_id: UUID) -> Answer[TripView]:
        """一条外出招商记录 / Show a trip of the scope."""
        return tagged(queries.trip_in_scope(work().session, work().signed_in, trip_id))

    @keeps_as(RecordType.TRIP, "trip_id")
    @blueprint.arguments(TripFilingIn())
    @blueprint.alt_response(201, schema=TripRecordOut, success=True)
    @blueprint.response(200, TripRecordOut())
    def put(self, what: TripSubmission, trip_id: UUID) -> Answer[TripView]:
        """代单位填报或更正 / File a trip for a unit, or correct one of the scope with `base_rev`."""
        return answered(
            commands.file_trip(work().session, work().signed_in, trip_id, on_condition(what), terms=terms())
        )


@blueprint.route("/trips/<uuid:trip_id>/withdrawal")
class TripStriking(MethodView):
    """Taking a unit's trip back."""

    @blueprint.arguments(TripStrikingIn())
    @blueprint.response(200, TripRecordOut())
    def post(self, given: dict[str, str], trip_id: UUID) -> TripView:
        """撤回一条外出招商记录 / Take a trip of the scope back, with a reason; it counts nowhere."""
        return commands.strike_trip(work().session, work().signed_in, trip_id, given["reason"])


@blueprint.route("/trips/visits")
class TripVisits(MethodView):
    """The records behind 家次."""

    @blueprint.arguments(TripRecordsQuery(), location="query")
    @blueprint.response(200, list_of(TripVisitOut)())
    def get(self, query: dict[str, Any]) -> Page[records.TripVisit]:
        """外出期间的拜访记录 / List the visits paid on these trips."""
        page = page_request(query["limit"], query["cursor"], parts=1)
        return paged(records.visits_paid(work().session, work().signed_in, query["what"], page))


@blueprint.route("/trips/organisations")
class TripOrganisations(MethodView):
    """The records behind 家."""

    @blueprint.arguments(TripRecordsQuery(), location="query")
    @blueprint.response(200, list_of(TripOrganisationOut)())
    def get(self, query: dict[str, Any]) -> Page[records.TripOrganisation]:
        """外出期间拜访的企业机构，各列一次 / List the organisations met on these trips, each once."""
        page = page_request(query["limit"], query["cursor"], parts=1)
        return paged(records.organisations_met(work().session, work().signed_in, query["what"], page))


@blueprint.route("/trips/statistics")
class TripStatistics(MethodView):
    """What the trips come to."""

    @blueprint.arguments(TripStatisticsQuery(), location="query")
    @blueprint.response(200, TripStatisticsOut())
    def get(self, asked: dict[str, Any]) -> dict[str, Any]:
        """外出招商统计：次、人次、人数、天、家、家次 / Count trips by unit, leader, kind, campaign or month."""
        return shown_table(
            asked["by"], statistics(work().session, work().signed_in, asked["by"], asked["what"])
        )


@blueprint.route("/trips/statistics.xlsx")
class TripSheet(MethodView):
    """外出招商统计表."""

    @blueprint.arguments(TripSheetQuery(), location="query")
    @blueprint.response(200, {"type": "string", "format": "binary"}, content_type=XLSX)
    def get(self, what: TripFilter) -> Response:
        """外出招商统计表 / Take out the trips in the office's own columns; who took it is noted."""
        document = take_out_trip_sheet(
            work().session, work().signed_in, what, signer=house().settings.organisation
        )
        file = tempfile.TemporaryFile(prefix="qianbai-")  # noqa: SIM115 it is closed with the answer
        write_tables(document, file)
        file.seek(0)
        name = f"{TITLE}_{local_date(now()):%Y%m%d}.xlsx"
        return send_file(file, mimetype=XLSX, as_attachment=True, download_name=name)
