"""The review of records: a unit's office first, then headquarters."""

from typing import Any

from flask.views import MethodView

from hq_api.schemas.reviews import DecisionResultsOut, DecisionsIn, QueueQuery, WaitingOut
from service.evidence.reviewing import (
    WaitingWithEvidence,
    decide_in_batch,
    decide_with_evidence,
    queue,
)
from service.http.blueprint import Blueprint
from service.http.conditional import paged
from service.http.guards import roles
from service.http.lists import list_of
from service.http.problems import language
from service.http.schemas import page_request
from service.http.work import work
from service.kernel.actor import Role
from service.kernel.pages import Page
from service.submissions.review_places import KEY_PARTS

blueprint = Blueprint(
    "reviews",
    __name__,
    guard=roles(Role.UNIT_OFFICE, Role.HEADQUARTERS, Role.ADMINISTRATOR),
    description="审核 / Review",
)


@blueprint.route("/reviews/queue")
class ReviewQueue(MethodView):
    """What waits."""

    @blueprint.arguments(QueueQuery(), location="query")
    @blueprint.response(200, list_of(WaitingOut)())
    def get(self, query: dict[str, Any]) -> Page[WaitingWithEvidence]:
        """List what waits for me: the suspicious first, then the oldest, with the evidence."""
        page = page_request(query["limit"], query["cursor"], parts=KEY_PARTS)
        session, actor = work().session, work().signed_in
        return paged(queue(session, actor, page, language=language(), kind=query["type"]))


@blueprint.route("/reviews")
class Reviews(MethodView):
    """Decisions."""

    @blueprint.arguments(DecisionsIn())
    @blueprint.response(200, DecisionResultsOut())
    def post(self, told: dict[str, Any]) -> dict[str, Any]:
        """Approve, return, void or un-approve records, each alone; `batch` approves nothing that is doubtful."""
        deciding = decide_in_batch if told["batch"] else decide_with_evidence
        session, actor = work().session, work().signed_in
        return {"results": deciding(session, actor, told["decisions"], language=language())}
