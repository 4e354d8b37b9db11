"""Object keys are built and read here and nowhere else.

    photos/
      0190f3c2-…-7a51/               one folder a photo, named by the photo's id
        original                     where a phone sends the bytes to the store itself: by a presigned address, and taken
                                     over from there once verified, or in parts, and kept there once put together
        original-3b9a5f0c…           the bytes as they were verified, under a name that is written once and given to nobody
        thumb-1.jpg                  rendition "thumb", made by version 1 of the recipe
        small-1.jpg
        large-1.jpg
        stamped-1.jpg
    uploads/
      0190f3c2-…-7a51/               what has arrived of a photo that comes in pieces; gone when it is whole
        262144-5f0c…                 the bytes from that one on, under a name of their own

A rendition's version is part of its key, so that a better recipe never overwrites what a page is showing.
"""

import re
import secrets
from uuid import UUID

from media.facts import RenditionName

PHOTOS = "photos/"
UPLOADS = "uploads/"
_PHOTO_KEY = re.compile(
    r"photos/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})/(?:(original(?:-[0-9a-f]{16})?)|[a-z]+-[0-9]+\.jpg)"
)


def photo_prefix(photo_id: UUID) -> str:
    """The prefix under which everything of one photo lies."""
    return f"{PHOTOS}{photo_id}/"


def original_key(photo_id: UUID) -> str:
    """Where a phone's bytes lie when it sends them to the store itself."""
    return f"{photo_prefix(photo_id)}original"


def arrival_key(photo_id: UUID) -> str:
    """A new name for the bytes of one arrival: what comes twice, or late, never writes over what is receipted."""
    return f"{original_key(photo_id)}-{secrets.token_hex(8)}"


def rendition_key(photo_id: UUID, name: RenditionName, version: int) -> str:
    """Where one rendition lies, as made by one version of the recipe."""
    return f"{photo_prefix(photo_id)}{name}-{version}.jpg"


def piece_key(photo_id: UUID, first_byte: int) -> str:
    """A new name for the bytes of a photo from that one on; two senders of the same bytes get two names."""
    return f"{UPLOADS}{photo_id}/{first_byte}-{secrets.token_hex(8)}"


def photo_of(key: str) -> UUID | None:
    """The photo a key belongs to, or None for a key that is not a photo's."""
    match = _PHOTO_KEY.fullmatch(key)
    return UUID(match[1]) if match else None


def is_original(key: str) -> bool:
    """Whether a photo's own bytes lie there, and no picture made of them."""
    match = _PHOTO_KEY.fullmatch(key)
    return match is not None and match[2] is not None
