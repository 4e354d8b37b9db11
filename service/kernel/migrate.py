"""Migrations run from code, so that an installed wheel can bring its own database up to date."""

import time
from collections.abc import Callable
from importlib import resources

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from service.kernel.db import normal_url
from service.kernel.durability import UnfitDatabaseError

LOCK_KEY = 5_190_221_009
"""Two servers that start at once migrate one after the other."""
ASK_AGAIN_S = 0.1
UNFINISHED_RESTORE = "restore_unfinished"
"""A table of this name stands in a database from the first to the last moment of a restore."""


class UnfinishedRestoreError(UnfitDatabaseError):
    """The database holds a part of a backup; nobody may work on it."""


def alembic_config(url: str | None = None) -> Config:
    """Alembic pointed at the migrations that came with this code."""
    config = Config()
    config.set_main_option("script_location", str(resources.files("migrations")))
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    if url is not None:
        config.attributes["url"] = normal_url(url)
    return config


def upgrade(url: str, revision: str = "head") -> None:
    """Bring the database to `revision`, once, however many servers ask for it at the same time.

    Raises:
        UnfinishedRestoreError: a restore into it is going on, or was interrupted.
    """

    def work(config: Config) -> None:
        connection = config.attributes["connection"]
        is_half = is_half_restored(connection)
        connection.rollback()  # a migration that leaves its transaction must be the one that began it
        if is_half:
            raise UnfinishedRestoreError(
                "数据库中的恢复尚未完成：请等待其结束，或重新运行 qianbai restore。 / "
                "A restore into this database is not finished: let it end, or run `qianbai restore` again."
            )
        command.upgrade(config, revision)

    _under_lock(url, work)


def upgrade_restored(url: str) -> None:
    """Bring a database to the newest migration while it is being restored."""
    _under_lock(url, lambda config: command.upgrade(config, "head"))


def downgrade(url: str, revision: str) -> None:
    """Take the database back to `revision`."""
    _under_lock(url, lambda config: command.downgrade(config, revision))


def is_current(connection: sa.Connection) -> bool:
    """Whether the database stands at the newest migration this code knows."""
    head = ScriptDirectory.from_config(alembic_config()).get_current_head()
    is_at_head = MigrationContext.configure(connection).get_current_revision() == head
    return is_at_head and not is_half_restored(connection)


def is_half_restored(connection: sa.Connection) -> bool:
    """Whether a restore into this database has begun and not ended."""
    marker = sa.text(f"SELECT to_regclass('public.{UNFINISHED_RESTORE}') IS NOT NULL")
    return bool(connection.scalar(marker))


def knows(revision: str) -> bool:
    """Whether this code has a migration of that number."""
    return any(
        each.revision == revision for each in ScriptDirectory.from_config(alembic_config()).walk_revisions()
    )


def _under_lock(url: str, work: Callable[[Config], None]) -> None:
    engine = sa.create_engine(normal_url(url), poolclass=sa.NullPool, hide_parameters=True)
    with engine.connect() as connection:
        _take_lock(connection)
        try:
            config = alembic_config(url)
            config.attributes["connection"] = connection
            work(config)
            connection.commit()
        finally:
            connection.rollback()
            connection.execute(sa.text("SELECT pg_advisory_unlock(:key)"), {"key": LOCK_KEY})
            connection.commit()
    engine.dispose()


def _take_lock(connection: sa.Connection) -> None:
    """Ask until it is free: who waits inside a statement holds a snapshot, and an index that is made concurrently
    waits for every snapshot, so that the two would wait for each other.
    """
    while not connection.scalar(sa.text("SELECT pg_try_advisory_lock(:key)"), {"key": LOCK_KEY}):
        connection.commit()
        time.sleep(ASK_AGAIN_S)
    connection.commit()
