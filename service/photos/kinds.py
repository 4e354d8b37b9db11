"""What may be announced: pictures and short videos, how large each may be, and how each is best sent."""

from collections.abc import Collection

from service.photos.models import UploadKind
from service.settings import Settings

PICTURE_TYPES = ("image/jpeg", "image/png", "image/webp", "image/heic", "image/heif")
VIDEO_TYPES = ("video/mp4", "video/quicktime")

LARGE_BYTES = 16 * 1024 * 1024
"""Above it a file goes to the store in parts, and is verified by a job: no request runs for minutes."""
ONE_TRY_BYTES = 1024 * 1024
"""So small a file is quickly sent again from its beginning."""


def is_video(content_type: str) -> bool:
    """Whether files of this type are kept unopened."""
    return content_type in VIDEO_TYPES


def size_limit(settings: Settings, content_type: str) -> int:
    """How many bytes a file of this type may have."""
    return settings.video_limit_bytes if is_video(content_type) else settings.photo_limit_bytes


def best_kind(
    accepted: Collection[str], *, size: int, takes_parts: bool, phones_reach_store: bool
) -> UploadKind:
    """How the bytes are best sent, of what the phone can do; every phone can `PUT`.

    ::

        large, and the store takes parts           s3_multipart   no byte through us
        small, and phones reach the store          put            no byte through us, and again if it broke off
        all else                                   tus            resumed where it broke off
    """
    if UploadKind.S3_MULTIPART in accepted and takes_parts and size > LARGE_BYTES:
        return UploadKind.S3_MULTIPART
    if UploadKind.TUS not in accepted or (phones_reach_store and size <= ONE_TRY_BYTES):
        return UploadKind.PUT
    return UploadKind.TUS
