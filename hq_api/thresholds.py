"""Limits of programmes: set by headquarters, read by every office."""

from datetime import datetime
from uuid import UUID

from flask.views import MethodView

from hq_api.schemas.thresholds import ThresholdsIn, ThresholdsOut, ThresholdsQuery, ThresholdsSettingOut
from service.http.blueprint import Blueprint
from service.http.guards import office
from service.http.lists import list_of
from service.http.work import work
from service.kernel.pages import Page
from service.programmes import queries, thresholds
from service.programmes.thresholds import ThresholdsShown

blueprint = Blueprint("thresholds", __name__, guard=office, description="界限 / Limits")


@blueprint.route("/programmes/<uuid:programme_id>/thresholds")
class Thresholds(MethodView):
    """What raises flags and lights lamps."""

    @blueprint.arguments(ThresholdsQuery(), location="query")
    @blueprint.response(200, ThresholdsOut())
    def get(self, asked: dict[str, datetime | None], programme_id: UUID) -> ThresholdsShown:
        """查看方案的界限（红黄绿灯、疑点） / Show the limits that hold in a programme, or held at a moment."""
        return thresholds.thresholds_of(work().session, programme_id, asked["at"])

    @blueprint.arguments(ThresholdsIn())
    @blueprint.response(200, ThresholdsOut())
    def put(self, changed: dict[str, int], programme_id: UUID) -> ThresholdsShown:
        """设置界限，自此刻起适用 / Set these limits from now on; those that are not named stay."""
        return thresholds.set_thresholds(work().session, work().signed_in, programme_id, changed)


@blueprint.route("/programmes/<uuid:programme_id>/thresholds/history")
class ThresholdsHistory(MethodView):
    """How the limits came about."""

    @blueprint.response(200, list_of(ThresholdsSettingOut)())
    def get(self, programme_id: UUID) -> Page[ThresholdsShown]:
        """历次设置，最近的在前 / Every setting with who set it and when, the newest first."""
        queries.programme(work().session, programme_id)
        return Page(thresholds.history(work().session, programme_id), None)
