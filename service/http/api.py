"""The contract is written from the code, and every way of failing ends in the one problem shape."""

import errno
import logging
from typing import Any

import flask_smorest
import marshmallow as ma
import psycopg
from flask import Flask, Response
from psycopg import errors as pg
from sqlalchemy import exc
from werkzeug.exceptions import HTTPException

from media.errors import NoSpace as StoreNoSpace
from media.errors import StoreUnavailable
from service import __version__
from service.http import browser_cookies, problems
from service.http.schemas import Id, Wan
from service.kernel.errors import Conflict, Invalid, NoSpace, Refusal, Unavailable

log = logging.getLogger(__name__)
FULL = frozenset({errno.ENOSPC, errno.EDQUOT})

OPENAPI = {
    "API_TITLE": "qianbai",
    "API_VERSION": __version__,
    "OPENAPI_VERSION": "3.1.0",
    "API_SPEC_OPTIONS": {
        "info": {
            "description": "登门招商“千百工程”与驻工地专员外勤系统。Field work in investment promotion.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "security": [{"bearer": []}, {"cookie": [], "csrf": []}],
        "components": {
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}, **browser_cookies.SCHEMES}
        },
    },
}


class ProblemErrorSchema(ma.Schema):
    """One thing wrong with what was sent."""

    pointer = ma.fields.String(required=True, metadata={"description": "JSON pointer (RFC 6901)"})
    detail = ma.fields.String(required=True)


class ProblemSchema(ma.Schema):
    """Every refusal (RFC 9457); some carry `quarantine`, `conflict` or other facts beside these."""

    class Meta:
        """Marshmallow's settings."""

        unknown = ma.INCLUDE

    type = ma.fields.String(required=True)
    title = ma.fields.String(required=True)
    status = ma.fields.Integer(required=True)
    detail = ma.fields.String(required=True)
    instance = ma.fields.String(required=True)
    code = ma.fields.String(required=True)
    retryable = ma.fields.Boolean(required=True)
    client_action = ma.fields.String(
        required=True,
        validate=ma.validate.OneOf(["retry", "wait", "fix", "quarantine", "login", "upgrade", "free_space"]),
    )
    errors = ma.fields.List(ma.fields.Nested(ProblemErrorSchema), required=True)
    trace_id = ma.fields.String(required=True)
    quarantine = ma.fields.Dict(metadata={"description": "`{id, sha256, received_at}` of what was kept"})
    conflict = ma.fields.Dict(
        metadata={"description": "`{id, server_rev, server_sha256, href, kept_sha256}`"}
    )


class Api(flask_smorest.Api):  # type: ignore[misc] # flask-smorest has no types
    """flask-smorest with our problem shape for every error, whoever raised it."""

    ERROR_SCHEMA = ProblemSchema

    def _register_error_handlers(self) -> None:
        self._app.register_error_handler(HTTPException, self.handle_http_exception)
        self._app.register_error_handler(Refusal, problems.respond)
        self._app.register_error_handler(exc.SQLAlchemyError, _database_trouble)
        self._app.register_error_handler(StoreUnavailable, _store_trouble)
        self._app.register_error_handler(StoreNoSpace, lambda _error: problems.respond(NoSpace()))
        self._app.register_error_handler(OSError, _system_trouble)
        self._app.register_error_handler(psycopg.Error, _driver_trouble)
        self._app.register_error_handler(Exception, _surprise)

    def handle_http_exception(self, error: HTTPException) -> Response:
        """Werkzeug's own refusals in our shape, with the headers they carry (Allow, Retry-After …)."""
        status = error.code or 500
        response = problems.problem(
            status,
            code=error.name.lower().replace(" ", "_").replace("'", ""),
            detail=problems.title(status, problems.language()),
            client_action="wait" if status in {408, 429, 503} else "fix",
            retryable=status in {408, 429, 503},
        )
        for name, value in error.get_headers():
            if name.lower() not in {"content-type", "content-length"}:
                response.headers[name] = value
        return response


def make_api(app: Flask) -> Api:
    """The API of an app; doors are registered on it."""
    app.config.update(OPENAPI)
    api = Api(app)
    api.register_field(Id, "string", "uuid")
    api.register_field(Wan, "string", None)
    return api


def contract(api: Api) -> dict[str, Any]:
    """The OpenAPI document of all registered doors; shared answers are refusals, and say problem+json."""
    document: dict[str, Any] = api.spec.to_dict()
    for response in document["components"].get("responses", {}).values():
        content = response.get("content", {})
        if "application/json" in content:
            content[problems.MEDIA_TYPE] = content.pop("application/json")
    return document


def _database_trouble(error: exc.SQLAlchemyError) -> Response:
    cause = getattr(error, "orig", None)
    if isinstance(cause, pg.DiskFull) or getattr(cause, "errno", None) in FULL:
        return problems.respond(NoSpace())
    if isinstance(cause, (pg.CheckViolation, pg.NumericValueOutOfRange, pg.StringDataRightTruncation)):
        return problems.respond(Invalid())
    if isinstance(error, exc.IntegrityError):
        log.info("constraint refused a write", extra={"fields": {"constraint": _constraint(cause)}})
        return problems.respond(Conflict())
    if _is_unreachable(error, cause):
        log.warning("database unavailable", extra={"fields": {"cause": type(cause or error).__name__}})
        return problems.respond(Unavailable())
    return _surprise(error)


def _is_unreachable(error: exc.SQLAlchemyError, cause: object) -> bool:
    if isinstance(error, exc.TimeoutError):
        return True
    if isinstance(error, exc.DBAPIError) and error.connection_invalidated:
        return True
    # A connection that is lost in the middle shows as any of these; a standby that takes no writes is no fault of ours.
    return isinstance(
        error, (exc.OperationalError, exc.InterfaceError, exc.PendingRollbackError)
    ) or isinstance(cause, (pg.LockNotAvailable, pg.QueryCanceled, pg.ReadOnlySqlTransaction))


def _constraint(cause: object) -> str | None:
    diagnostics = getattr(cause, "diag", None)
    return getattr(diagnostics, "constraint_name", None)


def _store_trouble(error: StoreUnavailable) -> Response:
    log.warning("object store unavailable", extra={"fields": {"cause": str(error)}})
    return problems.respond(Unavailable())


def _system_trouble(error: OSError) -> Response:
    if error.errno in FULL:
        log.warning("disk full", extra={"fields": {"cause": str(error.strerror)}})
        return problems.respond(NoSpace())
    return _surprise(error)


def _driver_trouble(error: psycopg.Error) -> Response:
    """What the driver raised beside SQLAlchemy, when a connection broke while it was being given back."""
    return _database_trouble(exc.DBAPIError.instance(None, None, error, psycopg.Error, hide_parameters=True))


def _surprise(error: Exception) -> Response:
    log.error("unexpected error", exc_info=error)
    tongue = problems.language()
    detail = (
        "Something went wrong; keep the record and try again"
        if tongue == "en"
        else "服务器出错，请保留记录稍后重试"
    )
    return problems.problem(500, code="internal_error", detail=detail, client_action="retry", retryable=True)
