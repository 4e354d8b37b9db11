"""The power fails: what reached the disk is there, what only the kernel knew of is not.

::

    database + photos on an ext4 image ─▶ phones send ─▶ the file system is shut down without a flush (the ioctl that
    file-system developers test with) ─▶ everything is killed ─▶ the image is mounted again, its journal replayed ─▶
    the installation starts ─▶ compare

`kill -9` proves nothing about fsync, because the page cache outlives the process; this does. It needs loop devices and
the right to mount. What it does not show is a disk that lies about its own cache.
"""

import contextlib
import fcntl
import os
import random
import struct
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.faults.outcome import Outcome, Plan
from tests.faults.stage import staged

IMAGE_MB = 768
LONGEST_LIFE_S = 1.5
_SHUTDOWN = 0x8004587D  # EXT4_IOC_SHUTDOWN
_WITHOUT_A_FLUSH = 2
_RARELY = "commit=300,noatime"


class NoDisks(RuntimeError):
    """This machine does not let us make a disk of our own."""


def power_cut(plan: Plan, folder: Path) -> Outcome:
    """As many cuts as asked for, each followed by a start on what the disk has.

    Raises:
        NoDisks: there are no loop devices, or we may not mount them.
    """
    chance = random.Random(plan.seed)
    with disk(folder) as drive, staged("power cut", plan, folder, data=drive.place / "data") as stage:
        for number in range(plan.faults):
            with stage.crew.out():
                time.sleep(0.5 + chance.random() * LONGEST_LIFE_S)
                drive.cut()
                stage.installation.kill_everything()
            drive.remount()
            stage.hurt()
            try:
                stage.installation.start()
            except TimeoutError as error:
                stage.broke(f"did not start after cut {number + 1}: {str(error)[-500:]}")
                return stage.outcome
            stage.compare()
            if not stage.outcome.verdict.is_clean:
                return stage.outcome
        return stage.finish()


@dataclass(slots=True)
class Drive:
    """An ext4 file system in a file, mounted at a place."""

    image: Path
    place: Path

    def cut(self) -> None:
        """Shut the file system down as it stands: nothing more reaches the disk."""
        handle = os.open(self.place, os.O_RDONLY)
        try:
            fcntl.ioctl(handle, _SHUTDOWN, struct.pack("I", _WITHOUT_A_FLUSH))
        finally:
            os.close(handle)

    def remount(self) -> None:
        """Mount what the disk has; the journal is replayed."""
        _run("umount", str(self.place))
        self.mount()

    def mount(self) -> None:
        """Mount it."""
        _run("mount", "-o", f"loop,{_RARELY}", str(self.image), str(self.place))


@contextlib.contextmanager
def disk(folder: Path) -> Iterator[Drive]:
    """A fresh disk, gone with its loop device when the block ends."""
    drive = Drive(folder / "disk.img", folder / "disk")
    drive.place.mkdir(parents=True)
    with drive.image.open("wb") as image:
        image.truncate(IMAGE_MB * 1024 * 1024)
    try:
        _run("mkfs.ext4", "-q", "-F", "-E", "lazy_itable_init=0,lazy_journal_init=0", str(drive.image))
        drive.mount()
    except NoDisks:
        drive.image.unlink()
        raise
    try:
        drive.place.chmod(0o711)
        yield drive
    finally:
        _unmount(drive.place)
        drive.image.unlink()


def _unmount(place: Path) -> None:
    for options in ([], [], ["-l"]):
        if subprocess.run(["umount", *options, str(place)], capture_output=True, check=False).returncode == 0:
            return
        time.sleep(0.5)


def _run(*command: str) -> None:
    try:
        subprocess.run(command, capture_output=True, check=True, text=True)
    except FileNotFoundError as error:
        raise NoDisks(f"{command[0]} is not installed") from error
    except subprocess.CalledProcessError as error:
        raise NoDisks(f"{' '.join(command[:3])}: {error.stderr.strip()}") from error
