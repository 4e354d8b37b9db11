"""A database that is frozen is found out, and whoever waits for it is set free within seconds.

A stopped database says nothing: no timeout of its own ends a statement, and no connection breaks. So when somebody has
held a connection for a while, a connection of its own asks the database a question. If that is not answered in
time, the sockets of all who wait are shut down: they see a broken connection, as after a restart. A slow statement on
a database that answers is left alone.
"""

import contextlib
import logging
import socket
import threading
import time
from typing import Any

import sqlalchemy as sa

log = logging.getLogger(__name__)

SUSPICIOUS_S = 4.0
"""Nearly every transaction is over by then; only an older one makes the watch ask."""
ANSWER_S = 3
LOOK_S = 1.0
LONGEST_S = 180.0
"""One connection that hangs while the database answers: three times what a statement may take."""


class Watch:
    """Looks after the connections of one engine in this process; `answers` is false while the database is frozen."""

    def __init__(
        self, engine: sa.Engine, *, suspicious_s: float = SUSPICIOUS_S, longest_s: float = LONGEST_S
    ) -> None:
        self._engine = engine
        self._suspicious_s = suspicious_s
        self._longest_s = longest_s
        self._held: dict[Any, float] = {}
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None
        self._ended = threading.Event()
        self.answers = True
        sa.event.listen(engine, "checkout", self._note_checkout)
        sa.event.listen(engine, "checkin", self._note_checkin)

    def stop(self) -> None:
        """Look no more."""
        self._ended.set()
        if self._thread is not None:
            self._thread.join()

    def look(self) -> None:
        """One look: ask when somebody has waited for long, and set them free when nobody answers."""
        moment = time.monotonic()
        ages = {driver: moment - since for driver, since in list(self._held.items())}
        if self.answers and all(age < self._suspicious_s for age in ages.values()):
            return
        was_answering, self.answers = self.answers, self._ask()
        if self.answers:
            waiting = [driver for driver, age in ages.items() if age > self._longest_s]
        else:
            waiting = [driver for driver, age in ages.items() if age >= self._suspicious_s]
        if was_answering != self.answers:
            log.warning("the database %s", "answers again" if self.answers else "does not answer")
        for driver in waiting:
            self._held.pop(driver, None)
            _shut_down(driver)
        if waiting or was_answering != self.answers:
            self._engine.dispose()  # what lies idle in the pool is of the same database

    def _ask(self) -> bool:
        words, named = self._engine.dialect.create_connect_args(self._engine.url)
        asked = threading.Event()
        connection: list[Any] = []

        def ask() -> None:
            # It connects, which needs a new process of the database, and asks; a refusal is an answer, too.
            with contextlib.suppress(Exception):
                connection.append(self._engine.dialect.connect(*words, **named, connect_timeout=ANSWER_S))
                connection[0].execute("SELECT 1")
            asked.set()

        threading.Thread(target=ask, daemon=True, name="database-question").start()
        answered = asked.wait(ANSWER_S - 0.5)
        for one in connection:
            with contextlib.suppress(Exception):
                if answered:
                    one.close()
                else:
                    _shut_down(one)
        return answered

    def _note_checkout(self, driver: Any, *_: object) -> None:
        self._held[driver] = time.monotonic()
        if self._thread is None:
            self._start()

    def _note_checkin(self, driver: Any, *_: object) -> None:
        self._held.pop(driver, None)

    def _start(self) -> None:
        with self._starting:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, daemon=True, name="database-watch")
                self._thread.start()

    def _run(self) -> None:
        while not self._ended.wait(LOOK_S):
            try:
                self.look()
            except Exception:  # it must not end: nobody else would notice the next time
                log.exception("the database could not be looked at")


def _shut_down(driver: Any) -> None:
    """Ends a connection under whoever waits for it; libpq reports it closed."""
    with contextlib.suppress(Exception):
        line = socket.fromfd(driver.fileno(), socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            line.shutdown(socket.SHUT_RDWR)
        finally:
            line.close()
