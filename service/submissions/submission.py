"""What every record's body says beside its own facts: what was sent, when it was written, and by which clocks."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Self

from service.submissions.clocks import Capture, PhoneClock, capture_of
from service.submissions.sent import Sent


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """The whole body of a record's `PUT`: parsed, typed and frozen."""

    sent: Sent
    captured_at: datetime
    clock: PhoneClock | None = None

    def capture(self, received_at: datetime) -> Capture:
        """When it was written, as far as the clocks tell."""
        return capture_of(self.captured_at, self.clock, self.sent.sending_skew_s, received_at)

    def shaped(self, shape: Callable[[Sent], Sent]) -> Self:
        """The same, under these conditions."""
        return replace(self, sent=shape(self.sent))
