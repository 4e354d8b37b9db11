"""Check-ins: phones send them, read their own, and take them back."""

from typing import Any
from uuid import UUID

from flask.views import MethodView

from mobile_api.schemas.checkins import (
    CheckinIn,
    CheckinOut,
    CheckinWithdrawalIn,
)
from mobile_api.schemas.explanations import ExplanationIn, ExplanationListOut, ExplanationOut
from service.checkins import commands, queries
from service.checkins.submission import CheckinSubmission
from service.checkins.views import CheckinView
from service.evidence.explaining import explain_checkin, said_of_own_checkin
from service.evidence.queries import Explanation
from service.http.blueprint import Blueprint
from service.http.conditional import paged
from service.http.guards import signed_in
from service.http.keeping import keeps_as
from service.http.lists import list_of
from service.http.record_doors import Answer, RecordDoor, tagged
from service.http.record_schemas import OwnRevisionsOut
from service.http.schemas import PhonePageQuery, page_request
from service.http.work import work
from service.kernel.pages import Page
from service.submissions.models import RecordType

blueprint = Blueprint("checkins", __name__, guard=signed_in, description="驻点记录 / Check-ins at sites")

DOOR = RecordDoor(CheckinIn(), commands.submit_checkin, commands.take_checkin)
DOOR.open(RecordType.CHECKIN)


@blueprint.route("/checkins")
class Checkins(MethodView):
    """My check-ins."""

    @blueprint.arguments(PhonePageQuery(), location="query")
    @blueprint.response(200, list_of(CheckinOut)())
    def get(self, query: dict[str, Any]) -> Any:
        """我的驻点记录，最新在前 / List my check-ins, the latest first."""
        page = page_request(query["limit"], query["cursor"], parts=2)
        return paged(queries.own_checkins(work().session, work().signed_in, page))


@blueprint.route("/checkins/<uuid:checkin_id>")
class Checkin(MethodView):
    """One check-in."""

    @keeps_as(RecordType.CHECKIN, "checkin_id")
    @blueprint.arguments(DOOR.schema)
    @blueprint.alt_response(201, schema=CheckinOut, success=True)
    @blueprint.response(200, CheckinOut())
    def put(self, what: CheckinSubmission, checkin_id: UUID) -> Answer[CheckinView]:
        """提交或修改驻点记录 / Send a check-in, or an edit with `base_rev`; an exact repeat is answered as before."""
        return DOOR.put(checkin_id, what)

    @blueprint.response(200, CheckinOut())
    def get(self, checkin_id: UUID) -> Answer[CheckinView]:
        """查看我的一条驻点记录 / Show one of my check-ins."""
        return tagged(queries.own_checkin(work().session, work().signed_in, checkin_id))


@blueprint.route("/checkins/<uuid:checkin_id>/withdrawal")
class CheckinWithdrawal(MethodView):
    """Taking a check-in back."""

    @blueprint.arguments(CheckinWithdrawalIn())
    @blueprint.response(200, CheckinOut())
    def post(self, given: dict[str, Any], checkin_id: UUID) -> Answer[CheckinView]:
        """撤回驻点记录 / Take a check-in back, with a reason; it stays to be read."""
        return tagged(
            commands.withdraw_checkin(work().session, work().signed_in, checkin_id, given["reason"])
        )


@blueprint.route("/checkins/<uuid:checkin_id>/revisions")
class CheckinRevisions(MethodView):
    """The history of a check-in."""

    @blueprint.response(200, OwnRevisionsOut())
    def get(self, checkin_id: UUID) -> Any:
        """驻点记录的历次版本 / Show every accepted revision as it was sent."""
        found = queries.own_revisions(work().session, work().signed_in, checkin_id)
        return Page(items=found, next_cursor=None)


@blueprint.route("/checkins/<uuid:checkin_id>/explanation")
class CheckinExplanations(MethodView):
    """What I say of my flagged or returned check-in."""

    @blueprint.arguments(ExplanationIn())
    @blueprint.response(201, ExplanationOut())
    def post(self, told: dict[str, str], checkin_id: UUID) -> Explanation:
        """对疑点或退回作出说明 / Explain a flagged, doubted, returned or voided check-in; the reviewer sees it."""
        return explain_checkin(work().session, work().signed_in, checkin_id, told["text"])

    @blueprint.response(200, ExplanationListOut())
    def get(self, checkin_id: UUID) -> dict[str, Any]:
        """本人的说明 / What I said of a check-in of mine, oldest first."""
        return {"items": said_of_own_checkin(work().session, work().signed_in, checkin_id)}
