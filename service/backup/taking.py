"""Takes a backup while everybody goes on writing; whatever was acknowledged before it began is in it.

Memory stays at one page of photos. Interrupted at any point it leaves no backup, only photos the next one need not copy.
"""

import json
import os
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from itertools import islice
from pathlib import Path

from media.stores.protocol import ObjectStore
from service.audit.commands import seal
from service.backup import durable, manifest, snapshot
from service.backup.copying import Brought, Copier
from service.backup.errors import BackupRefusal, NoRoom, WrongVersion
from service.backup.manifest import FileFacts, Manifest, Origin, Photos
from service.backup.place import DUMP, LOST, PHOTOS, SECRET, Backup, Listed, Place
from service.backup.programs import Programs
from service.backup.snapshot import Snapshot, Stored
from service.kernel import migrate
from service.kernel.clock import now
from service.kernel.db import make_engine, make_sessions
from service.settings import Settings

SPARE_BYTES = 300 * 1024 * 1024
"""Stays free: it may be the disk the database writes to, and with less than its reserve no records are taken."""
DUMP_SHARE = 0.5
"""A compressed dump without indexes is a fifth of its database as a rule, and less than half of it."""
MOST_TOLD = 100
_AT_ONCE = 256
_EXPECTED = "expected.jsonl"

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Taken:
    """A finished backup, and what making it came to."""

    backup: Backup
    manifest: Manifest
    work: "Work"

    @property
    def is_whole(self) -> bool:
        """Whether the store still had everything the database relies on."""
        return not self.work.alarms


@dataclass(slots=True)
class Work:
    """What copying came to so far."""

    objects: int = 0
    bytes: int = 0
    copied: int = 0
    copied_bytes: int = 0
    lost: Counter[str] = field(default_factory=Counter)
    """Photos whose bytes the backup does not hold, by reason."""
    alarms: int = 0
    """Photos whose bytes the store has lost, whether or not the backup still holds them."""
    told: list[Brought] = field(default_factory=list)
    """The first hundred of the alarms."""

    def note(self, brought: Brought) -> None:
        """Counts one photo."""
        if brought.held:
            self.objects += 1
            self.bytes += brought.stored.size
        elif brought.because:
            self.lost[brought.because.value] += 1
        self.copied += brought.copied_bytes > 0
        self.copied_bytes += brought.copied_bytes
        if brought.because and brought.because.is_alarming:
            self.alarms += 1
            if len(self.told) < MOST_TOLD:
                self.told.append(brought)


@dataclass(frozen=True, slots=True)
class Source:
    """The installation to take a backup of."""

    settings: Settings
    store: ObjectStore
    programs: Programs
    secret: bytes | None
    """None where the operator keeps it (QIANBAI_SECRET)."""


def take_backup(source: Source, place: Place, *, say: Say) -> Taken:
    """Dumps the database, copies its photos, and writes down what a restore may rely on.

    Raises:
        BackupRefusal: it is not done, and why.
    """
    began_at = now()
    with place.held():
        folder = place.begin()
        _seal(source.settings.database_url)
        with snapshot.taken(source.settings.database_url) as seen:
            origin, tables = _origin(source, seen), seen.tables()
            awaited = _write_expected(seen, folder / _EXPECTED, place)
            _demand_room(place.root, origin, awaited)
            dump = _dump(source, seen, folder / DUMP)
            snapshot_at = seen.taken_at
        say(f"数据库已导出 database dumped: {_mb(dump.size)} MB，{sum(tables.values())} 行 rows")
        with Copier(source.store, place.shelf, source.settings.database_url) as copier:
            work, listed = _copy(copier, folder)
        found = {DUMP: dump, **listed, **_keep_secret(source.secret, folder)}
        (folder / _EXPECTED).unlink()
        name = place.free_name(began_at)
        made = Manifest(
            name,
            began_at,
            snapshot_at,
            now(),
            origin,
            tables,
            Photos(work.objects, work.bytes, dict(work.lost)),
            found,
        )
        with durable.written(folder / manifest.NAME) as file:
            file.write(manifest.written(made))
        backup = place.finish(name)
    return Taken(backup, made, work)


def demand_known(revision: str) -> None:
    """Make sure this program is not older than the tables it is to read.

    Raises:
        WrongVersion: it is.
    """
    if not migrate.knows(revision):
        raise WrongVersion(
            f"数据表版本 {revision} 比本程序新，请使用较新的千百",
            f"the tables are at migration {revision}, which this program does not know: use a newer qianbai",
        )


def _origin(source: Source, seen: Snapshot) -> Origin:
    server_version = int(str(seen.scalar("SHOW server_version_num")))
    source.programs.demand_fit(server_version)
    if seen.scalar("SELECT to_regclass('public.alembic_version')") is None:
        raise BackupRefusal(
            "数据库中没有千百的数据表，无可备份", "the database holds no tables of ours: nothing to back up"
        )
    revision = str(seen.scalar("SELECT version_num FROM alembic_version"))
    demand_known(revision)
    anchor = seen.scalar("SELECT no || ':' || hash FROM audit_seals ORDER BY no DESC LIMIT 1")
    may_ask = seen.scalar("SELECT has_function_privilege('pg_control_system()', 'execute')")
    cluster = seen.scalar("SELECT system_identifier::text FROM pg_control_system()") if may_ask else None
    return Origin(
        product_version=source.settings.version,
        migration=revision,
        server_version=server_version,
        system_identifier=None if cluster is None else str(cluster),
        database_bytes=int(str(seen.scalar("SELECT pg_database_size(current_database())"))),
        store="s3" if source.settings.store.startswith("s3://") else "folder",
        anchor=None if anchor is None else str(anchor),
        last_record_number=int(str(seen.scalar("SELECT last_value FROM record_numbers"))),
        secret_print=snapshot.secret_print(source.settings.secret),
    )


def _seal(url: str) -> None:
    """The anchor covers whatever was committed before the backup began."""
    engine = make_engine(url, pool_size=1)
    try:
        with engine.connect() as connection:
            is_current = migrate.is_current(connection)
        more = is_current
        while more:
            with make_sessions(engine).begin() as session:
                more = seal(session) is not None
    finally:
        engine.dispose()


def _write_expected(seen: Snapshot, path: Path, place: Place) -> int:
    """Notes every object the snapshot relies on; answers how many bytes are still to be copied."""
    awaited = 0
    with path.open("w", encoding="utf-8") as lines:
        for stored in seen.objects():
            lines.write(_line(asdict(stored)))
            if not place.shelf.has(stored.sha256, stored.size):
                awaited += stored.size
    return awaited


def _demand_room(folder: Path, origin: Origin, awaited: int) -> None:
    free = shutil.disk_usage(folder).free
    needed = int(origin.database_bytes * DUMP_SHARE) + awaited + SPARE_BYTES
    if needed > free:
        raise NoRoom(
            f"{folder} 所在磁盘空间不足：约需 {_mb(needed)} MB，剩余 {_mb(free)} MB",
            f"the disk of {folder} has too little room: about {_mb(needed)} MB are needed, {_mb(free)} MB are free",
        )


def _dump(source: Source, seen: Snapshot, path: Path) -> FileFacts:
    with durable.written(path) as file:
        source.programs.dump(source.settings.database_url, snapshot=seen.id, sink=file.write)
        return file.facts()


def _copy(copier: Copier, folder: Path) -> tuple[Work, dict[str, FileFacts]]:
    """Brings every object onto the shelf, a page at a time, and lists those that came and those that did not."""
    work = Work()
    with durable.written(folder / PHOTOS) as photos, durable.written(folder / LOST) as losses:
        for page in _pages(folder / _EXPECTED):
            for brought in copier.bring(page):
                work.note(brought)
                stored = brought.stored
                if brought.held:
                    listed = Listed(stored.key, stored.sha256, stored.size, stored.type)
                    photos.write(_line(asdict(listed)).encode())
                elif brought.because:
                    losses.write(_line({**asdict(stored), "because": brought.because.value}).encode())
        return work, {PHOTOS: photos.facts(), LOST: losses.facts()}


def _pages(path: Path) -> Iterator[list[Stored]]:
    with path.open(encoding="utf-8") as lines:
        while page := [Stored(**json.loads(line)) for line in islice(lines, _AT_ONCE)]:
            yield page


def _keep_secret(secret: bytes | None, folder: Path) -> dict[str, FileFacts]:
    if secret is None:
        return {}
    with durable.written(folder / SECRET) as file:
        file.write(secret)
        return {SECRET: file.facts()}


def _line(facts: dict[str, object]) -> str:
    return json.dumps(facts, ensure_ascii=False, separators=(",", ":")) + "\n"


def _mb(size: int) -> int:
    return -(-size // 1_000_000)


def own_secret(settings: Settings) -> bytes | None:
    """The secret that lies in the data folder; None where the operator gives it by QIANBAI_SECRET."""
    return None if os.environ.get("QIANBAI_SECRET") else settings.secret
