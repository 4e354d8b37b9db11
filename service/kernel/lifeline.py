"""A child that lives no longer than the process which started it, and under another user if need be.

Our own children call ``die_with_starter`` first thing. For PostgreSQL's programs this file is run by path
with the bare interpreter and becomes them: ``python -I -S lifeline.py PARENT_PID USER SIGNAL PROGRAM
ARGUMENT…``. It is a program of its own because Python 3.12 warns about code between fork and exec in a
process with threads.
"""

import contextlib
import ctypes
import os
import pwd
import signal
import sys

STARTER = "QIANBAI_STARTED_BY"
"""The environment's name for the process id of whoever started us and wants us gone with it."""

_PR_SET_PDEATHSIG = 1


def drop_to(user: str) -> None:
    """Gives up root for the named user; ``-`` keeps the user we are."""
    if user == "-":
        return
    entry = pwd.getpwnam(user)
    os.setgroups([])
    os.setgid(entry.pw_gid)
    os.setuid(entry.pw_uid)
    os.environ.update(HOME="/", USER=user, LOGNAME=user)


def die_with(parent_pid: int, signal_number: int) -> None:
    """Asks Linux to send us this signal when our parent dies; elsewhere it does nothing.

    Call it after the change of user, which would undo it.
    """
    if signal_number == 0 or not sys.platform.startswith("linux"):
        return
    with contextlib.suppress(AttributeError, OSError):
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal_number)
    if os.getppid() != parent_pid:  # it died before we asked
        os.kill(os.getpid(), signal.SIGKILL)


def die_with_starter() -> None:
    """Ties this process to the one named by the environment; without a name it lives on its own."""
    if starter := os.environ.pop(STARTER, ""):
        die_with(int(starter), signal.SIGTERM)


def main(arguments: list[str]) -> None:
    """Replaces this process by the program that the arguments name."""
    parent_pid, user, signal_number, *command = arguments
    drop_to(user)
    die_with(int(parent_pid), int(signal_number))
    os.execv(command[0], command)  # noqa: S606 -- there is no shell here, and none is wanted


if __name__ == "__main__":
    main(sys.argv[1:])
