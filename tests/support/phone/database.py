"""The phone's one SQLite file: every step is one transaction that is on the disk when it returns.

A transaction commits or was never there, so the app may be killed between any two instructions. `on_step` is called
around each lasting effect; a test kills the phone there, one step later each time, until it gets through.
"""

import errno
import json
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

Step = Callable[[str], None]

_TABLES = """
CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS items (
    seq       INTEGER PRIMARY KEY AUTOINCREMENT,  -- the order in which the person finished them
    op_id     TEXT NOT NULL UNIQUE,
    kind      TEXT NOT NULL,                      -- visit, checkin, withdrawal, photo
    id        TEXT NOT NULL,
    body      BLOB NOT NULL,                      -- canonical JSON, as it was frozen
    sha256    TEXT NOT NULL,                      -- of the body, or of the photo's bytes
    decided_rev INTEGER,                          -- the revision that the person has seen and edits
    kept_at   TEXT NOT NULL,                      -- by the phone's own clock; nothing is decided by it
    state     TEXT NOT NULL,
    failures  INTEGER NOT NULL DEFAULT 0,
    waits_from_ms INTEGER,
    waits_ms  INTEGER,
    problem   TEXT,                               -- the last refusal, as it came
    receipt   TEXT,                               -- the proof, as it came
    received_at TEXT                              -- of the proof, by the server's clock
);
CREATE INDEX IF NOT EXISTS items_of_a_record ON items (id, seq);
CREATE INDEX IF NOT EXISTS items_by_state ON items (state, kind, seq);
CREATE TABLE IF NOT EXISTS uploads (photo_id TEXT PRIMARY KEY, upload TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS pulled (
    type       TEXT NOT NULL,
    id         TEXT NOT NULL,
    rev        INTEGER,
    data       TEXT NOT NULL,
    generation INTEGER NOT NULL,                  -- which complete pull it belongs to
    PRIMARY KEY (type, id)
) WITHOUT ROWID;
"""


class PhoneFull(OSError):
    """The phone has no room: nothing was kept, and the person must be told before the form is closed."""


def no_step(_name: str) -> None:
    """What happens around the steps of a phone that nobody is trying to break."""


class Database:
    """The open file. One phone opens it once; its threads share it."""

    def __init__(self, path: Path, on_step: Step = no_step) -> None:
        self._on_step = on_step
        self._lock = threading.RLock()
        self._open = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._open.row_factory = sqlite3.Row
        self._open.execute("PRAGMA journal_mode = WAL")
        # Most guides for WAL say NORMAL, which loses the last minutes when the battery falls out.
        self._open.execute("PRAGMA synchronous = FULL")
        self._open.execute("PRAGMA busy_timeout = 5000")
        self._open.executescript(_TABLES)

    @contextmanager
    def transaction(self, what: str) -> Iterator[sqlite3.Connection]:
        """Everything inside happens, or nothing; on the disk when the block is left.

        Raises:
            PhoneFull: there is no room; nothing happened.
        """
        with self._lock, _full_told():
            self._open.execute("BEGIN IMMEDIATE")
            try:
                yield self._open
                self._on_step(f"before: {what}")
                self._open.execute("COMMIT")
            except BaseException:
                if self._open.in_transaction:
                    self._open.execute("ROLLBACK")
                raise
        self._on_step(f"after: {what}")

    def rows(self, question: str, *values: object) -> list[sqlite3.Row]:
        """What a question finds."""
        with self._lock:
            return self._open.execute(question, values).fetchall()

    def fact(self, name: str) -> Any:
        """A remembered fact, or None."""
        found = self.rows("SELECT value FROM facts WHERE name = ?", name)
        return json.loads(found[0]["value"]) if found else None

    def remember(self, **facts: object) -> None:
        """Remember facts, in one step; None forgets."""
        with self.transaction(f"remember {', '.join(facts)}") as rows:
            for name, value in facts.items():
                write_fact(rows, name, value)

    def close(self) -> None:
        """Close the file; opening it again finds everything."""
        with self._lock:
            self._open.close()


def write_fact(rows: sqlite3.Connection, name: str, value: object) -> None:
    """Remember a fact as part of somebody's transaction; None forgets it."""
    if value is None:
        rows.execute("DELETE FROM facts WHERE name = ?", [name])
    else:
        rows.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", [name, json.dumps(value)])


@contextmanager
def _full_told() -> Iterator[None]:
    try:
        yield
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode not in {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_WRITE}:
            raise
        raise PhoneFull(errno.ENOSPC, "the phone has no room to keep this") from error
