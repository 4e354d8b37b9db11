"""Headquarters sees everything that was kept without being accepted, and settles each body once."""

from typing import Any
from uuid import UUID

from flask.views import MethodView

from hq_api.schemas.kept import KeptRowOut, KeptScopeQuery, KeptWholeOut, SettledOut, SettlementIn
from service.http.blueprint import Blueprint
from service.http.conditional import paged
from service.http.guards import headquarters
from service.http.lists import list_of
from service.http.schemas import page_request
from service.http.work import work
from service.kernel.pages import Page
from service.privacy.viewing import note_kept
from service.submissions.queries import KeptBody, KeptFilter, KeptWhole, kept_in_scope, one_kept
from service.submissions.settling import Decision, Settled, settle

blueprint = Blueprint(
    "hq_kept",
    __name__,
    guard=headquarters,
    description="保留的提交 Kept: quarantined, conflicting, unpermitted",
)


@blueprint.route("/kept")
class Kept(MethodView):
    """What is kept."""

    @blueprint.arguments(KeptScopeQuery(), location="query")
    @blueprint.response(200, list_of(KeptRowOut)())
    def get(self, query: dict[str, Any]) -> Page[KeptBody]:
        """被隔离、冲突或无权限的提交 / What was kept and why, the newest first."""
        page = page_request(query.pop("limit"), query.pop("cursor"), parts=2)
        return paged(kept_in_scope(work().session, work().signed_in, KeptFilter(**query), page))


@blueprint.route("/kept/<uuid:kept_id>")
class OneKept(MethodView):
    """One kept body."""

    @blueprint.response(200, KeptWholeOut())
    def get(self, kept_id: UUID) -> KeptWhole:
        """一条保留的提交及其原文 / One kept body with what was sent."""
        found = one_kept(work().session, work().signed_in, kept_id)
        note_kept(work().session, work().signed_in, kept_id)
        return found


@blueprint.route("/kept/<uuid:kept_id>/settlement")
class Settlement(MethodView):
    """A kept body is settled."""

    @blueprint.arguments(SettlementIn())
    @blueprint.response(200, SettledOut())
    def post(self, decision: Decision, kept_id: UUID) -> Settled:
        """处理一条保留的提交 / Settle a kept body: server stands, replace, merge, new record, repair, discard."""
        return settle(work().session, work().signed_in, kept_id, decision)
