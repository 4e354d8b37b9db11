"""What a phone knows of time: a clock that its owner may set, and a counter that nobody can.

Waiting is measured by the counter alone: a phone whose clock is put back three days must not wait three days.
"""

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """The phone's own time; tests turn it by hand."""

    def now(self) -> datetime:
        """What the phone shows, with its offset; may be wrong by years."""
        ...

    def elapsed_ms(self) -> int:
        """Milliseconds since the phone was started; runs on while the app is closed, begins anew at a restart."""
        ...

    def sleep(self, seconds: float) -> None:
        """Come back after that time."""
        ...


@dataclass(slots=True)
class SystemClock:
    """The machine's clock; `skew` is how far the phone's owner has set it wrong."""

    skew: timedelta = timedelta()

    def now(self) -> datetime:
        """The machine's time, wrong by the skew."""
        return datetime.now(UTC) + self.skew

    def elapsed_ms(self) -> int:
        """The machine's monotonic time."""
        return time.monotonic_ns() // 1_000_000

    def sleep(self, seconds: float) -> None:
        """Really sleep."""
        time.sleep(seconds)


@dataclass(slots=True)
class HandClock:
    """A clock that moves when it is told to, or slept on: weeks offline pass at once."""

    shown: datetime
    counted_ms: int = 3_600_000

    def now(self) -> datetime:
        """What was set, plus what has passed since."""
        return self.shown

    def elapsed_ms(self) -> int:
        """What has passed, whatever the shown time was set to."""
        return self.counted_ms

    def sleep(self, seconds: float) -> None:
        """Let time pass without waiting for it."""
        self.shown += timedelta(seconds=seconds)
        self.counted_ms += round(seconds * 1000)

    def set(self, shown: datetime) -> None:
        """Show another time; nothing has passed."""
        self.shown = shown

    def restart(self) -> None:
        """The phone is switched off and on: the counter begins anew."""
        self.counted_ms = 0
