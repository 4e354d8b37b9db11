"""Opens an installation for a command, whether or not its server is running beside it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from service.kernel.data_folder import DataFolderBusyError, locked, prepare
from service.kernel.embedded import EmbeddedPostgres
from service.settings import Settings


@contextmanager
def opened(data: Path | None = None) -> Iterator[Settings]:
    """The settings of an installation whose database answers and is up to date.

    A database given by DATABASE_URL is used as it is; a running server's own is shared with it; else the
    embedded one is started for as long as the block lasts.
    """
    from service.kernel import migrate

    folder = prepare(data or Path(os.environ.get("QIANBAI_DATA", "var")))
    with _database(folder) as url:
        migrate.upgrade(url)
        yield Settings.from_environment(os.environ | {"DATABASE_URL": url}, data=folder)


@contextmanager
def reached(data: Path | None = None) -> Iterator[Settings]:
    """The settings of an installation as it stands: nothing is made and nothing is migrated.

    Raises:
        SystemExit: there is no installation.
    """
    folder = (data or Path(os.environ.get("QIANBAI_DATA", "var"))).resolve()
    if not os.environ.get("DATABASE_URL") and not (folder / "pg" / "PG_VERSION").exists():
        raise SystemExit(
            f"{folder} 中没有千百的数据，可用 --data 指明。 / {folder} holds no installation; name one with --data."
        )
    with _database(folder) as url:
        yield Settings.from_environment(os.environ | {"DATABASE_URL": url}, data=folder)


@contextmanager
def _database(folder: Path) -> Iterator[str]:
    given = os.environ.get("DATABASE_URL", "")
    if given:
        yield given
        return
    database = EmbeddedPostgres(folder / "pg")
    try:
        with locked(folder):
            try:
                yield database.start()
            finally:
                database.stop()
    except DataFolderBusyError:
        yield database.url
