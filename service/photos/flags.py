"""What the photos of a record say against themselves once they are developed; stored with no record, always current."""

from typing import Any

from service.photos.queries import PhotoTally


def unreadable_flags(photos: PhotoTally) -> list[dict[str, Any]]:
    """A warning when received files are not to be opened as pictures: kept all the same, and no evidence."""
    count = len(photos.rejected)
    if not count:
        return []
    return [
        {
            "code": "photo_unreadable",
            "severity": "warning",
            "value": count,
            "limit": 0,
            "zh": f"有 {count} 个照片文件无法作为图片打开，原件已保留",
            "en": f"{count} photo files cannot be opened as pictures; the originals are kept",
        }
    ]
