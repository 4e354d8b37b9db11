"""Puts the house together: knows everyone, known by no one."""

import importlib
import os
from types import ModuleType
from typing import Any

from flask import Flask
from sqlalchemy.orm import Session, sessionmaker
from werkzeug.middleware.proxy_fix import ProxyFix

from media.stores.opening import open_store
from media.stores.protocol import ObjectStore
from service.http import admission, conditional, health, metrics, request_log, security_headers
from service.http.api import contract, make_api
from service.http.tus_envelope import TusEnvelope
from service.http.work import House, install
from service.kernel.db import make_engine, make_sessions
from service.kernel.space import Space
from service.kernel.watch import Watch
from service.settings import Settings

PHONE_DOORS = (
    "sessions",
    "browser_sessions",
    "browser_current",
    "me",
    "codes",
    "enterprises",
    "visits",
    "checkins",
    "trips",
    "issues",
    "sites",
    "photos",
    "photo_content",
    "photo_parts",
    "photo_videos",
    "tus",
    "heartbeats",
    "my_views",
    "progress",
    "statistics",
    "sync_push",
    "sync_changes",
)
HQ_DOORS = (
    "units",
    "people",
    "devices",
    "enterprises",
    "lists",
    "programmes",
    "thresholds",
    "config",
    "projects",
    "project_months",
    "checkins",
    "visits",
    "trips",
    "issues",
    "issue_figures",
    "kept",
    "outboxes",
    "reviews",
    "evidence",
    "photos",
    "inspections",
    "progress",
    "unvisited",
    "statistics",
    "indicators",
    "reports",
    "events",
    "boards",
    "exports",
    "privacy",
    "audit",
)

PAGES = ("pages", "apps")


def create_app(
    settings: Settings, *, sessions: sessionmaker[Session] | None = None, store: ObjectStore | None = None
) -> Flask:
    """The whole product as one WSGI application; tests give their own sessions and store."""
    app = Flask("qianbai", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = settings.body_limit_bytes
    app.json.ensure_ascii = False  # type: ignore[attr-defined] # Flask's default provider has it
    engine = None if sessions else make_engine(settings.database_url, pool_size=settings.database_pool)
    made = sessions or make_sessions(engine)  # type: ignore[arg-type] # one of the two is there
    watch = Watch(engine) if engine is not None else None
    space = Space(settings.data, settings.disk_reserve_bytes)
    kept_in = store or open_store(settings.store, os.environ)
    install(app, House(settings, engine, made, kept_in, space, watch))
    # The last one installed is the first to see an answer: headers and log see what really leaves.
    security_headers.install(app)
    request_log.install(app)
    metrics.install(app)
    conditional.install(app)
    health.install(app)
    admission.install(app)
    app.extensions["qianbai-spec"] = _open_doors(app)
    app.wsgi_app = TusEnvelope(app.wsgi_app)  # type: ignore[method-assign] # Flask's way
    if settings.trusted_proxies:
        # Proxies append to X-Forwarded-For and replace X-Forwarded-Proto: cookies are marked secure by it.
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=settings.trusted_proxies, x_proto=1)  # type: ignore[method-assign] # Flask's way
    return app


def import_doors() -> tuple[list[ModuleType], list[ModuleType], list[ModuleType]]:
    """The modules of the phones' doors, of headquarters' doors, and of what people open in a browser."""
    phones = [importlib.import_module(f"mobile_api.{name}") for name in PHONE_DOORS]
    headquarters = [importlib.import_module(f"hq_api.{name}") for name in HQ_DOORS]
    return phones, headquarters, [importlib.import_module(f"web.{name}") for name in PAGES]


def _open_doors(app: Flask) -> dict[str, Any]:
    api = make_api(app)
    phones, headquarters, pages = import_doors()
    for door in phones:
        api.register_blueprint(door.blueprint, url_prefix="/api/v1")
    for door in headquarters:
        api.register_blueprint(door.blueprint, url_prefix="/api/hq/v1")
    for page in pages:
        app.register_blueprint(page.blueprint)
    return contract(api)
