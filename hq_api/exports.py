"""Exports: asked for here, written by a worker, fetched in as many pieces as the line needs."""

from collections.abc import Iterator, Sequence
from typing import Any, BinaryIO
from uuid import UUID

from flask import Response, request
from flask.views import MethodView
from werkzeug.datastructures import Range
from werkzeug.exceptions import RequestedRangeNotSatisfiable

from hq_api.schemas.exports import ExportIn, ExportOut
from service.accounts.queries import people_named
from service.exports import commands, queries
from service.exports.models import Export
from service.exports.orders import Order
from service.http.blueprint import Blueprint, untransacted
from service.http.codes import SHEET_LABELS
from service.http.conditional import paged
from service.http.guards import office
from service.http.lists import list_of
from service.http.schemas import PageQuery, page_request
from service.http.work import house, transaction, work
from service.kernel.pages import Page

_PIECE = 256 * 1024

blueprint = Blueprint("exports", __name__, guard=office, description="导出 / Exports")


@blueprint.route("/exports")
class Exports(MethodView):
    """Whatever was taken out."""

    @blueprint.arguments(PageQuery(), location="query")
    @blueprint.response(200, list_of(ExportOut)())
    def get(self, query: dict[str, Any]) -> Page[dict[str, Any]]:
        """List my exports, the latest first; headquarters sees everybody's."""
        page = page_request(query["limit"], query["cursor"], parts=2)
        found = queries.exports(work().session, work().signed_in, page)
        return paged(Page(_shown(found.items), found.next_cursor))

    @blueprint.arguments(ExportIn())
    @blueprint.response(202, ExportOut())
    def post(self, order: Order) -> tuple[dict[str, Any], int, dict[str, str]]:
        """Ask for an export of the visits a list shows; a worker writes it, and its address tells how far it is."""
        export = commands.ask_export(work().session, work().signed_in, order, SHEET_LABELS)
        return _shown([export])[0], 202, {"Location": f"/api/hq/v1/exports/{export.id}"}


@blueprint.route("/exports/<uuid:export_id>")
class OneExport(MethodView):
    """One export."""

    @blueprint.response(200, ExportOut())
    def get(self, export_id: UUID) -> dict[str, Any]:
        """Show how far an export is, and its files."""
        return _shown([queries.known_export(work().session, work().signed_in, export_id)])[0]

    @blueprint.response(200, ExportOut())
    def delete(self, export_id: UUID) -> dict[str, Any]:
        """Have an export's files deleted now; that they were taken out stays on record."""
        return _shown([commands.discard_export(work().session, work().signed_in, export_id)])[0]


@blueprint.route("/exports/<uuid:export_id>/files/<string:name>")
class ExportFile(MethodView):
    """A file of an export."""

    @untransacted
    @blueprint.doc(
        responses={
            "200": {"description": "the file", "content": {"application/octet-stream": {}}},
            "206": {"description": "the part of it that `Range` asks for"},
            "416": {"description": "there is no such part"},
        }
    )
    def get(self, export_id: UUID, name: str) -> Response:
        """Fetch a file, whole or from where the line broke (`Range`, `If-Range`); who fetched it is noted."""
        with transaction() as session:
            file = queries.file_of(commands.take_file(session, work().signed_in, export_id, name), name)
        return _sent(file["key"], file["size"], file["sha256"], file["content_type"], name)


def _sent(key: str, size: int, sha256: str, content_type: str, name: str) -> Response:
    start, end, status = _asked_part(size, sha256)
    body = _pieces(house().store.open(key, start, end))
    answer = Response(body, status=status, content_type=content_type, direct_passthrough=True)
    answer.content_length = end - start
    answer.set_etag(sha256)
    answer.headers["Accept-Ranges"] = "bytes"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["Cache-Control"] = "private, no-store"
    if status == 206:
        answer.headers["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
    return answer


def _asked_part(size: int, sha256: str) -> tuple[int, int, int]:
    """From which byte up to, and without, which; 206 when that is a part the file still has."""
    asked: Range | None = request.range
    stale = request.if_range is not None and request.if_range.etag not in (None, sha256)
    if asked is None or asked.units != "bytes" or len(asked.ranges) != 1 or stale:
        return 0, size, 200
    found = asked.range_for_length(size)
    if found is None:
        raise RequestedRangeNotSatisfiable(size)
    return found[0], found[1], 206


def _pieces(stream: BinaryIO) -> Iterator[bytes]:
    with stream:
        while piece := stream.read(_PIECE):
            yield piece


def _shown(exports: Sequence[Export]) -> list[dict[str, Any]]:
    names = people_named(work().session, [one.asked_by for one in exports])
    return [_one(export, names[export.asked_by]) for export in exports]


def _one(export: Export, asked_by_name: str) -> dict[str, Any]:
    line = {name: getattr(export, name) for name in ExportOut().fields if hasattr(export, name)}
    at = f"/api/hq/v1/exports/{export.id}/files"
    is_there = export.state == "succeeded"
    files = [{**one, "url": f"{at}/{one['name']}"} for one in export.files] if is_there else []
    return {**line, "asked_by_name": asked_by_name, "files": files}
