"""The database stopped at once, killed, frozen, its sessions ended, its connections used up, while phones send.

After each fault a visit must be accepted within five seconds of PostgreSQL answering again, and nothing may be answered 500.
"""

import contextlib
import os
import random
import signal
import time
from collections.abc import Callable
from pathlib import Path

import psycopg

from tests.faults.installation import await_that
from tests.faults.outcome import Outcome, Plan
from tests.faults.probe import Probe
from tests.faults.stage import Stage, staged
from tests.support.machine import in_its_time

BACK_SECONDS = 5.0
_FREEZE_S = (1.0, 6.0)
_EXHAUSTED_S = 2.0
_PATIENCE_S = 40.0
_CALM_S = 0.4


def database_faults(plan: Plan, folder: Path) -> Outcome:
    """Each way in turn; after the first round in an order drawn from the seed."""
    chance = random.Random(plan.seed)
    ways = list(WAYS)
    longest = 0.0
    with staged("database", plan, folder) as stage:
        probe = Probe(stage)
        with stage.crew.out():
            for number in range(plan.faults):
                if number and number % len(ways) == 0:
                    chance.shuffle(ways)
                time.sleep(_CALM_S * chance.random())
                ways[number % len(ways)](stage, chance)
                stage.hurt()
                longest = max(longest, _await_accepting(stage, probe))
        stage.outcome.remarks.append(
            f"a visit was accepted at most {longest:.1f} s after PostgreSQL was back"
        )
        return stage.finish()


def stopped_at_once(stage: Stage, _chance: random.Random) -> None:
    """`pg_ctl stop -m immediate`, without its program: the supervisor starts it again."""
    _signal_postmaster(stage, signal.SIGQUIT)
    _await_database(stage)


def killed(stage: Stage, _chance: random.Random) -> None:
    """The postmaster dies as if the kernel had wanted its memory."""
    _signal_postmaster(stage, signal.SIGKILL)
    _await_database(stage)


def backend_killed(stage: Stage, chance: random.Random) -> None:
    """One backend dies: PostgreSQL ends all sessions and recovers."""
    with psycopg.connect(_address(stage), autocommit=True) as asking:
        pids = [row[0] for row in asking.execute(_SESSIONS)]
    if pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(chance.choice(pids), signal.SIGKILL)
    time.sleep(0.1)
    _await_database(stage)


def frozen(stage: Stage, chance: random.Random) -> None:
    """Every process of the database stands still for a while, as on a host whose storage hangs."""
    parts = stage.installation.parts()
    pids = parts.get("postmaster", []) + parts.get("backend", [])
    for number in (signal.SIGSTOP, signal.SIGCONT):
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)
        if number == signal.SIGSTOP:
            time.sleep(chance.uniform(*_FREEZE_S))


def sessions_ended(stage: Stage, _chance: random.Random) -> None:
    """Every session is ended by an administrator."""
    with psycopg.connect(_address(stage), autocommit=True) as asking:
        asking.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = current_database()"
        )


def connections_exhausted(stage: Stage, _chance: random.Random) -> None:
    """Somebody else takes every connection there is, and the server's own are ended meanwhile."""
    held: list[psycopg.Connection] = []
    try:
        sessions_ended(stage, _chance)
        with contextlib.suppress(psycopg.OperationalError):
            while True:
                held.append(psycopg.connect(_address(stage), autocommit=True))
        time.sleep(_EXHAUSTED_S)
    finally:
        for connection in held:
            connection.close()


WAYS: tuple[Callable[[Stage, random.Random], None], ...] = (
    stopped_at_once,
    sessions_ended,
    connections_exhausted,
    backend_killed,
    frozen,
    killed,
)
_SESSIONS = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"


def _address(stage: Stage) -> str:
    return stage.installation.database.url.replace("+psycopg", "")


def _signal_postmaster(stage: Stage, number: signal.Signals) -> None:
    for pid in stage.installation.parts().get("postmaster", []):
        os.kill(pid, number)
        await_that(lambda gone=pid: gone not in stage.installation.parts().get("postmaster", []), 10)


def _await_database(stage: Stage) -> None:
    def answers() -> bool:
        with contextlib.suppress(psycopg.OperationalError):
            psycopg.connect(_address(stage), connect_timeout=2).close()
            return True
        return False

    if await_that(answers, _PATIENCE_S) is None:
        stage.broke(f"PostgreSQL was not back after {_PATIENCE_S:g} s")


def _await_accepting(stage: Stage, probe: Probe) -> float:
    """Seconds until a visit is accepted."""
    seconds = probe.await_accepted(_PATIENCE_S)
    if seconds is None or seconds > in_its_time(BACK_SECONDS):
        took = f"{_PATIENCE_S:g} s and more" if seconds is None else f"{seconds:.1f} s"
        stage.broke(f"a visit was accepted only {took} after PostgreSQL was back")
    return _PATIENCE_S if seconds is None else seconds
