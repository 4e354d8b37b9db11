"""A body of declared size streams into a sink while it is counted and hashed; memory stays at one chunk."""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from media.errors import WrongHash, WrongLength

CHUNK_BYTES = 256 * 1024


@runtime_checkable
class Readable(Protocol):
    """Anything with `read(n)`: a file, a request's body, a store's stream."""

    def read(self, size: int, /) -> bytes:
        """At most `size` bytes; empty at the end."""
        ...


@dataclass(frozen=True, slots=True)
class Declared:
    """What the sender says the body is; hashes are lower-case hex and checked when given."""

    size: int
    sha256: str | None = None
    md5: str | None = None


@dataclass(frozen=True, slots=True)
class Measured:
    """What the body is."""

    size: int
    sha256: str
    md5: str


class Meter:
    """Counts and hashes the chunks it is fed."""

    def __init__(self) -> None:
        self.size = 0
        self._sha256 = hashlib.sha256()
        # S3 binds an upload to its MD5; SHA-256 is what we trust.
        self._md5 = hashlib.md5(usedforsecurity=False)

    def feed(self, chunk: bytes) -> None:
        """Takes the next bytes of the body."""
        self.size += len(chunk)
        self._sha256.update(chunk)
        self._md5.update(chunk)

    def measured(self) -> Measured:
        """What was fed so far."""
        return Measured(size=self.size, sha256=self._sha256.hexdigest(), md5=self._md5.hexdigest())


def take_in(
    source: Readable | Iterable[bytes], sink: Callable[[bytes], object], declared: Declared
) -> Measured:
    """Passes the body to the sink and answers what it is.

    Reads at most one byte past the declared size and never hands the sink more than was declared.
    Raises WrongLength as soon as the body is too long or has ended too early, WrongHash at its end.
    """
    meter = Meter()
    for chunk in _chunks(source, declared.size):
        if meter.size + len(chunk) > declared.size:
            raise WrongLength("the body is longer than declared", declared=declared.size)
        meter.feed(chunk)
        sink(chunk)
    return _matching(meter.measured(), declared)


def measure(source: Readable) -> Measured:
    """Size and hashes of a whole stream, as when an upload is verified in the store."""
    meter = Meter()
    while chunk := source.read(CHUNK_BYTES):
        meter.feed(chunk)
    return meter.measured()


def _chunks(source: Readable | Iterable[bytes], size: int) -> Iterator[bytes]:
    """The body's chunks; of a readable source never more than one byte past `size`."""
    if not isinstance(source, Readable):
        yield from source
        return
    left = size + 1
    while left > 0 and (chunk := _read(source, min(CHUNK_BYTES, left))):
        left -= len(chunk)
        yield chunk


def _read(source: Readable, most: int) -> bytes:
    try:
        return source.read(most)
    except OSError as fault:
        # A connection that breaks is the sender's end of the body, not a fault of the store behind the sink.
        raise WrongLength("the body broke off", fault=type(fault).__name__) from fault


def _matching(measured: Measured, declared: Declared) -> Measured:
    if measured.size != declared.size:
        raise WrongLength("the body is shorter than declared", declared=declared.size, received=measured.size)
    if declared.sha256 is not None and measured.sha256 != declared.sha256:
        raise WrongHash(
            "the body has another SHA-256 than declared", algorithm="sha256", received=measured.sha256
        )
    if declared.md5 is not None and measured.md5 != declared.md5:
        raise WrongHash("the body has another MD5 than declared", algorithm="md5", received=measured.md5)
    return measured
