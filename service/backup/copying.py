"""Brings photos from the store onto the shelf of a backup folder, several at a time, each checked while it is copied."""

import os
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from enum import StrEnum
from types import TracebackType
from typing import Self

import sqlalchemy as sa

from media.errors import BytesRefused, NotFound, StoreUnavailable
from media.stores.protocol import ObjectStore
from service.backup.errors import BackupRefusal
from service.backup.shelf import Shelf
from service.backup.snapshot import Stored
from service.kernel.db import normal_url

AT_ONCE = 2 * min(4, os.cpu_count() or 1)
"""Enough to keep a network busy, few enough to leave the store to the phones."""
PATIENCE_S = (0.5, 2.0, 5.0)
_NO_PHOTO = "photos/00000000-0000-0000-0000-000000000000/original"


class Because(StrEnum):
    """Why the bytes of a photo are not in a backup."""

    SWEPT = "swept"
    """Removed since the snapshot, because no record had wanted it for 30 days."""
    KNOWN_CHANGED = "known_changed"
    """The photo was rejected long ago for just this."""
    MISSING = "missing"
    DIFFERS = "differs"
    UNREADABLE = "unreadable"

    @property
    def is_alarming(self) -> bool:
        """Whether the store has lost what the database relies on."""
        return self in {Because.MISSING, Because.DIFFERS, Because.UNREADABLE}


@dataclass(frozen=True, slots=True)
class Brought:
    """What became of one photo."""

    stored: Stored
    because: Because | None = None
    """Why the store does not have its bytes; None where it does."""
    held: bool = True
    """Whether the backup folder has them, perhaps from an earlier backup."""
    copied_bytes: int = 0


class Copier:
    """Copies pages of photos; its threads end with the block."""

    def __init__(self, store: ObjectStore, shelf: Shelf, url: str) -> None:
        self._store, self._shelf = store, shelf
        self._engine = sa.create_engine(normal_url(url), poolclass=sa.NullPool, hide_parameters=True)
        self._threads = ThreadPoolExecutor(AT_ONCE)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._threads.shutdown(cancel_futures=True)
        self._engine.dispose()

    def bring(self, page: Sequence[Stored]) -> list[Brought]:
        """The photos of the page in their order; what the folder holds of them is durable.

        Raises:
            BackupRefusal: the store does not answer.
        """
        brought = list(self._threads.map(self._bring, page))
        self._shelf.settle(each.stored.sha256 for each in brought if each.copied_bytes)
        swept = self._swept([each.stored.key for each in brought if each.because is Because.MISSING])
        return [
            replace(each, because=Because.SWEPT) if each.stored.key in swept else each for each in brought
        ]

    def _bring(self, stored: Stored) -> Brought:
        for pause in (*PATIENCE_S, None):
            try:
                return self._one(stored)
            except StoreUnavailable as error:
                if self._answers():
                    return Brought(
                        stored, Because.UNREADABLE, held=self._shelf.has(stored.sha256, stored.size)
                    )
                if pause is None:
                    raise BackupRefusal(
                        "照片库没有响应，备份未完成", "the photo store does not answer: no backup"
                    ) from error
                time.sleep(pause)
        raise AssertionError

    def _one(self, stored: Stored) -> Brought:
        """Leaves the folder as it is where the bytes are there; the store must have them all the same."""
        if self._shelf.has(stored.sha256, stored.size):
            found = self._store.stat(stored.key)
            if found is None:
                return Brought(stored, Because.MISSING)
            return Brought(stored, None if found.size == stored.size else Because.DIFFERS)
        try:
            with self._store.open(stored.key) as body:
                self._shelf.keep(body, sha256=stored.sha256, size=stored.size)
        except NotFound:
            return Brought(stored, Because.MISSING, held=False)
        except BytesRefused:
            because = Because.KNOWN_CHANGED if stored.known_changed else Because.DIFFERS
            return Brought(stored, because, held=False)
        return Brought(stored, copied_bytes=stored.size)

    def _answers(self) -> bool:
        """Whether it is this object that cannot be read, and not the store that is down."""
        try:
            self._store.stat(_NO_PHOTO)
        except StoreUnavailable:
            return False
        return True

    def _swept(self, keys: Sequence[str]) -> set[str]:
        """Those of the missing that no photo names any more."""
        if not keys:
            return set()
        with self._engine.connect() as connection:
            named = connection.execute(_STILL_NAMED, {"keys": list(keys)}).scalars()
            return set(keys) - set(named)


_STILL_NAMED = sa.text(
    "SELECT object_key FROM photos WHERE object_key = ANY(:keys) AND received_at IS NOT NULL"
)
