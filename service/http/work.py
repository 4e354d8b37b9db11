"""What a view works with: the person, the transaction, and the parts of the house it may need."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import sqlalchemy as sa
from flask import Flask, current_app, g
from sqlalchemy.orm import Session, sessionmaker

from media.stores.protocol import ObjectStore
from service.kernel.actor import Actor
from service.settings import Settings

EXTENSION = "qianbai"


@dataclass(frozen=True, slots=True)
class House:
    """What one process keeps for all its requests."""

    settings: Settings
    engine: sa.Engine | None
    sessions: sessionmaker[Session]
    store: ObjectStore


@dataclass(slots=True)
class Work:
    """One request's person and transaction. `session` is open only while a transaction is."""

    house: House
    actor: Actor | None = None
    open_session: Session | None = None

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
    """One transaction: committed when the block ends, undone when it raises."""
    current = work()
    with current.house.sessions() as session:
        current.open_session = session
        try:
            yield session
            session.commit()
        finally:
            current.open_session = None
