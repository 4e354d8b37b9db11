"""Real JPEG photos of nothing real: drawn by code, with the EXIF a phone would write."""

import io
import random
from datetime import datetime
from fractions import Fraction
from functools import cache

from PIL import ExifTags, Image, ImageDraw, ImageOps

from service.kernel.calendar import SHANGHAI
from service.kernel.geo import Point

SIZE = (1280, 960)
_SPARE = 256


def meeting_photo(seed: int, taken_at: datetime, place: Point | None) -> bytes:
    """People around a table."""
    dice = random.Random(seed)  # noqa: S311 a drawing needs no secrets
    image = Image.new("RGB", SIZE, _tint(dice, 205, 235))
    pen = ImageDraw.Draw(image)
    _gradient(pen, (236, 232, 222), (198, 188, 170), 0, 620)
    pen.rectangle((140, 90, 1140, 330), fill=_tint(dice, 60, 120), outline=(240, 240, 240), width=8)
    for column in range(6):
        x = 190 + column * 160 + dice.randint(-12, 12)
        _person(pen, x, 420 + dice.randint(-10, 10), _tint(dice, 30, 130))
    pen.polygon([(60, 960), (260, 560), (1020, 560), (1220, 960)], fill=(122, 84, 52))
    _surroundings(pen, dice)
    for _ in range(14):
        x, y = dice.randint(250, 1000), dice.randint(600, 900)
        pen.rectangle((x, y, x + 70, y + 46), fill=(246, 244, 238))
    return _jpeg(image, dice, taken_at, place)


def site_photo(seed: int, taken_at: datetime, place: Point | None, *, percent: int) -> bytes:
    """A building site that has grown to `percent` of its height."""
    dice = random.Random(seed)  # noqa: S311 a drawing needs no secrets
    image = Image.new("RGB", SIZE)
    pen = ImageDraw.Draw(image)
    _gradient(pen, (120, 170, 220), (214, 226, 236), 0, 640)
    pen.rectangle((0, 640, 1280, 960), fill=(152, 126, 92))
    floors = max(1, round(percent / 8))
    _surroundings(pen, dice)
    for block in range(dice.randint(1, 3)):
        left = dice.randint(20, 140) + block * dice.randint(300, 400)
        _building(pen, left, floors + dice.randint(-1, 1))
    _crane(pen, dice.randint(420, 1140), 640, dice.randint(300, 480))
    return _jpeg(ImageOps.mirror(image) if dice.random() < 0.5 else image, dice, taken_at, place)


def _tint(dice: random.Random, low: int, high: int) -> tuple[int, int, int]:
    return dice.randint(low, high), dice.randint(low, high), dice.randint(low, high)


def _gradient(
    pen: ImageDraw.ImageDraw, top: tuple[int, int, int], bottom: tuple[int, int, int], start: int, end: int
) -> None:
    for y in range(start, end):
        share = (y - start) / (end - start)
        red, green, blue = (round(a + (b - a) * share) for a, b in zip(top, bottom, strict=True))
        pen.line((0, y, SIZE[0], y), fill=(red, green, blue))


def _surroundings(pen: ImageDraw.ImageDraw, dice: random.Random) -> None:
    """Light and dark masses, so that no two drawings resemble each other as two photos of one moment do."""
    for _ in range(9):
        x, y = dice.randint(-160, 1200), dice.randint(-80, 860)
        grey = dice.choice((52, 96, 205, 238))
        mass = (grey, grey + dice.randint(-12, 12), grey + dice.randint(-18, 10))
        pen.ellipse((x, y, x + dice.randint(120, 420), y + dice.randint(60, 240)), fill=mass)


def _person(pen: ImageDraw.ImageDraw, x: int, y: int, clothes: tuple[int, int, int]) -> None:
    pen.ellipse((x, y, x + 64, y + 76), fill=(226, 190, 160))
    pen.pieslice((x - 4, y - 14, x + 68, y + 60), 180, 360, fill=(40, 32, 28))
    pen.rounded_rectangle((x - 34, y + 78, x + 98, y + 220), radius=34, fill=clothes)


def _building(pen: ImageDraw.ImageDraw, left: int, floors: int) -> None:
    for floor in range(max(1, floors)):
        top = 640 - (floor + 1) * 44
        pen.rectangle((left, top, left + 260, top + 40), fill=(176, 170, 162), outline=(96, 92, 88), width=3)
        for window in range(5):
            x = left + 18 + window * 48
            pen.rectangle((x, top + 9, x + 28, top + 31), fill=(92, 110, 128))


def _crane(pen: ImageDraw.ImageDraw, x: int, ground: int, height: int) -> None:
    yellow = (228, 176, 40)
    pen.rectangle((x, ground - height, x + 18, ground), fill=yellow)
    pen.rectangle((x - 320, ground - height, x + 110, ground - height + 14), fill=yellow)
    pen.line((x - 260, ground - height, x - 260, ground - height + 160), fill=(60, 60, 60), width=4)


def _jpeg(image: Image.Image, dice: random.Random, taken_at: datetime, place: Point | None) -> bytes:
    left, top = dice.randrange(_SPARE), dice.randrange(_SPARE)
    noise = _grain().crop((left, top, left + SIZE[0], top + SIZE[1]))
    speckled = Image.blend(image, noise, 0.06 + dice.random() * 0.02)
    out = io.BytesIO()
    speckled.save(out, "JPEG", quality=82, exif=_exif(taken_at, place))
    return out.getvalue()


@cache
def _grain() -> Image.Image:
    """Drawn once, larger than a picture: each takes another part of it."""
    return Image.effect_noise((SIZE[0] + _SPARE, SIZE[1] + _SPARE), 22).convert("RGB")


def _exif(taken_at: datetime, place: Point | None) -> Image.Exif:
    exif = Image.Exif()
    exif[ExifTags.Base.Make] = "qianbai"
    exif[ExifTags.Base.Model] = "demo phone"
    local = taken_at.astimezone(SHANGHAI)
    times = exif.get_ifd(ExifTags.IFD.Exif)
    times[ExifTags.Base.DateTimeOriginal] = local.strftime("%Y:%m:%d %H:%M:%S")
    times[ExifTags.Base.OffsetTimeOriginal] = "+08:00"
    if place is not None:
        position = exif.get_ifd(ExifTags.IFD.GPSInfo)
        position[ExifTags.GPS.GPSLatitudeRef] = "N" if place.lat >= 0 else "S"
        position[ExifTags.GPS.GPSLatitude] = _degrees(abs(place.lat))
        position[ExifTags.GPS.GPSLongitudeRef] = "E" if place.lng >= 0 else "W"
        position[ExifTags.GPS.GPSLongitude] = _degrees(abs(place.lng))
    return exif


def _degrees(value: float) -> tuple[Fraction, Fraction, Fraction]:
    whole = int(value)
    minutes = int((value - whole) * 60)
    seconds = round(((value - whole) * 60 - minutes) * 60 * 10_000)
    return Fraction(whole), Fraction(minutes), Fraction(seconds, 10_000)
