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
    """What a store says about one object; `etag` is the MD5 in hex for everything written through this package.

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


class ObjectStore(Protocol):
    """Keeps objects by key; the folder and S3 pass the same suite, `tests/media/test_stores.py`."""

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
