"""The feed comes in, page after page, each kept with its cursor; what it says about this phone's own items is heeded."""

from urllib.parse import urlencode

from tests.support.phone.account import Account, Refused
from tests.support.phone.outbox import Outbox
from tests.support.phone.report import Round
from tests.support.phone.store import Change, Store
from tests.support.phone.wire import NoAnswer

PAGE_ROWS = 500


class Pull:
    """Brings the local store up to what the server has."""

    def __init__(self, account: Account, store: Store, outbox: Outbox) -> None:
        self._account, self._store, self._outbox = account, store, outbox

    def everything_new(self, report: Round) -> None:
        """Every page up to the last; a cursor that is too old begins the store anew and touches no unsent item.

        Raises:
            NoAnswer, Refused, Stopped: as the account does; the pages before stay.
        """
        has_more = True
        while has_more:
            try:
                has_more = self._page(report)
            except Refused as refused:
                if refused.problem.status != 410:
                    raise
                report.faults[refused.problem.code] += 1
                self._store.begin_anew()

    def _page(self, report: Round) -> bool:
        asked = {"limit": PAGE_ROWS} | ({"cursor": cursor} if (cursor := self._store.cursor) else {})
        document = self._account.ask("GET", f"/api/v1/sync/changes?{urlencode(asked)}").document()
        try:
            changes = [Change.read(one) for one in document["changes"]]
            next_cursor, has_more = str(document["next_cursor"]), bool(document["has_more"])
        except (KeyError, TypeError) as error:
            raise NoAnswer("a page that cannot be read") from error
        self._store.take_in(changes, next_cursor, is_last=not has_more)
        for change in changes:
            self._heed(change)
        report.pulled += len(changes)
        return has_more

    def _heed(self, change: Change) -> None:
        """What headquarters has decided about a kept body ends the phone's own question about it."""
        if change.type == "kept" and change.data.get("settled_at"):
            self._outbox.settled(
                str(change.data["record_id"]), str(change.data["sha256"]), str(change.data["settled_at"])
            )
