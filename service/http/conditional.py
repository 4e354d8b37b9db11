"""Reads say which state they show (`ETag`), answer 304 when the asker has it, and name the next page."""

import hashlib
from typing import TypeVar
from urllib.parse import urlencode

from flask import Flask, Response, g, request

from service.http import problems
from service.kernel.errors import Stale
from service.kernel.pages import Page

Row = TypeVar("Row")

API_PATHS = "/api/"
_NEXT_CURSOR = "next_cursor"


def install(app: Flask) -> None:
    """Add `ETag`, `Link` and `Cache-Control` to the answers of the app's API."""
    app.after_request(_answer_conditionally)


def paged(page: Page[Row]) -> Page[Row]:
    """The page, whose answer will carry `Link: <…>; rel="next"` when another one follows."""
    g.next_cursor = page.next_cursor
    return page


def revalidated(response: Response) -> Response:
    """An answer that a client may keep if it asks each time whether it still holds: nobody's private facts."""
    response.headers["Cache-Control"] = "private, no-cache"
    return response


def _answer_conditionally(response: Response) -> Response:
    if not request.path.startswith(API_PATHS):
        return response
    # What people recorded stays out of every cache; a door may say otherwise for what is nobody's secret.
    response.headers.setdefault("Cache-Control", "no-store")
    if request.method not in {"GET", "HEAD"} or response.status_code != 200:
        return response
    cursor = g.pop(_NEXT_CURSOR, None)
    if cursor is not None:
        response.headers["Link"] = f'<{_next_page(cursor)}>; rel="next"'
    if response.is_streamed or response.direct_passthrough:
        return response
    if "ETag" not in response.headers:
        # Weak: the same facts, whatever a proxy does to the bytes. Records set their own strong one, for If-Match.
        response.set_etag(hashlib.sha256(response.get_data()).hexdigest()[:32], weak=True)
    response.make_conditional(request)
    return problems.respond(Stale()) if response.status_code == 412 else response


def _next_page(cursor: str) -> str:
    asked = [(name, value) for name, value in request.args.items(multi=True) if name != "cursor"]
    return f"{request.path}?{urlencode([*asked, ('cursor', cursor)])}"
