"""The process in which one photo is decoded: `python -m media.darkroom`, photo on standard input, envelope on output.

It limits itself before it reads the first hostile byte, looks at the bytes with one named decoder, and ends.
A refusal is an answer and exits 0; any other exit is a fault of the installation or the death of a decoder.
"""

import os
import resource
import signal
import sys
from typing import BinaryIO

from PIL import Image

from media import envelope
from media.errors import NotAPicture, PictureRefused, TookTooMuch
from media.exif import read_capture
from media.facts import CaptureFacts, PhotoFacts, PictureFormat
from media.fingerprint import likeness
from media.order import Limits, Order, read_order
from media.probe import SNIFF_BYTES, heif_decoder_is_safe, known_as, open_picture, sniff
from media.renditions import make_renditions, upright


def main() -> None:
    """Develops the photo on standard input as the order in the environment says."""
    order = read_order(os.environ)
    limit(order.limits)
    with open(0, "rb", closefd=False) as photo, open(1, "wb", closefd=False) as answer:
        try:
            facts, picture = _opened(photo, order.limits)
        except PictureRefused as refusal:
            envelope.seal_refusal(answer, refusal)
            return
        _hand_back(answer, order, facts, picture)


def limit(limits: Limits) -> None:
    """Caps memory, time, output, open files, pixels and life of this process, and forbids core files."""
    caps = (
        (resource.RLIMIT_AS, limits.memory_bytes),
        (resource.RLIMIT_CPU, limits.cpu_seconds),
        (resource.RLIMIT_FSIZE, limits.answer_bytes),
        (resource.RLIMIT_NOFILE, 64),
        (resource.RLIMIT_CORE, 0),
    )
    for what, most in caps:
        resource.setrlimit(what, (most, most))
    # Pillow's own check comes before the picture's size is known to us.
    Image.MAX_IMAGE_PIXELS = limits.pixels
    # Ends this process even when the one that started it was killed and nobody is waiting.
    signal.alarm(limits.wall_seconds + 1)


def _opened(photo: BinaryIO, limits: Limits) -> tuple[PhotoFacts, Image.Image | None]:
    try:
        return _decoded(photo, limits)
    except PictureRefused:
        raise
    except MemoryError as fault:
        raise TookTooMuch("the picture needs too much memory", limit=limits.memory_bytes) from fault
    # Whatever a decoder raises here is the photo's doing.
    except Exception as fault:
        raise NotAPicture("the file is damaged", fault=type(fault).__name__) from fault


def _decoded(photo: BinaryIO, limits: Limits) -> tuple[PhotoFacts, Image.Image | None]:
    head = photo.read(SNIFF_BYTES)
    photo.seek(0)
    kind = sniff(head)
    if kind is None:
        raise NotAPicture("the file is not a photo in an allowed format", seems=known_as(head))
    if kind is PictureFormat.HEIF and not heif_decoder_is_safe():
        return PhotoFacts(format=kind, width=None, height=None, capture=CaptureFacts()), None
    with open_picture(photo, kind, max_pixels=limits.pixels) as picture:
        width, height = picture.size
        capture = read_capture(picture)
        facts = PhotoFacts(format=kind, width=width, height=height, capture=capture)
        return facts, upright(picture, capture.orientation)


def _hand_back(answer: BinaryIO, order: Order, facts: PhotoFacts, picture: Image.Image | None) -> None:
    if picture is None:
        envelope.seal(answer, facts, None, ())
        return
    envelope.seal(answer, facts, likeness(picture), make_renditions(picture, order.stamp))


if __name__ == "__main__":
    main()
    sys.stdout.flush()
