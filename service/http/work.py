"""What a view works with: the person, the transaction, and the parts of the house it may need."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import sqlalchemy as sa
from flask import Flask, current_app, g
from sqlalchemy.orm import Session, sessionmaker

from media.stores.protocol import ObjectStore
from service.kernel.actor import Actor
from service.kernel.db import is_lost
from service.kernel.errors import Unavailable
from service.kernel.space import Space
from service.kernel.watch import Watch
from service.settings import Settings

EXTENSION = "qianbai"


@dataclass(frozen=True, slots=True)
class House:
    """What one process keeps for all its requests."""

    settings: Settings
    engine: sa.Engine | None
    sessions: sessionmaker[Session]
    store: ObjectStore
    space: Space | None = None
    """How full the disk is; tests that bring their own house have room."""
    watch: Watch | None = None
    """Finds out when the database is frozen; tests that bring their own sessions need none."""


@dataclass(slots=True)
class Work:
    """One request's person and transaction. `session` is open only while a transaction is."""

    house: House
    actor: Actor | None = None
    open_session: Session | None = None
    is_committing: bool = False
    """From then on nobody can tell whether a lost connection has kept the work or not."""

    @property
    def session(self) -> Session:
        """The request's transaction."""
        if self.open_session is None:
            msg = "this view opens its own transactions"
            raise RuntimeError(msg)
        return self.open_session

    @property
    def signed_in(self) -> Actor:
        """The person; a guard has made sure there is one."""
        if self.actor is None:
            msg = "this view's guard lets strangers in"
            raise RuntimeError(msg)
        return self.actor


def install(app: Flask, house: House) -> None:
    """Give the app its house."""
    app.extensions[EXTENSION] = house


def house() -> House:
    """The house of the app that answers."""
    found: House = current_app.extensions[EXTENSION]
    return found


def work() -> Work:
    """The work of the request that is being answered."""
    if "work" not in g:
        g.work = Work(house())
    current: Work = g.work
    return current


@contextmanager
def transaction() -> Iterator[Session]:
    """One transaction: committed when the block ends, undone when it raises.

    Raises:
        Unavailable: the database is known to be frozen; nobody joins those who wait for it.
    """
    current = work()
    if current.house.watch is not None and not current.house.watch.answers:
        raise Unavailable
    pool = current.house.engine.pool if current.house.engine is not None else None
    try:
        with current.house.sessions() as session:
            current.open_session = session
            current.is_committing = False
            yield session
            current.is_committing = True
            session.commit()
    except sa.exc.DBAPIError as error:
        if is_lost(error):
            _forget(pool)
        raise
    finally:
        current.open_session = None


def _forget(pool: sa.Pool | None) -> None:
    """After one connection was lost those that lie idle are lost, too: the next request makes its own."""
    engine = house().engine
    if engine is not None and engine.pool is pool:
        engine.dispose()
