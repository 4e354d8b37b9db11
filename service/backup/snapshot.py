"""One moment of the database that several readers share: our questions here and pg_dump see the same rows."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from service.kernel.db import normal_url

_PATIENT = (
    "-c timezone=UTC -c statement_timeout=0 -c idle_in_transaction_session_timeout=0 -c lock_timeout=30s"
)
_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class Stored:
    """An object that the database calls received, whatever photos share it."""

    key: str
    sha256: str
    size: int
    type: str
    known_changed: bool
    """Its bytes were found changed long ago, and the photo was rejected for it."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What was committed at one moment, for as long as the block lasts."""

    connection: sa.Connection
    id: str
    taken_at: datetime

    def tables(self) -> dict[str, int]:
        """The rows of each table, by name."""
        return count_rows(self.connection)

    def objects(self) -> Iterator[Stored]:
        """Every object that holds a received photo, in the order of keys; memory stays at one page."""
        reading = self.connection.execution_options(stream_results=True, yield_per=_AT_ONCE)
        for row in reading.execute(_OBJECTS):
            yield Stored(*row)

    def scalar(self, question: str) -> object:
        """The one value a question asks for."""
        return self.connection.execute(sa.text(question)).scalar()


@contextmanager
def taken(url: str) -> Iterator[Snapshot]:
    """The database as it is now, read-only; it holds up no writer, and no phone that pulls."""
    engine = sa.create_engine(
        normal_url(url),
        poolclass=sa.NullPool,
        hide_parameters=True,
        isolation_level="REPEATABLE READ",
        connect_args={"options": _PATIENT, "connect_timeout": 10},
    )
    try:
        with engine.connect() as connection:
            connection.execute(sa.text("SET TRANSACTION READ ONLY"))
            row = connection.execute(sa.text("SELECT pg_export_snapshot(), clock_timestamp()")).one()
            yield Snapshot(connection, row[0], row[1])
    finally:
        engine.dispose()


def count_rows(connection: sa.Connection) -> dict[str, int]:
    """The rows of each table of the house, by name."""
    names = connection.execute(_TABLES).scalars().all()
    quote = connection.dialect.identifier_preparer.quote
    return {
        name: connection.execute(sa.text(f"SELECT count(*) FROM public.{quote(name)}")).scalar_one()  # noqa: S608 a quoted name
        for name in names
    }


def secret_print(secret: bytes) -> str:
    """Tells two secrets apart and tells nothing about either."""
    return hashlib.sha256(b"qianbai backup\0" + secret).hexdigest()[:16]


_TABLES = sa.text("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename")
_OBJECTS = sa.text(
    "SELECT object_key, min(sha256), min(size), min(content_type), bool_and(coalesce(rejected_because, '') = "
    "'bytes_changed') FROM photos WHERE received_at IS NOT NULL GROUP BY object_key ORDER BY object_key"
)
