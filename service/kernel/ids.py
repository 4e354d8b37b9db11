"""Identifiers are UUIDs: ours are version 7 and rise within a process, a phone's may be of any version."""

import os
import re
import secrets
import threading
import time
import uuid

_CANONICAL = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_COUNTER_BITS, _TAIL_BITS = 42, 32


class NotAnId(ValueError):
    """A text that is not a UUID in its canonical lower-case form."""


class _Sequence:
    """The last millisecond and counter that were given out, guarded for threads and renewed in a forked child."""

    def __init__(self) -> None:
        self.renew()

    def renew(self) -> None:
        self._lock = threading.Lock()
        self._millisecond = 0
        self._counter = 0

    def following(self) -> tuple[int, int]:
        now = time.time_ns() // 1_000_000
        with self._lock:
            if now > self._millisecond:
                # The top bit starts at zero, which leaves room for 2**41 ids in one millisecond.
                self._millisecond, self._counter = now, secrets.randbits(_COUNTER_BITS - 1)
            elif self._counter + 1 < 1 << _COUNTER_BITS:
                # Also when the clock was set back: ids stay in order and catch up later (RFC 9562, 6.2 method 1).
                self._counter += 1
            else:
                self._millisecond, self._counter = self._millisecond + 1, secrets.randbits(_COUNTER_BITS - 1)
            return self._millisecond, self._counter


_sequence = _Sequence()
os.register_at_fork(after_in_child=_sequence.renew)


def uuid7() -> uuid.UUID:
    """A new version 7 UUID (RFC 9562), greater than every earlier one of this process, from any thread."""
    millisecond, counter = _sequence.following()
    value = (millisecond & 0xFFFF_FFFF_FFFF) << 80
    value |= 0x7 << 76 | (counter >> 30) << 64
    value |= 0b10 << 62 | (counter & 0x3FFF_FFFF) << _TAIL_BITS
    return uuid.UUID(int=value | secrets.randbits(_TAIL_BITS))


def parse_uuid(text: str) -> uuid.UUID:
    """The UUID, of any version, that a text names in canonical lower-case hyphenated form."""
    if _CANONICAL.fullmatch(text) is None:
        raise NotAnId("an id is a UUID of 32 lower-case hex digits and four hyphens")
    return uuid.UUID(text)
