"""What was pulled: rows by type and id, and the cursor that belongs to exactly these rows."""

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.support.phone.database import Database, write_fact


@dataclass(frozen=True, slots=True)
class Change:
    """One line of the feed."""

    type: str
    id: str
    op: str
    rev: int | None
    data: Mapping[str, Any]

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> "Change":
        """A line as it came."""
        return cls(
            type=str(document["type"]),
            id=str(document["id"]),
            op=str(document["op"]),
            rev=document.get("rev"),
            data=document.get("data") or {},
        )


class Store:
    """The server's rows as this person may see them, readable without a line."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @property
    def cursor(self) -> str | None:
        """Where the next pull goes on; None begins anew."""
        cursor: str | None = self._database.fact("cursor")
        return cursor

    def get(self, kind: str, record_id: str) -> Mapping[str, Any] | None:
        """One row's data."""
        found = self._database.rows("SELECT data FROM pulled WHERE type = ? AND id = ?", kind, str(record_id))
        data: Mapping[str, Any] | None = json.loads(found[0]["data"]) if found else None
        return data

    def rev(self, kind: str, record_id: str) -> int | None:
        """The revision of one row, where its type has any."""
        found = self._database.rows("SELECT rev FROM pulled WHERE type = ? AND id = ?", kind, str(record_id))
        rev: int | None = found[0]["rev"] if found else None
        return rev

    def all(self, kind: str) -> dict[str, Mapping[str, Any]]:
        """Every row of a type, by id."""
        found = self._database.rows("SELECT id, data FROM pulled WHERE type = ? ORDER BY id", kind)
        return {row["id"]: json.loads(row["data"]) for row in found}

    def counts(self) -> dict[str, int]:
        """How many rows of each type."""
        found = self._database.rows("SELECT type, count(*) AS many FROM pulled GROUP BY type")
        return {row["type"]: row["many"] for row in found}

    def take_in(self, changes: Sequence[Change], next_cursor: str, *, is_last: bool) -> None:
        """A page and its cursor, together or not at all: a phone that dies between them would skip or repeat."""
        generation = self._generation
        with self._database.transaction("take in a page") as rows:
            for change in changes:
                _apply(rows, change, generation)
            write_fact(rows, "cursor", next_cursor)
            if is_last:  # after a reset, what no page has brought again is gone
                rows.execute("DELETE FROM pulled WHERE generation < ?", [generation])

    def begin_anew(self) -> None:
        """The cursor is worth nothing any more: pull everything again, and show the old rows until that is done."""
        generation = self._generation
        with self._database.transaction("begin anew") as rows:
            write_fact(rows, "cursor", None)
            write_fact(rows, "generation", generation + 1)

    @property
    def _generation(self) -> int:
        return int(self._database.fact("generation") or 0)


def _apply(rows: sqlite3.Connection, change: Change, generation: int) -> None:
    """One line, in the order of the feed: the same row may come and go within a page."""
    if change.op == "delete":
        rows.execute("DELETE FROM pulled WHERE type = ? AND id = ?", [change.type, change.id])
        return
    data = json.dumps(dict(change.data), ensure_ascii=False)
    rows.execute(
        "INSERT OR REPLACE INTO pulled VALUES (?, ?, ?, ?, ?)",
        [change.type, change.id, change.rev, data, generation],
    )
