"""Check-ins as offices read them: listed by site and time, and as attendance by site; nobody is ranked by them."""

from typing import Any
from uuid import UUID

from flask.views import MethodView

from hq_api.schemas.attendance import AttendanceOut, AttendanceQuery
from hq_api.schemas.checkins import CheckinRow, CheckinRowQuery
from service.checkins import queries
from service.checkins.attendance import Attendance, attendance
from service.http.blueprint import Blueprint
from service.http.conditional import paged
from service.http.guards import office
from service.http.lists import list_of
from service.http.record_doors import tagged
from service.http.record_schemas import RecordHistoryOut, RecordPictureListOut
from service.http.schemas import page_request
from service.http.work import work
from service.kernel.pages import Page
from service.photos.queries import of_records
from service.privacy.models import Door
from service.privacy.viewing import note_checkin
from service.submissions.histories import History

blueprint = Blueprint("hq-checkins", __name__, guard=office, description="驻点记录 / Check-ins at sites")


@blueprint.route("/checkins")
class Checkins(MethodView):
    """All check-ins in scope."""

    @blueprint.arguments(CheckinRowQuery(), location="query")
    @blueprint.response(200, list_of(CheckinRow)())
    def get(self, query: dict[str, Any]) -> Any:
        """List check-ins in scope, the latest first."""
        page = page_request(query["limit"], query["cursor"], parts=2)
        return paged(queries.checkins_in_scope(work().session, work().signed_in, query["what"], page))


@blueprint.route("/checkins/<uuid:checkin_id>")
class Checkin(MethodView):
    """One check-in."""

    @blueprint.response(200, CheckinRow())
    def get(self, checkin_id: UUID) -> Any:
        """Show a check-in in scope."""
        view = queries.checkin_in_scope(work().session, work().signed_in, checkin_id)
        note_checkin(work().session, work().signed_in, checkin_id, Door.CHECKIN)
        return tagged(view)


@blueprint.route("/checkins/<uuid:checkin_id>/photos")
class CheckinPhotos(MethodView):
    """The pictures a check-in names."""

    @blueprint.response(200, RecordPictureListOut())
    def get(self, checkin_id: UUID) -> dict[str, Any]:
        """签到的照片：状态、拍摄事实与可取的版本 / A check-in's photos, with what the pictures themselves say."""
        queries.checkin_in_scope(work().session, work().signed_in, checkin_id)
        note_checkin(work().session, work().signed_in, checkin_id, Door.CHECKIN_PHOTOS)
        return {"items": of_records(work().session, [checkin_id])}


@blueprint.route("/checkins/<uuid:checkin_id>/history")
class CheckinHistory(MethodView):
    """What became of a check-in."""

    @blueprint.response(200, RecordHistoryOut())
    def get(self, checkin_id: UUID) -> History:
        """签到记录的版本与审核经过 / Every revision of a check-in and every decision about it."""
        return queries.history(work().session, work().signed_in, checkin_id)


@blueprint.route("/sites/attendance")
class SitesAttendance(MethodView):
    """Sites day by day."""

    @blueprint.arguments(AttendanceQuery(), location="query")
    @blueprint.response(200, AttendanceOut())
    def get(self, query: dict[str, Any]) -> Attendance:
        """各工地逐日到岗，连续未签的在前 / Sites day by day: signed, absent, rest day or not expected, zeros too."""
        page = page_request(query["limit"], query["cursor"], parts=1)
        found = attendance(work().session, work().signed_in, query["what"], page)
        paged(Page(found.items, found.next_cursor))
        return found
