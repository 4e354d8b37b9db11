"""The harnesses by name: how many faults their short and long forms inject, and the planted faults each must find."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.faults.crash_loop import crash_loop
from tests.faults.cut_answers import cut_answers
from tests.faults.database_faults import database_faults
from tests.faults.disk_full import NoDisk, disk_full
from tests.faults.failing_calls import NoStrace, failing_calls, points
from tests.faults.outcome import Outcome, Plan
from tests.faults.power_cut import NoDisks, power_cut
from tests.faults.store_faults import NoStore, store_faults

MISSING = (NoDisk, NoDisks, NoStore, NoStrace)
"""What a harness raises where the machine lacks something it needs."""


@dataclass(frozen=True, slots=True)
class Harness:
    """One way of hurting an installation."""

    run: Callable[[Plan, Path], Outcome]
    short: int
    long: int
    planted: Mapping[str, int]
    """Name of a planted fault → how many faults are enough to find it."""


HARNESSES: Mapping[str, Harness] = {
    "crash-loop": Harness(crash_loop, 4, 300, {"acknowledge_before_commit": 5, "select_then_insert": 4}),
    "database": Harness(database_faults, 4, 90, {"dead_connections_kept": 3}),
    "store": Harness(store_faults, 60, 800, {"photo_without_verification": 90}),
    "cut-answers": Harness(
        cut_answers, 120, 2000, {"client_that_trusts_200": 120, "append_without_offset_check": 120}
    ),
    "disk-full": Harness(disk_full, 1, 12, {"full_disk_ignored": 1}),
    "failing-calls": Harness(failing_calls, 6, len(points()), {"swallowed_disk_faults": 3}),
    "power-cut": Harness(power_cut, 2, 40, {"forgetful_database": 1, "photo_without_fsync": 3}),
}
