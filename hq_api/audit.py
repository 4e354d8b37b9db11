"""What was done, by whom and from where, for headquarters, inspectors and administrators."""

from typing import Any

from flask.views import MethodView

from hq_api.schemas.audit import AuditPageOut, AuditQuery
from service.audit import queries
from service.http.blueprint import Blueprint
from service.http.conditional import paged
from service.http.guards import roles
from service.http.schemas import page_request
from service.http.work import work
from service.kernel.pages import Page

blueprint = Blueprint("audit", __name__, guard=roles(*sorted(queries.READERS)), description="审计 / audit")


@blueprint.route("/audit")
class Audit(MethodView):
    """The audit entries."""

    @blueprint.arguments(AuditQuery(), location="query", as_kwargs=True)
    @blueprint.response(200, AuditPageOut())
    def get(self, limit: int, cursor: str | None, **wanted: Any) -> Page[queries.EntryRow]:
        """Entries of a subject, a person or a period, newest first."""
        page = page_request(limit, cursor, parts=1)
        return paged(queries.entries(work().session, work().signed_in, queries.EntryFilter(**wanted), page))
