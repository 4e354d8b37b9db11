"""The apps for browsers, as they were built: the phone's at /m/ and headquarters' at /hq/.

::

    /m/                 index.html                     asked for again each time (ETag)
    /m/sw.js            the worker; its scope is /m/   asked for again each time
    /m/assets/…         names with a hash in them      kept for a year; a missing one is 404, never a page
    /m/anything/else    index.html, the app's own route

Nothing is built when the product is installed; where the built files are missing, a page says how to make them.
"""

import gzip
import hashlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from urllib.parse import urlsplit

from flask import Blueprint, Response, abort, redirect, render_template, request
from werkzeug.security import safe_join
from werkzeug.wrappers import Response as AnyResponse

from media.facts import RENDITION_CONTENT_TYPE
from service.http.security_headers import page_policy
from service.http.work import house

BUILT = Path(__file__).parent / "dist"
SHELL = "index.html"
WORTH_PACKING_BYTES = 1024
_KEPT_FOR_EVER = "public, max-age=31536000, immutable"
_ASKED_AGAIN = "no-cache"
_ASSETS = "assets/"
_BINARY = "application/octet-stream"
_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".json": "application/json; charset=utf-8",
    ".webmanifest": "application/manifest+json; charset=utf-8",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".webp": "image/webp",
    ".ico": "image/x-icon",
    ".woff2": "font/woff2",
}
"""Said by us: what a machine's own list of types says differs from one to the next."""
_TEXT = frozenset({".html", ".js", ".css", ".json", ".webmanifest", ".svg", ".txt"})
_RUNS_CODE = frozenset({".html", ".js"})

blueprint = Blueprint("apps", __name__, template_folder="templates")


@dataclass(frozen=True, slots=True)
class Built:
    """A file as it is sent; text also packed, once a process."""

    plain: bytes
    packed: bytes | None
    tag: str


@blueprint.get("/<any(m, hq):app>")
def without_slash(app: str) -> AnyResponse:
    """Leads on to the app."""
    return redirect(f"/{app}/", 308)


@blueprint.get("/<any(m, hq):app>/", defaults={"name": ""})
@blueprint.get("/<any(m, hq):app>/<path:name>")
def open_app(app: str, name: str) -> Response:
    """A built file, or the app's page for a route of its own."""
    folder = (house().settings.web_dist or BUILT) / app
    found = _find(folder, name)
    if found is not None:
        return _send(found, is_asset=name.startswith(_ASSETS))
    if not (folder / SHELL).is_file():
        return _unbuilt()
    if name.startswith(_ASSETS) or "." in name.rpartition("/")[2]:
        abort(404)  # a page in a script's place would leave the screen blank, and nobody would know why
    return _send(folder / SHELL, is_asset=False)


def _find(folder: Path, name: str) -> Path | None:
    """The file of that name within the folder; hidden ones and what lies elsewhere are not there."""
    joined = safe_join(str(folder), name or SHELL)
    if joined is None or any(step.startswith(".") for step in name.split("/")):
        return None
    try:
        real = Path(joined).resolve(strict=True)
        return real if real.is_file() and real.is_relative_to(folder.resolve()) else None
    except (OSError, ValueError):
        return None


def _send(path: Path, *, is_asset: bool) -> Response:
    facts = path.stat()
    built = _read(path, facts.st_mtime_ns, facts.st_size)
    packs = built.packed is not None and request.accept_encodings.quality("gzip") > 0
    body = built.packed if packs and built.packed is not None else built.plain
    answer = Response(body, content_type=_TYPES.get(path.suffix, _BINARY))
    answer.headers["Cache-Control"] = _KEPT_FOR_EVER if is_asset else _ASKED_AGAIN
    if built.packed is not None:
        answer.vary.add("Accept-Encoding")
    if packs:
        answer.content_encoding = "gzip"
    if path.suffix in _RUNS_CODE:
        # A worker obeys the policy that its own script came with.
        answer.headers["Content-Security-Policy"] = page_policy(*_store_origins())
        answer.headers["Referrer-Policy"] = "same-origin"
    answer.set_etag(f"{built.tag}-gzip" if packs else built.tag)
    answer.make_conditional(request)
    return answer


@lru_cache(maxsize=256)
def _read(path: Path, _changed_at: int, _size: int) -> Built:
    """The file as it was then; a build that replaces it is another file."""
    plain = path.read_bytes()
    packed = None
    if path.suffix in _TEXT and len(plain) >= WORTH_PACKING_BYTES:
        packed = gzip.compress(plain, mtime=0)
    return Built(plain, packed, hashlib.sha256(plain).hexdigest()[:32])


def _unbuilt() -> Response:
    return Response(render_template("unbuilt.html"), status=503, content_type=_TYPES[".html"])


def _store_origins() -> tuple[str, ...]:
    """Where a photo store hands pictures out by link: the browser is sent there."""
    link = house().store.download_url("-", seconds=1, content_type=RENDITION_CONTENT_TYPE)
    if link is None:
        return ()
    parts = urlsplit(link)
    return (f"{parts.scheme}://{parts.netloc}",)
