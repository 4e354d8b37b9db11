"""The day on which the tests of a house inside their own process happen: the same one whenever they are run.

Their stories are told in dates of 2026, and the programme of the world is that of the year of the clock. The clock runs on
from `NOON`, through all tests of a process, so that what one writes lies before what the next one does; a test that needs
another day travels on from here. Houses of processes of their own, servers of stores, and what the database dates by its
own clock have the real one.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from time import monotonic

import time_machine

from service.kernel.calendar import local_date
from service.kernel.clock import now

NOON = datetime(2026, 11, 22, 4, tzinfo=UTC)
"""A Sunday in Shanghai, long after all that the stories tell of and before the year turns."""
_BEGAN = monotonic()
_BEHIND, _AHEAD = local_date(now() - timedelta(days=60)).year, local_date(now() + timedelta(days=1)).year
"""By the real clock, the last year of which January and February are over, and tomorrow's: asked once, for it may turn."""

ON_THE_REAL_CLOCK = (
    "tests/browser/",
    "tests/docs/",
    "tests/faults/",
    "tests/hq_api/test_privacy.py",
    "tests/media/",
    "tests/mobile_api/test_photos_presigned.py",
    "tests/mobile_api/test_sync_changes.py",
    "tests/mobile_api/tus/test_live.py",
    "tests/phone/",
    "tests/service/backup/",
    "tests/service/cli/test_serve.py",
    "tests/service/jobs/",
    "tests/service/kernel/test_embedded.py",
    "tests/service/privacy/",
    "tests/service/sync/",
    "tests/walks/",
    "tests/web/",
)
"""Where a test and something outside its process must agree on the time: the database also has a clock, by which it dates
marks of changes, and finds the jobs that are due."""


def has_the_real_clock(node_id: str, fixtures: list[str]) -> bool:
    """Whether a test speaks with processes that know no other time than the machine's."""
    return node_id.startswith(ON_THE_REAL_CLOCK) or "s3_server" in fixtures


def told_year() -> int:
    """The year that stories are told of: the clock's on a travelled day, and else one whose first two months are over."""
    return local_date(now()).year if time_machine.escape_hatch.is_travelling() else _BEHIND


def last_day_of_the_programme() -> date:
    """The end of the told year, or, where the clock is real and has left that year, of the one that has come."""
    return date(told_year() if time_machine.escape_hatch.is_travelling() else _AHEAD, 12, 31)


@contextmanager
def on_the_day() -> Iterator[None]:
    """Let everything inside happen on the day of the tests."""
    with time_machine.travel(NOON + timedelta(seconds=monotonic() - _BEGAN), tick=True):
        yield
