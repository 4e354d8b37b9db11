"""Photos through the darkroom's own process: good ones, hostile ones, and its limits."""

import hashlib
import io
import random
import shutil
import signal
import sys
import threading
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

import media
from media import developing
from media.developing import develop
from media.errors import DarkroomBroken, NotAPicture, PictureRefused, TookTooMuch, TooManyPixels, Truncated
from media.facts import PictureFormat, RenditionName, Stamp
from media.order import Limits
from media.probe import heif_decoder_is_safe
from tests.media.pictures import blp_bomb, encoded, phone_jpeg, png_bomb, polyglot, scene

STAMP = Stamp(datetime(2026, 11, 22, 0, 30, tzinfo=UTC), "聊城", "招商一队", "LC-2026-004217")
# A hostile file has to be refused for what it is, not for what it eats: so much is a plain start and a small photo.
LITTLE = replace(Limits(), memory_bytes=256 * 1024 * 1024, cpu_seconds=5, wall_seconds=20)
OPEN_FILES = Path("/proc/self/fd")
needs_heif = pytest.mark.skipif(not heif_decoder_is_safe(), reason="pillow-heif is not installed")


def heic(width=640, height=480):
    return encoded(scene(width, height), "HEIF", quality=60)


def test_it_develops_a_phone_photo():
    body = phone_jpeg(orientation=6)
    developed = develop(body, stamp=STAMP)
    assert developed.opened
    assert developed.facts.format is PictureFormat.JPEG
    assert (developed.facts.width, developed.facts.height) == (640, 480)
    assert developed.facts.capture.taken_at == datetime.fromisoformat("2026-11-20T09:30:15+08:00")
    assert developed.facts.capture.gps is not None
    assert developed.fingerprints.sha256 == hashlib.sha256(body).hexdigest()
    assert developed.fingerprints.likeness is not None
    assert [each.name for each in developed.renditions] == list(RenditionName)
    assert {(each.width, each.height) for each in developed.renditions} >= {(240, 320), (480, 640)}


@pytest.mark.parametrize("kind", ["PNG", "WEBP", pytest.param("HEIF", marks=needs_heif)])
def test_it_develops_every_allowed_format(kind):
    developed = develop(encoded(scene(), kind))
    assert developed.facts.format == kind
    assert [each.name for each in developed.renditions] == ["thumb", "small", "large"]


@pytest.mark.parametrize("form", ["path", "stream", "bytes"])
def test_it_takes_a_photo_in_any_form(form, tmp_path):
    body = phone_jpeg()
    path = tmp_path / "photo"
    path.write_bytes(body)
    source = {"path": path, "stream": io.BytesIO(body), "bytes": body}[form]
    assert develop(source).fingerprints.sha256 == hashlib.sha256(body).hexdigest()


HOSTILE = {
    "blp": (blp_bomb(), NotAPicture),
    "png bomb": (png_bomb(), TooManyPixels),
    "truncated jpeg": (phone_jpeg()[:9000], Truncated),
    "cut in the header": (phone_jpeg()[:300], PictureRefused),
    "truncated png": (encoded(scene(), "PNG")[:2000], PictureRefused),
    "truncated webp": (encoded(scene(), "WEBP")[:900], PictureRefused),
    "gif renamed": (encoded(scene(), "GIF"), NotAPicture),
    "empty": (b"", NotAPicture),
    "text": ("时间：上午九点".encode() * 50, NotAPicture),
    "page that begins like a jpeg": (polyglot(), NotAPicture),
    "svg": (b"<svg xmlns='http://www.w3.org/2000/svg'/>", NotAPicture),
    "heic in name only": (b"\0\0\0\x24ftypheic\0\0\0\0mif1heic" + b"\0" * 500, PictureRefused),
    "jpeg of 65535 x 65535": (
        b"\xff\xd8\xff\xc0\0\x11\x08\xff\xff\xff\xff\3\1\x22\0\2\x11\1\3\x11\1",
        PictureRefused,
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_it_refuses_a_hostile_file_within_little_memory(name):
    if name.startswith("heic") and not heif_decoder_is_safe():
        pytest.skip("kept unopened without pillow-heif")
    body, refusal = HOSTILE[name]
    with pytest.raises(refusal) as caught:
        develop(body, limits=LITTLE)
    assert not isinstance(caught.value, TookTooMuch)
    assert caught.value.code in {"not_a_picture", "truncated", "too_many_pixels"}


def test_it_refuses_or_develops_whatever_is_done_to_a_photo():
    chance = random.Random(20261122)
    sources = [phone_jpeg(), encoded(scene(), "PNG"), encoded(scene(), "WEBP")]
    if heif_decoder_is_safe():
        sources.append(heic())
    for _ in range(16):
        body = bytearray(chance.choice(sources))
        for _ in range(chance.randint(1, 30)):
            body[chance.randrange(len(body))] = chance.randrange(256)
        try:
            develop(bytes(body[: chance.randint(len(body) // 2, len(body))]), limits=LITTLE)
        except PictureRefused:
            continue


def test_it_develops_the_first_picture_of_a_phone_that_sends_several():
    developed = develop(encoded(scene(), "MPO", save_all=True, append_images=[scene(320, 240)]))
    assert developed.facts.format is PictureFormat.JPEG
    assert (developed.facts.width, developed.facts.height) == (640, 480)


@needs_heif
def test_it_refuses_a_heic_that_is_cut():
    with pytest.raises(PictureRefused):
        develop(heic()[:-700], limits=LITTLE)


@needs_heif
def test_it_refuses_a_heic_with_too_many_pixels():
    with pytest.raises(TooManyPixels):
        develop(heic(), limits=replace(LITTLE, pixels=1000))


def test_it_keeps_a_heic_unopened_when_its_decoder_is_not_safe(tmp_path, monkeypatch):
    (tmp_path / "media").symlink_to(Path(media.__file__).parent)
    (tmp_path / "pillow_heif.py").write_text("def libheif_version():\n    return '1.23.3'\n")
    monkeypatch.setattr(developing, "_HOME", str(tmp_path))
    body = b"\0\0\0\x24ftypheic\0\0\0\0mif1heic" + b"anything"
    developed = develop(body)
    assert not developed.opened
    assert developed.renditions == ()
    assert developed.facts.format is PictureFormat.HEIF
    assert (developed.facts.width, developed.fingerprints.likeness) == (None, None)
    assert developed.fingerprints.sha256 == hashlib.sha256(body).hexdigest()


def test_it_ends_a_decoder_that_takes_too_long():
    with pytest.raises(TookTooMuch):
        develop(phone_jpeg(), limits=replace(Limits(), wall_seconds=0))


def test_it_ends_a_decoder_that_takes_too_much_memory():
    big = encoded(scene(4000, 3000), "PNG")
    with pytest.raises(TookTooMuch):
        develop(big, limits=replace(Limits(), memory_bytes=64 * 1024 * 1024))


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV, signal.SIGXCPU, signal.SIGABRT])
def test_it_takes_the_death_of_a_decoder_for_a_refusal(number, tmp_path, monkeypatch):
    dying = tmp_path / "python"
    dying.write_text(f"#!/bin/sh\nkill -{int(number)} $$\n")
    dying.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(dying))
    with pytest.raises(TookTooMuch) as caught:
        develop(phone_jpeg())
    assert caught.value.details["signal"] == number.name


@pytest.mark.parametrize("program", ["false", "true", "echo"])
def test_it_never_blames_the_photo_for_a_broken_installation(program, monkeypatch):
    monkeypatch.setattr(sys, "executable", shutil.which(program))
    with pytest.raises(DarkroomBroken):
        develop(phone_jpeg())


def test_it_works_from_several_threads_at_once_and_leaves_nothing_open():
    before = len(list(OPEN_FILES.iterdir())) if OPEN_FILES.exists() else 0
    done = []
    workers = [threading.Thread(target=lambda: done.append(develop(phone_jpeg()))) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(done) == 4
    assert len({each.fingerprints for each in done}) == 1
    if before:
        assert len(list(OPEN_FILES.iterdir())) <= before


def test_it_develops_the_real_photos(real_photos):
    for photo in sorted(real_photos.glob("*.[jh]*")):
        developed = develop(photo, stamp=STAMP)
        assert developed.opened == (photo.suffix == ".jpg" or heif_decoder_is_safe())
        if developed.opened:
            large = next(each for each in developed.renditions if each.name == "large")
            turned = developed.facts.capture.orientation >= 5
            assert (large.height > large.width) == (turned or photo.stem == "HTC_Desire")
