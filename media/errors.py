"""Every refusal of this package is a `MediaRefusal` with a stable `code`, a sentence, and named details.

    MediaRefusal
    ├── BytesRefused              what arrived is not what was declared: the sender must act
    │   ├── WrongLength           wrong_length
    │   └── WrongHash             wrong_hash
    ├── PictureRefused            these bytes cannot be developed
    │   ├── NotAPicture           not_a_picture      no allowed format, or no picture inside
    │   ├── Truncated             truncated          a picture that ends too early
    │   ├── TooManyPixels         too_many_pixels
    │   └── TookTooMuch           took_too_much      time, memory or output ran out, or the decoder died
    ├── StoreRefused              the store did not do it
    │   ├── NotFound              not_found
    │   ├── NoSpace               no_space           worth a retry when space is made
    │   └── StoreUnavailable      store_unavailable  worth a retry
    │       └── Damaged           damaged            the object is there and broken
    ├── StoreMisconfigured        store_misconfigured  an operator must act
    └── DarkroomBroken            darkroom_broken    our installation is at fault, never the photo

A refusal whose `retryable` is True may succeed when the same call is made again.
"""

from typing import ClassVar

Detail = str | int | float | None


class MediaRefusal(Exception):
    """Carries a stable `code`, details for the log, and whether the same call may succeed later."""

    code: ClassVar[str] = "media_refusal"
    retryable: ClassVar[bool] = False

    def __init__(self, message: str, **details: Detail) -> None:
        super().__init__(message)
        self.message = message
        self.details = details


class BytesRefused(MediaRefusal):
    """The bytes are not the bytes that were declared."""

    code = "bytes_refused"


class WrongLength(BytesRefused):
    """More or fewer bytes arrived than were declared."""

    code = "wrong_length"


class WrongHash(BytesRefused):
    """The right number of bytes arrived, with another hash than declared."""

    code = "wrong_hash"


class PictureRefused(MediaRefusal):
    """The bytes cannot be developed into a photo."""

    code = "picture_refused"


class NotAPicture(PictureRefused):
    """The bytes are in no allowed format, or hold no picture that can be decoded."""

    code = "not_a_picture"


class Truncated(PictureRefused):
    """The picture begins well and ends too early."""

    code = "truncated"


class TooManyPixels(PictureRefused):
    """The picture declares more pixels than are decoded here."""

    code = "too_many_pixels"


class TookTooMuch(PictureRefused):
    """Decoding ran out of time, memory or output, or killed its process; a busy machine can cause it too."""

    code = "took_too_much"
    retryable = True


class StoreRefused(MediaRefusal):
    """The object store did not do what was asked."""

    code = "store_refused"


class NotFound(StoreRefused):
    """No object has this key."""

    code = "not_found"


class NoSpace(StoreRefused):
    """The store is full; nothing was kept."""

    code = "no_space"
    retryable = True


class StoreUnavailable(StoreRefused):
    """The store could not be reached or failed; the outcome of a write is unknown and a repeat is safe."""

    code = "store_unavailable"
    retryable = True


class Damaged(StoreUnavailable):
    """The store has the object, but not as it was written: it cannot be read, and may be written anew."""

    code = "damaged"


class StoreMisconfigured(MediaRefusal):
    """The address, profile or credentials of the store are unusable."""

    code = "store_misconfigured"


class DarkroomBroken(MediaRefusal):
    """The decoding process cannot start or answers nonsense; the photo is not to blame."""

    code = "darkroom_broken"
    retryable = True
