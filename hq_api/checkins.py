"""Check-ins as offices read them; they are listed by site and time, and nobody is ranked by them."""

from typing import Any
from uuid import UUID

from flask.views import MethodView

from hq_api.schemas.checkins import CheckinRow, CheckinRowQuery
from service.checkins import queries
from service.http.blueprint import Blueprint
from service.http.conditional import paged
from service.http.guards import office
from service.http.lists import list_of
from service.http.record_schemas import record_tag
from service.http.schemas import page_request
from service.http.work import work

blueprint = Blueprint("hq-checkins", __name__, guard=office, description="驻点记录 / Check-ins at sites")


@blueprint.route("/checkins")
class Checkins(MethodView):
    """All check-ins in scope."""

    @blueprint.arguments(CheckinRowQuery(), location="query")
    @blueprint.response(200, list_of(CheckinRow)())
    def get(self, query: dict[str, Any]) -> Any:
        """List check-ins in scope, the latest first."""
        page = page_request(query["limit"], query["cursor"], parts=2)
        return paged(queries.checkins_in_scope(work().session, work().signed_in, query["what"], page))


@blueprint.route("/checkins/<uuid:checkin_id>")
class Checkin(MethodView):
    """One check-in."""

    @blueprint.response(200, CheckinRow())
    def get(self, checkin_id: UUID) -> Any:
        """Show a check-in in scope."""
        view = queries.checkin_in_scope(work().session, work().signed_in, checkin_id)
        return view, 200, {"ETag": record_tag(view.rev, view)}
