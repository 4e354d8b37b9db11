"""How far my unit, or the city, has come."""

from flask.views import MethodView

from mobile_api.schemas.progress import HeadlineOut, HeadlineQuery
from service.http.blueprint import Blueprint
from service.http.guards import signed_in
from service.http.work import work
from service.progress import queries
from service.progress.queries import Question
from service.progress.views import Overview

blueprint = Blueprint("progress", __name__, guard=signed_in, description="进展 / Progress")


@blueprint.route("/progress")
class Headline(MethodView):
    """The headline for my scope."""

    @blueprint.arguments(HeadlineQuery(), location="query")
    @blueprint.response(200, HeadlineOut())
    def get(self, what: Question) -> Overview:
        """Show the headline of my unit, or of the city for who reads it whole."""
        return queries.overview(work().session, work().signed_in, what)
