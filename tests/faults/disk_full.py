"""The disk is full: only 507 and 503 are answered, reading and signing in go on, and space is enough to go on writing.

Database, photos and everything else lie on a small tmpfs; a file of ballast leaves 1 MB, 4 kB or nothing.
"""

import contextlib
import os
import random
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from tests.faults.installation import await_that
from tests.faults.outcome import Outcome, Plan
from tests.faults.probe import Probe
from tests.faults.stage import Stage, staged
from tests.support.machine import in_its_time

SIZE_MB = 320
LEFT_BYTES = (0, 1024 * 1024, 4096)
FULL_S = 4.0
LEAST_ANSWERS = 24
BACK_SECONDS = 5.0
_PATIENCE_S = 40.0


class NoDisk(RuntimeError):
    """This machine does not let us mount a disk of our own."""


def disk_full(plan: Plan, folder: Path) -> Outcome:
    """Fills the disk as often as asked for, each time leaving another little.

    Raises:
        NoDisk: we may not mount.
    """
    chance = random.Random(plan.seed)
    with small_disk(folder / "disk") as disk, staged("disk full", plan, folder, data=disk / "data") as stage:
        probe = Probe(stage)
        seen: Counter[str] = Counter()
        longest = 0.0
        with stage.crew.out():
            time.sleep(1.5)
            for number in range(plan.faults):
                left = LEFT_BYTES[number % len(LEFT_BYTES)]
                with ballast(disk, left):
                    seen += _watch_full(stage, probe, FULL_S * (0.5 + chance.random()))
                stage.hurt()
                longest = max(longest, _await_accepting(stage, probe))
                time.sleep(0.5)
        stage.outcome.remarks.append(
            f"while it was full: {dict(seen)}; a visit was accepted {longest:.1f} s after space was back"
        )
        stage.finish()
        _check_refusals(stage)
        half = list((stage.installation.folder / "photos" / "incoming").iterdir())
        if half:
            stage.broke(f"{len(half)} half files are left")
        return stage.outcome


@contextlib.contextmanager
def small_disk(place: Path) -> Iterator[Path]:
    """A tmpfs of a few hundred megabytes, gone when the block ends."""
    place.mkdir(parents=True)
    command = ["mount", "-t", "tmpfs", "-o", f"size={SIZE_MB}m,mode=0711", "qianbai-faults", str(place)]
    try:
        mounted = subprocess.run(command, capture_output=True, check=False, text=True)
    except FileNotFoundError as error:
        raise NoDisk("mount is not installed") from error
    if mounted.returncode:
        raise NoDisk(mounted.stderr.strip())
    try:
        yield place
    finally:
        for options in ([], [], ["-l"]):
            if not subprocess.run(
                ["umount", *options, str(place)], capture_output=True, check=False
            ).returncode:
                break
            time.sleep(0.3)


@contextlib.contextmanager
def ballast(disk: Path, left: int) -> Iterator[None]:
    """Leaves so many bytes free while the block runs, whatever others free or take at first."""
    path = disk / "ballast"
    try:
        _fill(path, left)
        yield
    finally:
        path.unlink(missing_ok=True)


def _fill(path: Path, left: int) -> None:
    for _ in range(5):
        room = os.statvfs(path.parent)
        free = room.f_bavail * room.f_frsize - left
        if free <= 0:
            return
        with path.open("ab") as file, contextlib.suppress(OSError):
            os.posix_fallocate(file.fileno(), file.tell(), free)


def _watch_full(stage: Stage, probe: Probe, seconds: float) -> Counter[str]:
    """What is answered meanwhile: reading and signing in go on, though with 0 bytes left one attempt may be put off."""
    seen: Counter[str] = Counter()
    until = time.monotonic() + seconds
    while time.monotonic() < until or seen.total() < LEAST_ANSWERS:
        seen["visit accepted" if probe.send_visit() is not None else "visit put off"] += 1
        for what, works in (("read", probe.can_read()), ("sign-in", probe.can_sign_in())):
            seen[what if works else f"{what} failed"] += 1
        time.sleep(0.2)
    for what in ("read", "sign-in"):
        if not seen[what]:
            stage.broke(f"no {what} succeeded while the disk was full")
    return seen


def _await_accepting(stage: Stage, probe: Probe) -> float:
    seconds = probe.await_accepted(_PATIENCE_S)
    if seconds is None or seconds > in_its_time(BACK_SECONDS):
        stage.broke(f"a visit was accepted only {seconds or _PATIENCE_S:.1f} s after space was back")
    if await_that(stage.installation.is_ready, _PATIENCE_S) is None:
        stage.broke("not ready again after space was back")
    return _PATIENCE_S if seconds is None else seconds


def _check_refusals(stage: Stage) -> None:
    """Of the answers from 500 up, all say "wait" or "full"."""
    others = [status for status in range(500, 600) if status not in (503, 507)]
    if count := stage.installation.answered(*others):
        stage.broke(f"{count} were answered with another status than 503 and 507")
