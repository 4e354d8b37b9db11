"""What bytes are taken for."""

import io
import sys

import pytest

from media.errors import NotAPicture, TooManyPixels
from media.facts import PictureFormat
from media.probe import SNIFF_BYTES, heif_decoder_is_safe, known_as, open_picture, sniff
from tests.media.pictures import encoded, png_bomb, polyglot, scene


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_it_knows_a_format_by_its_first_bytes(kind):
    body = encoded(scene(40, 30), kind)
    assert sniff(body[:SNIFF_BYTES]) == kind
    with open_picture(io.BytesIO(body), PictureFormat(kind), max_pixels=10_000) as picture:
        assert picture.size == (40, 30)


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"\0\0\0\x24ftypheic\0\0\0\0mif1heic", PictureFormat.HEIF),
        (b"\0\0\0\x24ftypmif1\0\0\0\0heicmif1", PictureFormat.HEIF),
        (b"\0\0\0\x24ftypavif\0\0\0\0avifmif1", None),
        (b"\0\0\0\x24ftypisom\0\0\0\0isommp42", None),
        (b"RIFF\0\0\0\0WAVE", None),
        (b"", None),
    ],
)
def test_it_tells_photos_from_their_relatives(head, kind):
    assert sniff(head) is kind


@pytest.mark.parametrize(
    ("head", "name"),
    [(b"GIF89a", "GIF"), (b"", "empty"), (b"hello", "unknown"), (b"<html>", "markup"), (b"%PDF-1", "PDF")],
)
def test_it_names_what_it_refuses(head, name):
    assert known_as(head) == name


def test_it_refuses_a_bomb_before_it_unpacks_it():
    with pytest.raises(TooManyPixels):
        open_picture(io.BytesIO(png_bomb()), PictureFormat.PNG, max_pixels=51_000_000)


@pytest.mark.parametrize("body", [polyglot(), b"\xff\xd8\xff", b"\xff\xd8\xff" + b"\0" * 100])
def test_it_refuses_what_only_begins_like_a_photo(body):
    with pytest.raises(NotAPicture):
        open_picture(io.BytesIO(body), PictureFormat.JPEG, max_pixels=1000)


def test_it_does_without_heif_when_its_decoder_is_not_installed(monkeypatch):
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    assert heif_decoder_is_safe() is False
