"""Puts a checked backup back onto an empty place; until its last transaction commits, nobody can work there.

::

    marker ─▶ photos into the store ─▶ tables ─▶ rows counted ─▶ migrations ─▶ one last transaction ─▶ audit chain

The marker is a table: servers refuse a database that has it, and a restore that was interrupted is known by it.
"""

import shutil
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from os import cpu_count
from pathlib import Path

import sqlalchemy as sa

from media.errors import BytesRefused, StoreUnavailable
from media.intake import measure
from media.stores.protocol import ObjectStore
from service.audit.chain import Anchor, read_anchor
from service.audit.verification import Verification, verify
from service.backup import finishing, snapshot
from service.backup.copying import AT_ONCE, PATIENCE_S
from service.backup.errors import BackupRefusal, DamagedBackup, NoRoom, NotEmpty, ProgramFailed, WrongVersion
from service.backup.manifest import Manifest
from service.backup.place import DUMP, Backup, Listed
from service.backup.programs import Programs
from service.backup.taking import SPARE_BYTES, demand_known
from service.kernel import migrate
from service.kernel.db import make_sessions, normal_url
from service.settings import Settings

JOBS = min(4, cpu_count() or 1)
GROWTH = 1.3
"""A database while it is being filled, with its log, against its size when it was backed up."""
_PATIENT = "-c timezone=UTC -c statement_timeout=0 -c idle_in_transaction_session_timeout=0"
_PAGE = 256

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Target:
    """The empty place."""

    settings: Settings
    store: ObjectStore
    programs: Programs


@dataclass(frozen=True, slots=True)
class Restored:
    """What a finished restore came to."""

    rows: int
    photos_put: int
    photos_there: int
    """Objects that were in the store already, byte for byte."""
    finish: finishing.Finish
    chain: Verification


def demand_fit(manifest: Manifest) -> None:
    """Make sure this program is not older than the backup.

    Raises:
        WrongVersion: it is.
    """
    demand_known(manifest.origin.migration)


def demand_room(manifest: Manifest, *, database: Path | None, photos: Path | None) -> None:
    """Make sure that what comes fits on the disks it comes to; None for what is not on ours.

    Raises:
        NoRoom: it does not.
    """
    needed: Counter[int] = Counter()
    free: dict[int, tuple[Path, int]] = {}
    for path, size in (
        (database, int(manifest.origin.database_bytes * GROWTH)),
        (photos, manifest.photos.bytes),
    ):
        if path is not None:
            there = next(folder for folder in (path, *path.parents) if folder.exists())
            disk = there.stat().st_dev
            needed[disk] += size
            free[disk] = there, shutil.disk_usage(there).free
    for disk, (folder, left) in free.items():
        if needed[disk] + SPARE_BYTES > left:
            wanted = (needed[disk] + SPARE_BYTES) // 1_000_000
            raise NoRoom(
                f"{folder} 所在磁盘空间不足：约需 {wanted} MB，剩余 {left // 1_000_000} MB",
                f"the disk of {folder} has too little room: about {wanted} MB are needed, {left // 1_000_000} are free",
            )


def is_half_restored(url: str) -> bool:
    """Whether an earlier restore into this database was interrupted."""
    with _connected(url) as connection:
        return migrate.is_half_restored(connection)


def demand_empty(url: str) -> int:
    """Make sure the database holds nothing; answers the version of its server.

    Raises:
        NotEmpty: there are tables in it.
    """
    with _connected(url) as connection:
        if migrate.is_half_restored(connection):
            raise NotEmpty(
                "数据库中有一次未完成的恢复：请删除该数据库、新建一个空数据库后再运行",
                "the database holds an unfinished restore: drop it, make an empty one, and run this again",
            )
        tables = connection.scalar(sa.text("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"))
        if tables:
            raise NotEmpty(
                f"数据库中已有 {tables} 张表，只能恢复到空数据库",
                f"the database holds {tables} tables already; a restore needs an empty one",
            )
        return int(str(connection.scalar(sa.text("SHOW server_version_num"))))


def restore_backup(
    backup: Backup, manifest: Manifest, target: Target, *, say: Say, noted: Anchor | None = None
) -> Restored:
    """Puts everything back; `noted` is a seal that was noted elsewhere, before this backup was taken.

    The backup was checked, and the database is empty. Raises BackupRefusal when it cannot be finished.
    """
    url = target.settings.database_url
    _demand_server(demand_empty(url), manifest, target.programs)
    _mark(url, backup.name)
    put, there = _put_photos(backup, target.store)
    say(f"照片已放回 photos put back: {put}，原已在库 already there: {there}")
    target.programs.restore(url, backup.folder / DUMP, jobs=JOBS)
    _demand_same_rows(url, manifest)
    say(f"数据表已恢复 tables restored: {sum(manifest.tables.values())} 行 rows")
    migrate.upgrade_restored(url)
    with _connected(url) as connection:
        sessions = make_sessions(connection)
        with sessions.begin() as session:
            finish = finishing.finish(session, backup, manifest)
        connection.commit()
        connection.execution_options(isolation_level="AUTOCOMMIT").execute(sa.text("ANALYZE"))
    with _connected(url) as connection, make_sessions(connection)() as session:
        chain = _verified(session, manifest, noted)
    return Restored(sum(manifest.tables.values()), put, there, finish, chain)


def _verified(session: sa.orm.Session, manifest: Manifest, noted: Anchor | None) -> Verification:
    own = read_anchor(manifest.origin.anchor) if manifest.origin.anchor else None
    found = verify(session, anchor=own)
    if noted is not None and noted != own:
        found.findings += verify(session, anchor=noted).findings
    return found


def _demand_server(version: int, manifest: Manifest, programs: Programs) -> None:
    programs.demand_fit(version)
    ours, theirs = version // 10_000, manifest.origin.server_version // 10_000
    if ours < theirs:
        raise WrongVersion(
            f"备份取自 PostgreSQL {theirs}，此处为 {ours}：需要 PostgreSQL {theirs} 或更新版本",
            f"the backup was taken of PostgreSQL {theirs}, this is {ours}: PostgreSQL {theirs} or later is needed",
        )


def _mark(url: str, name: str) -> None:
    with _connected(url) as connection:
        connection.execute(
            sa.text(
                f"CREATE TABLE public.{migrate.UNFINISHED_RESTORE} AS SELECT CAST(:name AS text) AS backup"
            ),
            {"name": name},
        )
        connection.commit()


def _put_photos(backup: Backup, store: ObjectStore) -> tuple[int, int]:
    """Every photo is in the store, verified; how many had to be put, and how many were there."""
    put = there = 0
    photos = backup.photos()
    with ThreadPoolExecutor(AT_ONCE) as threads:
        while page := list(islice(photos, _PAGE)):
            outcomes = list(threads.map(lambda photo: _put(backup, store, photo), page))
            put += sum(outcomes)
            there += len(outcomes) - sum(outcomes)
    return put, there


def _put(backup: Backup, store: ObjectStore, photo: Listed) -> bool:
    for pause in (*PATIENCE_S, None):
        try:
            if _is_there(store, photo):
                return False
            _keep(backup, store, photo)
        except BytesRefused as error:
            raise DamagedBackup(f"照片 {photo.key} 已损坏", f"photo {photo.key} is damaged") from error
        except StoreUnavailable as error:
            if pause is None:
                raise BackupRefusal(
                    "照片库没有响应，恢复未完成", "the photo store does not answer: not restored"
                ) from error
            time.sleep(pause)
        else:
            return True
    raise AssertionError


def _keep(backup: Backup, store: ObjectStore, photo: Listed) -> None:
    with backup.shelf.path(photo.sha256).open("rb") as body:
        store.put(photo.key, body, size=photo.size, sha256=photo.sha256, content_type=photo.type)
    if not store.proves_writes and not _is_there(store, photo):
        raise StoreUnavailable("the store does not have what it said it kept", key=photo.key)


def _is_there(store: ObjectStore, photo: Listed) -> bool:
    found = store.stat(photo.key)
    if found is None or found.size != photo.size:
        return False
    with store.open(photo.key) as body:
        return measure(body).sha256 == photo.sha256


def _demand_same_rows(url: str, manifest: Manifest) -> None:
    with _connected(url) as connection:
        found = snapshot.count_rows(connection)
    found.pop(migrate.UNFINISHED_RESTORE)
    names = found.keys() | manifest.tables.keys()
    wrong = sorted(name for name in names if found.get(name) != manifest.tables.get(name))
    if wrong:
        raise ProgramFailed(
            f"恢复后的行数与备份不符：{', '.join(wrong)}", f"other rows than backed up: {', '.join(wrong)}"
        )


@contextmanager
def _connected(url: str) -> Iterator[sa.Connection]:
    engine = sa.create_engine(
        normal_url(url), poolclass=sa.NullPool, hide_parameters=True, connect_args={"options": _PATIENT}
    )
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()
