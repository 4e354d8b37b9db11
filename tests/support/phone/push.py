"""Records go out: in batches where the server takes them, else one by one; each item stands on its own result."""

from collections.abc import Mapping, Sequence
from typing import Any

from tests.support.phone.account import Account, Refused
from tests.support.phone.backoff import Course
from tests.support.phone.clock import Clock
from tests.support.phone.items import RECORDS, Kind, Sending
from tests.support.phone.ops import MOST_OPS, push, that_fit
from tests.support.phone.outbox import Outbox
from tests.support.phone.report import Round
from tests.support.phone.results import Results
from tests.support.phone.wire import NoAnswer

NO_SUCH_DOOR = {404, 405}
_BY_CONTENT = {400, 413, 422, 500}
"""Refusals of a whole batch that one of its items may have caused."""

_DOORS = {Kind.VISIT: "/api/v1/visits", Kind.CHECKIN: "/api/v1/checkins"}


class Push:
    """Sends what the outbox holds of records."""

    def __init__(
        self, account: Account, outbox: Outbox, results: Results, clock: Clock, *, batch: bool
    ) -> None:
        self._account, self._outbox, self._results, self._clock = account, outbox, results, clock
        self._in_batches, self._most = batch, MOST_OPS

    def send_all(self, report: Round) -> None:
        """Send everything that may go.

        Raises:
            NoAnswer, Refused, Stopped: as the account does; what was sent before stays proved.
        """
        try:
            if self._in_batches:
                self._by_batches(report)
                return
        except Refused as refused:
            if refused.problem.status not in NO_SUCH_DOOR:
                raise
            self._in_batches = False  # an older server: it takes them one by one
        self._one_by_one(report)

    def _by_batches(self, report: Round) -> None:
        """Send a batch at a time.

        On a bad line, or when the server stumbles over something in a batch, the next one is half as large; so one
        poisoned item is soon alone, waits by itself, and holds nobody back.
        """
        while batch := that_fit(self._going(self._most)):
            try:
                results = push(self._account, batch)
            except (NoAnswer, Refused) as fault:
                self._shrink(batch, fault, report)
                raise
            self._most = min(self._most * 2, MOST_OPS)
            for sending in batch:
                self._results.take(sending, results.get(sending.item.op_id), report)

    def _shrink(self, batch: Sequence[Sending], fault: NoAnswer | Refused, report: Round) -> None:
        if isinstance(fault, Refused) and fault.problem.status not in _BY_CONTENT:
            return  # the server is busy or has no such door, whatever the batch holds
        if len(batch) > 1:
            self._most = max(1, len(batch) // 2)
        elif isinstance(fault, Refused):
            self._results.turned_down(batch[0], fault.problem, report)
        else:
            self._results.unanswered(batch[0], report)

    def _one_by_one(self, report: Round) -> None:
        while going := self._going(MOST_OPS):
            for sending in going:
                self._alone(sending, report)

    def _alone(self, sending: Sending, report: Round) -> None:
        try:
            document = self._sent_alone(sending)
        except Refused as refused:
            if refused.problem.course is Course.WAIT:
                raise
            self._results.turned_down(sending, refused.problem, report)
        except NoAnswer:
            self._results.unanswered(sending, report)
            raise
        else:
            self._results.proved(sending, document.get("receipt"), report)

    def _sent_alone(self, sending: Sending) -> Mapping[str, Any]:
        item = sending.item
        if item.kind is Kind.WITHDRAWAL:
            path = f"{self._door_of(item.id)}/{item.id}/withdrawal"
            record = self._account.ask("POST", path, item.body).document()
            # This door answers the record, not a receipt of the withdrawal: its word stands for one.
            return {"receipt": dict(record.get("receipt") or {}) | {"sha256": item.sha256}}
        body = item.body if sending.base_rev is None else item.body | {"base_rev": sending.base_rev}
        return self._account.ask("PUT", f"{_DOORS[item.kind]}/{item.id}", body).document()

    def _door_of(self, record_id: str) -> str:
        kinds = {item.kind for item in self._outbox.of(record_id)}
        return _DOORS[Kind.CHECKIN if Kind.CHECKIN in kinds else Kind.VISIT]

    def _going(self, most: int) -> list[Sending]:
        return self._outbox.sendable(RECORDS, self._clock.elapsed_ms(), most)
