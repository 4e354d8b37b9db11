"""The pictures made of a photo, and what is written on one of them."""

import io
import re
from datetime import UTC, datetime
from uuid import UUID

import pytest
from PIL import Image, ImageChops, ImageCms, JpegImagePlugin

from media import fingerprint, keys
from media.facts import RENDITION_VERSION, RenditionName, Stamp
from media.renditions import make_renditions, upright
from media.stamping import FALLBACK, drawable, stamp_lines, stamped
from tests.media.pictures import encoded, phone_jpeg, scene

STAMP = Stamp(datetime(2026, 11, 22, 0, 30, tzinfo=UTC), "聊城市东昌府区", "高新区招商一队", "LC-2026-004217")


def from_bytes(body):
    return Image.open(io.BytesIO(body))


def renditions_of(body, orientation=1, stamp=None):
    made = make_renditions(upright(from_bytes(body), orientation), stamp)
    return {each.name: each for each in made}


def test_it_makes_each_size_and_never_enlarges():
    made = renditions_of(encoded(scene(2400, 1800)), stamp=STAMP)
    sizes = {name: (each.width, each.height) for name, each in made.items() if name != "stamped"}
    assert sizes == {"thumb": (320, 240), "small": (800, 600), "large": (1600, 1200)}
    assert made[RenditionName.STAMPED].width == 1600
    assert {each.width for each in renditions_of(encoded(scene(200, 150))).values()} == {200}


def test_it_stamps_nothing_without_a_stamp():
    assert set(renditions_of(encoded(scene()))) == {"thumb", "small", "large"}


@pytest.mark.parametrize("orientation", range(1, 9))
def test_it_turns_the_picture_upright(orientation):
    back = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}  # the inverse of each turn, as Pillow numbers them
    shot = scene() if orientation == 1 else scene().transpose(Image.Transpose(back[orientation]))
    large = upright(from_bytes(encoded(shot, quality=95)), orientation)
    assert large.size == (640, 480)
    red, green, _ = large.getpixel((20, 20))
    assert red > 200
    assert green < 60


def test_it_writes_progressive_jpeg_without_any_metadata():
    for each in renditions_of(phone_jpeg()).values():
        with from_bytes(each.content) as picture:
            assert isinstance(picture, JpegImagePlugin.JpegImageFile)
            assert picture.info.get("progressive")
            assert not dict(picture.getexif())
            assert {marker for marker, _ in picture.applist} == {"APP0"}
        assert b"secret" not in each.content
        assert b"Exif" not in each.content


@pytest.mark.parametrize("mode", ["L", "LA", "P", "1", "I;16", "RGBA", "CMYK"])
def test_it_takes_every_mode_of_pixels(mode):
    shot = (
        scene().convert("RGBA" if mode == "RGBA" else "L" if mode in ("I;16", "LA") else "RGB").convert(mode)
    )
    body = encoded(shot, "JPEG" if mode == "CMYK" else "PNG")
    assert renditions_of(body)[RenditionName.LARGE].width == 640


def test_it_keeps_the_brightness_of_sixteen_bit_grey():
    grey = Image.new("I;16", (64, 64), 0x8000)
    assert upright(from_bytes(encoded(grey, "PNG")), 1).getpixel((5, 5)) == (128, 128, 128)


def test_it_shows_white_where_the_picture_is_transparent():
    assert (
        upright(from_bytes(encoded(Image.new("RGBA", (64, 64), (9, 9, 9, 0)), "PNG")), 1).getpixel((5, 5))
        == (255,) * 3
    )


def test_it_ignores_a_colour_profile_that_cannot_be_used():
    for profile in (b"nonsense", ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()):
        assert renditions_of(encoded(scene(), icc_profile=profile))[RenditionName.THUMB].width == 320


def test_it_writes_the_stamp_below_the_picture_and_covers_nothing():
    picture = upright(from_bytes(phone_jpeg()), 1)
    sheet = stamped(picture, STAMP)
    assert sheet.height > picture.height
    assert ImageChops.difference(sheet.crop((0, 0, *picture.size)), picture).getbbox() is None


def test_it_says_time_place_unit_and_number_in_beijing_time():
    assert stamp_lines(STAMP) == [
        "时间：2026-11-22 08:30（北京时间）",
        "地点：聊城市东昌府区",
        "单位：高新区招商一队",
        "编号：LC-2026-004217",
    ]


def test_it_draws_other_pixels_for_other_words():
    picture = scene()
    seen = set()
    for place in ("聊城市东昌府区", "聊城市茌平区", "堃喆", "Liaocheng", "㤘"):
        band = stamped(picture, Stamp(STAMP.taken_at, place, STAMP.unit, STAMP.number))
        assert band.crop((0, 480, 640, band.height)).convert("L").getextrema()[1] > 200
        seen.add(band.tobytes())
    assert len(seen) == 5


@pytest.mark.parametrize(
    ("written", "drawn"),
    [
        ("张堃喆（一）", "张堃喆（一）"),
        ("王㤘𠮷", f"王{FALLBACK}{FALLBACK}"),
        ("a\nb\tc\0", "a b c "),
        ("😀", FALLBACK),
        ("\ud800", " "),
        ("\u202eabc", " abc"),
        ("　 ", "　 "),
    ],
)
def test_it_replaces_what_the_font_does_not_have(written, drawn):
    assert drawable(written).replace("\u3000", " ") == drawn.replace("\u3000", " ")


def test_it_has_every_character_of_gb_2312():
    rows = (bytes((row, cell)) for row in range(0xB0, 0xF8) for cell in range(0xA1, 0xFF))
    characters = "".join(pair.decode("gb2312", "ignore") for pair in rows)
    assert len(characters) == 6763
    assert drawable(characters) == characters


def test_it_wraps_and_cuts_long_words_on_a_narrow_picture():
    sheet = stamped(scene(60, 60), Stamp(STAMP.taken_at, "很长的地名" * 100, "单位" * 200, "编号"))
    assert sheet.width == 480
    assert sheet.height < 60 + 400


def test_it_wants_a_time_with_a_zone():
    with pytest.raises(ValueError, match="zone"):
        Stamp(datetime(2026, 11, 22), "a", "b", "c")


def test_it_gives_the_same_likeness_to_the_same_shot():
    shot = scene()
    bright = shot.point(lambda level: min(255, int(level * 1.1)))
    first = fingerprint.likeness(shot)
    assert (
        fingerprint.distance(
            first, fingerprint.likeness(from_bytes(encoded(shot, quality=40)).convert("RGB"))
        )
        <= 3
    )
    assert fingerprint.distance(first, fingerprint.likeness(bright)) <= 6
    assert fingerprint.distance(first, fingerprint.likeness(shot.rotate(180))) > 12


def test_it_fits_a_likeness_into_a_signed_bigint():
    falling = Image.linear_gradient("L").rotate(90)
    values = [
        fingerprint.likeness(picture) for picture in (falling, falling.rotate(180), Image.new("L", (9, 8)))
    ]
    assert all(-(2**63) <= value < 2**63 for value in values)
    assert fingerprint.distance(values[0], values[1]) == 64
    assert values[2] == 0
    assert fingerprint.distance(-1, 0) == 64


def test_it_finds_the_photo_of_a_key_again():
    photo_id = UUID("0190f3c2-1111-7000-8000-00000000000a")
    made = [keys.original_key(photo_id), keys.rendition_key(photo_id, RenditionName.THUMB, RENDITION_VERSION)]
    assert made == [f"photos/{photo_id}/original", f"photos/{photo_id}/thumb-1.jpg"]
    assert {keys.photo_of(key) for key in made} == {photo_id}
    assert all(key.startswith(keys.photo_prefix(photo_id)) for key in made)
    for other in ("photos/x/original", "exports/a.xlsx", made[0] + "/more", made[0].upper()):
        assert keys.photo_of(other) is None
    assert re.fullmatch(r"[ -~]+", made[1])
