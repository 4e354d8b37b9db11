"""Two fingerprints of a photo: SHA-256 finds the same bytes, a 64-bit difference hash finds the same picture."""

import hashlib
from typing import BinaryIO

from PIL import Image

_SIGN = 1 << 63
_WRAP = 1 << 64


def sha256_of(stream: BinaryIO) -> str:
    """The lower-case hex SHA-256 of the rest of a stream."""
    digest = hashlib.sha256()
    while chunk := stream.read(1 << 18):
        digest.update(chunk)
    return digest.hexdigest()


def likeness(picture: Image.Image) -> int:
    """The difference hash of an upright picture as a signed 64-bit integer, which is PostgreSQL's bigint.

    One bit for each of 8 x 8 places: is it brighter than its left neighbour, on a grey 9 x 8 copy? Brightness and size
    hardly change it. A picture without features (a black frame) has 0 and resembles every other such picture.
    """
    small = picture.convert("L").resize((9, 8), Image.Resampling.LANCZOS)
    grey = small.tobytes()
    bits = 0
    for row in range(8):
        for column in range(8):
            at = row * 9 + column
            bits = bits << 1 | (grey[at + 1] > grey[at])
    return bits - _WRAP if bits >= _SIGN else bits


def distance(one: int, other: int) -> int:
    """The number of differing bits, 0 to 64; up to about 6 is the same shot, re-encoded or slightly cropped."""
    return ((one ^ other) & (_WRAP - 1)).bit_count()
