"""The sites and stations a person looks after."""

from typing import Any

from flask.views import MethodView

from mobile_api.schemas.sites import MySiteOut, MySiteQuery
from service.checkins import queries
from service.http.blueprint import Blueprint
from service.http.conditional import paged
from service.http.guards import signed_in
from service.http.lists import list_of
from service.http.schemas import page_request
from service.http.work import work

blueprint = Blueprint(
    "sites", __name__, guard=signed_in, description="我的工地与驻点 / My sites and stations"
)


@blueprint.route("/sites")
class MySites(MethodView):
    """My sites."""

    @blueprint.arguments(MySiteQuery(), location="query")
    @blueprint.response(200, list_of(MySiteOut)())
    def get(self, query: dict[str, Any]) -> Any:
        """我的工地与驻点，由近及远 / List my sites and stations, nearest first when a place is given."""
        near = query["near"]
        page = page_request(query["limit"], query["cursor"], parts=1 if near is None else 2)
        return paged(queries.my_sites_visited(work().session, work().signed_in, near, page))
