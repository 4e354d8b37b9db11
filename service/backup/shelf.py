"""The bytes of photos in a backup folder: each content once, named by its SHA-256, shared by all backups."""

import os
import re
import secrets
from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from media.intake import Declared, Readable, take_in
from service.backup import durable

_ADDRESS = re.compile(r"([0-9a-f]{2})/([0-9a-f]{2})/(\1\2[0-9a-f]{60})")
_INCOMING = "incoming"


@dataclass(frozen=True, slots=True)
class Shelf:
    """The folder `objects` of a backup folder."""

    root: Path

    def path(self, sha256: str) -> Path:
        """Where the bytes with this hash lie."""
        return self.root / sha256[:2] / sha256[2:4] / sha256

    def has(self, sha256: str, size: int) -> bool:
        """Whether a file of that name and size is there; its bytes are checked when the backup is."""
        try:
            return self.path(sha256).stat().st_size == size
        except FileNotFoundError:
            return False

    def keep(self, body: Readable, *, sha256: str, size: int) -> None:
        """Takes the bytes in, verified while they stream; `settle` makes their names durable.

        Raises:
            BytesRefused: they are not what was declared; nothing is kept.
        """
        incoming = self.root / _INCOMING
        durable.make_folder(incoming)
        scratch = incoming / secrets.token_hex(16)
        try:
            with durable.written(scratch) as file:
                take_in(body, file.write, Declared(size, sha256))
            place = self.path(sha256)
            durable.make_folder(place.parent)
            scratch.replace(place)
        finally:
            scratch.unlink(missing_ok=True)

    def settle(self, hashes: Iterable[str]) -> None:
        """Makes the names of these objects durable, each folder once."""
        folders = {self.path(sha256).parent for sha256 in hashes}
        above = {folder.parent for folder in folders}
        durable.sync_folders([*folders, *above, *([self.root] if folders else [])])

    def clear_incoming(self) -> None:
        """Removes what an interrupted backup left half written."""
        with suppress(FileNotFoundError):
            for path in (self.root / _INCOMING).iterdir():
                path.unlink()

    def strangers(self) -> Iterator[Path]:
        """Files that lie where no object can lie."""
        for path in self._files():
            if not _ADDRESS.fullmatch(path.relative_to(self.root).as_posix()):
                yield path

    def sweep(self, needed: Collection[bytes]) -> tuple[int, int]:
        """Removes objects that no backup needs; how many they were, and their bytes."""
        count = freed = 0
        for path in self._files():
            if _ADDRESS.fullmatch(path.relative_to(self.root).as_posix()):
                if bytes.fromhex(path.name) in needed:
                    continue
                freed += path.stat().st_size
                count += 1
                path.unlink()
        return count, freed

    def _files(self) -> Iterator[Path]:
        for folder, _, names in os.walk(self.root):
            if Path(folder) != self.root / _INCOMING:
                yield from (Path(folder) / name for name in names)
