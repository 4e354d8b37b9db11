"""Files and folders that are on the disk when a function returns."""

import hashlib
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from service.backup.manifest import FileFacts

CHUNK_BYTES = 1024 * 1024


class Tally:
    """Writes to a file while it counts and hashes."""

    def __init__(self, descriptor: int) -> None:
        self._file = os.fdopen(descriptor, "wb")
        self._digest = hashlib.sha256()
        self._size = 0

    def write(self, chunk: bytes) -> None:
        """Takes the next bytes."""
        self._file.write(chunk)
        self._digest.update(chunk)
        self._size += len(chunk)

    def facts(self) -> FileFacts:
        """What was written so far."""
        return FileFacts(self._size, self._digest.hexdigest())

    def finish(self) -> None:
        """Brings everything to the disk."""
        self._file.flush()
        os.fsync(self._file.fileno())

    def close(self) -> None:
        """Lets go of the file."""
        self._file.close()


@contextmanager
def written(path: Path) -> Iterator[Tally]:
    """A new private file; durable when the block ends well, left half written when it does not."""
    tally = Tally(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        yield tally
        tally.finish()
    finally:
        tally.close()


def measured(path: Path) -> FileFacts:
    """Size and SHA-256 of what the file holds."""
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            digest.update(chunk)
            size += len(chunk)
    return FileFacts(size, digest.hexdigest())


def make_folder(folder: Path) -> None:
    """A folder that only its owner may enter, and whose parent names it durably."""
    if folder.is_dir():
        return
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    sync_folders([folder.parent])


def sync_folders(folders: Iterable[Path]) -> None:
    """Makes the names in these folders durable."""
    for folder in folders:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
