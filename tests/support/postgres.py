"""One throw-away PostgreSQL a test run: the embedded one without durability, or TEST_DATABASE_URL."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import sqlalchemy as sa

from service.kernel.db import normal_url
from service.kernel.embedded import EmbeddedPostgres


@contextmanager
def server_url() -> Iterator[str]:
    """The address of a server where databases may be made."""
    given = os.environ.get("TEST_DATABASE_URL")
    if given:
        yield normal_url(given)
        return
    folder = Path(tempfile.mkdtemp(prefix="qb-pg-"))
    server = EmbeddedPostgres(folder / "pg", durable=False)
    try:
        yield server.start()
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def fresh_database(url: str) -> Iterator[str]:
    """A new, empty database on the server of `url`, dropped at the end."""
    name = f"qb_{uuid4().hex[:12]}"
    admin = sa.create_engine(url, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with admin.connect() as connection:
        connection.execute(sa.text(f'CREATE DATABASE "{name}"'))
    try:
        yield sa.make_url(url).set(database=name).render_as_string(hide_password=False)
    finally:
        with admin.connect() as connection:
            connection.execute(sa.text(f'DROP DATABASE "{name}" WITH (FORCE)'))
        admin.dispose()
