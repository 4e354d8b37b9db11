"""Every route has a guard and runs in one transaction that is committed before the answer leaves.

::

    request ─▶ guard ─▶ schema in ─▶ one command ─▶ schema out ─▶ commit ─▶ answer
                                        │
                                        └─ refusal ─▶ everything is undone
                                              └─ a door that keeps ─▶ what was sent is written, with its reason,
                                                                       in a transaction of its own ─▶ problem
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

import flask_smorest
from flask import current_app, make_response, request
from flask.views import MethodView
from psycopg import errors as pg
from sqlalchemy import exc
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from service.http.admission import demand_known_app
from service.http.guards import Guard
from service.http.parsing import Parser
from service.http.work import transaction, work
from service.kernel.actor import Actor
from service.kernel.db import is_lost
from service.kernel.errors import Conflict, Forbidden, Invalid, Refusal

MOST_TRIES = 3
KEEPABLE = (Invalid, Conflict, Forbidden)
"""Refusals of something that was read whole and understood; of anything else the phone keeps its copy."""
_TRY_AGAIN = (pg.DeadlockDetected, pg.SerializationFailure)

Keeper = Callable[[Session, Actor, dict[str, Any], bytes, Refusal], Refusal]
"""Writes what was sent (view arguments and raw body) with the refusal, and returns the refusal to answer with."""


def keeps(keeper: Keeper) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Mark a view's method: what it refuses may be kept, by this keeper."""

    def mark(method: Callable[..., Any]) -> Callable[..., Any]:
        method.keeper = keeper  # type: ignore[attr-defined] # functions carry their marks
        return method

    return mark


def untransacted(method: Callable[..., Any]) -> Callable[..., Any]:
    """Mark a view's method: it opens its own short transactions, because its body may take minutes to arrive."""
    method.untransacted = True  # type: ignore[attr-defined] # functions carry their marks
    return method


class Blueprint(flask_smorest.Blueprint):  # type: ignore[misc] # flask-smorest has no types
    """A set of routes behind one guard."""

    ARGUMENTS_PARSER = Parser()

    def __init__(self, name: str, import_name: str, *, guard: Guard, **options: Any) -> None:
        super().__init__(name, import_name, **options)
        self.guard = guard

    def add_url_rule(
        self, rule: str, endpoint: str | None = None, view_func: Any = None, *args: Any, **options: Any
    ) -> None:
        """Register a rule with its view framed by guard and transaction."""
        if isinstance(view_func, type(MethodView)):
            view_func.decorators = [*view_func.decorators, _frame(self.guard, view_func)]
        else:
            view_func = wraps(view_func)(_frame(self.guard, view_func)(view_func))
        super().add_url_rule(rule, endpoint, view_func, *args, **options)


def _frame(guard: Guard, view: Any) -> Callable[[Callable[..., Any]], Callable[..., Response]]:
    def decorate(func: Callable[..., Any]) -> Callable[..., Response]:
        @wraps(func)
        def framed(**arguments: Any) -> Response:
            method = getattr(view, _method_name(), view) if isinstance(view, type) else view
            run = _run_untransacted if getattr(method, "untransacted", False) else _run
            keeper: Keeper | None = getattr(method, "keeper", None)
            try:
                return run(guard, func, arguments)
            except KEEPABLE as refusal:
                if keeper is None or work().actor is None:
                    raise
                raise _keep(keeper, arguments, refusal) from refusal
            except (exc.IntegrityError, exc.DataError) as error:
                # The database's own rules refuse it: what a phone sent is kept for a person to look at.
                if keeper is None or work().actor is None:
                    raise
                raise _keep(keeper, arguments, Invalid()) from error

        framed.guard = guard  # type: ignore[attr-defined] # house tests read it
        return framed

    return decorate


def _method_name() -> str:
    return "get" if request.method == "HEAD" else request.method.lower()


def _run(guard: Guard, func: Callable[..., Any], arguments: dict[str, Any]) -> Response:
    for attempt in range(1, MOST_TRIES + 1):
        try:
            with transaction() as session:
                work().actor = guard.admit(session)
                demand_known_app(session)
                return make_response(func(**arguments))
        except exc.DBAPIError as error:
            if attempt == MOST_TRIES or not _may_try_again(error):
                raise
            current_app.logger.info("trying again", extra={"fields": {"attempt": attempt}})
    raise AssertionError


def _may_try_again(error: exc.DBAPIError) -> bool:
    """Nothing was kept: the database chose this one to give way, or it came back from a restart meanwhile."""
    return isinstance(error.orig, _TRY_AGAIN) or (is_lost(error) and not work().is_committing)


def _run_untransacted(guard: Guard, func: Callable[..., Any], arguments: dict[str, Any]) -> Response:
    with transaction() as session:
        work().actor = guard.admit(session)
        demand_known_app(session)
    return make_response(func(**arguments))


def _keep(keeper: Keeper, arguments: dict[str, Any], refusal: Refusal) -> Refusal:
    """Keep what was sent, in a transaction of its own: the refusal has undone the first."""
    with transaction() as session:
        return keeper(session, work().signed_in, arguments, request.get_data(cache=True), refusal)
