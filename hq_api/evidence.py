"""Evidence of records for everybody who may read them, and how fair the flags are."""

from typing import Any
from uuid import UUID

from flask.views import MethodView

from hq_api.schemas.evidence import (
    FairnessListOut,
    FairnessQuery,
    RecordEvidenceOut,
    RemarkedOut,
    RemarkedQuery,
)
from hq_api.schemas.inspections import ReviewPolicyIn, ReviewPolicyOut
from service.evidence import fairness, policies, queries
from service.http.blueprint import Blueprint
from service.http.conditional import paged
from service.http.guards import office
from service.http.lists import list_of
from service.http.problems import language
from service.http.schemas import page_request
from service.http.work import work
from service.kernel.pages import Page
from service.privacy.models import Door
from service.privacy.viewing import note_checkin, note_visit

blueprint = Blueprint("evidence", __name__, guard=office, description="佐证与疑点 / Evidence")


@blueprint.route("/visits/<uuid:visit_id>/evidence")
class VisitEvidence(MethodView):
    """What speaks for and against a visit."""

    @blueprint.response(200, RecordEvidenceOut())
    def get(self, visit_id: UUID) -> queries.RecordEvidence:
        """拜访的各项核对 / Every check of a visit with its numbers, and what its author says."""
        found = queries.evidence_of_visit(work().session, work().signed_in, visit_id, language=language())
        note_visit(work().session, work().signed_in, visit_id, Door.VISIT_EVIDENCE)
        return found


@blueprint.route("/checkins/<uuid:checkin_id>/evidence")
class CheckinEvidence(MethodView):
    """What speaks for and against a check-in."""

    @blueprint.response(200, RecordEvidenceOut())
    def get(self, checkin_id: UUID) -> queries.RecordEvidence:
        """签到的各项核对 / Every check of a check-in with its numbers, and what its author says."""
        found = queries.evidence_of_checkin(work().session, work().signed_in, checkin_id)
        note_checkin(work().session, work().signed_in, checkin_id, Door.CHECKIN_EVIDENCE)
        return found


@blueprint.route("/reviews/flags")
class FlagFairness(MethodView):
    """How fair flags are."""

    @blueprint.arguments(FairnessQuery(), location="query")
    @blueprint.response(200, FairnessListOut())
    def get(self, between: fairness.Between) -> dict[str, Any]:
        """各类疑点的误报率 / Of the reviewed records that bore a flag or a doubt, how many passed all the same."""
        return {"items": fairness.fairness(work().session, work().signed_in, between)}


@blueprint.route("/reviews/remarked")
class Remarked(MethodView):
    """The records behind a share."""

    @blueprint.arguments(RemarkedQuery(), location="query")
    @blueprint.response(200, list_of(RemarkedOut)())
    def get(self, query: dict[str, Any]) -> Page[fairness.Remarked]:
        """List the reviewed records that bore a flag or a doubt, the latest decided first."""
        page = page_request(query["limit"], query["cursor"], parts=2)
        between = fairness.Between(query["from_on"], query["until_on"])
        what = fairness.RemarkedFilter(query["remark"], between, query["outcome"])
        return paged(fairness.remarked(work().session, work().signed_in, what, page))


@blueprint.route("/programmes/<uuid:programme_id>/review-policy")
class ReviewPolicy(MethodView):
    """What a programme holds for review."""

    @blueprint.response(200, ReviewPolicyOut())
    def get(self, programme_id: UUID) -> policies.PolicyShown:
        """Show a programme's review policy."""
        return policies.policy_of(work().session, programme_id)

    @blueprint.arguments(ReviewPolicyIn())
    @blueprint.response(200, ReviewPolicyOut())
    def put(self, new: policies.NewPolicy, programme_id: UUID) -> policies.PolicyShown:
        """Hold all, what is doubtful, or that and a share of the rest; what is not held is approved by the policy."""
        return policies.set_policy(work().session, work().signed_in, programme_id, new)
