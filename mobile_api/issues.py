"""吹哨报到: phones raise problems, read theirs and those that call their unit, and deal with them."""

from typing import Any
from uuid import UUID

from flask.views import MethodView

from mobile_api.schemas.issues import (
    CallableUnitOut,
    IssueBoxQuery,
    IssueCardOut,
    IssueEventIn,
    IssueIn,
    IssueOut,
    IssueRevealIn,
    IssueWithdrawalIn,
)
from service.http.blueprint import Blueprint
from service.http.conditional import paged
from service.http.guards import signed_in
from service.http.issue_contact_schemas import IssueContactsOut
from service.http.keeping import keeps_as
from service.http.lists import list_of
from service.http.record_doors import Answer, RecordDoor, tagged
from service.http.record_schemas import OwnRevisionsOut
from service.http.schemas import page_request
from service.http.work import work
from service.issues import commands, events, queries, routes
from service.issues.submission import IssueSubmission, NewEvent
from service.issues.views import IssueCard
from service.kernel.pages import Page
from service.privacy.issue_contacts import IssueContacts, reveal_issue_contacts
from service.submissions.models import RecordType

blueprint = Blueprint("issues", __name__, guard=signed_in, description="吹哨报到 / Problems")

DOOR = RecordDoor(IssueIn(), commands.submit_issue, commands.take_issue)
DOOR.open(RecordType.ISSUE)


@blueprint.route("/issues")
class Issues(MethodView):
    """My problems."""

    @blueprint.arguments(IssueBoxQuery(), location="query")
    @blueprint.response(200, list_of(IssueOut)())
    def get(self, query: dict[str, Any]) -> Any:
        """我吹的哨、叫到我单位的哨，最新在前 / List what I raised, or what calls my unit, the latest first."""
        page = page_request(query["limit"], query["cursor"], parts=2)
        session, actor = work().session, work().signed_in
        return paged(queries.own_issues(session, actor, query["box"], query["state"], page))


@blueprint.route("/issues/callable")
class CallableUnits(MethodView):
    """Whom a problem may call."""

    @blueprint.response(200, list_of(CallableUnitOut)())
    def get(self) -> Page[routes.CallableUnit]:
        """可吹哨的单位及其分办路由，部门在前 / List every unit that `call` may name today, and whom each route calls."""
        return Page(routes.callable_units(work().session), None)


@blueprint.route("/issues/<uuid:issue_id>")
class Issue(MethodView):
    """One problem."""

    @keeps_as(RecordType.ISSUE, "issue_id")
    @blueprint.arguments(DOOR.schema)
    @blueprint.alt_response(201, schema=IssueCardOut, success=True)
    @blueprint.response(200, IssueCardOut())
    def put(self, what: IssueSubmission, issue_id: UUID) -> Answer[IssueCard]:
        """吹哨，或修改 / Raise a problem, or send an edit with `base_rev`; an exact repeat is answered as before."""
        return DOOR.put(issue_id, what)

    @blueprint.response(200, IssueCardOut())
    def get(self, issue_id: UUID) -> Answer[IssueCard]:
        """查看问题及办理经过 / Show a problem with everything that was done, and what I may do now."""
        return tagged(queries.one_issue(work().session, work().signed_in, issue_id))


@blueprint.route("/issues/<uuid:issue_id>/events")
class IssueEvents(MethodView):
    """What is done about a problem."""

    @blueprint.arguments(IssueEventIn())
    @blueprint.response(200, IssueCardOut())
    def post(self, what: NewEvent, issue_id: UUID) -> Answer[IssueCard]:
        """报到、反馈、办结、确认、退回重办等 / Report in, reply, resolve, confirm, reopen …; the same event again changes nothing."""
        added = events.add_event(work().session, work().signed_in, issue_id, what)
        card, status, headers = tagged(added.view)
        return card, status, headers | ({"Idempotency-Replayed": "true"} if added.replayed else {})


@blueprint.route("/issues/<uuid:issue_id>/contacts")
class IssueContactsAsked(MethodView):
    """What is masked elsewhere."""

    @blueprint.arguments(IssueRevealIn())
    @blueprint.response(200, IssueContactsOut())
    def post(self, told: dict[str, Any], issue_id: UUID) -> IssueContacts:
        """查看未脱敏的联系方式，须说明理由，查看即留痕 / A problem's contacts whole, for a reason that is noted."""
        return reveal_issue_contacts(work().session, work().signed_in, issue_id, told["reason"])


@blueprint.route("/issues/<uuid:issue_id>/withdrawal")
class IssueWithdrawal(MethodView):
    """Taking a problem back."""

    @blueprint.arguments(IssueWithdrawalIn())
    @blueprint.response(200, IssueCardOut())
    def post(self, given: dict[str, Any], issue_id: UUID) -> Answer[IssueCard]:
        """撤回问题 / Take back a problem that I raised, with a reason; it stays to be read, and counts nowhere."""
        return tagged(commands.withdraw_issue(work().session, work().signed_in, issue_id, given["reason"]))


@blueprint.route("/issues/<uuid:issue_id>/revisions")
class IssueRevisions(MethodView):
    """The history of a problem."""

    @blueprint.response(200, OwnRevisionsOut())
    def get(self, issue_id: UUID) -> Any:
        """问题的历次版本 / Show every accepted revision as it was sent."""
        found = queries.revisions_in_scope(work().session, work().signed_in, issue_id)
        return Page(items=found, next_cursor=None)
