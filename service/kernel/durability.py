"""A database that may forget what it acknowledged is refused before the first request.

A phone deletes its copy after our receipt, so these settings are part of the promise, not of the tuning.
"""

from collections.abc import Callable

from sqlalchemy import Connection, text

OLDEST_VERSION = 140000
_FORGETFUL = {"fsync": {"off"}, "full_page_writes": {"off"}, "synchronous_commit": {"off"}}


class UnfitDatabaseError(RuntimeError):
    """The database cannot keep the promise of a receipt; the message says what to change."""


def check_durability(connection: Connection) -> None:
    """Raises UnfitDatabaseError unless every commit on this connection survives a power cut."""
    check_settings(lambda name: str(connection.execute(text(f"SHOW {name}")).scalar_one()))


def check_settings(show: Callable[[str], str]) -> None:
    """Checks version and durability through a function that answers ``SHOW name``."""
    if int(show("server_version_num")) < OLDEST_VERSION:
        raise UnfitDatabaseError(
            f"数据库版本 {show('server_version')} 过旧，需要 PostgreSQL 14 或更新版本。 / "
            f"PostgreSQL {show('server_version')} is too old; 14 or later is needed."
        )
    wrong = [f"{name} = {show(name)}" for name, values in _FORGETFUL.items() if show(name) in values]
    if wrong:
        raise UnfitDatabaseError(
            f"数据库设置可能在断电时丢失已确认的记录，拒绝启动：{', '.join(wrong)}，请改为 on。 / "
            f"These settings may lose acknowledged records in a power cut, so this does not start: "
            f"{', '.join(wrong)}; set them to on."
        )
