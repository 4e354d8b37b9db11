"""What the phone writes, frozen at the moment the person says "done": one text, one hash, never touched again."""

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import rfc8785


@dataclass(frozen=True, slots=True)
class Frozen:
    """A body as canonical JSON (RFC 8785) and the SHA-256 that its receipt must state."""

    text: bytes
    sha256: str

    @property
    def body(self) -> dict[str, Any]:
        """The body, to be sent."""
        return read_object(self.text)


def freeze(body: Mapping[str, Any]) -> Frozen:
    """The body as it will be hashed, kept and sent; `base_rev` is a condition of sending and no part of it.

    Raises:
        ValueError: the body has no canonical form (NaN, whole numbers beyond 2^53, lone surrogates); show it to the
            person now rather than let it travel to a quarantine.
    """
    document = {name: value for name, value in body.items() if name != "base_rev"}
    text = rfc8785.dumps(document)
    return Frozen(text, hashlib.sha256(text).hexdigest())


def read_object(text: bytes | str) -> dict[str, Any]:
    """A JSON object.

    Raises:
        ValueError: it is something else.
    """
    value = json.loads(text)
    if not isinstance(value, dict):
        raise ValueError("not a JSON object")  # noqa: TRY004 # what was read is wrong, not what was passed
    return value


def new_id(at: datetime) -> UUID:
    """A UUID of version 7: sorted by the phone's time, unique by 74 random bits even if that time is wrong."""
    milliseconds = int(at.timestamp() * 1000) & ((1 << 48) - 1)
    bits = int.from_bytes(os.urandom(10), "big")
    high, low = bits >> 68, bits & ((1 << 62) - 1)
    return UUID(int=milliseconds << 80 | 0x7 << 76 | high << 64 | 0b10 << 62 | low)
