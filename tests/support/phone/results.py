"""What becomes of one item by what was said about it, whichever way it was sent."""

from collections.abc import Mapping
from typing import Any

from tests.support.phone.backoff import Backoff, Course, Problem
from tests.support.phone.clock import Clock
from tests.support.phone.items import Kind, NotOurReceipt, Sending
from tests.support.phone.outbox import Outbox
from tests.support.phone.report import Round

_SHORT = 4
"""Doublings of a pause after which an unanswered item waits no longer than that."""
_ACCEPTED = {"applied", "duplicate"}


class Results:
    """Writes results into the outbox and the report."""

    def __init__(self, outbox: Outbox, backoff: Backoff, clock: Clock) -> None:
        self._outbox, self._backoff, self._clock = outbox, backoff, clock

    def take(self, sending: Sending, result: Mapping[str, Any] | None, report: Round) -> None:
        """One op's result; an item that has none, or no receipt, is sent again."""
        if result is not None and result.get("status") in _ACCEPTED:
            self.proved(sending, result.get("receipt"), report)
        else:
            problem = (result or {}).get("problem") or {"code": "no_result"}
            self.turned_down(sending, Problem.read(problem, status=500), report)

    def proved(self, sending: Sending, receipt: object, report: Round) -> bool:
        """Whether the receipt is this item's; only then it counts as sent."""
        try:
            self._outbox.acknowledge(sending, receipt)
        except NotOurReceipt as error:
            report.faults["not_our_receipt"] += 1
            self.put_off(sending, {"code": "not_our_receipt", "detail": str(error)}, report)
            return False
        if sending.item.kind is Kind.PHOTO:
            report.photos += 1
        else:
            report.sent += 1
        return True

    def turned_down(self, sending: Sending, problem: Problem, report: Round) -> None:
        """A refusal of this item alone."""
        report.faults[problem.code] += 1
        if problem.course is Course.PERSON:
            self._outbox.call_a_person(sending.item, problem)
            report.for_a_person += 1
        else:
            self.put_off(sending, problem.document, report, retry_after_s=problem.retry_after_s)

    def unanswered(self, sending: Sending, report: Round) -> None:
        """The line's fault more likely than the item's: a short pause, in which others go first."""
        pause_s = self._backoff.pause_s(min(sending.item.failures + 1, _SHORT))
        self._put_off(sending, {"code": "no_answer"}, report, pause_s)

    def put_off(
        self,
        sending: Sending,
        because: Mapping[str, Any],
        report: Round,
        *,
        retry_after_s: float | None = None,
    ) -> None:
        """Another time; the pause grows with this item's own failures."""
        pause_s = self._backoff.pause_s(sending.item.failures + 1, retry_after_s)
        self._put_off(sending, because, report, pause_s)

    def _put_off(self, sending: Sending, because: Mapping[str, Any], report: Round, pause_s: float) -> None:
        self._outbox.put_off(sending.item, because, now_ms=self._clock.elapsed_ms(), pause_s=pause_s)
        report.put_off += 1
