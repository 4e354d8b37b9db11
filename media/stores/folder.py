"""Objects as files of one folder: durable, private, any key legal, nothing to run.

    root/                 0700, ours alone
      objects/
        3f/a1/3fa1c0…     named by the SHA-256 of the key: `a` and `a/b` never collide, no key can leave the folder
      incoming/           bodies on their way in; renamed into place when whole, swept when old

A file is the body, then a footer that says what it is, so that body and facts are one rename and never disagree:

    body │ facts as JSON │ 4 bytes length of the facts │ 8 bytes "QBOBJ001"

The order of a write: incoming file, fsync of it, rename into place, fsync of the folder that now names it.
"""

import contextlib
import errno
import hashlib
import io
import json
import os
import secrets
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from media.errors import Damaged, MediaRefusal, NoSpace, NotFound, StoreUnavailable
from media.intake import Declared, Measured, Readable, take_in
from media.stores.protocol import PartsStore, Stat, UploadGrant

_MAGIC = b"QBOBJ001"
_TAIL_BYTES = 4 + len(_MAGIC)
_MOST_FACTS_BYTES = 16 * 1024
_STALE_SECONDS = 3600  # since the last byte arrived; a live upload is never that quiet
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


@dataclass(frozen=True, slots=True)
class _Footer:
    key: str
    size: int
    md5: str
    sha256: str
    content_type: str

    def written(self) -> bytes:
        facts = {
            "key": self.key,
            "size": self.size,
            "md5": self.md5,
            "sha256": self.sha256,
            "type": self.content_type,
        }
        text = json.dumps(facts, ensure_ascii=False).encode()
        return text + len(text).to_bytes(4, "big") + _MAGIC


class FolderStore:
    """Keeps objects in a folder of this machine; safe between threads and processes that share the folder."""

    def __init__(self, root: Path) -> None:
        """Makes the folder private, and clears away what broken uploads left behind."""
        self.parts: PartsStore | None = None
        self.proves_writes = True
        self._objects = root / "objects"
        self._incoming = root / "incoming"
        with _translated():
            for folder in (root, self._objects, self._incoming):
                _make_private(folder)
        self.sweep()

    def put(
        self, key: str, body: Readable | Iterable[bytes], *, size: int, sha256: str, content_type: str
    ) -> Stat:
        """See ObjectStore."""
        with _translated():
            scratch = self._incoming / secrets.token_hex(16)
            try:
                measured = _write_durably(scratch, key, body, Declared(size, sha256), content_type)
                self._move_into_place(scratch, self._path(key))
            finally:
                scratch.unlink(missing_ok=True)
        stat = self.stat(key)
        return stat or Stat(key, measured.size, measured.md5, content_type, datetime.now(UTC))

    def open(self, key: str, start: int = 0, end: int | None = None) -> BinaryIO:
        """See ObjectStore; the stream goes on working when the object is replaced or deleted meanwhile."""
        with _translated():
            file = self._opened(key)
            if file is None:
                raise NotFound("no object has this key", key=key)
            try:
                size = _read_footer(file).size
            except MediaRefusal:
                file.close()
                raise
            return io.BufferedReader(_Slice(file, start, size if end is None else min(size, end)))

    def stat(self, key: str) -> Stat | None:
        """See ObjectStore."""
        with _translated():
            file = self._opened(key)
            if file is None:
                return None
            with file:
                return _stat(file)

    def copy(self, source: str, target: str) -> None:
        """See ObjectStore; the copy is hashed while it is written."""
        with _translated():
            file = self._opened(source)
            if file is None:
                raise NotFound("no object has this key", key=source)
            with file:
                facts = _read_footer(file)
        with self.open(source) as stream:
            self.put(target, stream, size=facts.size, sha256=facts.sha256, content_type=facts.content_type)

    def delete(self, keys: Iterable[str]) -> None:
        """See ObjectStore."""
        with _translated():
            for path in map(self._path, keys):
                with contextlib.suppress(FileNotFoundError):
                    path.unlink()
                    _fsync_folder(path.parent)

    def list(self, prefix: str, after: str = "") -> Iterator[Stat]:
        """See ObjectStore; reads the footer of every file and sorts in memory."""
        with _translated():
            found = [stat for stat in self._all() if stat.key.startswith(prefix) and stat.key > after]
        return iter(sorted(found, key=lambda stat: stat.key))

    def upload_grant(
        self, key: str, *, size: int, md5: str, sha256: str, content_type: str, seconds: int
    ) -> UploadGrant | None:
        """None: a phone cannot reach a folder."""
        del key, size, md5, sha256, content_type, seconds
        return None

    def download_url(
        self, key: str, *, seconds: int, content_type: str, filename: str | None = None
    ) -> str | None:
        """None: a phone cannot reach a folder."""
        del key, seconds, content_type, filename
        return None

    def sweep(self, stale_seconds: float = _STALE_SECONDS) -> int:
        """Removes bodies whose sender has been silent this long, and answers how many."""
        with _translated():
            oldest = time.time() - stale_seconds
            swept = 0
            for path in self._incoming.iterdir():
                with contextlib.suppress(FileNotFoundError):
                    if path.stat().st_mtime <= oldest:
                        path.unlink()
                        swept += 1
        return swept

    def _path(self, key: str) -> Path:
        name = hashlib.sha256(key.encode()).hexdigest()
        return self._objects / name[:2] / name[2:4] / name

    def _opened(self, key: str) -> io.FileIO | None:
        try:
            return io.FileIO(self._path(key))
        except FileNotFoundError:
            return None

    def _move_into_place(self, scratch: Path, path: Path) -> None:
        for folder in (path.parent.parent, path.parent):
            if not folder.is_dir():
                _make_private(folder)
        scratch.replace(path)
        # From the file up: a folder that another process has just made may not be on the disk yet.
        for folder in (path.parent, path.parent.parent, self._objects):
            _fsync_folder(folder)

    def _all(self) -> Iterator[Stat]:
        for path in self._objects.glob("??/??/*"):
            with contextlib.suppress(FileNotFoundError), io.FileIO(path) as file:
                yield _stat(file)


class _Slice(io.RawIOBase):
    """Bytes `start` to `stop` of a file, which it closes with itself."""

    def __init__(self, file: io.FileIO, start: int, stop: int) -> None:
        self._file = file
        self._left = max(0, stop - start)
        file.seek(start)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "bytearray | memoryview") -> int:  # type: ignore[override]
        view = memoryview(buffer)[: self._left]
        with _translated():
            count = self._file.readinto(view) or 0
        self._left -= count
        return count

    def close(self) -> None:
        self._file.close()
        super().close()


def _write_durably(
    scratch: Path, key: str, body: Readable | Iterable[bytes], declared: Declared, content_type: str
) -> Measured:
    descriptor = os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as sink:
        measured = take_in(body, sink.write, declared)
        footer = _Footer(key, measured.size, measured.md5, measured.sha256, content_type)
        sink.write(footer.written())
        sink.flush()
        os.fsync(sink.fileno())
    return measured


def _stat(file: io.FileIO) -> Stat:
    footer = _read_footer(file)
    modified_at = datetime.fromtimestamp(os.fstat(file.fileno()).st_mtime, UTC)
    return Stat(footer.key, footer.size, footer.md5, footer.content_type, modified_at)


def _read_footer(file: io.FileIO) -> _Footer:
    """The footer, by position and without moving the file; Damaged if it is not as it was written."""
    length = os.fstat(file.fileno()).st_size
    tail = os.pread(file.fileno(), _TAIL_BYTES, max(0, length - _TAIL_BYTES))
    facts_length = int.from_bytes(tail[:4], "big")
    start = length - _TAIL_BYTES - facts_length
    if tail[4:] != _MAGIC or facts_length > _MOST_FACTS_BYTES or start < 0:
        raise Damaged("an object file is damaged", file=str(file.name))
    try:
        facts = json.loads(os.pread(file.fileno(), facts_length, start))
        footer = _Footer(facts["key"], facts["size"], facts["md5"], facts["sha256"], facts["type"])
    except (ValueError, KeyError, TypeError) as fault:
        raise Damaged("an object file is damaged", file=str(file.name)) from fault
    if footer.size != start:
        raise Damaged("an object file is damaged", file=str(file.name))
    return footer


def _make_private(folder: Path) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    # An umask may have narrowed it, and another program may have opened it.
    folder.chmod(0o700)


def _fsync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except OSError as fault:
        if fault.errno in _FULL:
            raise NoSpace("the disk is full", errno=fault.errno) from fault
        raise StoreUnavailable("the folder cannot be used", errno=fault.errno, fault=str(fault)) from fault
