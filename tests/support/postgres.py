"""One throw-away PostgreSQL a test run: the embedded one without durability, or TEST_DATABASE_URL.

The migrations are run once for each server; databases that want them all are copies of that one.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import sqlalchemy as sa

from service.kernel.db import make_engine, normal_url
from service.kernel.embedded import EmbeddedPostgres
from service.kernel.migrate import upgrade

_MIGRATED: dict[str, str] = {}
"""By server, the database that copies are made of."""


@contextmanager
def server_url() -> Iterator[str]:
    """The address of a server where databases may be made."""
    given = os.environ.get("TEST_DATABASE_URL")
    if given:
        try:
            yield normal_url(given)
        finally:
            _forget_migrated(normal_url(given))
        return
    folder = Path(tempfile.mkdtemp(prefix="qb-pg-"))
    server = EmbeddedPostgres(folder / "pg", durable=False)
    try:
        url = server.start()
        yield url
        _MIGRATED.pop(url, None)
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def fresh_database(url: str) -> Iterator[str]:
    """A new, empty database on the server of `url`, dropped at the end."""
    name = _made(url)
    try:
        yield _named(url, name)
    finally:
        _tell(url, f'DROP DATABASE "{name}" WITH (FORCE)')


@contextmanager
def migrated_database(url: str) -> Iterator[str]:
    """A new database at the newest migration on the server of `url`, dropped at the end."""
    if url not in _MIGRATED:
        name = _made(url)
        upgrade(_named(url, name))
        _MIGRATED[url] = name
    name = _made(url, like=_MIGRATED[url])
    try:
        yield _named(url, name)
    finally:
        _tell(url, f'DROP DATABASE "{name}" WITH (FORCE)')


def patient_engine(url: str, *, pool_size: int = 10) -> sa.Engine:
    """The product's engine without its limit for writers that hang: a transaction of a test lies still for as long as it likes.

    Many steps of others lie between two of one writer, and printing a report takes a busy machine more than that limit.
    """
    engine = make_engine(url, pool_size=pool_size)
    sa.event.listen(engine, "connect", _let_lie_still)
    return engine


def _let_lie_still(driver: Any, _record: object) -> None:
    driver.execute("SET idle_in_transaction_session_timeout = 0")
    driver.commit()


def _made(url: str, *, like: str = "template1") -> str:
    name = f"qb_{uuid4().hex[:12]}"
    _tell(url, f'CREATE DATABASE "{name}" TEMPLATE "{like}"')
    return name


def _forget_migrated(url: str) -> None:
    if name := _MIGRATED.pop(url, None):
        _tell(url, f'DROP DATABASE "{name}" WITH (FORCE)')


def _named(url: str, name: str) -> str:
    return sa.make_url(url).set(database=name).render_as_string(hide_password=False)


def _tell(url: str, order: str) -> None:
    admin = sa.create_engine(url, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with admin.connect() as connection:
        connection.execute(sa.text(order))
    admin.dispose()
