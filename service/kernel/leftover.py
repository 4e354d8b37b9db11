"""Stops a PostgreSQL server that outlived the process which started it."""

import contextlib
import os
import signal
import subprocess
import time
from pathlib import Path

_PATIENCE = ((signal.SIGINT, 20.0), (signal.SIGQUIT, 5.0), (signal.SIGKILL, 5.0))


def retire_leftover(folder: Path, socket_lock: Path) -> None:
    """Leaves no server running in this cluster's folder, and no file that would keep ours from starting.

    PostgreSQL writes its process id into both; after a crash that id may be somebody else's by now, and it
    would refuse to start, which happens easily in containers, where ids are small and come again.
    """
    for named_in in (folder / "postmaster.pid", socket_lock):
        with contextlib.suppress(FileNotFoundError):
            pid = _named_in(named_in)
            if pid is not None and serves(pid, folder):
                _stop(pid, folder)
            # A power cut leaves it empty; else it names somebody else by now, or one dead and not yet buried.
            if pid is None or (_lives(pid) and not serves(pid, folder)):
                named_in.unlink()


def _named_in(path: Path) -> int | None:
    """The process id in a lock file's first line; None when it holds none.

    Raises:
        FileNotFoundError: there is no such file.
    """
    with contextlib.suppress(IndexError, ValueError):
        return int(path.read_text().splitlines()[0])
    return None


def serves(pid: int, folder: Path) -> bool:
    """Whether this process is a PostgreSQL server running in this folder."""
    words = _command_line(pid)
    return bool(words) and Path(words[0]).name == "postgres" and str(folder) in words


def _stop(pid: int, folder: Path) -> None:
    for number, seconds in _PATIENCE:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if not serves(pid, folder):
                return
            time.sleep(0.02)


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _command_line(pid: int) -> list[str]:
    """The words that started a process; none for one that is gone, dead or hidden from us."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").split("\0")
    asked = subprocess.run(  # noqa: S603 -- only a number of ours is passed on; macOS has no /proc
        ["/bin/ps", "-ww", "-o", "args=", "-p", str(pid)], check=False, capture_output=True, text=True
    )
    return asked.stdout.split()
