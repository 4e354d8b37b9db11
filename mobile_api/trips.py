"""外出招商: phones file trips, read their own, and take them back."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from flask import request
from flask.views import MethodView
from marshmallow import ValidationError
from sqlalchemy.orm import Session

from mobile_api.schemas.trips import TripIn, TripRevisionsOut, TripWithdrawalIn
from service.http.blueprint import Blueprint
from service.http.conditional import paged
from service.http.guards import signed_in
from service.http.keeping import keeps_as
from service.http.lists import list_of
from service.http.parsing import invalid
from service.http.record_schemas import record_tag
from service.http.schemas import PhonePageQuery, page_request
from service.http.trip_schemas import TripOut
from service.http.work import house, work
from service.kernel.actor import Actor
from service.kernel.pages import Page
from service.submissions.doors import BatchDoor, Taken, open_batch_door, open_door
from service.submissions.models import RecordType
from service.submissions.sent import Sent
from service.submissions.terms import Terms
from service.trips import commands, queries
from service.trips.submission import TripSubmission
from service.trips.views import TripView

blueprint = Blueprint("trips", __name__, guard=signed_in, description="外出招商 / Trips")

BODY = TripIn()


def submit_body(
    session: Session,
    actor: Actor,
    record_id: UUID,
    body: Mapping[str, Any],
    *,
    shape: Callable[[Sent], Sent],
) -> commands.SubmittedTrip:
    """Submit a body that was kept by the schema and the command of `PUT`."""
    terms = Terms(number_prefix=house().settings.number_prefix)
    return commands.submit_trip(session, actor, record_id, _read(body, shape), terms=terms)


def take(
    session: Session,
    actor: Actor,
    record_id: UUID,
    body: Mapping[str, Any],
    *,
    shape: Callable[[Sent], Sent],
    terms: Terms,
) -> Taken:
    """Submit one of many."""
    arrival = commands.take_trip(session, actor, record_id, _read(body, shape), terms=terms)
    return Taken(is_repeat=arrival.is_repeat, receipt=arrival.receipt)


open_door(RecordType.TRIP, submit_body)
open_batch_door(RecordType.TRIP, BatchDoor(take))


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
    @blueprint.arguments(BODY)
    @blueprint.alt_response(201, schema=TripOut, success=True)
    @blueprint.response(200, TripOut())
    def put(self, what: TripSubmission, trip_id: UUID) -> Any:
        """填报或修改外出招商记录 / File a trip, or an edit with `base_rev`; an exact repeat is answered as before."""
        conditional = replace(what, sent=what.sent.on_condition(request.headers.get("If-Match")))
        terms = Terms(number_prefix=house().settings.number_prefix)
        return _answered(
            commands.submit_trip(work().session, work().signed_in, trip_id, conditional, terms=terms)
        )

    @blueprint.response(200, TripOut())
    def get(self, trip_id: UUID) -> Any:
        """查看我填报的一条外出招商记录 / Show a trip that I filed."""
        return _tagged(queries.own_trip(work().session, work().signed_in, trip_id))


@blueprint.route("/trips/<uuid:trip_id>/withdrawal")
class TripWithdrawal(MethodView):
    """Taking a trip back."""

    @blueprint.arguments(TripWithdrawalIn())
    @blueprint.response(200, TripOut())
    def post(self, given: dict[str, Any], trip_id: UUID) -> Any:
        """撤回外出招商记录 / Take a trip back, with a reason; it counts nowhere, and its visits stay."""
        return _tagged(commands.withdraw_trip(work().session, work().signed_in, trip_id, given["reason"]))


@blueprint.route("/trips/<uuid:trip_id>/revisions")
class TripRevisions(MethodView):
    """The history of a trip."""

    @blueprint.response(200, TripRevisionsOut())
    def get(self, trip_id: UUID) -> Any:
        """外出招商记录的历次版本 / Show every accepted revision as it was sent."""
        found = queries.own_revisions(work().session, work().signed_in, trip_id)
        return Page(items=found, next_cursor=None)


def _answered(submitted: commands.SubmittedTrip) -> tuple[TripView, int, dict[str, str]]:
    """What a `PUT` answers."""
    headers = {"ETag": record_tag(submitted.view.rev, submitted.view)}
    if submitted.replayed:
        headers["Idempotency-Replayed"] = "true"
    return submitted.view, 201 if submitted.created else 200, headers


def _read(body: Mapping[str, Any], shape: Callable[[Sent], Sent]) -> TripSubmission:
    try:
        what: TripSubmission = BODY.load(body)
    except ValidationError as error:
        raise invalid(error) from error
    return replace(what, sent=shape(what.sent))


def _tagged(view: TripView) -> tuple[TripView, int, dict[str, str]]:
    return view, 200, {"ETag": record_tag(view.rev, view)}
