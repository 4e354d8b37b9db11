"""Problems as offices and the departments they call read them and deal with them."""

from typing import Any
from uuid import UUID

from flask.views import MethodView

from hq_api.schemas.issues import (
    IssueActIn,
    IssueCountsOut,
    IssueRecordCardOut,
    IssueRecordOut,
    IssueRowQuery,
)
from hq_api.schemas.privacy import RevealIn
from service.http.blueprint import Blueprint
from service.http.conditional import paged
from service.http.guards import office_or_department
from service.http.issue_contact_schemas import IssueContactsOut
from service.http.lists import list_of
from service.http.record_doors import Answer, tagged
from service.http.schemas import page_request
from service.http.work import work
from service.issues import events, measured, queries
from service.issues.submission import NewEvent
from service.issues.views import IssueCard, IssueView
from service.kernel.pages import Page
from service.privacy.issue_contacts import IssueContacts, reveal_issue_contacts

blueprint = Blueprint(
    "hq_issues", __name__, guard=office_or_department, description="吹哨报到 / Problems of the scope"
)


@blueprint.route("/issues")
class Issues(MethodView):
    """The problems of the scope, and the records behind every figure."""

    @blueprint.arguments(IssueRowQuery(), location="query")
    @blueprint.response(200, list_of(IssueRecordOut)())
    def get(self, query: dict[str, Any]) -> Page[IssueView]:
        """问题列表 / List the problems of the scope, the latest first; a department's are those that call it."""
        page = page_request(query["limit"], query["cursor"], parts=2)
        return paged(measured.counted_issues(work().session, work().signed_in, query["what"], page))


@blueprint.route("/issues/counts")
class IssueCounts(MethodView):
    """What waits."""

    @blueprint.response(200, IssueCountsOut())
    def get(self) -> dict[str, measured.OverdueCount]:
        """逾期问题件数 / Count the overdue problems of the scope, with the list that shows exactly these."""
        return {"overdue": measured.overdue_counted(work().session, work().signed_in)}


@blueprint.route("/issues/<uuid:issue_id>")
class Issue(MethodView):
    """One problem."""

    @blueprint.response(200, IssueRecordCardOut())
    def get(self, issue_id: UUID) -> Answer[IssueCard]:
        """问题及办理经过 / Show a problem with everything that was done, and what may be done now."""
        return tagged(queries.one_issue(work().session, work().signed_in, issue_id))


@blueprint.route("/issues/<uuid:issue_id>/events")
class IssueEvents(MethodView):
    """What is done about a problem."""

    @blueprint.arguments(IssueActIn())
    @blueprint.response(200, IssueRecordCardOut())
    def post(self, what: NewEvent, issue_id: UUID) -> Answer[IssueCard]:
        """分办、报到、答复、办结、确认、退回重办、督办、延期、提级、作废 / Do something about it; `may` says what is open."""
        added = events.add_event(work().session, work().signed_in, issue_id, what)
        card, status, headers = tagged(added.view)
        return card, status, headers | ({"Idempotency-Replayed": "true"} if added.replayed else {})


@blueprint.route("/issues/<uuid:issue_id>/contacts")
class IssueContactsAsked(MethodView):
    """What is masked elsewhere."""

    @blueprint.arguments(RevealIn())
    @blueprint.response(200, IssueContactsOut())
    def post(self, told: dict[str, str], issue_id: UUID) -> IssueContacts:
        """查看未脱敏的联系方式，须说明理由，查看即留痕 / A problem's contacts whole, for a reason that is noted."""
        return reveal_issue_contacts(work().session, work().signed_in, issue_id, told["reason"])
