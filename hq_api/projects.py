"""Projects, sites, stations and assignments; headquarters keeps all of them, a unit's office its own."""

from typing import Any

from flask.views import MethodView

from hq_api.schemas.projects import ProjectIn, ProjectOut, ProjectPatchIn, ProjectQuery, StageChangeOut
from hq_api.schemas.sites import (
    AssignmentIn,
    AssignmentOut,
    AssignmentQuery,
    EndingIn,
    RedrawIn,
    SiteCardOut,
    SiteIn,
    SiteOut,
    SiteQuery,
    StationIn,
    StationOut,
    StationQuery,
)
from service.http.blueprint import Blueprint
from service.http.conditional import paged
from service.http.guards import office
from service.http.lists import list_of
from service.http.schemas import page_request
from service.http.work import work
from service.kernel.pages import Page
from service.projects import assigning, commands, queries

blueprint = Blueprint(
    "hq-projects", __name__, guard=office, description="项目、工地、驻点与分派 / Projects and sites"
)


@blueprint.route("/projects")
class Projects(MethodView):
    """All projects in scope."""

    @blueprint.arguments(ProjectQuery(), location="query")
    @blueprint.response(200, list_of(ProjectOut)())
    def get(self, query: dict[str, Any]) -> Any:
        """List projects in scope, newest first, each with its light and its latest month."""
        page = page_request(query["limit"], query["cursor"], parts=1)
        return paged(queries.projects(work().session, work().signed_in, query["what"], page))

    @blueprint.arguments(ProjectIn())
    @blueprint.response(201, ProjectOut())
    def post(self, new: commands.NewProject) -> Any:
        """Enter a project."""
        project = commands.open_project(work().session, work().signed_in, new)
        return queries.one_project(work().session, work().signed_in, project.id)


@blueprint.route("/projects/<uuid:project_id>")
class Project(MethodView):
    """One project."""

    @blueprint.response(200, ProjectOut())
    def get(self, project_id: Any) -> Any:
        """Show a project."""
        return queries.one_project(work().session, work().signed_in, project_id)

    @blueprint.arguments(ProjectPatchIn())
    @blueprint.response(200, ProjectOut())
    def patch(self, given: dict[str, Any], project_id: Any) -> Any:
        """Change what is named of a project; a stage is noted with the day it was reached."""
        amendment = commands.ProjectAmendment(project_id, **given)
        commands.amend_project(work().session, work().signed_in, amendment)
        return queries.one_project(work().session, work().signed_in, project_id)


@blueprint.route("/projects/<uuid:project_id>/stages")
class ProjectStages(MethodView):
    """The stages a project has reached."""

    @blueprint.response(200, list_of(StageChangeOut)())
    def get(self, project_id: Any) -> Any:
        """项目阶段变动 / The stages a project has reached, the newest first."""
        return Page(queries.stages_of(work().session, work().signed_in, project_id), None)


@blueprint.route("/sites")
class Sites(MethodView):
    """All sites in scope."""

    @blueprint.arguments(SiteQuery(), location="query")
    @blueprint.response(200, list_of(SiteOut)())
    def get(self, query: dict[str, Any]) -> Any:
        """List sites in scope: nearest first when a place is given, else newest first."""
        page = page_request(query["limit"], query["cursor"], parts=query["what"].key_parts)
        return paged(queries.sites(work().session, work().signed_in, query["what"], page))

    @blueprint.arguments(SiteIn())
    @blueprint.response(201, SiteCardOut())
    def post(self, new: commands.NewSite) -> Any:
        """Enter a site with its fence; a shape that is no fence is refused as `bad_fence`."""
        site = commands.open_site(work().session, work().signed_in, new)
        return queries.site_card(work().session, work().signed_in, site.id)


@blueprint.route("/sites/<uuid:site_id>")
class Site(MethodView):
    """One site."""

    @blueprint.response(200, SiteCardOut())
    def get(self, site_id: Any) -> Any:
        """Show a site with its stations and assignments."""
        return queries.site_card(work().session, work().signed_in, site_id)

    @blueprint.arguments(RedrawIn())
    @blueprint.response(200, SiteCardOut())
    def patch(self, given: dict[str, Any], site_id: Any) -> Any:
        """Give a site another fence; check-ins already made keep their verdict."""
        commands.redraw_site(work().session, work().signed_in, site_id, given["fence"])
        return queries.site_card(work().session, work().signed_in, site_id)


@blueprint.route("/sites/<uuid:site_id>/closing")
class SiteClosing(MethodView):
    """The end of a site."""

    @blueprint.response(200, SiteCardOut())
    def post(self, site_id: Any) -> Any:
        """End a site; its check-ins stay."""
        commands.close_site(work().session, work().signed_in, site_id)
        return queries.site_card(work().session, work().signed_in, site_id)


@blueprint.route("/stations")
class Stations(MethodView):
    """All open stations in scope."""

    @blueprint.arguments(StationQuery(), location="query")
    @blueprint.response(200, list_of(StationOut)())
    def get(self, query: dict[str, Any]) -> Any:
        """List open stations in scope, newest first."""
        page = page_request(query["limit"], query["cursor"], parts=1)
        return paged(queries.stations(work().session, work().signed_in, query["site"], page))

    @blueprint.arguments(StationIn())
    @blueprint.response(201, StationOut())
    def post(self, new: assigning.NewStation) -> Any:
        """Set up a station at a site."""
        station = assigning.open_station(work().session, work().signed_in, new)
        return queries.one_station(work().session, station.id)


@blueprint.route("/stations/<uuid:station_id>/closing")
class StationClosing(MethodView):
    """The end of a station."""

    @blueprint.response(200, StationOut())
    def post(self, station_id: Any) -> Any:
        """End a station; its site stays."""
        assigning.close_station(work().session, work().signed_in, station_id)
        return queries.one_station(work().session, station_id)


@blueprint.route("/assignments")
class Assignments(MethodView):
    """All assignments to sites in scope."""

    @blueprint.arguments(AssignmentQuery(), location="query")
    @blueprint.response(200, list_of(AssignmentOut)())
    def get(self, query: dict[str, Any]) -> Any:
        """List assignments to sites in scope, newest first."""
        page = page_request(query["limit"], query["cursor"], parts=1)
        return paged(queries.assignments(work().session, work().signed_in, query["what"], page))

    @blueprint.arguments(AssignmentIn())
    @blueprint.response(201, AssignmentOut())
    def post(self, new: assigning.NewAssignment) -> Any:
        """Put a person in charge of a site in one capacity."""
        assignment = assigning.assign(work().session, work().signed_in, new)
        return queries.one_assignment(work().session, assignment.id)


@blueprint.route("/assignments/<uuid:assignment_id>/ending")
class AssignmentEnding(MethodView):
    """The end of an assignment."""

    @blueprint.arguments(EndingIn())
    @blueprint.response(200, AssignmentOut())
    def post(self, given: dict[str, Any], assignment_id: Any) -> Any:
        """Relieve a person from a day on."""
        assigning.end_assignment(work().session, work().signed_in, assignment_id, given["until_on"])
        return queries.one_assignment(work().session, assignment_id)
