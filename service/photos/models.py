"""Tables of photos: what is expected, what has arrived, and which record claims it."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from service.kernel.db import Base

FEWEST_BITS = 8
"""A difference hash with fewer bits set, or unset, is that of a flat picture and says nothing."""
LIKENESS_QUARTERS = ("{0} & 65535", "({0} >> 16) & 65535", "({0} >> 32) & 65535", "({0} >> 48) & 65535")


def telling_hash(column: str) -> str:
    """The condition under which a hash is indexed and looked for; written as in the partial indexes."""
    return f"bit_count({column}::bit(64)) BETWEEN {FEWEST_BITS} AND {64 - FEWEST_BITS}"


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


class UploadKind(StrEnum):
    """How a photo's bytes come: whole, resumable through us (tus), or in parts to the store."""

    PUT = "put"
    TUS = "tus"
    S3_MULTIPART = "s3_multipart"


class Photo(Base):
    """A picture a phone has announced. It counts as received only when its bytes were verified in the store."""

    __tablename__ = "photos"
    __table_args__ = (
        sa.Index("ix_photos_owner_id_sha256", "owner_id", "sha256"),
        sa.Index(
            "ix_photos_awaited", "owner_id", "expected_at", postgresql_where=sa.text("received_at IS NULL")
        ),
        sa.Index("ix_photos_taken_at", "taken_at", "id", postgresql_where=sa.text("received_at IS NOT NULL")),
        sa.Index(
            "ix_photos_shaped_at", sa.text("coalesce(developed_at, expected_at)"), postgresql_using="brin"
        ),
        *(
            sa.Index(
                f"ix_photos_likeness_{number}",
                sa.text(f"({quarter.format('difference_hash')})"),
                postgresql_where=sa.text(telling_hash("difference_hash")),
            )
            for number, quarter in enumerate(LIKENESS_QUARTERS)
        ),
    )

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


SHOWING_A_PROBLEM = "issue"
"""Records of this type show what is wrong; a photo there and in a visit or check-in as well proves nothing twice."""


class PhotoClaim(Base):
    """A record names a photo as its own; the photo may arrive before or after."""

    __tablename__ = "photo_claims"

    photo_id: Mapped[UUID] = mapped_column(primary_key=True)
    """Not a foreign key: the record may arrive before the photo is announced."""
    record_id: Mapped[UUID] = mapped_column(primary_key=True, index=True)
    record_type: Mapped[str]
    position: Mapped[int]
    claimed_by: Mapped[UUID] = mapped_column(sa.ForeignKey("users.id"))
    claimed_at: Mapped[datetime] = mapped_column(index=True)
    stamp: Mapped[dict[str, Any]]
    """What the record would have written on the photo; the first claim of the photo's owner wins."""


class Upload(Base):
    """A photo's bytes on their way in by several requests; a photo has one at most.

    What it says has arrived is durable: a piece lies in the store before the row counts it.
    """

    __tablename__ = "uploads"
    __table_args__ = (
        sa.CheckConstraint("offset_bytes >= 0", name="offset_is_not_negative"),
        sa.Index("ix_uploads_owner_id", "owner_id"),
        sa.Index("ix_uploads_expires_at", "expires_at"),
    )

    photo_id: Mapped[UUID] = mapped_column(sa.ForeignKey("photos.id", ondelete="CASCADE"), primary_key=True)
    owner_id: Mapped[UUID] = mapped_column(sa.ForeignKey("users.id"))
    kind: Mapped[UploadKind]
    offset_bytes: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    """How many bytes have arrived, from the first on; of parts that go to the store it knows nothing."""
    holder: Mapped[UUID | None] = mapped_column(default=None)
    """The request that may move the offset: the latest that asked. Nothing has to be released or to time out."""
    described_as: Mapped[str | None] = mapped_column(default=None)
    """`Upload-Metadata` as the sender gave it."""
    parts_id: Mapped[str | None] = mapped_column(default=None)
    """What the store calls the parts."""
    part_bytes: Mapped[int | None] = mapped_column(sa.BigInteger, default=None)
    opened_at: Mapped[datetime]
    started_at: Mapped[datetime | None] = mapped_column(default=None)
    """When the first bytes were taken: from then on its whole length counts towards its owner's limit."""
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None] = mapped_column(default=None)
    """Given up by its sender, or too old; the next announcement opens it anew."""
    finished_at: Mapped[datetime | None] = mapped_column(default=None)


class UploadPiece(Base):
    """Bytes of an upload that lie in the store, from `first_byte` on."""

    __tablename__ = "upload_pieces"

    photo_id: Mapped[UUID] = mapped_column(
        sa.ForeignKey("uploads.photo_id", ondelete="CASCADE"), primary_key=True
    )
    first_byte: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True, autoincrement=False)
    size: Mapped[int] = mapped_column(sa.BigInteger)
    object_key: Mapped[str]


class PhotoVerification(Base):
    """A file too large to be verified while its sender waits: when that was asked for, and how it ended if badly."""

    __tablename__ = "photo_verifications"

    photo_id: Mapped[UUID] = mapped_column(sa.ForeignKey("photos.id", ondelete="CASCADE"), primary_key=True)
    asked_at: Mapped[datetime]
    refused_because: Mapped[str | None] = mapped_column(default=None)
