"""Keeps child processes alive until told to stop, and leaves none behind."""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import FrameType
from typing import Self

from service.kernel.lifeline import STARTER

_LOOK_SECONDS = 0.2
_LONGEST_PAUSE_SECONDS = 30.0
_HEALTHY_SECONDS = 60.0  # after so long a life a death counts as the first one again


@dataclass(slots=True)
class Child:
    """One process to keep alive: how it is started, and how its last lives went."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    inherited: Sequence[int] = ()
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    deaths: int = 0
    again_at: float = 0.0

    def start(self) -> None:
        """Starts the process in a session of its own, so that Ctrl-C reaches only us."""
        tied = {STARTER: str(os.getpid())}
        self.process = subprocess.Popen(
            list(self.command),
            env=os.environ | dict(self.environment) | tied,
            stdin=subprocess.DEVNULL,
            pass_fds=tuple(self.inherited),
            start_new_session=True,
        )
        self.started_at = time.monotonic()

    @property
    def is_running(self) -> bool:
        """Whether the process lives."""
        return self.process is not None and self.process.poll() is None


class Supervisor:
    """Starts children, restarts those that die, and ends them all when a signal asks for it.

    ``tell`` receives one line for each death.
    """

    def __init__(
        self, children: Sequence[Child], *, tell: Callable[[str], None], grace_seconds: float = 8.0
    ) -> None:
        self._children = children
        self._tell = tell
        self._grace = grace_seconds
        self._asked_to_stop = False

    def __enter__(self) -> Self:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._on_signal)
        for child in self._children:
            child.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def is_stopping(self) -> bool:
        """Whether somebody asked for the end."""
        return self._asked_to_stop

    def watch(
        self, *, until: Callable[[], bool] = lambda: False, also: Callable[[], None] = lambda: None
    ) -> None:
        """Looks after the children until a signal arrives or ``until`` is true; ``also`` runs at every look."""
        while not self._asked_to_stop and not until():
            also()
            for child in self._children:
                self._look_after(child)
            time.sleep(_LOOK_SECONDS)

    def stop(self) -> None:
        """Asks every child to finish, and ends those that do not within the grace."""
        running = [child.process for child in self._children if child.process and child.is_running]
        for process in running:
            _signal(process, signal.SIGTERM)
        deadline = time.monotonic() + self._grace
        for process in running:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(max(0.0, deadline - time.monotonic()))
        for child in self._children:
            if child.process:
                _signal_group(child.process, signal.SIGKILL)  # grandchildren, too, if any are left
                child.process.wait()

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self._asked_to_stop = True

    def _look_after(self, child: Child) -> None:
        now = time.monotonic()
        if child.is_running:
            return
        if child.process is not None:
            self._note_death(child, now)
        elif now >= child.again_at:
            child.start()

    def _note_death(self, child: Child, now: float) -> None:
        child.deaths = 1 if now - child.started_at > _HEALTHY_SECONDS else child.deaths + 1
        pause = min(_LONGEST_PAUSE_SECONDS, 0.5 * 2 ** (child.deaths - 1))
        code = child.process.returncode if child.process else None
        if child.process:
            _signal_group(child.process, signal.SIGKILL)
        child.process, child.again_at = None, now + pause
        self._tell(f"{child.name} 退出（{code}），{pause:g} 秒后重启 / died, restarting in {pause:g} s")


def _signal(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        process.send_signal(number)


def _signal_group(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    """Reaches whatever the process left in its session."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, number)
