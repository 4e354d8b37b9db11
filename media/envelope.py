"""How the darkroom hands its work back: one JSON slip, then the pictures, in one file.

    4 bytes  length of the slip, big-endian
    n bytes  the slip: facts, likeness, and name and size of each picture; or a refusal
    …        the pictures, one after the other

The reader trusts nothing: a slip that is not exactly of this shape is refused as a broken darkroom.
"""

import json
from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from typing import Any, BinaryIO

from media.errors import DarkroomBroken, NotAPicture, PictureRefused, TookTooMuch, TooManyPixels, Truncated
from media.facts import (
    CaptureFacts,
    Developed,
    Fingerprints,
    GpsFix,
    OffsetSource,
    PhotoFacts,
    PictureFormat,
    Rendition,
    RenditionName,
)

_LENGTH_BYTES = 4
_MOST_SLIP_BYTES = 64 * 1024
_REFUSALS = {kind.code: kind for kind in (NotAPicture, Truncated, TooManyPixels, TookTooMuch)}


def seal(sink: BinaryIO, facts: PhotoFacts, likeness: int | None, renditions: Iterable[Rendition]) -> None:
    """Writes a developed photo; no renditions and no likeness mean that it was kept unopened."""
    pictures = tuple(renditions)
    slip = {
        "facts": asdict(facts),
        "likeness": likeness,
        "renditions": [
            {"name": each.name, "width": each.width, "height": each.height, "size": len(each.content)}
            for each in pictures
        ],
    }
    _write(sink, slip)
    sink.writelines(each.content for each in pictures)


def seal_refusal(sink: BinaryIO, refusal: PictureRefused) -> None:
    """Writes why the photo cannot be developed."""
    _write(sink, {"refusal": refusal.code, "message": refusal.message, "details": refusal.details})


def unseal(source: BinaryIO, sha256: str) -> Developed:
    """Reads what was sealed; raises the PictureRefused inside, or DarkroomBroken if it is not a proper envelope."""
    try:
        slip = _read(source)
        if "refusal" in slip:
            raise _REFUSALS[slip["refusal"]](str(slip["message"]), **slip["details"])
        facts = _facts(slip["facts"])
        likeness = slip["likeness"]
        renditions = tuple(_rendition(source, each) for each in slip["renditions"])
        fingerprints = Fingerprints(sha256=sha256, likeness=None if likeness is None else int(likeness))
    except (LookupError, TypeError, ValueError, AttributeError) as fault:
        raise DarkroomBroken("the darkroom handed back no proper envelope", fault=repr(fault)) from fault
    return Developed(
        facts=facts, fingerprints=fingerprints, renditions=renditions, opened=likeness is not None
    )


def _write(sink: BinaryIO, slip: dict[str, Any]) -> None:
    written = json.dumps(slip, default=datetime.isoformat).encode()
    sink.write(len(written).to_bytes(_LENGTH_BYTES, "big") + written)


def _read(source: BinaryIO) -> dict[str, Any]:
    length = int.from_bytes(source.read(_LENGTH_BYTES), "big")
    if not 0 < length <= _MOST_SLIP_BYTES:
        raise ValueError("no slip")
    return dict(json.loads(source.read(length)))


def _facts(slip: dict[str, Any]) -> PhotoFacts:
    return PhotoFacts(
        format=PictureFormat(slip["format"]),
        width=slip["width"],
        height=slip["height"],
        capture=_capture(slip["capture"]),
    )


def _capture(slip: dict[str, Any]) -> CaptureFacts:
    return CaptureFacts(
        taken_at=_time(slip["taken_at"]),
        offset_source=slip["offset_source"] and OffsetSource(slip["offset_source"]),
        gps=slip["gps"] and GpsFix(**slip["gps"]),
        gps_at=_time(slip["gps_at"]),
        orientation=int(slip["orientation"]),
        make=slip["make"],
        model=slip["model"],
    )


def _time(written: str | None) -> datetime | None:
    return None if written is None else datetime.fromisoformat(written)


def _rendition(source: BinaryIO, slip: dict[str, Any]) -> Rendition:
    content = source.read(int(slip["size"]))
    if len(content) != slip["size"] or not content.startswith(b"\xff\xd8\xff"):
        raise ValueError("a rendition is cut or no JPEG")
    return Rendition(
        name=RenditionName(slip["name"]),
        width=int(slip["width"]),
        height=int(slip["height"]),
        content=content,
    )
