"""A database that died is started again; while it cannot start it is tried on, quietly, until it can."""

from itertools import pairwise

import pytest

from service.cli.serve import LONGEST_REVIVAL_PAUSE_S, Reviver
from service.kernel.embedded import EmbeddedPostgresError

FULL = (
    "did not start:\n2026-06-01 [{}] PANIC:  could not write to file: No space left on device\n{} other words"
)


class Database:
    """Dies when told to, and starts when there is room."""

    def __init__(self, failures=()):
        self.is_running = True
        self.starts = []
        self.failures = list(failures)

    def start(self):
        self.starts.append(1)
        if self.failures:
            raise self.failures.pop(0)
        self.is_running = True


@pytest.fixture
def clock(monkeypatch):
    moment = [100.0]
    monkeypatch.setattr("service.cli.serve.time.monotonic", lambda: moment[0])
    return moment


def test_it_leaves_a_living_database_alone(clock):
    database, said = Database(), []
    Reviver(database, tell=said.append).look()
    Reviver(None, tell=said.append).look()
    assert (database.starts, said) == ([], [])


def test_it_tries_on_with_pauses_and_says_a_reason_once(clock):
    failures = [EmbeddedPostgresError(FULL.format(number, number)) for number in range(12)]
    failures[5:7] = [OSError(28, "No space left on device"), OSError(28, "No space left on device")]
    database, said = Database(failures), []
    reviver = Reviver(database, tell=said.append)
    database.is_running = False
    tries = []
    for _ in range(400):
        before = len(database.starts)
        reviver.look()
        if len(database.starts) > before:
            tries.append(clock[0])
        clock[0] += 0.2
    gaps = [later - earlier for earlier, later in pairwise(tries)]
    assert len(tries) == 13
    assert max(gaps) <= LONGEST_REVIVAL_PAUSE_S + 0.4
    assert min(gaps) >= 0.9
    assert database.is_running
    assert len(said) == 5  # it died; full; another word for full; full again; back
    assert "No space left" in said[1]
    assert "back" in said[-1]


def test_it_says_so_again_at_the_next_death(clock):
    database, said = Database(), []
    reviver = Reviver(database, tell=said.append)
    for _ in range(2):
        database.is_running = False
        reviver.look()
    assert len(said) == 4
