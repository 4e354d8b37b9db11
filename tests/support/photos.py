"""Pictures for tests, drawn by code, and the steps a phone takes with them."""

import hashlib
from datetime import UTC, datetime
from uuid import UUID, uuid4

from media.stores.protocol import ObjectStore
from service.cli.demo_city.pictures import meeting_photo
from service.kernel.geo import Point

TAKEN_AT = datetime(2026, 5, 6, 1, 30, tzinfo=UTC)
LIAOCHENG = Point(36.456684, 115.985389)


def picture(seed: int = 1) -> bytes:
    """A JPEG with EXIF time and place."""
    return meeting_photo(seed, TAKEN_AT, LIAOCHENG)


def announcement(content: bytes, photo_id: UUID | None = None, **changes: object) -> dict[str, object]:
    """What a phone says of a picture before it sends it."""
    facts: dict[str, object] = {
        "id": str(photo_id or uuid4()),
        "sha256": hashlib.sha256(content).hexdigest(),
        "md5": hashlib.md5(content, usedforsecurity=False).hexdigest(),
        "size": len(content),
        "content_type": "image/jpeg",
        "taken_at": TAKEN_AT.isoformat(),
        "source": "camera",
    }
    return facts | changes


def kept_key(store: ObjectStore, photo_id: str) -> str | None:
    """Where the bytes of a photo lie that arrived once, under whatever name."""
    keys = [stat.key for stat in store.list(f"photos/{photo_id}/original")]
    assert len(keys) < 2, keys
    return keys[0] if keys else None
