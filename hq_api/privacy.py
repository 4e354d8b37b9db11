"""Contacts are revealed for a reason, looks at positions are shown to inspectors, and people's requests are worked off."""

from typing import Any
from uuid import UUID

from flask.views import MethodView

from hq_api.schemas.privacy import (
    ContactsOut,
    PersonalDocumentOut,
    PositionViewOut,
    PositionViewQuery,
    PrivacyDecisionIn,
    PrivacyRequestIn,
    PrivacyRequestOut,
    PrivacyRequestQuery,
    RevealIn,
)
from service.http import guards
from service.http.blueprint import Blueprint
from service.http.conditional import paged
from service.http.lists import list_of
from service.http.schemas import page_request
from service.http.work import work
from service.kernel.pages import Page
from service.privacy import contacts, queries, requests, viewing

blueprint = Blueprint(
    "hq_privacy", __name__, guard=guards.office, description="个人信息保护 / Personal information"
)


@blueprint.route("/visits/<uuid:visit_id>/contacts")
class VisitContacts(MethodView):
    """What is masked elsewhere."""

    @blueprint.arguments(RevealIn())
    @blueprint.response(200, ContactsOut())
    def post(self, told: dict[str, str], visit_id: UUID) -> contacts.Contacts:
        """查看未脱敏的联系方式，须说明理由，查看即留痕 / A visit's contacts whole, for a reason that is noted."""
        return contacts.reveal_contacts(work().session, work().signed_in, visit_id, told["reason"])


@blueprint.route("/privacy/views")
class PositionViews(MethodView):
    """Who looked at whose position."""

    @blueprint.arguments(PositionViewQuery(), location="query")
    @blueprint.response(200, list_of(PositionViewOut)())
    def get(self, query: dict[str, Any]) -> Page[viewing.ViewRow]:
        """谁查看过谁的位置（检查员、管理员） / Looks at exact positions, the latest first."""
        page = page_request(query["limit"], query["cursor"], parts=1)
        what = viewing.ViewFilter(query["person"], query["viewer"], query["from_at"], query["until_at"])
        return paged(viewing.views(work().session, work().signed_in, what, page))


@blueprint.route("/privacy/requests")
class PrivacyRequests(MethodView):
    """The register of requests."""

    @blueprint.arguments(PrivacyRequestQuery(), location="query")
    @blueprint.response(200, list_of(PrivacyRequestOut)())
    def get(self, query: dict[str, Any]) -> Page[queries.RequestRow]:
        """查阅与删除请求登记 / Requests for access and erasure, the newest first."""
        page = page_request(query["limit"], query["cursor"], parts=2)
        return paged(queries.requests(work().session, work().signed_in, page, state=query["state"]))

    @blueprint.arguments(PrivacyRequestIn())
    @blueprint.response(201, PrivacyRequestOut())
    def post(self, new: requests.NewRequest) -> queries.RequestRow:
        """登记查阅或删除请求，随即查找与此人有关的记录 / Enter a request; what tells of the person is searched at once."""
        made = requests.enter_request(work().session, work().signed_in, new)
        return queries.one_request(work().session, work().signed_in, made.id)


@blueprint.route("/privacy/requests/<uuid:request_id>")
class OnePrivacyRequest(MethodView):
    """One request."""

    @blueprint.response(200, PrivacyRequestOut())
    def get(self, request_id: UUID) -> queries.RequestRow:
        """一条请求 / One request, and how much was found."""
        return queries.one_request(work().session, work().signed_in, request_id)


@blueprint.route("/privacy/requests/<uuid:request_id>/decision")
class PrivacyDecision(MethodView):
    """A request is granted or refused."""

    @blueprint.arguments(PrivacyDecisionIn())
    @blueprint.response(200, PrivacyRequestOut())
    def post(self, decision: requests.Decision, request_id: UUID) -> queries.RequestRow:
        """同意或说明理由不予办理 / Grant a request, or refuse it with a reason; an erasure follows within minutes."""
        requests.decide_request(work().session, work().signed_in, request_id, decision)
        return queries.one_request(work().session, work().signed_in, request_id)


@blueprint.route("/privacy/requests/<uuid:request_id>/document")
class PersonalDocument(MethodView):
    """What a granted request for access gives."""

    @blueprint.response(200, PersonalDocumentOut())
    def get(self, request_id: UUID) -> dict[str, Any]:
        """与此人有关的全部信息，供交付本人 / Everything that is kept about the person; who took it is noted."""
        return queries.hand_out(work().session, work().signed_in, request_id)
