"""Each request has an id and one log line: who, what, how it ended, how long it took."""

import logging
import re
import time

from flask import Flask, Response, g, request

from service.kernel.ids import uuid7

log = logging.getLogger("qianbai.request")
_ACCEPTABLE_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")


def install(app: Flask) -> None:
    """Number, time and log every request of the app."""
    app.before_request(_begin)
    app.after_request(_end)


def _begin() -> None:
    given = request.headers.get("X-Request-Id", "")
    g.request_id = given if _ACCEPTABLE_ID.fullmatch(given) else str(uuid7())
    g.started = time.perf_counter()


def _end(response: Response) -> Response:
    request_id = g.get("request_id", "")
    response.headers["X-Request-Id"] = request_id
    if request.path not in {"/healthz", "/readyz"}:
        log.info(
            "%s %s %s",
            request.method,
            request.path,
            response.status_code,
            extra={"fields": _facts(request_id)},
        )
    return response


def _facts(request_id: str) -> dict[str, object]:
    current = g.get("work")
    actor = current.actor if current is not None else None
    return {
        "request_id": request_id,
        "user_id": str(actor.user_id) if actor is not None else None,
        "ms": round((time.perf_counter() - g.get("started", time.perf_counter())) * 1000, 1),
    }
