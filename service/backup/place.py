"""A folder of backups: who works in it, which backups it holds, and which are old enough to go."""

import fcntl
import json
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from service.backup import durable, manifest
from service.backup.errors import BackupRefusal, DamagedBackup, NoSuchBackup
from service.backup.manifest import Manifest
from service.backup.shelf import Shelf

DUMP, PHOTOS, LOST, SECRET = "database.dump", "photos.jsonl", "lost.jsonl", "secret"
_NAME = re.compile(r"\d{8}T\d{6}Z(?:-\d+)?")
_PARTS = {"lock", "objects", "backups", "unfinished"}


@dataclass(frozen=True, slots=True)
class Listed:
    """A photo of a backup: where it lay in the store, and what its bytes are."""

    key: str
    sha256: str
    size: int
    type: str


@dataclass(frozen=True, slots=True)
class Backup:
    """One finished backup of a folder."""

    folder: Path
    shelf: Shelf

    @property
    def name(self) -> str:
        """When it was taken, as the folder is called."""
        return self.folder.name

    def manifest(self) -> Manifest:
        """What it says of itself.

        Raises:
            DamagedBackup: the manifest is missing or not as it was written, or stands in another backup's place.
            WrongVersion: a newer program wrote it.
        """
        try:
            found = manifest.read((self.folder / manifest.NAME).read_bytes())
        except FileNotFoundError as error:
            raise DamagedBackup("清单缺失", "the manifest is missing") from error
        if found.name != self.name:
            raise DamagedBackup(f"清单属于 {found.name}", f"the manifest is that of {found.name}")
        return found

    def photos(self) -> Iterator[Listed]:
        """The photos it holds, in the order of their keys."""
        with (self.folder / PHOTOS).open(encoding="utf-8") as lines:
            for line in lines:
                yield Listed(**json.loads(line))

    def lost_keys(self) -> list[tuple[str, str]]:
        """The photos whose bytes it does not hold, each with the reason."""
        with (self.folder / LOST).open(encoding="utf-8") as lines:
            return [(facts["key"], facts["because"]) for facts in map(json.loads, lines)]


@dataclass(frozen=True, slots=True)
class Place:
    """A folder of backups on some disk."""

    root: Path

    @property
    def shelf(self) -> Shelf:
        """The photos of all its backups."""
        return Shelf(self.root / "objects")

    @property
    def unfinished(self) -> Path:
        """Where a backup is made before it is one."""
        return self.root / "unfinished"

    def begin(self) -> Path:
        """Clears away what an interrupted backup left, and answers the empty folder for a new one."""
        shutil.rmtree(self.unfinished, ignore_errors=True)
        durable.make_folder(self.shelf.root)
        durable.make_folder(self.root / "backups")
        self.shelf.clear_incoming()
        durable.make_folder(self.unfinished)
        return self.unfinished

    def free_name(self, moment: datetime) -> str:
        """A name for a backup of that moment, later than that of every other."""
        stem = f"{moment:%Y%m%dT%H%M%SZ}"
        taken = {backup.name for backup in self.backups()}
        return next(name for name in [stem, *(f"{stem}-{n}" for n in range(2, 1000))] if name not in taken)

    def finish(self, name: str) -> Backup:
        """The folder in the making becomes a backup, whole and at once."""
        durable.sync_folders([self.unfinished])
        folder = self.root / "backups" / name
        self.unfinished.rename(folder)
        durable.sync_folders([folder.parent, self.root])
        return Backup(folder, self.shelf)

    def backups(self) -> list[Backup]:
        """All backups, oldest first, damaged ones too."""
        with suppress(FileNotFoundError):
            found = [path for path in (self.root / "backups").iterdir() if _NAME.fullmatch(path.name)]
            return [Backup(path, self.shelf) for path in sorted(found, key=_age)]
        return []

    def backup(self, name: str | None) -> Backup:
        """The backup of that name, or the newest.

        Raises:
            NoSuchBackup: there is none.
        """
        found = self.backups()
        wanted = [backup for backup in found if backup.name == name] if name else found[-1:]
        if not wanted:
            raise NoSuchBackup(
                f"{self.root} 中没有备份 {name or ''}".rstrip(),
                f"{self.root} holds no backup {name or ''}".rstrip(),
            )
        return wanted[0]

    def prune(self, keep: int) -> tuple[int, int, int]:
        """Only the newest stay; answers how many went, and the objects and bytes that nobody needs any more."""
        found = self.backups()
        going = found[:-keep]
        for backup in going:
            (backup.folder / manifest.NAME).unlink(missing_ok=True)
            durable.sync_folders([backup.folder])
            shutil.rmtree(backup.folder)
        needed = {bytes.fromhex(photo.sha256) for backup in found[-keep:] for photo in backup.photos()}
        return len(going), *self.shelf.sweep(needed)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Nobody else writes or reads here until the block ends.

        Raises:
            BackupRefusal: somebody does, or the folder is used for something else.
        """
        self._demand_ours()
        durable.make_folder(self.root)
        descriptor = os.open(self.root / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        with os.fdopen(descriptor):
            self._take(descriptor, fcntl.LOCK_EX)
            yield

    @contextmanager
    def read(self) -> Iterator[None]:
        """Nobody writes here until the block ends; a disk that is read-only needs no lock.

        Raises:
            BackupRefusal: a backup is being made.
        """
        try:
            descriptor = os.open(self.root / "lock", os.O_RDONLY)
        except OSError:
            yield
            return
        with os.fdopen(descriptor):
            self._take(descriptor, fcntl.LOCK_SH)
            yield

    def _take(self, descriptor: int, kind: int) -> None:
        try:
            fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise BackupRefusal(
                f"{self.root} 正被另一个备份或恢复使用", f"{self.root} is in use by another backup or restore"
            ) from error

    def _demand_ours(self) -> None:
        with suppress(FileNotFoundError):
            others = {path.name for path in self.root.iterdir()} - _PARTS
            if others and not (self.root / "backups").is_dir():
                raise BackupRefusal(
                    f"{self.root} 中有其他文件，请另选一个空文件夹",
                    f"{self.root} holds other files: choose an empty folder",
                )


def _age(folder: Path) -> tuple[str, int]:
    stem, _, number = folder.name.partition("-")
    return stem, int(number or 1)
