"""Alembic's way in: the connection comes from the caller, or from the URL it gives."""

import importlib

import sqlalchemy as sa
from alembic import context

from service.kernel.db import Base

ROOMS = (
    "accounts",
    "audit",
    "photos",
    "enterprises",
    "programmes",
    "projects",
    "submissions",
    "visits",
    "checkins",
    "outboxes",
    "trips",
    "issues",
    "sync",
    "reports",
    "exports",
    "boards",
    "indicators",
    "evidence",
    "privacy",
)
for room in ROOMS:
    importlib.import_module(f"service.{room}.models")


def ours(thing: object, name: str | None, kind: str, reflected: bool, compare_to: object) -> bool:  # noqa: ARG001, FBT001
    """Leave the job queue's own tables to its own schema."""
    return not (kind == "table" and (name or "").startswith("procrastinate_"))


def run(connection: sa.Connection) -> None:
    """Run the migrations on this connection, each in its own transaction."""
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        include_object=ours,
        transaction_per_migration=True,
        compare_server_default=False,
    )
    with context.begin_transaction():
        # Of the session: each migration has a transaction of its own, and the first would take SET LOCAL with it.
        connection.execute(sa.text("SET lock_timeout = '5s'"))
        context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    engine = sa.create_engine(context.config.attributes["url"], poolclass=sa.NullPool)
    with engine.connect() as own:
        run(own)
        own.commit()
