"""外出招商: phones file trips, read their own, and take them back."""

from typing import Any
from uuid import UUID

from flask.views import MethodView

from mobile_api.schemas.trips import TripIn, TripWithdrawalIn
from service.http.blueprint import Blueprint
from service.http.conditional import paged
from service.http.guards import signed_in
from service.http.keeping import keeps_as
from service.http.lists import list_of
from service.http.record_doors import Answer, RecordDoor, tagged
from service.http.record_schemas import OwnRevisionsOut
from service.http.schemas import PhonePageQuery, page_request
from service.http.trip_schemas import TripOut
from service.http.work import work
from service.kernel.pages import Page
from service.submissions.models import RecordType
from service.trips import commands, queries
from service.trips.submission import TripSubmission
from service.trips.views import TripView

blueprint = Blueprint("trips", __name__, guard=signed_in, description="外出招商 / Trips")

DOOR = RecordDoor(TripIn(), commands.submit_trip, commands.take_trip)
DOOR.open(RecordType.TRIP)


@blueprint.route("/trips")
class Trips(MethodView):
    """My trips."""

    @blueprint.arguments(PhonePageQuery(), location="query")
    @blueprint.response(200, list_of(TripOut)())
    def get(self, query: dict[str, Any]) -> Any:
        """我填报的外出招商记录，最新在前 / List the trips that I filed, the latest first."""
        page = page_request(query["limit"], query["cursor"], parts=2)
        return paged(queries.own_trips(work().session, work().signed_in, page))


@blueprint.route("/trips/<uuid:trip_id>")
class Trip(MethodView):
    """One trip."""

    @keeps_as(RecordType.TRIP, "trip_id")
    @blueprint.arguments(DOOR.schema)
    @blueprint.alt_response(201, schema=TripOut, success=True)
    @blueprint.response(200, TripOut())
    def put(self, what: TripSubmission, trip_id: UUID) -> Answer[TripView]:
        """填报或修改外出招商记录 / File a trip, or an edit with `base_rev`; an exact repeat is answered as before."""
        return DOOR.put(trip_id, what)

    @blueprint.response(200, TripOut())
    def get(self, trip_id: UUID) -> Answer[TripView]:
        """查看我填报的一条外出招商记录 / Show a trip that I filed."""
        return tagged(queries.own_trip(work().session, work().signed_in, trip_id))


@blueprint.route("/trips/<uuid:trip_id>/withdrawal")
class TripWithdrawal(MethodView):
    """Taking a trip back."""

    @blueprint.arguments(TripWithdrawalIn())
    @blueprint.response(200, TripOut())
    def post(self, given: dict[str, Any], trip_id: UUID) -> Answer[TripView]:
        """撤回外出招商记录 / Take a trip back, with a reason; it counts nowhere, and its visits stay."""
        return tagged(commands.withdraw_trip(work().session, work().signed_in, trip_id, given["reason"]))


@blueprint.route("/trips/<uuid:trip_id>/revisions")
class TripRevisions(MethodView):
    """The history of a trip."""

    @blueprint.response(200, OwnRevisionsOut())
    def get(self, trip_id: UUID) -> Any:
        """外出招商记录的历次版本 / Show every accepted revision as it was sent."""
        found = queries.own_revisions(work().session, work().signed_in, trip_id)
        return Page(items=found, next_cursor=None)
