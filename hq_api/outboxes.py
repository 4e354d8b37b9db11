"""Headquarters and units' offices help people whose phones hold unsent work."""

from typing import Any
from uuid import UUID

from flask.views import MethodView

from hq_api.schemas.outboxes import (
    AwaitedPhotoOut,
    AwaitedQuery,
    OutboxQuery,
    PersonWaitingOut,
    RecallIn,
    RecallOut,
    RecallQuery,
    UnitWaitingOut,
)
from service.http.admission import is_below
from service.http.blueprint import Blueprint
from service.http.conditional import paged
from service.http.guards import helpers
from service.http.lists import list_of
from service.http.schemas import page_request
from service.http.work import house, work
from service.kernel.pages import Page
from service.outboxes.awaited import AwaitedFilter, AwaitedPhoto, awaited_photos
from service.outboxes.help_list import PersonWaiting, UnitWaiting, people_waiting, units_waiting
from service.outboxes.recall_states import RecallFilter, RecallShown, one_recall, recalls_in_scope
from service.outboxes.recalls import NewRecall, ask_again, cancel_recall

blueprint = Blueprint("hq_outboxes", __name__, guard=helpers, description="待发送与补传 / Help for phones")


@blueprint.route("/outboxes")
class Outboxes(MethodView):
    """People with unsent work."""

    @blueprint.arguments(OutboxQuery(), location="query")
    @blueprint.response(200, list_of(PersonWaitingOut)())
    def get(self, asked: dict[str, Any]) -> Page[PersonWaiting]:
        """手机上还有未发送内容、可能需要帮助的人员 / People who may need help with a phone; no ranking."""
        page = page_request(asked["limit"], asked["cursor"], parts=5)
        found = people_waiting(
            work().session, work().signed_in, page, unit_id=asked["unit_id"], too_old=_is_too_old
        )
        return paged(found)


@blueprint.route("/outboxes/units")
class OutboxUnits(MethodView):
    """The same by unit."""

    @blueprint.response(200, list_of(UnitWaitingOut)())
    def get(self) -> Page[UnitWaiting]:
        """各单位待发送的内容，没有的也列出 / What each unit's own people have not sent, zeros too."""
        return Page(units_waiting(work().session, work().signed_in), None)


@blueprint.route("/photos/missing")
class MissingPhotos(MethodView):
    """Photos that have not arrived."""

    @blueprint.arguments(AwaitedQuery(), location="query")
    @blueprint.response(200, list_of(AwaitedPhotoOut)())
    def get(self, asked: dict[str, Any]) -> Page[AwaitedPhoto]:
        """应到而未到的照片，等待最久的在前 / Photos expected and not received, the longest awaited first."""
        page = page_request(asked["limit"], asked["cursor"], parts=2)
        what = AwaitedFilter(asked["unit_id"], asked["person_id"])
        return paged(awaited_photos(work().session, work().signed_in, what, page))


@blueprint.route("/recalls")
class Recalls(MethodView):
    """What phones were asked to send again."""

    @blueprint.arguments(RecallQuery(), location="query")
    @blueprint.response(200, list_of(RecallOut)())
    def get(self, asked: dict[str, Any]) -> Page[RecallShown]:
        """补传请求及其进展，最新的在前 / Recalls and what became of them, the newest first."""
        page = page_request(asked["limit"], asked["cursor"], parts=2)
        what = RecallFilter(asked["unit_id"], asked["person_id"], asked["is_open"])
        return paged(recalls_in_scope(work().session, work().signed_in, what, page))

    @blueprint.arguments(RecallIn())
    @blueprint.response(201, RecallOut())
    def post(self, new: NewRecall) -> RecallShown:
        """请某人的手机补传记录或照片 / Ask a person's phones to send records or photos again."""
        recall_id = ask_again(work().session, work().signed_in, new)
        return one_recall(work().session, work().signed_in, recall_id)


@blueprint.route("/recalls/<uuid:recall_id>")
class OneRecall(MethodView):
    """One recall."""

    @blueprint.response(200, RecallOut())
    def get(self, recall_id: UUID) -> RecallShown:
        """一条补传请求的进展 / What became of each id of a recall."""
        return one_recall(work().session, work().signed_in, recall_id)

    @blueprint.response(204)
    def delete(self, recall_id: UUID) -> None:
        """取消补传请求 / Ask no longer; what was sent meanwhile stays."""
        cancel_recall(work().session, work().signed_in, recall_id)


def _is_too_old(app_version: str | None) -> bool:
    return is_below(app_version, house().settings.oldest_app)
