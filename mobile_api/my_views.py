"""A person sees who looked at their positions."""

from typing import Any

from flask.views import MethodView

from mobile_api.schemas.my_views import MyViewOut
from service.http import guards
from service.http.blueprint import Blueprint
from service.http.conditional import paged
from service.http.lists import list_of
from service.http.schemas import PhonePageQuery, page_request
from service.http.work import work
from service.kernel.pages import Page
from service.privacy.viewing import ViewRow, my_views

blueprint = Blueprint(
    "my_views", __name__, guard=guards.signed_in, description="谁看过我的位置 / Who looked at my positions"
)


@blueprint.route("/me/views")
class MyViews(MethodView):
    """Looks at my positions."""

    @blueprint.arguments(PhonePageQuery(), location="query")
    @blueprint.response(200, list_of(MyViewOut)())
    def get(self, query: dict[str, Any]) -> Page[ViewRow]:
        """谁查看过我的位置 / Who looked at my exact positions, the latest first."""
        page = page_request(query["limit"], query["cursor"], parts=1)
        return paged(my_views(work().session, work().signed_in, page))
