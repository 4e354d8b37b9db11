"""The photos' bytes on the phone: on the disk before anybody is told so, and there until the server has proved them."""

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from tests.support.phone.database import PhoneFull, Step, no_step

_PIECE = 1024 * 1024
_UNFINISHED = ".unfinished"


@dataclass(frozen=True, slots=True)
class Kept:
    """Bytes in their file, and what the server will be told of them."""

    size: int
    sha256: str
    md5: str


class PhotoFiles:
    """One folder with one file a photo, named by its id."""

    def __init__(self, folder: Path, on_step: Step = no_step) -> None:
        self._folder, self._on_step = folder, on_step
        folder.mkdir(parents=True, exist_ok=True)

    def path(self, photo_id: UUID | str) -> Path:
        """Where a photo lies."""
        return self._folder / str(photo_id)

    def write(self, photo_id: UUID, content: bytes | Path) -> Kept:
        """The bytes are in their file, and file and folder are on the disk, when it returns.

        Raises:
            PhoneFull: there is no room; no file is left.
        """
        unfinished = self.path(photo_id).with_suffix(_UNFINISHED)
        try:
            kept = self._written(unfinished, content)
            unfinished.rename(self.path(photo_id))
            self._sync_folder()
        except OSError as error:
            unfinished.unlink(missing_ok=True)
            raise PhoneFull(error.errno, f"the photo could not be kept: {error.strerror}") from error
        self._on_step("after: photo file")
        return kept

    def forget(self, photo_id: UUID | str) -> None:
        """Let the bytes go; their row is gone already, so nobody looks for them."""
        self.path(photo_id).unlink(missing_ok=True)

    def sweep(self, known: set[str]) -> None:
        """Remove what was being written when the phone died: nobody was ever told that it was kept."""
        for path in self._folder.iterdir():
            if path.name not in known:
                path.unlink()

    def _written(self, path: Path, content: bytes | Path) -> Kept:
        size, sha256, md5 = 0, hashlib.sha256(), hashlib.md5(usedforsecurity=False)
        with path.open("wb") as file:
            for piece in _pieces(content):
                file.write(piece)
                sha256.update(piece)
                md5.update(piece)
                size += len(piece)
            self._on_step("during: photo file")
            file.flush()
            os.fsync(file.fileno())
        return Kept(size, sha256.hexdigest(), md5.hexdigest())

    def _sync_folder(self) -> None:
        # Without this, a power cut may leave the bytes on the disk under no name.
        folder = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _pieces(content: bytes | Path) -> Iterator[bytes]:
    if isinstance(content, bytes):
        yield content
        return
    with content.open("rb") as file:
        while piece := file.read(_PIECE):
            yield piece
