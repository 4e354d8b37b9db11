"""Tables of photos: what is expected, what has arrived, and which record claims it."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from service.kernel.db import Base


class PhotoState(StrEnum):
    """`expected → received → ready | rejected`."""

    EXPECTED = "expected"
    RECEIVED = "received"
    READY = "ready"
    REJECTED = "rejected"


class PhotoSource(StrEnum):
    """Where the phone took the picture from; a gallery picture is evidence of less."""

    CAMERA = "camera"
    GALLERY = "gallery"


class Photo(Base):
    """A picture a phone has announced. It counts as received only when its bytes were verified in the store."""

    __tablename__ = "photos"
    __table_args__ = (sa.Index("ix_photos_owner_id_sha256", "owner_id", "sha256"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    owner_id: Mapped[UUID] = mapped_column(sa.ForeignKey("users.id"))
    unit_id: Mapped[UUID] = mapped_column(sa.ForeignKey("units.id"), index=True)
    device_id: Mapped[str | None] = mapped_column(default=None)
    state: Mapped[PhotoState]
    sha256: Mapped[str] = mapped_column(index=True)
    md5: Mapped[str]
    size: Mapped[int] = mapped_column(sa.BigInteger)
    content_type: Mapped[str]
    source: Mapped[PhotoSource]
    taken_at: Mapped[datetime]
    location: Mapped[dict[str, Any] | None] = mapped_column(default=None)
    """As the phone sent it."""
    latitude: Mapped[float | None] = mapped_column(default=None)
    """Degrees, WGS-84, from `location`."""
    longitude: Mapped[float | None] = mapped_column(default=None)
    object_key: Mapped[str]
    expected_at: Mapped[datetime]
    received_at: Mapped[datetime | None] = mapped_column(default=None)
    developed_at: Mapped[datetime | None] = mapped_column(default=None)
    rejected_because: Mapped[str | None] = mapped_column(default=None)
    facts: Mapped[dict[str, Any] | None] = mapped_column(default=None)
    """What the picture itself says: format, pixels, EXIF time, place, camera."""
    difference_hash: Mapped[int | None] = mapped_column(sa.BigInteger, default=None)
    """64-bit perceptual fingerprint, as a signed number."""
    renditions: Mapped[dict[str, Any] | None] = mapped_column(default=None)
    """Name → `{key, width, height, size}` of each rendition in the store."""
    stamp: Mapped[dict[str, Any] | None] = mapped_column(default=None)
    """What is written on the stamped rendition, frozen when a record first claims the photo."""


class PhotoClaim(Base):
    """A record names a photo as its own; the photo may arrive before or after."""

    __tablename__ = "photo_claims"

    photo_id: Mapped[UUID] = mapped_column(primary_key=True)
    """Not a foreign key: the record may arrive before the photo is announced."""
    record_id: Mapped[UUID] = mapped_column(primary_key=True, index=True)
    record_type: Mapped[str]
    position: Mapped[int]
    claimed_by: Mapped[UUID] = mapped_column(sa.ForeignKey("users.id"))
    claimed_at: Mapped[datetime]
    stamp: Mapped[dict[str, Any]]
    """What the record would have written on the photo; the first claim of the photo's owner wins."""
