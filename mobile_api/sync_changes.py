"""What changed for the signed-in person: phones pull it page by page, in commit order."""

import gzip
import hashlib
import json
import time
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from flask import Response, current_app, request
from flask.views import MethodView

from mobile_api.schemas.codes import CodeListsOut
from mobile_api.schemas.sync_changes import ChangesOut, ChangesQuery, dump
from service.http.blueprint import Blueprint, untransacted
from service.http.codes import CODE_LISTS
from service.http.conditional import paged
from service.http.guards import signed_in
from service.http.problems import language
from service.http.work import house, transaction, work
from service.kernel.clock import now
from service.kernel.pages import Page
from service.sync import pull
from service.sync.cursors import Cursor
from service.sync.feed import Shown, Written
from service.sync.pull import Asked, Change, ChangePage, CodeLists

blueprint = Blueprint("sync_changes", __name__, guard=signed_in, description="同步下行 / What changed")

AT_A_TIME = 25
"""Rows that are put into words before others get their turn: less than 10 ms of records."""
LEAST_ZIPPED_BYTES = 1400
"""What fits one packet is not made smaller."""

_CODES = CodeLists(
    version=hashlib.sha256(json.dumps(CodeListsOut().dump(CODE_LISTS)).encode()).hexdigest()[:8],
    lists={name: {"codes": codes} for name, codes in CODE_LISTS.items()},
)


@blueprint.route("/sync/changes")
class Changes(MethodView):
    """What changed since a cursor."""

    @untransacted
    @blueprint.arguments(ChangesQuery(), location="query")
    @blueprint.alt_response(304, description="nothing is new", success=True)
    @blueprint.response(200, ChangesOut())
    def get(self, query: dict[str, Any]) -> Response:
        """增量同步下行 / What is new for me after a cursor, in commit order.

        `HEAD`, or `If-None-Match` with the `ETag` of the answer that gave the cursor, asks cheaply whether anything is
        new: `304` when not. A cursor that is too old, or of another history, answers `410 cursor_expired` with `reset`:
        drop what was pulled, and pull without a cursor.
        """
        text = query["cursor"]
        cursor = None if text is None else Cursor.read(text, house().settings.secret)
        asked = Asked(cursor, _CODES, limit=query["limit"], language=language())
        if request.method == "HEAD":
            return _glimpse(asked)
        with transaction() as session:
            page = pull.changes(session, work().signed_in, asked)
        return _answer(page)


def _glimpse(asked: Asked) -> Response:
    """The headers of an answer whose page is not made."""
    with transaction() as session:
        is_new = pull.anything_new(session, work().signed_in, asked)
    response = current_app.response_class(mimetype="application/json")
    word = "" if asked.cursor is None else asked.cursor.write(house().settings.secret)
    response.set_etag(_tag(f"beyond {word}" if is_new else word), weak=True)
    return response


def _answer(page: ChangePage) -> Response:
    word = page.next_cursor.write(house().settings.secret)
    if page.has_more:
        paged(Page((), word))
    rest = {"next_cursor": word, "has_more": page.has_more, "server_time": _moment(now())}
    body = f'{{"changes":[{",".join(_rows(page))}],{_json(rest)[1:]}'.encode()
    response = current_app.response_class(mimetype="application/json")
    if len(body) >= LEAST_ZIPPED_BYTES and request.accept_encodings["gzip"]:
        body = gzip.compress(body, compresslevel=1, mtime=0)
        response.headers["Content-Encoding"] = "gzip"
    response.set_data(body)
    response.headers["Vary"] = "Accept-Encoding, Accept-Language"
    response.set_etag(_tag(word), weak=True)
    return response


def _rows(page: ChangePage) -> Iterator[str]:
    for place, change in enumerate(page.changes):
        if place % AT_A_TIME == AT_A_TIME - 1:
            time.sleep(0)  # under gevent this lets the others run
        yield _told(change)


def _told(change: Change) -> str:
    shown = change.shown
    rev, op, data = (None, "delete", "null") if shown is None else (shown.rev, "upsert", _data(change, shown))
    head = _json({"type": change.type, "id": change.id, "rev": rev, "op": op})
    return f'{head[:-1]},"data":{data}}}'


def _data(change: Change, shown: Shown) -> str:
    return shown.facts if isinstance(shown.facts, Written) else _json(dump(change.type, shown.facts))


def _tag(word: str) -> str:
    """Names what is behind a cursor, in the language it is told in."""
    return hashlib.sha256(f"{language()} {word}".encode()).hexdigest()[:32]


def _moment(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
