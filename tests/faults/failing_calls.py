"""The n-th write, fsync, rename or open fails, or its process dies there: never a receipt for what is not there.

`strace` makes the calls fail in the web workers or in the database while one visit with its photo is sent, each step once.
What holds receipts is compared in the end; and a photo whose file could not be synced or renamed has none at the first try.
"""

import contextlib
import random
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.faults.outcome import Outcome, Plan
from tests.faults.probe import Probe
from tests.faults.stage import Stage, staged

READY_SECONDS = 40.0
_ATTACH_SECONDS = 10.0
_WEB = ("web",)
_DATABASE = ("postmaster", "backend")


class NoStrace(RuntimeError):
    """strace is not installed, or may not attach."""


@dataclass(frozen=True, slots=True)
class Point:
    """The n-th of these calls in each thread of those processes, and what happens there."""

    where: tuple[str, ...]
    calls: str
    fault: str
    nth: int

    def __str__(self) -> str:
        return f"{self.calls} {self.fault} at call {self.nth} of {self.where[0]}"

    @property
    def keeps_photos_out(self) -> bool:
        """Whether a photo's file cannot have been made durable when this happened: only photos call these in the web."""
        return (
            self.where == _WEB
            and self.fault.startswith("error")
            and self.calls in {"fsync", "rename,renameat,renameat2"}
        )


def points() -> list[Point]:
    """Every point, the most telling first."""
    ways = ("error=EIO", "error=ENOSPC", "signal=SIGKILL")
    web = ("fsync", "rename,renameat,renameat2", "openat")
    database = ("fdatasync", "pwrite64,pwritev", "fsync", "openat", "rename,renameat,renameat2")
    kinds = [(_WEB, calls, way) for calls in web for way in ways]
    # Its threads wake each other by writing to memory, which never fails: there a failing write would be no disk's fault.
    kinds += [(_WEB, "write", "signal=SIGKILL")]
    kinds += [(_DATABASE, calls, way) for calls in database for way in ways]
    found = [Point(*kind, nth) for nth in (1, 2, 3, 5, 8, 13) for kind in kinds]
    return sorted(
        found, key=lambda point: (point.nth, not point.keeps_photos_out, point.calls != "fdatasync")
    )


def failing_calls(plan: Plan, folder: Path) -> Outcome:
    """The first so many points, or all of them.

    Raises:
        NoStrace: it is not here, or may not attach.
    """
    if shutil.which("strace") is None:
        raise NoStrace("strace is not installed")
    chance = random.Random(plan.seed)
    chosen = points()[: plan.faults]
    if plan.faults > 8:
        chance.shuffle(chosen)
    struck = 0
    with staged("failing calls", plan, folder) as stage:
        probe = Probe(stage)
        for point in chosen:
            struck += _one_point(stage, probe, point, folder)
        stage.outcome.remarks.append(f"{struck} of {len(chosen)} points were struck")
        stage.finish()
        return stage.outcome


def _one_point(stage: Stage, probe: Probe, point: Point, folder: Path) -> bool:
    parts = stage.installation.parts()
    pids = [pid for part in point.where for pid in parts.get(part, [])]
    log = folder / "strace.log"
    with _injecting(point, pids, log):
        accepted = probe.send_visit_with_photo()
    struck = log.read_text(errors="replace").count("(INJECTED)")
    log.unlink()
    stage.hurt(struck)
    if struck and point.keeps_photos_out and accepted["photo"]:
        stage.broke(f"a photo got its receipt although its file was not safe: {point}")
    try:
        stage.installation.wait_ready(READY_SECONDS)
    except TimeoutError as error:
        stage.broke(f"not back by itself after {point}: {str(error)[-400:]}")
        stage.installation.kill_everything()
        stage.installation.start()
    if probe.await_accepted(READY_SECONDS) is None:
        stage.broke(f"no visit was accepted after {point}")
    return struck > 0


@contextlib.contextmanager
def _injecting(point: Point, pids: list[int], log: Path) -> Iterator[None]:
    """The calls fail while the block runs."""
    command = ["strace", "-f", "-o", str(log), "-e", f"trace={point.calls}"]
    command += ["-e", f"inject={point.calls}:{point.fault}:when={point.nth}"]
    for pid in pids:
        command += ["-p", str(pid)]
    strace = subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    try:
        _await_attached(strace, len(pids))
        yield
        time.sleep(0.1)
    finally:
        strace.send_signal(signal.SIGINT)
        with contextlib.suppress(subprocess.TimeoutExpired):
            strace.communicate(timeout=10)
        if strace.poll() is None:
            strace.kill()
            strace.communicate()
        log.touch()


def _await_attached(strace: "subprocess.Popen[str]", count: int) -> None:
    """Come back when strace has said so of every process that was there."""
    assert strace.stderr is not None
    until = time.monotonic() + _ATTACH_SECONDS
    attached = 0
    while attached < count and time.monotonic() < until:
        line = strace.stderr.readline()
        if not line or "Operation not permitted" in line:
            raise NoStrace(line.strip() or "strace ended")
        attached += bool(re.search(r"attached|No such process", line))
