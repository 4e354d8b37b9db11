"""What an operator and a load balancer ask: alive, ready, and who runs this."""

import sqlalchemy as sa
from flask import Flask, jsonify
from flask.typing import ResponseReturnValue

from media.errors import StoreUnavailable
from service.http.work import house
from service.kernel.migrate import is_current

TITLE = "千百 登门招商与驻工地外勤系统"


def ready_parts() -> dict[str, bool]:
    """Each part this process depends on, and whether it answers."""
    return {"database": _database_answers(), "store": _store_answers()}


def _has_space() -> bool:
    space = house().space
    return space is None or not space.is_low


def _database_answers() -> bool:
    engine, watch = house().engine, house().watch
    if engine is None:
        return True
    if watch is not None and not watch.answers:
        return False
    try:
        with engine.connect() as connection:
            return is_current(connection)
    except sa.exc.SQLAlchemyError:
        return False


def _store_answers() -> bool:
    try:
        house().store.stat("ready")
    except (StoreUnavailable, OSError):
        return False
    return True


def healthz() -> ResponseReturnValue:
    """The process answers."""
    return jsonify(status="ok")


def readyz() -> ResponseReturnValue:
    """Every part answers: 200; else 503 and which does not. `space` is false while no records are taken.

    A full disk leaves the house ready: people read and sign in.
    """
    parts = ready_parts()
    ready = all(parts.values())
    return jsonify(
        status="ready" if ready else "not_ready", **parts, space=_has_space()
    ), 200 if ready else 503


def about() -> ResponseReturnValue:
    """Who runs this, under which filing number, in which version (国办函〔2026〕12号)."""
    settings = house().settings
    return jsonify(
        name="qianbai",
        title=TITLE,
        version=settings.version,
        organisation=settings.organisation,
        filing_number=settings.filing_number,
        notice="严禁上传涉密信息",
    )


def install(app: Flask) -> None:
    """Add the operation routes; they are public and say nothing about people or records."""
    for view in (healthz, readyz, about):
        app.add_url_rule(f"/{view.__name__}", view.__name__, view)
