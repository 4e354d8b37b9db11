"""One round: records, photos, the feed, and word of what is left; each way rests by itself when it is refused."""

from collections.abc import Callable, Collection
from dataclasses import dataclass

from tests.support.phone.account import Refused, Stopped
from tests.support.phone.backoff import Backoff
from tests.support.phone.clock import Clock
from tests.support.phone.database import PhoneFull
from tests.support.phone.heartbeat import Heartbeat
from tests.support.phone.items import RECORDS, Kind
from tests.support.phone.outbox import Outbox
from tests.support.phone.pull import Pull
from tests.support.phone.push import Push
from tests.support.phone.report import Round
from tests.support.phone.uploads import Uploads
from tests.support.phone.wire import NoAnswer

IDLE_MS = 1000


@dataclass(slots=True)
class Lane:
    """One way of talking to the server, and how long it rests."""

    run: Callable[[Round], None]
    kinds: Collection[Kind] = ()
    """What of the outbox goes this way."""
    failures: int = 0
    rests_from_ms: int = 0
    rests_ms: int = 0

    def left_ms(self, now_ms: int) -> int:
        """How long it still rests; a counter that began anew ends the rest."""
        if now_ms < self.rests_from_ms:
            return 0
        return max(0, self.rests_from_ms + self.rests_ms - now_ms)

    def rest(self, now_ms: int, pause_s: float) -> None:
        """Not before that."""
        self.rests_from_ms, self.rests_ms = now_ms, round(pause_s * 1000)


class Sync:
    """Rounds, with what they remember of each other: only pauses, so a restart just tries again."""

    def __init__(
        self,
        push: Push,
        uploads: Uploads,
        pull: Pull,
        heartbeat: Heartbeat,
        outbox: Outbox,
        backoff: Backoff,
        clock: Clock,
    ) -> None:
        self._outbox, self._backoff, self._clock = outbox, backoff, clock
        self._lanes = [
            Lane(push.send_all, RECORDS),
            Lane(uploads.send_all, [Kind.PHOTO]),
            Lane(pull.everything_new),
            Lane(heartbeat.beat),
        ]

    def round(self) -> Round:
        """Everything that may go, goes; whatever goes wrong is in the report."""
        report = Round()
        try:
            for lane in self._lanes:
                if not lane.left_ms(self._clock.elapsed_ms()):
                    self._run(lane, report)
        except Stopped as stop:
            report.stopped = stop.problem.code
        return report

    def next_due_ms(self) -> int:
        """How long until there is something to try for the outbox."""
        now_ms = self._clock.elapsed_ms()
        due = [
            max(lane.left_ms(now_ms), due)
            for lane in self._lanes
            if (due := self._outbox.next_due_ms(lane.kinds, now_ms)) is not None
        ]
        return min(due, default=IDLE_MS)

    def _run(self, lane: Lane, report: Round) -> None:
        before = report.progress
        try:
            lane.run(report)
        except NoAnswer as fault:
            report.faults["no_answer"] += 1
            report.last_fault = str(fault)
            self._rest(lane, None, has_moved=report.progress > before)
        except Refused as refused:
            report.faults[refused.problem.code] += 1
            report.last_fault = str(refused)
            self._rest(lane, refused.problem.retry_after_s)
        except PhoneFull:
            report.faults["phone_full"] += 1
            self._rest(lane, None)
        else:
            lane.failures = 0

    def _rest(self, lane: Lane, retry_after_s: float | None, *, has_moved: bool = False) -> None:
        """Pause; the pauses grow only while nothing gets through, for a line that cuts one call in three still works."""
        lane.failures = 1 if has_moved else lane.failures + 1
        lane.rest(self._clock.elapsed_ms(), self._backoff.pause_s(lane.failures, retry_after_s))
