"""Before a door opens: is the app recent enough, and is there room for what it sends. Neither reads a body.

::

    app below QIANBAI_OLDEST_APP        426  the phone keeps its outbox, upgrades, and sends it then
    less free than the reserve          507  for what writes records; reading, signing in and heartbeats go on
"""

import re
from functools import lru_cache

import sqlalchemy as sa
from flask import Flask, request
from sqlalchemy.orm import Session

from service.accounts.models import Device
from service.http.work import house, work
from service.kernel.errors import NoSpace, TooOld

HEADER = "X-App-Version"
_PHONES = "/api/v1/"
_ALWAYS = ("/api/v1/heartbeats",)
"""Headquarters sees who still has the old app, and what waits on it."""
_SMALL = ("/api/v1/sessions", "/api/v1/browser/sessions", "/api/v1/heartbeats", "/api/hq/v1/sessions")
"""A few rows each, for which the reserve is there."""
_WRITING = frozenset({"POST", "PUT", "PATCH"})
_VERSION = re.compile(r"[vV]?(\d{1,9}(?:\.\d{1,9}){0,5})(?!\d)")

Version = tuple[int, ...]


def install(app: Flask) -> None:
    """Ask before every request of the app."""
    app.before_request(_demand_recent_app)
    app.before_request(_demand_room)


def demand_known_app(session: Session) -> None:
    """The same for a phone that does not send the header: by what its device said when it signed in.

    Raises:
        TooOld: the app is below the oldest that is served.
    """
    actor, oldest = work().actor, house().settings.oldest_app
    if not oldest or actor is None or actor.device_id is None or HEADER in request.headers or not _is_asked():
        return
    _compare(session.scalar(sa.select(Device.app_version).where(Device.id == actor.device_id)), oldest)


@lru_cache(maxsize=256)
def version_of(text: str) -> Version | None:
    """`2.10.0-beta` as (2, 10); None for what is no version, which is let in."""
    found = _VERSION.match(text.strip())
    if found is None:
        return None
    numbers = [int(part) for part in found[1].split(".")]
    while numbers and numbers[-1] == 0:
        numbers.pop()
    return tuple(numbers)


def is_below(told: str | None, oldest: str) -> bool:
    """Whether an app that calls itself so is older than the oldest that is served; nobody knows is no."""
    theirs, least = version_of(told or ""), version_of(oldest)
    return theirs is not None and least is not None and theirs < least


def _demand_recent_app() -> None:
    oldest = house().settings.oldest_app
    if oldest and HEADER in request.headers and _is_asked():
        _compare(request.headers[HEADER], oldest)


def _is_asked() -> bool:
    return request.path.startswith(_PHONES) and not request.path.startswith(_ALWAYS)


def _compare(told: str | None, oldest: str) -> None:
    if is_below(told, oldest):
        raise TooOld(oldest=oldest)


def _demand_room() -> None:
    if request.method not in _WRITING or not request.path.startswith("/api/"):
        return
    space = house().space
    if space is not None and space.is_low and not request.path.startswith(_SMALL):
        raise NoSpace
