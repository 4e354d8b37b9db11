"""Inspections: visits are drawn for the monthly check, and what was found is kept."""

from typing import Any
from uuid import UUID

from flask.views import MethodView

from hq_api.schemas.inspections import (
    FindingIn,
    InspectedListOut,
    InspectedMonthQuery,
    InspectedQuery,
    InspectedVisitOut,
    InspectionIn,
    InspectionOut,
    InspectionQuery,
    WholeInspectionOut,
)
from service.evidence import inspections
from service.evidence.drawn_visits import InspectedShown
from service.evidence.inspected_months import DrawnFilter, inspected_in_month
from service.evidence.models import Inspection
from service.http.blueprint import Blueprint
from service.http.conditional import paged
from service.http.guards import readers
from service.http.lists import list_of
from service.http.schemas import page_request
from service.http.work import work
from service.kernel.pages import Page

blueprint = Blueprint("inspections", __name__, guard=readers, description="抽查 / Inspections")


@blueprint.route("/inspections")
class Inspections(MethodView):
    """All draws."""

    @blueprint.arguments(InspectionQuery(), location="query")
    @blueprint.response(200, list_of(InspectionOut)())
    def get(self, query: dict[str, Any]) -> Page[Inspection]:
        """List inspections, the latest first."""
        page = page_request(query["limit"], query["cursor"], parts=2)
        return paged(inspections.inspections(work().session, query["month"], page))

    @blueprint.arguments(InspectionIn())
    @blueprint.response(201, WholeInspectionOut())
    def post(self, new: inspections.NewInspection) -> dict[str, Any]:
        """Draw visits of a month: some by lot, some more by how suspicious they are."""
        return _shown(inspections.draw_inspection(work().session, work().signed_in, new))


@blueprint.route("/inspections/<uuid:inspection_id>")
class OneInspection(MethodView):
    """One draw."""

    @blueprint.response(200, WholeInspectionOut())
    def get(self, inspection_id: UUID) -> dict[str, Any]:
        """Show an inspection with what was found, by unit."""
        return _shown(inspections.inspection(work().session, inspection_id))


@blueprint.route("/inspections/<uuid:inspection_id>/visits")
class InspectedVisits(MethodView):
    """The visits that were drawn."""

    @blueprint.arguments(InspectedQuery(), location="query")
    @blueprint.response(200, InspectedListOut())
    def get(self, query: dict[str, Any], inspection_id: UUID) -> dict[str, Any]:
        """List the drawn visits in the order of the draw."""
        found = inspections.inspected(work().session, inspection_id, query["unit"], query["result"])
        return {"items": found}


@blueprint.route("/inspections/visits")
class InspectedMonth(MethodView):
    """The visits that were drawn in a month."""

    @blueprint.arguments(InspectedMonthQuery(), location="query")
    @blueprint.response(200, list_of(InspectedVisitOut)())
    def get(self, query: dict[str, Any]) -> Page[InspectedShown]:
        """List the drawn visits of a month over all its draws; each figure of a monthly inspection has its list here."""
        page = page_request(query["limit"], query["cursor"], parts=2)
        what = DrawnFilter(query["month"], query["unit"], query["drawn_as"], query["outcome"])
        return paged(inspected_in_month(work().session, what, page))


@blueprint.route("/inspections/<uuid:inspection_id>/findings")
class Findings(MethodView):
    """What was found."""

    @blueprint.arguments(FindingIn())
    @blueprint.response(200, InspectedVisitOut())
    def post(self, found: inspections.Found, inspection_id: UUID) -> InspectedShown:
        """Keep what was found about a drawn visit: confirmed, wrong, or nobody to be reached."""
        return inspections.note_finding(work().session, work().signed_in, inspection_id, found)


def _shown(one: Inspection) -> dict[str, Any]:
    names = ("id", "month", "seed", "random_count", "weighted_count", "population", "drawn_at")
    shown = {name: getattr(one, name) for name in names}
    return shown | {"units": inspections.findings(work().session, one.id)}
