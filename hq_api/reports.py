"""Reports: drafted from figures, edited, signed off, numbered, taken out as files; a correction is a new issue."""

import io
from typing import Any
from uuid import UUID

from flask import Response, send_file
from flask.views import MethodView

from hq_api.schemas.reports import (
    ReportCorrectionIn,
    ReportFileQuery,
    ReportIn,
    ReportLineOut,
    ReportOut,
    ReportPatchIn,
    ReportQuery,
    ReportRowOut,
    ReportSigningIn,
)
from service.http.blueprint import Blueprint
from service.http.conditional import paged
from service.http.guards import readers
from service.http.lists import list_of
from service.http.schemas import page_request
from service.http.work import house, work
from service.kernel.content_types import DOCX, PDF, PLAIN, XLSX
from service.kernel.pages import Page
from service.reports import commands, issuing, queries
from service.reports.assembly import document_of
from service.reports.catalogue import filled
from service.reports.chat_text import chat_text
from service.reports.document import Document
from service.reports.models import Report
from service.reports.pdf import pdf_file
from service.reports.queries import ReportFilter, ReportLine, RowBehind
from service.reports.sheet import write_tables
from service.reports.word import word_file

_FILE = {"type": "string", "format": "binary"}

blueprint = Blueprint("reports", __name__, guard=readers, description="通报与报表 / Reports")


@blueprint.route("/reports")
class Reports(MethodView):
    """All issues."""

    @blueprint.arguments(ReportQuery(), location="query")
    @blueprint.response(200, list_of(ReportLineOut)())
    def get(self, query: dict[str, Any]) -> Page[ReportLine]:
        """List reports, those of the latest period first."""
        page = page_request(query["limit"], query["cursor"], parts=2)
        asked = ReportFilter(query["kind"], query["state"], query["programme"])
        return paged(queries.reports(work().session, asked, page))

    @blueprint.arguments(ReportIn())
    @blueprint.response(201, ReportOut())
    def post(self, order: commands.Order) -> dict[str, Any]:
        """Draft a report for the period that holds `on`; `draft_exists` names the draft that is there already."""
        return _shown(commands.draft_report(work().session, work().signed_in, order))


@blueprint.route("/reports/<uuid:report_id>")
class OneReport(MethodView):
    """One issue."""

    @blueprint.response(200, ReportOut())
    def get(self, report_id: UUID) -> dict[str, Any]:
        """Show a report: its text as kept and as it reads, its figures with their records, what has changed."""
        return _shown(queries.report(work().session, report_id))

    @blueprint.arguments(ReportPatchIn())
    @blueprint.response(200, ReportOut())
    def patch(self, edit: commands.Edit, report_id: UUID) -> dict[str, Any]:
        """Edit a draft's words; the figures stay as they were taken."""
        return _shown(commands.edit_report(work().session, work().signed_in, report_id, edit))

    @blueprint.response(200, ReportOut())
    def delete(self, report_id: UUID) -> dict[str, Any]:
        """Discard a draft; it stays readable."""
        return _shown(commands.discard_report(work().session, work().signed_in, report_id))


@blueprint.route("/reports/<uuid:report_id>/figures")
class ReportFigures(MethodView):
    """The figures of a draft."""

    @blueprint.response(200, ReportOut())
    def post(self, report_id: UUID) -> dict[str, Any]:
        """Take a draft's figures again, as they are known now; its words stay."""
        return _shown(commands.take_anew(work().session, work().signed_in, report_id))


@blueprint.route("/reports/<uuid:report_id>/figures/<string:figure>/rows")
class ReportFigureRows(MethodView):
    """The rows behind a figure that counts units, departments or leaders."""

    @blueprint.response(200, list_of(ReportRowOut)())
    def get(self, report_id: UUID, figure: str) -> Page[RowBehind]:
        """List the rows of the report's own tables that a figure counts, as they were frozen with it."""
        return Page(queries.rows_behind(work().session, report_id, figure), None)


@blueprint.route("/reports/<uuid:report_id>/signature")
class ReportSignature(MethodView):
    """The sign-off."""

    @blueprint.arguments(ReportSigningIn())
    @blueprint.response(200, ReportOut())
    def post(self, told: dict[str, int], report_id: UUID) -> dict[str, Any]:
        """Sign a draft off: it gets the year's next number and never changes again."""
        office = house().settings.office_code
        return _shown(
            issuing.sign_report(work().session, work().signed_in, report_id, told["rev"], office=office)
        )


@blueprint.route("/reports/<uuid:report_id>/correction")
class ReportCorrection(MethodView):
    """An issue that corrects another."""

    @blueprint.arguments(ReportCorrectionIn())
    @blueprint.response(201, ReportOut())
    def post(self, told: dict[str, str], report_id: UUID) -> dict[str, Any]:
        """Begin the issue that supersedes a signed one, with the figures as they are known now."""
        return _shown(issuing.correct_report(work().session, work().signed_in, report_id, told["reason"]))


@blueprint.route("/reports/<uuid:report_id>/document.docx")
class WordDocument(MethodView):
    """For Word and WPS."""

    @blueprint.arguments(ReportFileQuery(), location="query")
    @blueprint.response(200, _FILE, content_type=DOCX)
    def get(self, asked: dict[str, bool], report_id: UUID) -> Response:
        """Take the report out in the layout of GB/T 9704-2012; never with a seal."""
        report, document = _taken_out(report_id, "docx", red_head=asked["red_head"])
        return _file(word_file(document), DOCX, f"{_name(report)}.docx")


@blueprint.route("/reports/<uuid:report_id>/document.pdf")
class PortableDocument(MethodView):
    """For whoever only reads it."""

    @blueprint.arguments(ReportFileQuery(), location="query")
    @blueprint.response(200, _FILE, content_type=PDF)
    def get(self, asked: dict[str, bool], report_id: UUID) -> Response:
        """Take the report out as PDF in the same layout, fonts embedded; `no_glyph` when a character is in none of them."""
        report, document = _taken_out(report_id, "pdf", red_head=asked["red_head"])
        return _file(pdf_file(document, fonts=house().settings.fonts), PDF, f"{_name(report)}.pdf")


@blueprint.route("/reports/<uuid:report_id>/tables.xlsx")
class Workbook(MethodView):
    """For Excel and WPS."""

    @blueprint.response(200, _FILE, content_type=XLSX)
    def get(self, report_id: UUID) -> Response:
        """Take the report's tables out as a workbook, a sheet each."""
        report, document = _taken_out(report_id, "xlsx")
        file = io.BytesIO()
        write_tables(document, file)
        return _file(file.getvalue(), XLSX, f"{_name(report)}.xlsx")


@blueprint.route("/reports/<uuid:report_id>/text.txt")
class ChatText(MethodView):
    """For a chat."""

    @blueprint.response(200, {"type": "string"}, content_type=PLAIN)
    def get(self, report_id: UUID) -> Response:
        """Take the report out as plain text that can be pasted into a chat."""
        _, document = _taken_out(report_id, "text")
        return Response(chat_text(document), content_type=PLAIN)


def _shown(report: Report) -> dict[str, Any]:
    facts = report.figures["facts"]
    session = work().session
    line = {name: getattr(report, name) for name in ReportOut().fields if hasattr(report, name)}
    blocks = [
        block if block["kind"] == "table" else {**block, "reads": filled(block["text"], facts)}
        for block in report.text
    ]
    return {
        **line,
        "figures": queries.figures_of(report),
        "text": blocks,
        "people": queries.people_of(session, report),
        "comparison": queries.compared(session, report),
    }


def _taken_out(report_id: UUID, form: str, *, red_head: bool = False) -> tuple[Report, Document]:
    report = commands.take_out(work().session, work().signed_in, report_id, form)
    return report, document_of(report, office=house().settings.organisation, red_head=red_head)


def _name(report: Report) -> str:
    return f"{report.title}（{report.reference}）" if report.reference else f"{report.title}（草稿）"


def _file(content: bytes, mimetype: str, name: str) -> Response:
    return send_file(io.BytesIO(content), mimetype=mimetype, as_attachment=True, download_name=name)
