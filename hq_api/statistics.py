"""Statistics of the scope by any measure; a unit's office reads its own."""

from flask.views import MethodView

from hq_api.schemas.statistics import MeasureOut, StatisticsOut, StatisticsQuery
from service.http.blueprint import Blueprint
from service.http.guards import office
from service.http.lists import list_of
from service.http.work import work
from service.indicators import tables
from service.indicators.asked import Asked
from service.indicators.measures import MEASURES, Measure
from service.indicators.rows import Table
from service.kernel.pages import Page

blueprint = Blueprint("statistics", __name__, guard=office, description="统计 / Statistics")


@blueprint.route("/statistics")
class Statistics(MethodView):
    """A table of a measure."""

    @blueprint.arguments(StatisticsQuery(), location="query")
    @blueprint.response(200, StatisticsOut())
    def get(self, what: Asked) -> Table:
        """统计表：指标、分列方式、期间；含完成率、同比、环比与单位排名 / A measure by something, zeros included."""
        return tables.table(work().session, work().signed_in, what)


@blueprint.route("/statistics/measures")
class Measures(MethodView):
    """What can be measured."""

    @blueprint.response(200, list_of(MeasureOut)())
    def get(self) -> Page[Measure]:
        """指标目录：名称、计量单位与口径 / Every measure with its words."""
        return Page(list(MEASURES.values()), None)
