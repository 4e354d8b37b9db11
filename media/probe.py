"""What the bytes are, by their first bytes and by an allow-list of decoders; the declared type is never believed."""

import importlib.util
import struct
import warnings
from typing import BinaryIO

from PIL import Image, ImageFile, UnidentifiedImageError

from media.errors import NotAPicture, TooManyPixels, Truncated
from media.facts import PictureFormat

SNIFF_BYTES = 32

# pillow-heif 1.8 is the first whose wheels carry a libheif past this year's out-of-bounds writes.
_LIBHEIF_FLOOR = (1, 23, 4)
_HEIF_BRANDS = frozenset(
    {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1"}
)
_VIDEO_BRANDS = frozenset(
    {
        b"isom", b"iso2", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1", b"hvc1", b"dash",
        b"M4V ", b"MSNV", b"qt  ", b"3gp4", b"3gp5", b"3gp6", b"3gp7", b"XAVC",
    }
)  # fmt: skip
_OLD_QUICKTIME_BOXES = frozenset({b"moov", b"mdat", b"wide"})
_REFUSED_STARTS = (
    (b"GIF8", "GIF"),
    (b"BM", "BMP"),
    (b"II*\0", "TIFF"),
    (b"MM\0*", "TIFF"),
    (b"BLP", "BLP"),
    (b"%PDF", "PDF"),
    (b"PK\x03\x04", "ZIP"),
    (b"<", "markup"),
)

# What Pillow's decoders were seen to raise on hostile files; OSError alone missed 27 of 1,376.
DECODER_FAULTS = (
    ArithmeticError,
    AttributeError,
    EOFError,
    LookupError,
    NotImplementedError,
    OSError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
    struct.error,
)


def sniff(head: bytes) -> PictureFormat | None:
    """The allowed format that these first `SNIFF_BYTES` bytes announce, or None."""
    if head.startswith(b"\xff\xd8\xff"):
        return PictureFormat.JPEG
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return PictureFormat.PNG
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return PictureFormat.WEBP
    if head[4:8] == b"ftyp" and _has_heif_brand(head):
        return PictureFormat.HEIF
    return None


def sniff_video(head: bytes) -> bool:
    """Whether these first `SNIFF_BYTES` bytes begin a video as phones make them: MP4 or QuickTime."""
    if head[4:8] == b"ftyp":
        return head[8:12] in _VIDEO_BRANDS
    # QuickTime files from before `ftyp` was invented begin with one of their own boxes.
    return head[4:8] in _OLD_QUICKTIME_BOXES


def known_as(head: bytes) -> str:
    """A name for what a refused file seems to be, for the person who sent it."""
    if not head:
        return "empty"
    return next((name for start, name in _REFUSED_STARTS if head.startswith(start)), "unknown")


def heif_decoder_is_safe() -> bool:
    """Whether pillow-heif is installed and carries a libheif without the known holes; then it is registered."""
    if importlib.util.find_spec("pillow_heif") is None:
        return False
    import pillow_heif  # noqa: PLC0415 - costs 40 ms and is needed for HEIC alone

    version = tuple(int(part) for part in pillow_heif.libheif_version().split(".")[:3])
    if version < _LIBHEIF_FLOOR:
        return False
    pillow_heif.options.DECODE_THREADS = 1
    pillow_heif.register_heif_opener(thumbnails=False)
    return True


def open_picture(stream: BinaryIO, expected: PictureFormat, *, max_pixels: int) -> ImageFile.ImageFile:
    """The picture with its size known and its pixels not yet decoded; only the expected decoder looks at it.

    HEIF may be expected only after `heif_decoder_is_safe()`: Pillow raises KeyError for a decoder it does not have.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            picture = Image.open(stream, formats=(expected.value,))
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as fault:
        raise TooManyPixels("the picture has too many pixels", limit=max_pixels) from fault
    except UnidentifiedImageError as fault:
        raise NotAPicture("the file is damaged", format=expected) from fault
    except DECODER_FAULTS as fault:
        raise NotAPicture("the file is damaged", format=expected, fault=type(fault).__name__) from fault
    return _within(picture, max_pixels)


def load_pixels(picture: Image.Image) -> None:
    """Decodes the pixels, or raises Truncated or NotAPicture."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            picture.load()
    except DECODER_FAULTS as fault:
        if "truncated" in str(fault).lower() or isinstance(fault, EOFError):
            raise Truncated("the picture ends too early") from fault
        raise NotAPicture("the picture cannot be decoded", fault=type(fault).__name__) from fault


def _has_heif_brand(head: bytes) -> bool:
    brands = [head[8:12], *(head[at : at + 4] for at in range(16, len(head) - 3, 4))]
    return brands[0] != b"avif" and any(brand in _HEIF_BRANDS for brand in brands)


def _within(picture: ImageFile.ImageFile, max_pixels: int) -> ImageFile.ImageFile:
    # Checked here too: not every decoder runs Pillow's own bomb check.
    width, height = picture.size
    if width * height > max_pixels:
        raise TooManyPixels("the picture has too many pixels", limit=max_pixels, pixels=width * height)
    return picture
