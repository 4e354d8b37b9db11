"""What tus 1.0.0 asks of every request and answer at a resumable upload's address, before any route is looked for.

`X-HTTP-Method-Override` takes the method's place, for networks that let no `PATCH` or `DELETE` through; every answer
names the version, refusals by the frame included.
"""

import re
from collections.abc import Iterable
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from service.photos.grants import TUS_VERSION

_ADDRESS = re.compile(r"/api/v1/photos/[^/]+/tus\Z")
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_NO_METHOD = "TRACE"
"""Stands for a method that is none: no door answers it, and it counts as one line in the figures."""


class TusEnvelope:
    """Wraps the application; other addresses pass untouched."""

    def __init__(self, application: WSGIApplication) -> None:
        self._application = application

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answers as the application does, with the method that was meant and the version said."""
        if not _ADDRESS.fullmatch(environ.get("PATH_INFO", "")):
            return self._application(environ, start_response)
        meant = environ.get("HTTP_X_HTTP_METHOD_OVERRIDE")
        if meant is not None:
            environ["REQUEST_METHOD"] = meant if meant in _METHODS else _NO_METHOD

        def start(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            versions = [("Tus-Resumable", TUS_VERSION), ("Tus-Version", TUS_VERSION)]
            return start_response(status, [*headers, *versions], *more)

        return self._application(environ, start)
