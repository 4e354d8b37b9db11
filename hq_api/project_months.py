"""What projects report month by month, by form and by file, and the limits of their lights."""

from datetime import datetime
from typing import Any
from uuid import UUID

from flask.views import MethodView

from hq_api.schemas.project_months import (
    KnownQuery,
    LightSettingIn,
    LightSettingOut,
    MonthImportOut,
    MonthImportQuery,
    MonthRowOut,
    MonthToldIn,
    MonthVersionOut,
    month_in_path,
)
from service.http.blueprint import Blueprint, untransacted
from service.http.guards import office
from service.http.lists import list_of
from service.http.uploads import FILE_BODY, uploaded_file
from service.http.work import transaction, work
from service.kernel.pages import Page
from service.projects import light_settings, month_tables, progress_months
from service.projects.light_settings import LightLimitsShown
from service.projects.month_tables import MonthFile, MonthReport
from service.projects.progress_months import MonthRow, MonthTold

blueprint = Blueprint("project-months", __name__, guard=office, description="项目月报 / Months of projects")
_Months = list_of(MonthRowOut)


@blueprint.route("/projects/<uuid:project_id>/months")
class ProjectMonths(MethodView):
    """The months of a project."""

    @blueprint.arguments(KnownQuery(), location="query")
    @blueprint.response(200, _Months())
    def get(self, asked: dict[str, datetime | None], project_id: UUID) -> Page[MonthRow]:
        """项目各月填报与累计 / The months of a project with their sums, as they stand or as they were known."""
        months = progress_months.months(work().session, work().signed_in, project_id, asked["known_at"])
        return Page(months, None)


@blueprint.route("/projects/<uuid:project_id>/months/<string:month>")
class ProjectMonth(MethodView):
    """One month of a project."""

    @blueprint.arguments(MonthToldIn())
    @blueprint.response(200, _Months())
    def put(self, told: MonthTold, project_id: UUID, month: str) -> Page[MonthRow]:
        """填报某月（2026-10）；所填即该月全部内容 / Tell a month; the same again changes nothing, the old stays a version."""
        session, actor = work().session, work().signed_in
        progress_months.put_month(session, actor, project_id, month_in_path(month), told)
        return Page(progress_months.months(session, actor, project_id), None)


@blueprint.route("/projects/<uuid:project_id>/months/<string:month>/versions")
class ProjectMonthVersions(MethodView):
    """What was told of a month before."""

    @blueprint.response(200, list_of(MonthVersionOut)())
    def get(self, project_id: UUID, month: str) -> Page[MonthRow]:
        """某月的历次填报 / Everything that was ever told of a month, the newest first."""
        of = month_in_path(month)
        return Page(progress_months.month_versions(work().session, work().signed_in, project_id, of), None)


@blueprint.route("/projects/months/imports")
class ProjectMonthImports(MethodView):
    """Months by file."""

    @blueprint.arguments(MonthImportQuery(), location="query")
    @blueprint.doc(**FILE_BODY)
    @blueprint.response(200, MonthImportOut())
    @untransacted
    def post(self, asked: dict[str, Any]) -> MonthReport:
        """从表格导入项目月报（项目名称、月份、本月完成投资、本月到位资金…） / Tell the months of a table; a dry run changes nothing."""
        what = MonthFile(*uploaded_file(), dry_run=asked["dry_run"], of=asked["month"])
        with transaction() as session:
            return month_tables.import_months(session, work().signed_in, what)


@blueprint.route("/projects/lights/limits")
class ProjectLightLimits(MethodView):
    """What lights the lamps of projects."""

    @blueprint.response(200, LightSettingOut())
    def get(self) -> LightLimitsShown:
        """项目红黄绿灯的界限 / The limits of project lights that hold."""
        return light_settings.light_limits(work().session)

    @blueprint.arguments(LightSettingIn())
    @blueprint.response(200, LightSettingOut())
    def put(self, changed: dict[str, int]) -> LightLimitsShown:
        """设置界限，自此刻起适用 / Set these limits from now on; those that are not named stay."""
        return light_settings.set_light_limits(work().session, work().signed_in, changed)


@blueprint.route("/projects/lights/limits/history")
class ProjectLightLimitsHistory(MethodView):
    """How the limits came about."""

    @blueprint.response(200, list_of(LightSettingOut)())
    def get(self) -> Page[LightLimitsShown]:
        """历次设置，最近的在前 / Every setting with who set it and when, the newest first."""
        return Page(light_settings.light_limits_history(work().session), None)
