"""Time, place and camera as EXIF states them; a damaged or absent field is None and never refuses the photo."""

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

from PIL import Image
from PIL.ExifTags import GPS, IFD, Base

from media.facts import CaptureFacts, GpsFix, OffsetSource
from media.probe import DECODER_FAULTS

HOUSE_ZONE = ZoneInfo("Asia/Shanghai")

_STAMP = re.compile(r"(\d{4})[:\-./](\d\d?)[:\-./](\d\d?)[ T](\d\d?):(\d\d?):(\d\d?)")
_OFFSET = re.compile(r"([+-])(\d\d):?(\d\d)")
_QUARTER = timedelta(minutes=15)
_GPS_LAG = timedelta(minutes=5)  # a fix may be this much older than the shot
_EAST_MOST, _WEST_MOST = timedelta(hours=14), timedelta(hours=-12)

Tags = Mapping[int, object]


def read_capture(picture: Image.Image) -> CaptureFacts:
    """What the picture's EXIF says; call it before anything turns or re-encodes the picture."""
    try:
        exif = picture.getexif()
        return capture_facts(dict(exif), exif.get_ifd(IFD.Exif), exif.get_ifd(IFD.GPSInfo))
    except DECODER_FAULTS:
        return CaptureFacts()


def capture_facts(base: Tags, exif: Tags, gps: Tags) -> CaptureFacts:
    """The same from the three tag tables."""
    gps_at = _gps_time(gps)
    taken_at, offset_source = _capture_time(exif, gps_at)
    return CaptureFacts(
        taken_at=taken_at,
        offset_source=offset_source,
        gps=_gps_fix(gps),
        gps_at=gps_at,
        orientation=_orientation(base.get(Base.Orientation)),
        make=_text(base.get(Base.Make)),
        model=_text(base.get(Base.Model)),
    )


def _capture_time(exif: Tags, gps_at: datetime | None) -> tuple[datetime | None, OffsetSource | None]:
    pairs = (
        (Base.DateTimeOriginal, Base.OffsetTimeOriginal),
        (Base.DateTimeDigitized, Base.OffsetTimeDigitized),
    )
    for time_tag, offset_tag in pairs:
        local = _local_time(exif.get(time_tag))
        if local is None:
            continue
        zone, source = _zone_of(local, exif.get(offset_tag) or exif.get(Base.OffsetTime), gps_at)
        return local.replace(tzinfo=zone), source
    return None, None


def _zone_of(local: datetime, offset: object, gps_at: datetime | None) -> tuple[tzinfo, OffsetSource]:
    if (stated := _stated_offset(offset)) is not None:
        return stated, OffsetSource.TAG
    if gps_at is not None and (inferred := _inferred_offset(local, gps_at)) is not None:
        return inferred, OffsetSource.GPS
    return HOUSE_ZONE, OffsetSource.ASSUMED


def _local_time(value: object) -> datetime | None:
    match = _STAMP.match(_text(value) or "")
    if match is None:
        return None
    try:
        return datetime(*(int(part) for part in match.groups()))  # type: ignore[arg-type]  # noqa: DTZ001 - six ints; the zone is found next
    except ValueError:
        return None


def _stated_offset(value: object) -> timezone | None:
    match = _OFFSET.fullmatch(_text(value) or "")
    if match is None:
        return None
    offset = timedelta(hours=int(match[2]), minutes=int(match[3])) * (-1 if match[1] == "-" else 1)
    return timezone(offset) if _WEST_MOST <= offset <= _EAST_MOST else None


def _inferred_offset(local: datetime, gps_at: datetime) -> timezone | None:
    """The zone whose local time is `local` at the satellites' time, if they differ by whole quarters of an hour."""
    difference = local.replace(tzinfo=UTC) - gps_at
    offset = round(difference / _QUARTER) * _QUARTER
    if abs(difference - offset) > _GPS_LAG or not _WEST_MOST <= offset <= _EAST_MOST:
        return None
    return timezone(offset)


def _gps_time(gps: Tags) -> datetime | None:
    # Without a date the zone would be a guess: old iPhones write local time into the time stamp.
    day = re.fullmatch(r"(\d{4})[:\-](\d\d)[:\-](\d\d)", _text(gps.get(GPS.GPSDateStamp)) or "")
    clock = _numbers(gps.get(GPS.GPSTimeStamp))
    if day is None or clock is None or len(clock) != 3:
        return None
    try:
        midnight = datetime(int(day[1]), int(day[2]), int(day[3]), tzinfo=UTC)
        since = timedelta(hours=clock[0], minutes=clock[1], seconds=clock[2])
    except (ValueError, OverflowError):
        return None
    return midnight + since if timedelta(0) <= since < timedelta(days=1) else None


def _gps_fix(gps: Tags) -> GpsFix | None:
    lat = _degrees(gps.get(GPS.GPSLatitude), gps.get(GPS.GPSLatitudeRef), "S", 90)
    lng = _degrees(gps.get(GPS.GPSLongitude), gps.get(GPS.GPSLongitudeRef), "W", 180)
    # Exactly 0,0 is what phones write when they have no fix.
    if lat is None or lng is None or lat == lng == 0:
        return None
    refs = {_text(gps.get(GPS.GPSLatitudeRef)), _text(gps.get(GPS.GPSLongitudeRef))}
    return GpsFix(lat=lat, lng=lng, altitude_m=_altitude(gps), refs_assumed=None in refs)


def _degrees(value: object, ref: object, negative: str, limit: int) -> float | None:
    parts = _numbers(value)
    if parts is None or not 1 <= len(parts) <= 3:
        return None
    degrees = sum(part / 60**power for power, part in enumerate(parts))
    if (_text(ref) or "").upper().startswith(negative):
        degrees = -degrees
    return degrees if abs(degrees) <= limit else None


def _altitude(gps: Tags) -> float | None:
    metres = _numbers(gps.get(GPS.GPSAltitude))
    if metres is None or len(metres) != 1 or abs(metres[0]) > 20_000:
        return None
    below = gps.get(GPS.GPSAltitudeRef) in (1, b"\x01", "1")
    return -metres[0] if below else metres[0]


def _numbers(value: object) -> list[float] | None:
    """The value's rationals as finite floats; None when one has a zero denominator or is no number."""
    parts = value if isinstance(value, tuple | list) else (value,)
    try:
        numbers = [float(part) for part in parts]
    except DECODER_FAULTS:
        return None
    return numbers if all(math.isfinite(number) for number in numbers) else None


def _orientation(value: object) -> int:
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def _text(value: object) -> str | None:
    """The tag as one printable line of at most 64 characters, or None when nothing is left."""
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    if not isinstance(value, str):
        return None
    line = "".join(character for character in value.split("\0")[0] if character.isprintable())
    return line.strip()[:64] or None
