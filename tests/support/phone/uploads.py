"""Photos go out: announced, sent as the grant says, resumed where the line broke, and proved by a receipt.

::

    announce ──receipt──────────────────────────────────────▶ proved: the bytes are there already
        └──────upload ─▶ put │ tus │ s3_multipart ─▶ complete ─receipt with our hash─▶ proved
                               ▲       │ line breaks
                               └─ ask how much has arrived
"""

from collections.abc import Mapping, Sequence
from typing import Any

from tests.support.phone.account import Account, Refused
from tests.support.phone.backoff import Course, Problem
from tests.support.phone.clock import Clock
from tests.support.phone.grants import WAYS, Follower, LostGrant, Verifying
from tests.support.phone.items import Kind, Sending
from tests.support.phone.ops import push, that_fit
from tests.support.phone.outbox import Outbox
from tests.support.phone.push import NO_SUCH_DOOR
from tests.support.phone.report import Round
from tests.support.phone.results import Results
from tests.support.phone.wire import NoAnswer

AT_ONCE = 10
"""Announced together: their addresses must not grow old while the first ones are being sent."""

_ACCEPT = {"accept": list(WAYS)}

Announced = dict[str, Mapping[str, Any]]
"""The server's word about each photo, by op id: `{receipt}`, `{upload}` or `{problem}`."""


class Uploads:
    """Sends what the outbox holds of photos."""

    def __init__(
        self,
        account: Account,
        outbox: Outbox,
        follower: Follower,
        results: Results,
        clock: Clock,
        *,
        batch: bool,
    ) -> None:
        self._account, self._outbox, self._follower = account, outbox, follower
        self._results, self._clock, self._in_batches = results, clock, batch

    def send_all(self, report: Round) -> None:
        """Send every photo that may go; one that cannot holds back no other.

        Raises:
            NoAnswer, Refused, Stopped: as the account does; the photo's turn comes again.
        """
        while going := self._outbox.sendable([Kind.PHOTO], self._clock.elapsed_ms(), AT_ONCE):
            fresh = [one for one in going if self._follower.remembered(one.item.id) is None]
            announced = self._announced(fresh) if fresh else {}
            for sending in going:
                self._one(sending, announced.get(sending.item.op_id), report)

    def _announced(self, fresh: Sequence[Sending]) -> Announced:
        try:
            if self._in_batches:
                return push(self._account, that_fit(fresh), also=_ACCEPT)
        except Refused as refused:
            if refused.problem.status not in NO_SUCH_DOOR:
                raise
            self._in_batches = False  # an older server
        return {}

    def _announced_alone(self, sending: Sending) -> Mapping[str, Any]:
        try:
            return self._account.ask("POST", "/api/v1/photos", sending.item.body | _ACCEPT).document()
        except Refused as refused:
            if refused.problem.course is Course.WAIT:
                raise
            return {"problem": refused.problem.document}

    def _one(self, sending: Sending, word: Mapping[str, Any] | None, report: Round) -> None:
        word = word or self._word_about(sending, report)
        if "receipt" in word:
            self._settle(sending, word["receipt"], report)
        elif word.get("problem"):
            self._results.turned_down(sending, Problem.read(word["problem"], status=500), report)
        elif (word.get("upload") or {}).get("kind") in WAYS:
            self._follow(sending, word["upload"], report)
        else:
            self._results.put_off(sending, {"code": "no_way_to_send"}, report)

    def _word_about(self, sending: Sending, report: Round) -> Mapping[str, Any]:
        """What the server said before, or says to an announcement of this photo alone, which is followed at once."""
        upload = self._follower.remembered(sending.item.id)
        if upload is not None:
            return {"upload": upload}
        try:
            return self._announced_alone(sending)
        except NoAnswer:
            self._results.unanswered(sending, report)
            raise

    def _follow(self, sending: Sending, upload: Mapping[str, Any], report: Round) -> None:
        before = self._follower.pieces
        try:
            receipt = self._follower.receipt(sending.item, upload)
        except Refused as refused:
            if refused.problem.course is Course.RETRY:
                self._follower.forget(sending.item.id)  # the bytes are not there, or bent: begin anew
            self._results.turned_down(sending, refused.problem, report)
            if refused.problem.course is Course.WAIT:
                raise
        except NoAnswer:
            report.pieces += self._follower.pieces - before
            self._results.unanswered(sending, report)
            raise
        except LostGrant as lost:
            report.faults["lost_grant"] += 1
            self._results.put_off(sending, {"code": "lost_grant", "detail": str(lost)}, report)
        except Verifying as verifying:
            self._results.put_off(
                sending, {"code": "verifying"}, report, retry_after_s=verifying.retry_after_s
            )
        else:
            self._settle(sending, receipt, report)

    def _settle(self, sending: Sending, receipt: object, report: Round) -> None:
        if self._results.proved(sending, receipt, report):
            self._follower.forget(sending.item.id)
