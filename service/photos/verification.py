"""A photo is received only when what lies in the store has the announced size, MD5 and SHA-256."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from uuid import UUID

from media.errors import BytesRefused, NotFound
from media.intake import Readable, measure
from media.keys import arrival_key
from media.stores.protocol import ObjectStore
from service.photos.errors import BytesDiffer, NotUploaded
from service.photos.kinds import LARGE_BYTES
from service.photos.models import Photo


@dataclass(frozen=True, slots=True)
class Announced:
    """What the bytes must be, free of any session: verifying may take as long as the store does."""

    photo_id: UUID
    object_key: str
    size: int
    sha256: str
    md5: str
    content_type: str

    @classmethod
    def of(cls, photo: Photo) -> "Announced":
        """The facts of a stored announcement."""
        return cls(photo.id, photo.object_key, photo.size, photo.sha256, photo.md5, photo.content_type)

    def arriving(self) -> "Announced":
        """The same, under a name of this arrival's own: nobody else ever writes there."""
        return replace(self, object_key=arrival_key(self.photo_id))


def take_in(store: ObjectStore, announced: Announced, body: Readable | Iterable[bytes]) -> str:
    """Keep the body under a new key, and answer the key; verified while it streams, and kept whole or not at all.

    A store that only says it has kept the bytes is asked for them again.

    Raises:
        BytesDiffer: it has another length or hash than announced; nothing is kept.
        NotUploaded: the store took it and does not have it.
    """
    own = announced.arriving()
    try:
        store.put(
            own.object_key,
            body,
            size=announced.size,
            sha256=announced.sha256,
            content_type=announced.content_type,
        )
    except BytesRefused as error:
        raise BytesDiffer(what=error.code) from error
    if not store.proves_writes:
        verify(store, own)
    return own.object_key


def take_over(store: ObjectStore, announced: Announced) -> str:
    """Keep what a phone sent to the store itself under a new key, verified there, and answer the key.

    The address the phone was given may be used again until it expires: what is receipted lies elsewhere by then.

    Raises:
        NotUploaded: nothing is there.
        BytesDiffer: something else is there; it is removed, so that it is never taken for the photo.
    """
    found = store.stat(announced.object_key)
    if found is None:
        raise NotUploaded
    if found.size != announced.size:
        store.delete([announced.object_key])
        raise BytesDiffer(what="wrong_length")
    try:
        return _kept_anew(store, announced)
    except NotFound as error:
        raise NotUploaded from error
    except BytesRefused as error:
        store.delete([announced.object_key])
        raise BytesDiffer(what=error.code) from error
    except BytesDiffer:
        store.delete([announced.object_key])
        raise


def _kept_anew(store: ObjectStore, announced: Announced) -> str:
    if announced.size > LARGE_BYTES:
        # Many stores say nothing while they copy, and a video takes them longer than we wait for an answer.
        with store.open(announced.object_key) as body:
            return take_in(store, announced, body)
    own = announced.arriving()
    store.copy(announced.object_key, own.object_key)
    verify(store, own)
    return own.object_key


def verify(store: ObjectStore, announced: Announced) -> None:
    """Read what lies in the store once and compare it with what was announced.

    Raises:
        NotUploaded: nothing is there.
        BytesDiffer: something else is there; it is removed, so that it is never taken for the photo.
    """
    found = store.stat(announced.object_key)
    if found is None:
        raise NotUploaded
    difference = "wrong_length" if found.size != announced.size else _difference(store, announced)
    if difference is not None:
        store.delete([announced.object_key])
        raise BytesDiffer(what=difference)


def _difference(store: ObjectStore, announced: Announced) -> str | None:
    try:
        with store.open(announced.object_key) as stream:
            measured = measure(stream)
    except NotFound as error:
        raise NotUploaded from error
    same = (measured.size, measured.sha256, measured.md5) == (announced.size, announced.sha256, announced.md5)
    return None if same else "wrong_hash"
