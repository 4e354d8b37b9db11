"""The bytes of one request of a resumable upload go to the store piece by piece; no transaction is open meanwhile.

A piece is durable before the upload's offset counts it, so a killed process never leaves an offset beyond the bytes.
When the connection breaks, what has arrived is kept, unless a checksum was promised for all of it. A short last piece
is written again together with what follows, so that a line that breaks often does not leave a thousand crumbs.
"""

import hashlib
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

from media.errors import NotFound
from media.intake import Readable
from media.keys import piece_key
from media.stores.protocol import ObjectStore
from service.photos.errors import BeyondTheLength, BytesDiffer, ChecksumDiffers, NotUploaded, OffsetDiffers
from service.photos.models import Upload
from service.photos.uploads import Hold, Piece, Transactions, advance, begin_over
from service.photos.verification import take_in

PIECE_BYTES = 1024 * 1024
SHORT_BYTES = 256 * 1024
READ_BYTES = 64 * 1024
"""What a breaking connection can cost at most: servers lose what they were just reading."""
_PIECE_TYPE = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class Checksum:
    """What the bytes of one request add up to, by an algorithm that hashlib knows."""

    algorithm: str
    digest: bytes


@dataclass(frozen=True, slots=True)
class Progress:
    """Where the upload stands after one request."""

    offset: int
    stored_key: str | None = None
    """Where the whole photo lies in the store, verified; None while it is still in pieces."""


def receive(
    store: ObjectStore,
    transactions: Transactions,
    held: Hold,
    body: Readable,
    *,
    checksum: Checksum | None,
    lasts: timedelta,
) -> Progress:
    """Keep what arrives of the body, and answer where the upload stands then.

    A photo that arrives whole is stored and verified at once, without pieces.

    Raises:
        ChecksumDiffers: nothing of the body was kept.
        OffsetDiffers: another request has taken the upload over.
        BeyondTheLength: the body goes on past the announced size; what fits was kept.
        BytesDiffer: the photo arrived whole and is another one than announced.
    """
    return _Arrival(store, transactions, held, lasts).take(body, checksum)


class _Arrival:
    """One request's bytes on their way."""

    def __init__(self, store: ObjectStore, transactions: Transactions, held: Hold, lasts: timedelta) -> None:
        self._store, self._transactions, self._held, self._lasts = store, transactions, held, lasts
        self._buffer = bytearray()
        self._first = held.offset
        self._waiting: list[Piece] = []
        self._replaced: str | None = None

    def take(self, body: Readable, checksum: Checksum | None) -> Progress:
        size = self._held.announced.size
        summed = hashlib.new(checksum.algorithm, usedforsecurity=False) if checksum else None
        arrived, is_too_long = self._held.offset, False
        while not is_too_long and (chunk := _next(body, size - arrived + 1)):
            is_too_long = arrived + len(chunk) > size
            fitting = chunk[: size - arrived]
            arrived += len(fitting)
            if summed is not None:
                summed.update(fitting)
            self._add(fitting, counts_at_once=checksum is None)
        if checksum is not None and summed is not None and summed.digest() != checksum.digest:
            self._discard()
            raise ChecksumDiffers
        stored_key = self._end()
        if is_too_long:
            raise BeyondTheLength
        return Progress(arrived, stored_key)

    def _add(self, chunk: bytes, *, counts_at_once: bool) -> None:
        if not self._buffer and chunk:
            self._go_on_from_a_short_piece()
        self._buffer += chunk
        if len(self._buffer) >= PIECE_BYTES:
            self._waiting.append(self._stored())
            if counts_at_once:
                self._count()

    def _go_on_from_a_short_piece(self) -> None:
        tail = self._held.tail
        if tail is None or tail.size >= SHORT_BYTES or tail.first_byte + tail.size != self._first:
            return
        try:
            with self._store.open(tail.object_key) as stream:
                self._buffer += stream.read()
        except NotFound:
            # The store lost what it had: better to begin again than to finish what can never be whole.
            self._begin_over()
            raise OffsetDiffers(offset=0) from None
        self._first, self._replaced = tail.first_byte, tail.object_key

    def _begin_over(self) -> None:
        with self._transactions() as session:
            left = begin_over(session, self._held.announced.photo_id, holder=self._held.holder)
        self._store.delete(left)

    def _end(self) -> str | None:
        if self._buffer and self._first == 0 and len(self._buffer) == self._held.announced.size:
            return self._store_whole()
        if self._buffer:
            self._waiting.append(self._stored())
        if self._waiting:
            self._count()
        return None

    def _store_whole(self) -> str:
        try:
            return take_in(self._store, self._held.announced, [bytes(self._buffer)])
        except (BytesDiffer, NotUploaded):
            self._begin_over()
            raise

    def _stored(self) -> Piece:
        content = bytes(self._buffer)
        piece = Piece(self._first, len(content), piece_key(self._held.announced.photo_id, self._first))
        sha256 = hashlib.sha256(content).hexdigest()
        self._store.put(piece.object_key, [content], size=piece.size, sha256=sha256, content_type=_PIECE_TYPE)
        self._first += piece.size
        self._buffer.clear()
        return piece

    def _count(self) -> None:
        last = self._waiting[-1]
        offset = last.first_byte + last.size
        with self._transactions() as session:
            moved = advance(session, self._held, self._waiting, offset=offset, lasts=self._lasts)
        if not moved:
            self._discard()
            raise OffsetDiffers(offset=_where_it_stands(self._transactions, self._held.announced.photo_id))
        self._waiting = []
        self._held = replace(self._held, offset=offset, tail=last)
        if self._replaced is not None:
            self._store.delete([self._replaced])
            self._replaced = None

    def _discard(self) -> None:
        """Remove what was stored and is certainly not counted; of all that is in doubt, the sweep decides later."""
        self._store.delete([piece.object_key for piece in self._waiting])


def _next(body: Readable, most: int) -> bytes:
    """The next bytes; a connection that breaks ends the body."""
    try:
        return body.read(min(READ_BYTES, most))
    except OSError:
        return b""


def _where_it_stands(transactions: Transactions, photo_id: UUID) -> int:
    with transactions() as session:
        upload = session.get(Upload, photo_id)
        return 0 if upload is None else upload.offset_bytes
