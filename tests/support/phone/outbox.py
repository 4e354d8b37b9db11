"""The durable outbox: what a person has finished stays here until the server has proved that it has it.

::

    keep ─▶ PENDING ──receipt──▶ SENT          kept some weeks more, for recalls, then let go
              │  ▲
       refused│  │due
              ▼  │
            WAITING                            until when and why
              │
              └─ a person must look ─▶ NEEDS_PERSON ──edited──▶ REPLACED   once the edit has its receipt
                                              └─ headquarters settles it ─▶ SETTLED

Items of one record go one after the other, an edit behind the revision it was made from; items of different records
never wait for each other. A receipt counts only if its id, its SHA-256 and its revision fit what the phone itself froze.
"""

import json
import sqlite3
from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from tests.support.phone.backoff import Problem
from tests.support.phone.bodies import Frozen, new_id
from tests.support.phone.clock import Clock
from tests.support.phone.database import Database
from tests.support.phone.items import Item, Kind, NotOurReceipt, Receipt, Sending, State


class Outbox:
    """What is on the phone and not yet proved to be at the server, and what was proved."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database, self._clock = database, clock

    # What it holds

    @property
    def pending(self) -> list[Item]:
        """What still has to be sent, in the order in which it was finished; nothing of it needs a person."""
        return self._items("state IN ('pending', 'waiting')")

    @property
    def problems(self) -> list[Item]:
        """What needs a person, each with the server's `problem`."""
        return self._items("state = 'needs_person'")

    @property
    def acknowledged(self) -> dict[str, str]:
        """The SHA-256 of the newest acknowledged revision of every record, and of every photo, by id."""
        return {item.id: item.sha256 for item in self._acknowledged()}

    @property
    def receipts(self) -> list[Receipt]:
        """Every receipt, one a revision, oldest item first."""
        return [Receipt.read(item.receipt) for item in self._acknowledged()]

    @property
    def items(self) -> list[Item]:
        """Everything that is still on the phone, whatever became of it."""
        return self._items("TRUE")

    def of(self, record_id: UUID | str) -> list[Item]:
        """All items of one record or photo, oldest first."""
        return self._items("id = ?", str(record_id))

    # What the person does

    def keep(self, kind: Kind, record_id: UUID, frozen: Frozen, *, decided_rev: int | None = None) -> Item:
        """Durable when it returns.

        Raises:
            PhoneFull: there is no room; nothing was kept.
        """
        with self._database.transaction(f"keep {kind}") as rows:
            return self._insert(rows, kind, record_id, frozen, decided_rev)

    def keep_photo(self, photo_id: UUID, announcement: bytes, sha256: str) -> Item:
        """Durable when it returns; the bytes are in their file already, and theirs is the hash."""
        return self.keep(Kind.PHOTO, photo_id, Frozen(announcement, sha256))

    # What sending does

    def sendable(self, kinds: Collection[Kind], now_ms: int, most: int) -> list[Sending]:
        """What may go now: the first unsent item of each record, oldest first, unless it still waits."""
        firsts = self._items(
            "state IN ('pending', 'waiting') AND NOT EXISTS (SELECT 1 FROM items AS earlier WHERE"
            " earlier.id = items.id AND earlier.seq < items.seq AND earlier.state IN ('pending', 'waiting'))"
            f" AND kind IN ({_marks(kinds)}) AND ({_DUE})",
            *kinds,
            now_ms,
            now_ms,
            most=most,
        )
        return [Sending(item, self._base_rev(item)) for item in firsts]

    def next_due_ms(self, kinds: Collection[Kind], now_ms: int) -> int | None:
        """How long until the next item of these kinds may go: 0 at once, None when nothing is unsent."""
        found = self._database.rows(
            f"SELECT min(CASE WHEN {_DUE} THEN 0 ELSE waits_from_ms + waits_ms - ? END) AS due"
            f" FROM items WHERE state IN ('pending', 'waiting') AND kind IN ({_marks(kinds)})",
            now_ms,
            now_ms,
            now_ms,
            *kinds,
        )
        due: int | None = found[0]["due"]
        return due

    def acknowledge(self, sending: Sending, document: object) -> None:
        """The server has it: let it count as sent, with the receipt as the proof.

        Raises:
            NotOurReceipt: the receipt is about something else; nothing has changed.
        """
        item, receipt = sending.item, Receipt.read(document)
        if (receipt.id, receipt.sha256) != (item.id, item.sha256):
            raise NotOurReceipt("the server holds something else under this id")
        if receipt.rev <= (sending.base_rev or 0):
            raise NotOurReceipt("the receipt is that of an older revision")
        proof = json.dumps(dict(receipt.document), ensure_ascii=False)
        with self._database.transaction("acknowledge") as rows:
            rows.execute(
                "UPDATE items SET state = 'sent', problem = NULL, receipt = ?, received_at = ? WHERE seq = ?",
                [proof, receipt.received_at, item.seq],
            )
            # What needed a person has been answered by the later revision that is now accepted.
            rows.execute(
                "UPDATE items SET state = 'replaced', received_at = ?"
                " WHERE id = ? AND seq < ? AND state = 'needs_person'",
                [receipt.received_at, item.id, item.seq],
            )

    def put_off(self, item: Item, because: Mapping[str, Any], *, now_ms: int, pause_s: float) -> None:
        """Wait with this item alone, and remember why; the others go on."""
        with self._database.transaction("put off") as rows:
            rows.execute(
                "UPDATE items SET state = 'waiting', failures = failures + 1, waits_from_ms = ?, waits_ms = ?,"
                " problem = ? WHERE seq = ?",
                [now_ms, round(pause_s * 1000), json.dumps(dict(because), ensure_ascii=False), item.seq],
            )

    def call_a_person(self, item: Item, problem: Problem) -> None:
        """Stop sending this item until its owner, or headquarters, has decided; nothing of it is given up."""
        with self._database.transaction("call a person") as rows:
            rows.execute(
                "UPDATE items SET state = 'needs_person', failures = failures + 1, problem = ? WHERE seq = ?",
                [json.dumps(dict(problem.document), ensure_ascii=False), item.seq],
            )

    def settled(self, record_id: str, sha256: str, settled_at: str) -> None:
        """What the server had kept of this record is decided: nobody on the phone needs to decide it any more.

        If it was accepted after all, asking once more brings its receipt; a refused body is not asked about again.
        """
        with self._database.transaction("settled") as rows:
            rows.execute(
                "UPDATE items SET state = 'settled', received_at = ?"
                " WHERE id = ? AND sha256 = ? AND state = 'needs_person'",
                [settled_at, record_id, sha256],
            )
            rows.execute(
                "UPDATE items SET state = 'pending' WHERE id = ? AND sha256 = ? AND state = 'waiting'",
                [record_id, sha256],
            )

    def recall(self, ids: Collection[str]) -> int:
        """Send these again, from the first revision on, for the server has asked; how many there were."""
        with self._database.transaction("recall") as rows:
            return rows.execute(
                f"UPDATE items SET state = 'pending', failures = 0 WHERE state = 'sent' AND id IN ({_marks(ids)})",
                list(ids),
            ).rowcount

    def let_go_before(self, received_before: str) -> list[Item]:
        """Forget what was proved before that moment (of the server's clock); the items that are gone."""
        gone = self._items(
            "state IN ('sent', 'replaced', 'settled') AND received_at < ? AND NOT EXISTS (SELECT 1 FROM items AS"
            " later WHERE later.id = items.id AND later.state IN ('pending', 'waiting', 'needs_person'))",
            received_before,
        )
        if not gone:
            return []
        with self._database.transaction("let go") as rows:
            rows.executemany("DELETE FROM items WHERE seq = ?", [[item.seq] for item in gone])
        return gone

    # How

    def _insert(
        self, rows: sqlite3.Connection, kind: Kind, record_id: UUID, frozen: Frozen, decided_rev: int | None
    ) -> Item:
        written = rows.execute(
            "INSERT INTO items (op_id, kind, id, body, sha256, decided_rev, kept_at, state)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, 'pending') RETURNING *",
            [
                str(new_id(self._clock.now())),
                kind,
                str(record_id),
                frozen.text,
                frozen.sha256,
                decided_rev,
                self._clock.now().isoformat(),
            ],
        ).fetchone()
        return _item(written)

    def _base_rev(self, item: Item) -> int | None:
        """What the person decided to build on, else the newest revision that has its receipt."""
        if item.kind not in {Kind.VISIT, Kind.CHECKIN} or item.decided_rev is not None:
            return item.decided_rev
        earlier = self._database.rows(
            "SELECT receipt FROM items WHERE id = ? AND seq < ? AND state = 'sent' AND kind = ? ORDER BY seq DESC",
            item.id,
            item.seq,
            item.kind,
        )
        return Receipt.read(json.loads(earlier[0]["receipt"])).rev if earlier else None

    def _acknowledged(self) -> list[Item]:
        return self._items("receipt IS NOT NULL AND kind <> 'withdrawal'")

    def _items(self, which: str, *values: object, most: int = -1) -> list[Item]:
        question = f"SELECT * FROM items WHERE {which} ORDER BY seq LIMIT ?"
        return [_item(row) for row in self._database.rows(question, *values, most)]


_DUE = "state = 'pending' OR ? < waits_from_ms OR waits_from_ms + waits_ms <= ?"
"""The counter lies before where the wait began when the phone was restarted: then the wait is over, too."""


def _item(row: sqlite3.Row) -> Item:
    return Item(
        seq=row["seq"],
        op_id=row["op_id"],
        kind=Kind(row["kind"]),
        id=row["id"],
        text=row["body"],
        sha256=row["sha256"],
        kept_at=row["kept_at"],
        state=State(row["state"]),
        failures=row["failures"],
        decided_rev=row["decided_rev"],
        waits_from_ms=row["waits_from_ms"],
        waits_ms=row["waits_ms"],
        problem=json.loads(row["problem"]) if row["problem"] else None,
        receipt=json.loads(row["receipt"]) if row["receipt"] else None,
    )


def _marks(values: Collection[object] | Sequence[object]) -> str:
    return ", ".join("?" * len(values))
