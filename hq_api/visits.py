"""Offices read the visits of their scope; headquarters matches free entries with the register."""

from typing import Any
from uuid import UUID

from flask.views import MethodView

from hq_api.schemas.visits import MatchingIn, VisitQuery, VisitRecordOut
from service.http.blueprint import Blueprint
from service.http.conditional import paged
from service.http.guards import office
from service.http.lists import list_of
from service.http.problems import language
from service.http.record_doors import Answer, tagged
from service.http.record_schemas import RecordHistoryOut, RecordPictureListOut
from service.http.schemas import PageQuery, page_request
from service.http.work import work
from service.kernel.pages import Page
from service.photos.queries import of_records
from service.privacy.models import Door
from service.privacy.viewing import note_visit
from service.submissions.histories import History
from service.submissions.terms import Terms
from service.visits import queries
from service.visits.matching import Matching, settle_match
from service.visits.views import VisitView

blueprint = Blueprint("hq_visits", __name__, guard=office, description="拜访 Visits of the scope")

VisitRecordList = list_of(VisitRecordOut)


@blueprint.route("/visits")
class Visits(MethodView):
    """The visits of the scope, and the records behind every figure."""

    @blueprint.arguments(VisitQuery(), location="query")
    @blueprint.response(200, VisitRecordList())
    def get(self, query: dict[str, Any]) -> Page[VisitView]:
        """拜访记录列表，可按单位、时间、企业、审核状态和统计口径筛选 / Visits, also those behind a figure."""
        page = page_request(query["limit"], query["cursor"], parts=2)
        found = queries.visits_in_scope(
            work().session, work().signed_in, query["what"], page, language=language()
        )
        return paged(found)


@blueprint.route("/visits/unmatched")
class Unmatched(MethodView):
    """Free entries that wait."""

    @blueprint.arguments(PageQuery(), location="query")
    @blueprint.response(200, VisitRecordList())
    def get(self, query: dict[str, Any]) -> Page[VisitView]:
        """企业尚未匹配的拜访记录 / Visits whose free entry waits to be matched with the register."""
        page = page_request(query["limit"], query["cursor"], parts=2)
        return paged(queries.unmatched_visits(work().session, work().signed_in, page, language=language()))


@blueprint.route("/visits/<uuid:visit_id>")
class OneVisit(MethodView):
    """One visit."""

    @blueprint.response(200, VisitRecordOut())
    def get(self, visit_id: UUID) -> Answer[VisitView]:
        """一条拜访记录 / One visit, contacts masked."""
        view = queries.visit_in_scope(work().session, work().signed_in, visit_id, language=language())
        note_visit(work().session, work().signed_in, visit_id, Door.VISIT)
        return tagged(view)


@blueprint.route("/visits/<uuid:visit_id>/photos")
class VisitPhotos(MethodView):
    """The pictures a visit names."""

    @blueprint.response(200, RecordPictureListOut())
    def get(self, visit_id: UUID) -> dict[str, Any]:
        """拜访的照片：状态、拍摄事实与可取的版本 / A visit's photos, with what the pictures themselves say."""
        queries.visit_in_scope(work().session, work().signed_in, visit_id, language=language())
        note_visit(work().session, work().signed_in, visit_id, Door.VISIT_PHOTOS)
        return {"items": of_records(work().session, [visit_id])}


@blueprint.route("/visits/<uuid:visit_id>/history")
class VisitHistory(MethodView):
    """What became of a visit."""

    @blueprint.response(200, RecordHistoryOut())
    def get(self, visit_id: UUID) -> History:
        """拜访记录的版本与审核经过 / Every revision of a visit and every decision about it."""
        found = queries.history(work().session, work().signed_in, visit_id)
        note_visit(work().session, work().signed_in, visit_id, Door.VISIT_HISTORY)
        return found


@blueprint.route("/visits/<uuid:visit_id>/matching")
class VisitMatching(MethodView):
    """A free entry finds its enterprise."""

    @blueprint.arguments(MatchingIn())
    @blueprint.response(200, VisitRecordOut())
    def post(self, matching: Matching, visit_id: UUID) -> VisitView:
        """将手工填写的企业与名录匹配，或登记为新企业 / Match a free entry, or register its enterprise."""
        terms = Terms(language=language())
        view = settle_match(work().session, work().signed_in, visit_id, matching, terms=terms)
        note_visit(work().session, work().signed_in, visit_id, Door.VISIT)
        return view
