"""The smallest picture that a camera could have made: for stories in which bytes matter and the view does not."""

import base64
import os

_DOT = base64.b64decode(
    "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAP//////////////////////////////////////////////////////////////////////////////////////"
    "wAALCAABAAEBAREA/8QAFAABAAAAAAAAAAAAAAAAAAAAA//EABQQAQAAAAAAAAAAAAAAAAAAAAD/2gAIAQEAAD8AN//Z"
)


def tiny_picture(size: int = 180) -> bytes:
    """A JPEG of one pixel and about `size` bytes; no two are alike."""
    room = max(16, size - len(_DOT) - 4)
    comments = b""
    while room > 0:
        piece = os.urandom(min(room, 60_000))
        comments += b"\xff\xfe" + (len(piece) + 2).to_bytes(2, "big") + piece
        room -= len(piece)
    return _DOT[:2] + comments + _DOT[2:]
