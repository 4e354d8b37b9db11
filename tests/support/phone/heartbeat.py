"""The phone says what it still holds, and carries out what it is asked to send again.

A recall is answered once everything it names is proved anew; it is forgotten when the server no longer asks.
"""

import shutil
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from tests.support.phone.account import Account
from tests.support.phone.database import Database
from tests.support.phone.items import Item, Kind
from tests.support.phone.outbox import Outbox
from tests.support.phone.report import Round
from tests.support.phone.wire import NoAnswer


class Heartbeat:
    """Word of the outbox, and the recalls that come back."""

    def __init__(self, account: Account, database: Database, outbox: Outbox, folder: Path) -> None:
        self._account, self._database, self._outbox, self._folder = account, database, outbox, folder

    def beat(self, report: Round) -> None:
        """Tell the server, and heed what it asks.

        Raises:
            NoAnswer, Refused, Stopped: as the account does.
        """
        document = self._account.ask("POST", "/api/v1/heartbeats", self._told()).document()
        report.is_reported = True
        asked = document.get("recalls")
        if not isinstance(asked, list):
            raise NoAnswer("a heartbeat answered without recalls")
        for recall_id, of in self._heeded(asked, report).items():
            if not _is_any_unsent(self._outbox, of["sent"]):
                self._account.ask("POST", f"/api/v1/recalls/{recall_id}/outcome", of)

    def _told(self) -> dict[str, Any]:
        unsent = self._outbox.pending
        photos = sum(item.kind is Kind.PHOTO for item in unsent)
        device = self._account.device
        told: dict[str, Any] = {
            "pending_records": len(unsent) - photos,
            "pending_photos": photos,
            "app_version": device.app_version,
            "platform": device.platform,
            "model": device.model,
            "free_disk_bytes": shutil.disk_usage(self._folder).free,
        }
        return told | ({"oldest_pending_at": unsent[0].kept_at} if unsent else {})

    def _heeded(self, asked: Sequence[Mapping[str, Any]], report: Round) -> dict[str, dict[str, list[str]]]:
        """The open recalls, each with what is sent again and what is gone; new ones go into the outbox."""
        known: dict[str, dict[str, list[str]]] = self._database.fact("recalls") or {}
        there = self._outbox.items
        heeded = {str(one["id"]): known.get(str(one["id"])) or _answer_to(one, there) for one in asked}
        for recall_id in heeded.keys() - known.keys():
            report.recalled += self._outbox.recall(heeded[recall_id]["sent"])
        if heeded != known:
            self._database.remember(recalls=heeded)
        return heeded


def _answer_to(recall: Mapping[str, Any], items: Sequence[Item]) -> dict[str, list[str]]:
    there = {item.id for item in items}
    asked = {str(one) for name in ("record_ids", "photo_ids") for one in recall.get(name) or ()}
    since = {item.id for item in items if _is_since(item, recall.get("since_on"))}
    return {"sent": sorted(asked & there | since), "missing": sorted(asked - there)}


def _is_since(item: Item, since_on: object) -> bool:
    """Whether it was received on that day or later, with a day to spare for time zones: sending again is free."""
    if not isinstance(since_on, str) or item.receipt is None:
        return False
    return str(item.receipt.get("received_at", "")) >= str(date.fromisoformat(since_on) - timedelta(days=1))


def _is_any_unsent(outbox: Outbox, ids: Sequence[str]) -> bool:
    wanted = set(ids)
    return any(item.id in wanted for item in outbox.pending)
