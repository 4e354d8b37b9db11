"""Phones submit, read and withdraw visits, and see what of theirs was kept without being accepted."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

import marshmallow as ma
from flask.views import MethodView
from sqlalchemy.orm import Session

from mobile_api.schemas.explanations import ExplanationIn, ExplanationListOut, ExplanationOut
from mobile_api.schemas.statistics import OwnVisitsQuery
from mobile_api.schemas.visits import VisitIn, VisitOut, VisitRevisionsOut, WithdrawalIn
from service.evidence.explaining import explain_visit, said_of_own_visit
from service.evidence.queries import Explanation
from service.http.blueprint import Blueprint
from service.http.conditional import paged
from service.http.guards import signed_in
from service.http.keeping import keeps_as
from service.http.lists import list_of
from service.http.problems import language
from service.http.record_doors import Answer, RecordDoor, tagged, terms
from service.http.record_schemas import KeptOut, KeptQuery
from service.http.schemas import page_request
from service.http.work import work
from service.kernel.actor import Actor
from service.kernel.pages import Page
from service.submissions.doors import Taken
from service.submissions.histories import Revision
from service.submissions.models import RecordType
from service.submissions.queries import KeptBody, KeptFilter, own_kept
from service.submissions.terms import Terms
from service.visits import queries
from service.visits.commands import submit_visit, take_visit, withdraw_visit
from service.visits.ledger import recount
from service.visits.many import take_new_visits
from service.visits.submission import VisitSubmission
from service.visits.views import VisitView

blueprint = Blueprint("visits", __name__, guard=signed_in, description="拜访 Visits")

DOOR = RecordDoor(VisitIn(), submit_visit, take_visit)


@blueprint.route("/visits/<uuid:visit_id>")
class OneVisit(MethodView):
    """One visit."""

    @keeps_as(RecordType.VISIT, "visit_id")
    @blueprint.arguments(DOOR.schema)
    @blueprint.alt_response(201, schema=VisitOut, success=True)
    @blueprint.response(200, VisitOut())
    def put(self, submission: VisitSubmission, visit_id: UUID) -> Answer[VisitView]:
        """提交拜访记录；可重复提交 / Submit a visit: 201 new, 200 an accepted edit or an exact repeat."""
        return DOOR.put(visit_id, submission)

    @blueprint.response(200, VisitOut())
    def get(self, visit_id: UUID) -> Answer[VisitView]:
        """本人的一条拜访记录 / One of my visits."""
        return tagged(queries.own_visit(work().session, work().signed_in, visit_id, language=language()))


@blueprint.route("/visits")
class MyVisits(MethodView):
    """My visits."""

    @blueprint.arguments(OwnVisitsQuery(), location="query")
    @blueprint.response(200, list_of(VisitOut)())
    def get(self, query: dict[str, Any]) -> Page[VisitView]:
        """本人的拜访记录，最近的在前 / My visits, the latest first; filtered, those that I paid myself."""
        session, actor = work().session, work().signed_in
        page = page_request(query["limit"], query["cursor"], parts=2)
        if query["what"] is None:
            return paged(queries.own_visits(session, actor, page, language=language()))
        return paged(queries.own_visits_behind(session, actor, query["what"], page, language=language()))


@blueprint.route("/visits/<uuid:visit_id>/withdrawal")
class Withdrawal(MethodView):
    """A visit is taken back."""

    @blueprint.arguments(WithdrawalIn())
    @blueprint.response(200, VisitOut())
    def post(self, withdrawal: dict[str, str], visit_id: UUID) -> VisitView:
        """撤回拜访记录 / Withdraw a visit, with a reason; it leaves the count."""
        return withdraw_visit(work().session, work().signed_in, visit_id, withdrawal["reason"], terms=terms())


@blueprint.route("/visits/<uuid:visit_id>/revisions")
class Revisions(MethodView):
    """The accepted revisions of a visit."""

    @blueprint.response(200, VisitRevisionsOut())
    def get(self, visit_id: UUID) -> Page[Revision]:
        """拜访记录的各个版本 / Every accepted revision of my visit, as it was sent."""
        found = queries.own_revisions(work().session, work().signed_in, visit_id)
        return Page(items=found, next_cursor=None)


@blueprint.route("/visits/<uuid:visit_id>/explanation")
class Explanations(MethodView):
    """What I say of my flagged or returned visit."""

    @blueprint.arguments(ExplanationIn())
    @blueprint.response(201, ExplanationOut())
    def post(self, told: dict[str, str], visit_id: UUID) -> Explanation:
        """对疑点或退回作出说明 / Explain a flagged, doubted, returned or voided visit; the reviewer sees it."""
        return explain_visit(work().session, work().signed_in, visit_id, told["text"])

    @blueprint.response(200, ExplanationListOut())
    def get(self, visit_id: UUID) -> dict[str, Any]:
        """本人的说明 / What I said of a visit of mine, oldest first."""
        return {"items": said_of_own_visit(work().session, work().signed_in, visit_id)}


@blueprint.route("/kept")
class MyKept(MethodView):
    """What of mine was kept."""

    @blueprint.arguments(KeptQuery(), location="query")
    @blueprint.response(200, list_of(KeptOut)())
    def get(self, query: dict[str, Any]) -> Page[KeptBody]:
        """本人被隔离或冲突的提交 / What of mine was kept without being accepted, and how it was settled."""
        page = page_request(query.pop("limit"), query.pop("cursor"), parts=2)
        return paged(own_kept(work().session, work().signed_in, KeptFilter(**query), page))


def take_new(
    session: Session, actor: Actor, bodies: Sequence[tuple[UUID, Mapping[str, Any]]], *, terms: Terms
) -> Mapping[UUID, Taken]:
    """Take those in together that are new and valid."""
    return take_new_visits(session, actor, dict(_valid(bodies)), terms=terms)


DOOR.open(RecordType.VISIT, take_new=take_new, conclude=recount)


def _valid(bodies: Sequence[tuple[UUID, Mapping[str, Any]]]) -> Iterator[tuple[UUID, VisitSubmission]]:
    for record_id, body in bodies:
        try:
            yield record_id, DOOR.schema.load(body)
        except ma.ValidationError:
            continue
