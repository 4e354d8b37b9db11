"""A run's folder, and the end of whatever an earlier run that was itself killed has left in its own."""

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

PREFIX = "qianbai-faults-"
_OWNER = "owner"


@contextmanager
def own_folder() -> Iterator[Path]:
    """An empty folder that is gone when the block ends, with everything that runs or is mounted in it."""
    clear_away()
    folder = Path(tempfile.mkdtemp(prefix=PREFIX))
    (folder / _OWNER).write_text(str(os.getpid()))
    folder.chmod(0o711)
    try:
        yield folder
    finally:
        _clear(folder)


def clear_away() -> None:
    """End, unmount and remove what runs whose process is gone have left behind."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError, ValueError):
            if not psutil.pid_exists(int((folder / _OWNER).read_text())):
                _clear(folder)


@contextmanager
def ending_in_order() -> Iterator[None]:
    """A run that is asked to end does so by the same way out as one that fails."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _clear(folder: Path) -> None:
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            if process.pid != os.getpid() and _belongs(process, folder):
                process.kill()
    for place in _mounted_below(folder):
        for options in ([], ["-l"]):
            if not subprocess.run(["umount", *options, place], capture_output=True, check=False).returncode:
                break
            time.sleep(0.3)
    shutil.rmtree(folder, ignore_errors=True)


def _belongs(process: psutil.Process, folder: Path) -> bool:
    """Whether it was started with a path of that folder, or stands in it."""
    inside = f"{folder}/"
    return any(inside in f"{word}/" for word in process.cmdline()) or f"{process.cwd()}/".startswith(inside)


def _mounted_below(folder: Path) -> list[str]:
    with contextlib.suppress(OSError):
        places = [line.split()[1] for line in Path("/proc/mounts").read_text().splitlines()]
        return sorted((place for place in places if place.startswith(f"{folder}/")), reverse=True)
    return []
