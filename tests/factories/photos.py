"""The least photo that the database takes, received and developed; a test names the facts it is about."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from service.kernel.actor import Actor
from service.photos.models import Photo, PhotoClaim, PhotoSource, PhotoState

LONG_AGO = datetime(2026, 1, 5, 2, tzinfo=UTC)
SCENE = 0x0123_4567_89AB_CDEF
"""The difference hash of some scene."""


def add_photo(session: Session, by: Actor, **facts: Any) -> Photo:
    photo_id = facts.pop("id", None) or uuid4()
    usual = {
        "owner_id": by.person_id,
        "unit_id": by.unit_id,
        "state": PhotoState.READY,
        "sha256": photo_id.hex * 2,
        "md5": photo_id.hex,
        "size": 1000,
        "content_type": "image/jpeg",
        "source": PhotoSource.CAMERA,
        "taken_at": LONG_AGO,
        "object_key": f"photos/{photo_id}",
        "expected_at": LONG_AGO,
        "received_at": LONG_AGO,
        "developed_at": LONG_AGO,
    }
    photo = Photo(id=photo_id, **(usual | facts))
    session.add(photo)
    session.flush()
    return photo


def add_claim(
    session: Session, by: Actor, record_id: UUID, photo: Photo | UUID, record_type: str = "visit"
) -> None:
    photo_id = photo.id if isinstance(photo, Photo) else photo
    session.add(
        PhotoClaim(
            photo_id=photo_id,
            record_id=record_id,
            record_type=record_type,
            position=1,
            claimed_by=by.person_id,
            claimed_at=LONG_AGO,
            stamp={},
        )
    )
    session.flush()
