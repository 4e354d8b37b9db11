"""An upload address of our own is a promise signed by the house: this photo, these bytes, until then."""

import base64
import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from service.photos.errors import BadGrant
from service.photos.models import Photo, UploadKind

GRANT_MINUTES = 60
"""Long enough for 20 MB over one bar of signal; a new one is a call away."""


TUS_VERSION = "1.0.0"


@dataclass(frozen=True, slots=True)
class Grant:
    """Send exactly these headers with this method to this address, before it expires."""

    kind: UploadKind
    method: str
    url: str
    headers: dict[str, str]
    expires_at: datetime


def own_grant(photo: Photo, *, secret: bytes, moment: datetime) -> Grant:
    """The address at this house where the photo's bytes may be sent; it needs no further sign-in."""
    expires_at = moment + timedelta(minutes=GRANT_MINUTES)
    until = int(expires_at.timestamp())
    signature = _signature(photo, until, secret)
    return Grant(
        kind=UploadKind.PUT,
        method="PUT",
        url=f"/api/v1/photos/{photo.id}/content?until={until}&signature={signature}",
        headers={"Content-Type": photo.content_type, "Content-MD5": base64_md5(photo.md5)},
        expires_at=expires_at,
    )


def tus_grant(photo: Photo, *, secret: bytes, expires_at: datetime) -> Grant:
    """The address of the photo's resumable upload: ask it by `HEAD`, send on by `PATCH`; `POST` opens it (again)."""
    return Grant(
        kind=UploadKind.TUS,
        method="POST",
        url=tus_address(photo, secret=secret, expires_at=expires_at),
        headers={"Tus-Resumable": TUS_VERSION},
        expires_at=expires_at,
    )


def tus_address(photo: Photo, *, secret: bytes, expires_at: datetime) -> str:
    """The signed path of the photo's resumable upload."""
    until = int(expires_at.timestamp())
    return f"/api/v1/photos/{photo.id}/tus?until={until}&signature={_signature(photo, until, secret)}"


@dataclass(frozen=True, slots=True)
class PartsGrant(Grant):
    """The address that answers with the parts, each with an address of its own at the store."""

    part_size: int


def parts_grant(photo: Photo, *, part_size: int, expires_at: datetime) -> PartsGrant:
    """Where a signed-in phone asks for the parts of a large file; each part is sent by `PUT`."""
    return PartsGrant(
        kind=UploadKind.S3_MULTIPART,
        method="PUT",
        url=f"/api/v1/photos/{photo.id}/parts",
        headers={},
        expires_at=expires_at,
        part_size=part_size,
    )


def demand_valid(photo: Photo, *, until: int, signature: str, secret: bytes, moment: datetime) -> None:
    """Make sure the address was granted for this photo and still holds.

    Raises:
        BadGrant: it was not, or it has expired.
    """
    genuine = hmac.compare_digest(_signature(photo, until, secret).encode(), signature.encode())
    if not genuine or until < moment.timestamp():
        raise BadGrant


def base64_md5(md5_hex: str) -> str:
    """An MD5 as the header `Content-MD5` has it (RFC 1864)."""
    return base64.b64encode(bytes.fromhex(md5_hex)).decode()


def _signature(photo: Photo, until: int, secret: bytes) -> str:
    promise = _promise(photo.id, photo.sha256, photo.size, until)
    return hmac.new(secret, promise, hashlib.sha256).hexdigest()


def _promise(photo_id: UUID, sha256: str, size: int, until: int) -> bytes:
    return f"photo-upload:{photo_id}:{sha256}:{size}:{until}".encode()
