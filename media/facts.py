"""What this package can say about a photo: plain frozen values, free of any imaging library."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class PictureFormat(StrEnum):
    """The formats a photo may have, by the names Pillow gives them."""

    JPEG = "JPEG"
    PNG = "PNG"
    WEBP = "WEBP"
    HEIF = "HEIF"

    @property
    def content_type(self) -> str:
        """The media type of this format; HEIF answers with the type phones send for it."""
        return _CONTENT_TYPES[self]


_CONTENT_TYPES = {
    PictureFormat.JPEG: "image/jpeg",
    PictureFormat.PNG: "image/png",
    PictureFormat.WEBP: "image/webp",
    PictureFormat.HEIF: "image/heic",
}


class OffsetSource(StrEnum):
    """How the time zone of a capture time is known."""

    TAG = "tag"  # an OffsetTime tag says it
    GPS = "gps"  # the difference from the satellites' UTC time says it
    ASSUMED = "assumed"  # nothing says it; the house's zone is taken


@dataclass(frozen=True, slots=True)
class GpsFix:
    """Where the camera says it stood: WGS-84 degrees, altitude in metres above sea level."""

    lat: float
    lng: float
    altitude_m: float | None
    refs_assumed: bool
    """True when the file leaves out N/S or E/W, and north and east were taken."""


@dataclass(frozen=True, slots=True)
class CaptureFacts:
    """What EXIF says about the moment of capture; None wherever it says nothing sensible."""

    taken_at: datetime | None = None
    offset_source: OffsetSource | None = None
    gps: GpsFix | None = None
    gps_at: datetime | None = None
    orientation: int = 1
    make: str | None = None
    model: str | None = None


@dataclass(frozen=True, slots=True)
class PhotoFacts:
    """What a photo is; the size is None when it was kept unopened, and is as stored, before turning upright."""

    format: PictureFormat
    width: int | None
    height: int | None
    capture: CaptureFacts


@dataclass(frozen=True, slots=True)
class Fingerprints:
    """The exact hash of the bytes, and the 64-bit likeness of the picture as PostgreSQL's signed bigint."""

    sha256: str
    likeness: int | None


class RenditionName(StrEnum):
    """The pictures made of a photo, by size of their longer side."""

    THUMB = "thumb"  # 320
    SMALL = "small"  # 800
    LARGE = "large"  # 1600
    STAMPED = "stamped"  # large, with a band below that says when, where, who


RENDITION_VERSION = 1
"""The version of the recipe; raise it when renditions made earlier should be made again."""

RENDITION_CONTENT_TYPE = "image/jpeg"


@dataclass(frozen=True, slots=True)
class Rendition:
    """One picture made of a photo: upright JPEG bytes without any metadata."""

    name: RenditionName
    width: int
    height: int
    content: bytes


@dataclass(frozen=True, slots=True)
class Stamp:
    """What the stamped copy says; empty lines are left out."""

    taken_at: datetime
    place: str
    unit: str
    number: str
    subject: str = ""

    def __post_init__(self) -> None:
        if self.taken_at.tzinfo is None:
            raise ValueError("taken_at must know its time zone")


@dataclass(frozen=True, slots=True)
class Developed:
    """A photo after the darkroom.

    `renditions` is empty and `opened` is False for a HEIC kept unopened because its decoder is not installed.
    """

    facts: PhotoFacts
    fingerprints: Fingerprints
    renditions: tuple[Rendition, ...]
    opened: bool
