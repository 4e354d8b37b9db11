"""Object keys are built and read here and nowhere else.

    photos/
      0190f3c2-…-7a51/               one folder a photo, named by the photo's id
        original                     the bytes as the phone sent them, never rewritten
        thumb-1.jpg                  rendition "thumb", made by version 1 of the recipe
        small-1.jpg
        large-1.jpg
        stamped-1.jpg

A rendition's version is part of its key, so that a better recipe never overwrites what a page is showing.
"""

import re
from uuid import UUID

from media.facts import RenditionName

PHOTOS = "photos/"
_PHOTO_KEY = re.compile(
    r"photos/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})/(?:original|[a-z]+-[0-9]+\.jpg)"
)


def photo_prefix(photo_id: UUID) -> str:
    """The prefix under which everything of one photo lies."""
    return f"{PHOTOS}{photo_id}/"


def original_key(photo_id: UUID) -> str:
    """Where the bytes lie as they were sent."""
    return f"{photo_prefix(photo_id)}original"


def rendition_key(photo_id: UUID, name: RenditionName, version: int) -> str:
    """Where one rendition lies, as made by one version of the recipe."""
    return f"{photo_prefix(photo_id)}{name}-{version}.jpg"


def photo_of(key: str) -> UUID | None:
    """The photo a key belongs to, or None for a key that is not a photo's."""
    match = _PHOTO_KEY.fullmatch(key)
    return UUID(match[1]) if match else None
