"""Names, tiers, limits and the map of this installation, for headquarters' web app; nothing secret."""

from typing import Any

from flask.views import MethodView

from hq_api.schemas.config import ConfigOut
from service.http.blueprint import Blueprint
from service.http.codes import CODE_LISTS
from service.http.guards import office
from service.http.health import TITLE
from service.http.work import house, work
from service.kernel.calendar import local_date
from service.kernel.clock import now
from service.programmes.thresholds import thresholds_on

blueprint = Blueprint("config", __name__, guard=office, description="系统参数 / Configuration")


@blueprint.route("/config")
class Config(MethodView):
    """What the web app is set up with."""

    @blueprint.response(200, ConfigOut())
    def get(self) -> dict[str, Any]:
        """名称、三套目标、界限与地图 / Names, tiers, the limits of the programme in force, and the map."""
        settings = house().settings
        held = thresholds_on(work().session, local_date(now()))
        return {
            "title": TITLE,
            "version": settings.version,
            "organisation": settings.organisation,
            "office_code": settings.office_code,
            "filing_number": settings.filing_number,
            "tiers": CODE_LISTS["target_level"],
            "fence_radius_m": held.limits.fence_radius_m,
            "thresholds": held,
            "map": settings.base_map,
        }
