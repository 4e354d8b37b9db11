"""Who of the target lists is not visited yet; a unit's office reads its own."""

from flask.views import MethodView

from hq_api.schemas.unvisited import UnvisitedOut, UnvisitedQuery
from service.http.blueprint import Blueprint
from service.http.conditional import paged
from service.http.guards import office
from service.http.lists import list_of
from service.http.work import work
from service.kernel.pages import Page
from service.progress.unvisited import Unvisited, Wanted, unvisited

blueprint = Blueprint(
    "hq-unvisited", __name__, guard=office, description="未走访企业 / Target enterprises not visited"
)


@blueprint.route("/progress/unvisited")
class UnvisitedEnterprises(MethodView):
    """What is left of the target lists."""

    @blueprint.arguments(UnvisitedQuery(), location="query")
    @blueprint.response(200, list_of(UnvisitedOut)())
    def get(self, wanted: Wanted) -> Page[Unvisited]:
        """目标企业库中尚无已核走访的企业 / Enterprises on the target lists without a counted visit, by name."""
        return paged(unvisited(work().session, work().signed_in, wanted))
