"""Develops a photo in a process of its own, so that a hostile file can cost a refusal and nothing more.

    caller (job worker) ── photo as standard input ──▶ python -m media.darkroom   limits itself, decodes, ends
                        ◀── envelope in a scratch file ──

One process a photo: nothing a decoder broke can meet the next photo, and no pool has to be kept alive. Starting it
costs about as much as decoding a small photo. Safe to call from threads: the process is started afresh, never forked.
A caller bounds how many run at a time; HEIC needs the most memory (see `Limits`).
"""

import contextlib
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, cast

from media import envelope
from media.errors import DarkroomBroken, TookTooMuch
from media.facts import Developed, Stamp
from media.fingerprint import sha256_of
from media.intake import CHUNK_BYTES
from media.order import VARIABLE, Limits, Order

_HOME = str(Path(__file__).resolve().parent.parent)
_MOST_COMPLAINT_BYTES = 4096
_PARTING_SECONDS = 5  # between closing its standard error and being gone
# Exit by these signals is the decoder's death or the limits at work; any other is ours.
_DEATHS = {
    signal.SIGKILL,
    signal.SIGXCPU,
    signal.SIGALRM,
    signal.SIGSEGV,
    signal.SIGABRT,
    signal.SIGBUS,
    signal.SIGILL,
}
_DEATHS |= {signal.SIGFPE, signal.SIGTRAP, signal.SIGSYS, signal.SIGXFSZ}


def develop(
    source: bytes | Path | BinaryIO, *, stamp: Stamp | None = None, limits: Limits | None = None
) -> Developed:
    """Facts, fingerprints and renditions of a photo, with a stamped copy when a stamp is given.

    A HEIC whose decoder is not installed comes back with `opened` False and without renditions.
    Raises PictureRefused (NotAPicture, Truncated, TooManyPixels, TookTooMuch) for a photo that cannot be developed,
    and DarkroomBroken when our installation is at fault. `fingerprints.sha256` is computed here, not by the decoder.
    """
    order = Order(stamp=stamp, limits=limits or Limits())
    with _as_file(source) as photo, tempfile.TemporaryFile() as answer:
        os.lseek(photo.fileno(), 0, os.SEEK_SET)
        sha256 = sha256_of(photo)
        os.lseek(photo.fileno(), 0, os.SEEK_SET)
        _run(photo, answer, order)
        answer.seek(0)
        return envelope.unseal(cast("BinaryIO", answer), sha256)


def _run(photo: BinaryIO, answer: "tempfile._TemporaryFileWrapper[bytes] | BinaryIO", order: Order) -> None:
    process = subprocess.Popen(
        [sys.executable, "-s", "-P", "-m", "media.darkroom"],
        stdin=photo,
        stdout=answer,
        stderr=subprocess.PIPE,
        env=_environment(order),
        cwd="/",
    )
    with process:
        try:
            complaint = _wait(process, order.limits.wall_seconds)
            status = process.wait(timeout=_PARTING_SECONDS)
        except subprocess.TimeoutExpired as fault:
            raise TookTooMuch("the decoder would not end") from fault
        finally:
            process.kill()
    _judge(status, complaint)


def _wait(process: "subprocess.Popen[bytes]", seconds: float) -> bytes:
    """Waits until the process closes its standard error by ending, and answers the last of what it wrote there."""
    assert process.stderr is not None
    lifeline, complaint = process.stderr.fileno(), b""
    deadline = time.monotonic() + seconds
    while (left := deadline - time.monotonic()) > 0:
        if not select.select([lifeline], [], [], left)[0]:
            break
        chunk = os.read(lifeline, _MOST_COMPLAINT_BYTES)
        if not chunk:
            return complaint
        complaint = (complaint + chunk)[-_MOST_COMPLAINT_BYTES:]
    raise TookTooMuch("the picture took too long to decode", seconds=seconds)


def _judge(status: int, complaint: bytes) -> None:
    if status == 0:
        return
    if -status in _DEATHS:
        raise TookTooMuch("the decoder died on this picture", signal=signal.Signals(-status).name)
    raise DarkroomBroken(
        "the darkroom cannot work", status=status, complaint=complaint.decode("utf-8", "replace")
    )


def _environment(order: Order) -> dict[str, str]:
    return {
        VARIABLE: order.written(),
        "PYTHONPATH": _HOME,
        "LC_ALL": "C.UTF-8",
        # Each thread's own arena would reserve 64 MB of the address space.
        "MALLOC_ARENA_MAX": "1",
    }


@contextlib.contextmanager
def _as_file(source: bytes | Path | BinaryIO) -> Iterator[BinaryIO]:
    """A real file with the photo in it, which the process can have as its standard input."""
    if isinstance(source, Path):
        with source.open("rb") as photo:
            yield photo
        return
    with tempfile.TemporaryFile() as scratch:
        if isinstance(source, bytes):
            scratch.write(source)
        else:
            shutil.copyfileobj(source, scratch, CHUNK_BYTES)
        scratch.flush()
        yield cast("BinaryIO", scratch)
