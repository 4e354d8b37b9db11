"""Photos as offices look at them: a wall of all that arrived, with what speaks against each."""

from typing import Any

from flask.views import MethodView

from hq_api.schemas.photos import PhotoOnWallOut, PhotoWallQuery
from service.evidence.photo_wall import PhotoOnWall, photos
from service.http.blueprint import Blueprint
from service.http.conditional import paged
from service.http.guards import office
from service.http.lists import list_of
from service.http.schemas import page_request
from service.http.work import work
from service.kernel.pages import Page

blueprint = Blueprint("hq_photos", __name__, guard=office, description="照片 / Photos of the scope")


@blueprint.route("/photos")
class Photos(MethodView):
    """The wall of photos."""

    @blueprint.arguments(PhotoWallQuery(), location="query")
    @blueprint.response(200, list_of(PhotoOnWallOut)())
    def get(self, query: dict[str, Any]) -> Page[PhotoOnWall]:
        """范围内的照片，最近拍摄的在前；可按单位、企业、工地、人员、日期和疑点筛选 / Photos, the latest taken first."""
        page = page_request(query["limit"], query["cursor"], parts=2)
        return paged(photos(work().session, work().signed_in, query["what"], page))
