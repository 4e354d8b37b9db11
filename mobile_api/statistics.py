"""What I have done: figures of my own records alone."""

from flask.views import MethodView

from mobile_api.schemas.statistics import OwnStatisticsOut, OwnStatisticsQuery
from service.http.blueprint import Blueprint
from service.http.guards import signed_in
from service.http.work import work
from service.indicators.asked import Asked
from service.indicators.own import own_table
from service.indicators.rows import Table

blueprint = Blueprint("own_statistics", __name__, guard=signed_in, description="统计 / Statistics")


@blueprint.route("/statistics")
class OwnStatistics(MethodView):
    """A table of my own records."""

    @blueprint.arguments(OwnStatisticsQuery(), location="query")
    @blueprint.response(200, OwnStatisticsOut())
    def get(self, what: Asked) -> Table:
        """本人记录的统计；不与他人比较 / Show a measure of my own records; nobody else's are beside them."""
        return own_table(work().session, work().signed_in, what)
