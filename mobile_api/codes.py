"""The code lists, with what to show for each code."""

from flask import Response, jsonify
from flask.views import MethodView

from mobile_api.schemas.codes import CodeListsOut
from service.http.blueprint import Blueprint
from service.http.codes import CODE_LISTS
from service.http.conditional import revalidated
from service.http.guards import signed_in

blueprint = Blueprint("codes", __name__, guard=signed_in, description="代码表 / code lists")


@blueprint.route("/codes")
class Codes(MethodView):
    """Every code list at once."""

    @blueprint.response(200, CodeListsOut())
    def get(self) -> Response:
        """Every code list, each in the order to show it, with Chinese and English names."""
        return revalidated(jsonify(CodeListsOut().dump(CODE_LISTS)))
