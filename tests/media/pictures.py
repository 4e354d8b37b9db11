"""Photos made by code: good ones with chosen EXIF, and hostile ones."""

import io
import struct
import zlib
from typing import Any

from PIL import Image, ImageDraw
from PIL.ExifTags import GPS, IFD, Base

SHANGHAI_GPS: dict[int, Any] = {
    GPS.GPSLatitudeRef: "N",
    GPS.GPSLatitude: (36.0, 27.0, 18.0),
    GPS.GPSLongitudeRef: "E",
    GPS.GPSLongitude: (115.0, 59.0, 6.0),
}


def scene(width: int = 640, height: int = 480) -> Image.Image:
    """A picture with features, brighter at the top left, with a red mark in that corner."""
    picture = Image.linear_gradient("L").rotate(180).resize((width, height)).convert("RGB")
    pen = ImageDraw.Draw(picture)
    pen.ellipse((width // 3, height // 4, width // 2, height // 2), fill=(20, 90, 160))
    pen.rectangle((width // 2, height // 2, width * 9 // 10, height * 9 // 10), fill=(230, 220, 90))
    pen.rectangle((0, 0, width // 5, height // 5), fill=(250, 10, 10))
    return picture


def exif(
    base: dict[int, Any] | None = None,
    detail: dict[int, Any] | None = None,
    gps: dict[int, Any] | None = None,
) -> Image.Exif:
    tags = Image.Exif()
    tags.update(base or {})
    tags.get_ifd(IFD.Exif).update(detail or {})
    tags.get_ifd(IFD.GPSInfo).update(gps or {})
    return tags


def encoded(picture: Image.Image, kind: str = "JPEG", **options: Any) -> bytes:
    stream = io.BytesIO()
    picture.save(stream, kind, **options)
    return stream.getvalue()


def phone_jpeg(orientation: int = 1) -> bytes:
    """A JPEG as a phone sends it: time, zone, place, maker, a comment."""
    tags = exif(
        {Base.Make: "HUAWEI", Base.Model: "P60", Base.Orientation: orientation},
        {Base.DateTimeOriginal: "2026:11:20 09:30:15", Base.OffsetTimeOriginal: "+08:00"},
        SHANGHAI_GPS,
    )
    return encoded(scene(), exif=tags, quality=90, comment=b"secret comment")


def png_bomb(side: int = 12_000) -> bytes:
    """144 million pixels in about 17 kB."""
    rows = zlib.compress(b"\0" * ((side + 7) // 8 + 1) * side, 9)
    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", rows) + _chunk(b"IEND", b"")


def blp_bomb() -> bytes:
    """284 bytes that make Pillow's BLP decoder take hundreds of megabytes."""
    header = struct.pack("<4sIBBBBII", b"BLP2", 1, 2, 8, 1, 0, 16_384, 16_384)
    return (header + struct.pack("<32I", *([200] * 32))).ljust(284, b"\0")


def polyglot() -> bytes:
    """A web page that begins like a JPEG."""
    return b"\xff\xd8\xff\xe0\x00\x10JFIF\x00<html><script>alert(1)</script></html>"


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
