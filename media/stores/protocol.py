"""The seam between the product and the place where bytes lie.

A key is any text up to 512 characters. Writes are durable when `put` returns. Every method raises StoreUnavailable
when the store fails, and a write also NoSpace; repeating any call is safe.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO, Protocol

from media.intake import Readable


@dataclass(frozen=True, slots=True)
class Stat:
    """What a store says about one object; `etag` is the MD5 in hex for everything that was put whole.

    A list may leave `content_type` empty: S3 does not tell it there.
    """

    key: str
    size: int
    etag: str
    content_type: str
    modified_at: datetime


@dataclass(frozen=True, slots=True)
class UploadGrant:
    """A permission to send exactly one body: this method, this address, exactly these headers, until then."""

    method: str
    url: str
    headers: Mapping[str, str]
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Part:
    """One part of an object that is being sent in parts, as the store has it."""

    number: int
    size: int
    etag: str


@dataclass(frozen=True, slots=True)
class OpenParts:
    """An object whose parts have begun to arrive and were neither put together nor given up."""

    key: str
    parts_id: str
    began_at: datetime


class PartsStore(Protocol):
    """Objects that come in numbered parts, each sent to the store by itself, in any order and again if need be.

    All parts but the last have at least `LEAST_PART_BYTES`. Whoever is given a `parts_id` that the store does not know
    (any more) meets NotFound.
    """

    def begin(self, key: str, *, content_type: str) -> str:
        """Makes ready to take parts for this key, and answers the `parts_id` they go by."""
        ...

    def grant(self, key: str, parts_id: str, *, number: int, size: int, seconds: int) -> UploadGrant:
        """A presigned PUT of one part, bound to its length; the first part has the number 1."""
        ...

    def arrived(self, key: str, parts_id: str) -> list[Part]:
        """The parts that lie there, in the order of their numbers. Raises NotFound."""
        ...

    def put_together(self, key: str, parts_id: str, parts: Iterable[Part]) -> None:
        """Makes the object of these parts, over whatever had the key.

        Servers differ on whether parts that were put together are still listed, and on what a repeat meets: look for
        the object first.
        """
        ...

    def give_up(self, key: str, parts_id: str) -> None:
        """Removes the parts; an unknown `parts_id` is no error."""
        ...

    def unfinished(self, prefix: str) -> Iterator[OpenParts]:
        """Everything begun under keys that begin so; for upkeep."""
        ...


LEAST_PART_BYTES = 5 * 1024 * 1024
"""S3 puts no smaller parts together, except the last."""


class ObjectStore(Protocol):
    """Keeps objects by key; the folder and S3 pass the same suite, `tests/media/test_stores.py`."""

    parts: PartsStore | None
    """None where phones cannot send parts to the store itself, as to a folder."""
    proves_writes: bool
    """Whether `put` itself has seen the bytes reach the disk; otherwise they are read back before anything is receipted."""

    def put(
        self, key: str, body: Readable | Iterable[bytes], *, size: int, sha256: str, content_type: str
    ) -> Stat:
        """Keeps a body whole or not at all, over whatever had the key; durable when this returns.

        Raises WrongLength or WrongHash for a body that is not the declared one.
        """
        ...

    def open(self, key: str, start: int = 0, end: int | None = None) -> BinaryIO:
        """A stream of bytes `start` up to, not including, `end`; empty beyond the end. Raises NotFound."""
        ...

    def stat(self, key: str) -> Stat | None:
        """What lies under this key, or None."""
        ...

    def copy(self, source: str, target: str) -> None:
        """Keeps the same bytes under a second key, over whatever had it. Raises NotFound."""
        ...

    def delete(self, keys: Iterable[str]) -> None:
        """Removes these objects; a key without an object is no error."""
        ...

    def list(self, prefix: str, after: str = "") -> Iterator[Stat]:
        """Every object whose key begins so and sorts behind `after`, in the order of keys; for upkeep, not requests."""
        ...

    def upload_grant(
        self, key: str, *, size: int, md5: str, sha256: str, content_type: str, seconds: int
    ) -> UploadGrant | None:
        """A presigned PUT bound to this length, type and MD5 (hex in, as all hashes here).

        None from a store that phones cannot reach, such as a folder: the web layer then grants an address of its own
        and passes what arrives to `put`.
        """
        ...

    def download_url(
        self, key: str, *, seconds: int, content_type: str, filename: str | None = None
    ) -> str | None:
        """A short-lived link that answers with this type, as a download when a file name is given; or None."""
        ...
