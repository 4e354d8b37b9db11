"""The register for phones: whom to visit."""

from typing import Any
from uuid import UUID

from flask.views import MethodView

from mobile_api.schemas.enterprises import RosterDetailsOut, RosterEnterpriseList, RosterQuery
from service.enterprises import queries, search
from service.enterprises.queries import EnterpriseDetails, FoundEnterprise
from service.http.blueprint import Blueprint
from service.http.conditional import paged
from service.http.guards import signed_in
from service.http.schemas import page_request
from service.http.work import work
from service.kernel.pages import Page
from service.visits.unvisited import Wanted, find_enterprises

blueprint = Blueprint("enterprises", __name__, guard=signed_in, description="企业名录 / Enterprises")


@blueprint.route("/enterprises")
class Enterprises(MethodView):
    """Whom to visit."""

    @blueprint.arguments(RosterQuery(), location="query")
    @blueprint.response(200, RosterEnterpriseList())
    def get(self, asked: dict[str, Any]) -> Page[FoundEnterprise]:
        """Search by name part, alias, pinyin initials or credit code; by target list; not yet visited."""
        page = page_request(asked["limit"], asked["cursor"], parts=search.KEY_PARTS)
        wanted = Wanted(asked["q"], asked["list"], asked["not_visited"], page)
        return paged(find_enterprises(work().session, work().signed_in, wanted))


@blueprint.route("/enterprises/<uuid:enterprise_id>")
class OneEnterprise(MethodView):
    """One enterprise."""

    @blueprint.response(200, RosterDetailsOut())
    def get(self, enterprise_id: UUID) -> EnterpriseDetails:
        """Read one enterprise with its other names."""
        return queries.details(work().session, enterprise_id)
