"""The pictures that pages show: upright, sRGB, progressive JPEG, without any metadata."""

import io

from PIL import Image, ImageCms

from media.facts import Rendition, RenditionName, Stamp
from media.probe import DECODER_FAULTS, load_pixels
from media.stamping import stamped

SIDES = {RenditionName.LARGE: 1600, RenditionName.SMALL: 800, RenditionName.THUMB: 320}
_QUALITY = {RenditionName.THUMB: 78}
_USUAL_QUALITY = 84
_PAPER = (255, 255, 255)
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def upright(picture: Image.Image, orientation: int) -> Image.Image:
    """The picture at most `large`, turned as its EXIF orientation says, in sRGB, carrying nothing but pixels.

    Raises Truncated or NotAPicture. A JPEG decodes at the nearest scale above what is needed, and is turned when it is
    already small: half the time and a third of the memory of the other order.
    """
    box = (SIDES[RenditionName.LARGE],) * 2
    profile = picture.info.get("icc_profile")
    picture.draft("RGB", box)
    load_pixels(picture)
    small = _resizable(picture)
    small.thumbnail(box, Image.Resampling.BICUBIC, reducing_gap=2.0)
    small = _in_srgb(_on_paper(small), profile)
    turn = _TURNS.get(orientation)
    return _bare(small if turn is None else small.transpose(turn))


def make_renditions(large: Image.Image, stamp: Stamp | None = None) -> tuple[Rendition, ...]:
    """Thumb, small and large of an upright picture, and the stamped copy when there is something to say on it."""
    pictures = {RenditionName.LARGE: large}
    for name in (RenditionName.SMALL, RenditionName.THUMB):
        pictures[name] = _shrunk(large, SIDES[name])
    if stamp is not None:
        pictures[RenditionName.STAMPED] = stamped(large, stamp)
    return tuple(_rendition(name, pictures[name]) for name in RenditionName if name in pictures)


def _rendition(name: RenditionName, picture: Image.Image) -> Rendition:
    content = io.BytesIO()
    quality = _QUALITY.get(name, _USUAL_QUALITY)
    picture.save(content, "JPEG", quality=quality, progressive=True)
    return Rendition(name=name, width=picture.width, height=picture.height, content=content.getvalue())


def _shrunk(picture: Image.Image, side: int) -> Image.Image:
    copy = picture.copy()
    copy.thumbnail((side, side), Image.Resampling.BICUBIC, reducing_gap=2.0)
    return copy


def _resizable(picture: Image.Image) -> Image.Image:
    """The picture in a mode that can be resized smoothly: no palette, 8 bits a channel."""
    if picture.mode.startswith("I"):
        return picture.convert("I").point(lambda level: level / 256).convert("L")
    if picture.mode in ("1", "P", "PA", "LA"):
        return picture.convert("RGBA" if picture.has_transparency_data else "RGB")
    return picture


def _on_paper(picture: Image.Image) -> Image.Image:
    """The picture without transparency: what is transparent becomes white."""
    if not picture.has_transparency_data:
        return picture
    layer = picture.convert("RGBA")
    paper = Image.new("RGB", picture.size, _PAPER)
    paper.paste(layer, mask=layer.getchannel("A"))
    return paper


def _in_srgb(picture: Image.Image, profile: object) -> Image.Image:
    """Colours as sRGB, so that the profile may be dropped; a profile that cannot be used is ignored."""
    if isinstance(profile, bytes) and profile:
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            converted = ImageCms.profileToProfile(
                picture, source, ImageCms.createProfile("sRGB"), outputMode="RGB"
            )
        except (ImageCms.PyCMSError, *DECODER_FAULTS):
            return picture.convert("RGB")
        return converted if converted is not None else picture
    return picture.convert("RGB")


def _bare(picture: Image.Image) -> Image.Image:
    # Comments, EXIF and XMP ride along in `info` and would be written into the JPEG.
    bare = Image.new("RGB", picture.size)
    bare.paste(picture)
    return bare
