"""Problems for offices alone: raised, counted, found in check-ins, and by which settings they are dealt with."""

from collections.abc import Sequence
from typing import Any

from flask.views import MethodView

from hq_api.schemas.issue_figures import (
    IssueClockIn,
    IssueClockOut,
    IssueRouteOut,
    IssueRoutesIn,
    IssueStatisticsOut,
    IssueStatisticsQuery,
    UntakenCheckinOut,
    UntakenQuery,
    shown_statistics,
)
from hq_api.schemas.issues import IssueFilingIn, IssueRecordCardOut
from service.http.blueprint import Blueprint
from service.http.conditional import paged
from service.http.guards import office
from service.http.lists import list_of
from service.http.record_doors import Answer, answered, terms
from service.http.schemas import page_request
from service.http.work import work
from service.issues import clocks, commands, routes, untaken
from service.issues.clocks import ClockShown
from service.issues.routes import NewRoute, RouteShown
from service.issues.statistics import issue_statistics
from service.issues.submission import NewIssue
from service.issues.untaken import UntakenCheckin
from service.issues.views import IssueCard
from service.kernel.pages import Page

blueprint = Blueprint("issue_figures", __name__, guard=office, description="吹哨报到 / Problems of the scope")


RouteList = list_of(IssueRouteOut)


@blueprint.route("/issues")
class IssueFiling(MethodView):
    """Raising a problem at the desk."""

    @blueprint.arguments(IssueFilingIn())
    @blueprint.alt_response(201, schema=IssueRecordCardOut, success=True)
    @blueprint.response(200, IssueRecordCardOut())
    def post(self, what: NewIssue) -> Answer[IssueCard]:
        """立项 / Raise a problem as an office, or take it out of a service check-in (`checkin_id`)."""
        return answered(commands.raise_for_office(work().session, work().signed_in, what, terms=terms()))


@blueprint.route("/issues/statistics")
class IssueStatistics(MethodView):
    """What the problems come to."""

    @blueprint.arguments(IssueStatisticsQuery(), location="query")
    @blueprint.response(200, IssueStatisticsOut())
    def get(self, asked: dict[str, Any]) -> dict[str, Any]:
        """问题办理统计：响应率、解决率、满意率 / Count problems by department, category or unit; every figure opens its records."""
        table = issue_statistics(work().session, work().signed_in, asked["by"], asked["what"])
        return shown_statistics(asked["by"], asked["rounding"], table)


@blueprint.route("/issues/untaken")
class UntakenCheckins(MethodView):
    """What was told and nobody raised."""

    @blueprint.arguments(UntakenQuery(), location="query")
    @blueprint.response(200, list_of(UntakenCheckinOut)())
    def get(self, query: dict[str, Any]) -> Page[UntakenCheckin]:
        """驻点记录中反映、尚未立项的问题 / List service check-ins that tell of a problem without one, the latest first."""
        page = page_request(query["limit"], query["cursor"], parts=2)
        return paged(untaken.untaken_checkins(work().session, work().signed_in, query["what"], page))


@blueprint.route("/issues/routes")
class IssueRoutes(MethodView):
    """Whom each category calls."""

    @blueprint.response(200, RouteList())
    def get(self) -> Page[RouteShown]:
        """分办路由 / Show whom each category calls at once."""
        return Page(routes.routes(work().session), None)

    @blueprint.arguments(IssueRoutesIn())
    @blueprint.response(200, RouteList())
    def put(self, wanted: dict[str, Sequence[NewRoute]]) -> Page[RouteShown]:
        """设置分办路由 / Replace the whole table, from now on."""
        return Page(routes.set_routes(work().session, work().signed_in, wanted["items"]), None)


@blueprint.route("/issues/clock")
class IssueClock(MethodView):
    """The limits of 13710."""

    @blueprint.response(200, IssueClockOut())
    def get(self) -> ClockShown:
        """办理时限 / Show the limits that hold now."""
        return clocks.clock_in_force(work().session)

    @blueprint.arguments(IssueClockIn())
    @blueprint.response(200, IssueClockOut())
    def put(self, changed: dict[str, Any]) -> ClockShown:
        """设置办理时限，自此刻起适用 / Set these limits from now on; those that are not named stay."""
        return clocks.set_clock(work().session, work().signed_in, changed)


@blueprint.route("/issues/clock/history")
class IssueClockHistory(MethodView):
    """How the limits came about."""

    @blueprint.response(200, list_of(IssueClockOut)())
    def get(self) -> Page[ClockShown]:
        """历次设置，最近的在前 / Every setting with who set it and when, the newest first."""
        return Page(clocks.clock_history(work().session), None)
