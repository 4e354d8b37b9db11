"""Migrations run from code, so that an installed wheel can bring its own database up to date."""

from collections.abc import Callable
from importlib import resources

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from service.kernel.db import normal_url

LOCK_KEY = 5_190_221_009
"""Two servers that start at once migrate one after the other."""


def alembic_config(url: str | None = None) -> Config:
    """Alembic pointed at the migrations that came with this code."""
    config = Config()
    config.set_main_option("script_location", str(resources.files("migrations")))
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    if url is not None:
        config.attributes["url"] = normal_url(url)
    return config


def upgrade(url: str, revision: str = "head") -> None:
    """Bring the database to `revision`, once, however many servers ask for it at the same time."""
    _under_lock(url, lambda config: command.upgrade(config, revision))


def downgrade(url: str, revision: str) -> None:
    """Take the database back to `revision`."""
    _under_lock(url, lambda config: command.downgrade(config, revision))


def is_current(connection: sa.Connection) -> bool:
    """Whether the database stands at the newest migration this code knows."""
    head = ScriptDirectory.from_config(alembic_config()).get_current_head()
    return MigrationContext.configure(connection).get_current_revision() == head


def _under_lock(url: str, work: Callable[[Config], None]) -> None:
    engine = sa.create_engine(normal_url(url), poolclass=sa.NullPool, hide_parameters=True)
    with engine.connect() as connection:
        connection.execute(sa.text("SELECT pg_advisory_lock(:key)"), {"key": LOCK_KEY})
        connection.commit()
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
