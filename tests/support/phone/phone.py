"""The reference phone: what an app for the field may stand on.

::

    phone = Phone("http://127.0.0.1:8000", folder, username="field1", password=…, device_id="phone-1")
    photo = phone.keep_photo(jpeg)                        # on the disk when it returns; no line needed
    visit = phone.keep_visit({…, "photo_ids": [str(photo)]})
    phone.sync()                                          # one round; never raises for a bad line
    phone.outbox.pending, phone.outbox.acknowledged, phone.outbox.problems

Drop the object at any moment, kill the process, take the battery out: a new `Phone` on the same folder goes on.
"""

import random
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from uuid import UUID

from tests.support.phone.account import Account, Device
from tests.support.phone.backoff import FIRST_PAUSE_S, Backoff
from tests.support.phone.bodies import freeze, new_id
from tests.support.phone.clock import Clock, SystemClock
from tests.support.phone.database import Database, Step, no_step
from tests.support.phone.grants import Follower
from tests.support.phone.heartbeat import Heartbeat
from tests.support.phone.items import UNSENT, Item, Kind, State
from tests.support.phone.outbox import Outbox
from tests.support.phone.photo_files import PhotoFiles
from tests.support.phone.pull import Pull
from tests.support.phone.push import Push
from tests.support.phone.report import Round
from tests.support.phone.results import Results
from tests.support.phone.store import Store
from tests.support.phone.sync import Sync
from tests.support.phone.uploads import Uploads
from tests.support.phone.wire import TIMEOUT_S, Misbehaviour, Wire

KEPT_DAYS = 30
"""How long proved records and originals stay on the phone, in case the server asks for them again."""


class NothingToEdit(LookupError):
    """The phone knows no record of that id."""


class Phone:
    """One phone with one folder; one thread may keep records while another syncs."""

    def __init__(
        self,
        base_url: str,
        folder: Path,
        *,
        username: str,
        password: str,
        device_id: str,
        seed: int = 0,
        app_version: str = "1.0.0",
        batch: bool = True,
        clock: Clock | None = None,
        misbehaviour: Misbehaviour | None = None,
        timeout_s: float = TIMEOUT_S,
        first_pause_s: float = FIRST_PAUSE_S,
        on_step: Step = no_step,
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        dice = random.Random(f"{seed} {device_id}")
        self.device_id = device_id
        self.clock = clock or SystemClock()
        self.misbehaviour = misbehaviour or Misbehaviour()
        self.misbehaviour.dice = dice
        self.wire = Wire(base_url, timeout_s, self.misbehaviour, on_step)
        self._database = Database(folder / "phone.sqlite3", on_step)
        self._files = PhotoFiles(folder / "photos", on_step)
        self.outbox = Outbox(self._database, self.clock)
        self.store = Store(self._database)
        device = Device(device_id, app_version=app_version)
        self.account = Account(
            self.wire, self._database, self.clock, device, username=username, password=password
        )
        self._files.sweep({item.id for item in self.outbox.items if item.kind is Kind.PHOTO})
        self._sync = self._syncing(Backoff(dice, first_pause_s), folder, batch=batch)

    def sign_in(self) -> None:
        """Sign in by name and password; syncing does so by itself when it must.

        Raises:
            NoAnswer, Refused, Stopped: as the account does.
        """
        self.account.sign_in()

    def keep_visit(self, body: Mapping[str, Any], visit_id: UUID | None = None) -> UUID:
        """A visit that is finished: frozen, hashed and on the disk when this returns.

        Raises:
            PhoneFull: there is no room; nothing was kept, the form must stay open.
            ValueError: the body has no canonical form.
        """
        return self._keep(Kind.VISIT, body, visit_id)

    def keep_checkin(self, body: Mapping[str, Any], checkin_id: UUID | None = None) -> UUID:
        """A check-in; as `keep_visit`."""
        return self._keep(Kind.CHECKIN, body, checkin_id)

    def keep_photo(
        self,
        content: bytes | Path,
        content_type: str = "image/jpeg",
        *,
        taken_at: datetime | None = None,
        source: str = "camera",
        location: Mapping[str, Any] | None = None,
        photo_id: UUID | None = None,
    ) -> UUID:
        """A photo: bytes and row are on the disk when this returns; records name it by the id.

        Raises:
            PhoneFull: there is no room; nothing was kept.
        """
        chosen = photo_id or new_id(self.clock.now())
        kept = self._files.write(chosen, content)
        announcement: dict[str, Any] = {
            "id": str(chosen),
            "sha256": kept.sha256,
            "md5": kept.md5,
            "size": kept.size,
            "content_type": content_type,
            "taken_at": (taken_at or self.clock.now()).isoformat(),
            "source": source,
        }
        if location is not None:
            announcement["location"] = dict(location)
        try:
            self.outbox.keep_photo(chosen, freeze(announcement).text, kept.sha256)
        except OSError:
            self._files.forget(chosen)
            raise
        return chosen

    def edit(self, record_id: UUID, body: Mapping[str, Any]) -> None:
        """The person's newer version of a record, whole; it goes behind what is still unsent of it.

        After a conflict this is the person's decision, after a quarantine the repair.

        Raises:
            NothingToEdit: the phone knows no such record.
            PhoneFull, ValueError: as `keep_visit`.
        """
        kind, decided_rev = self._basis(record_id)
        self.outbox.keep(kind, record_id, freeze(self._stamped(body)), decided_rev=decided_rev)

    def withdraw(self, record_id: UUID, reason: str) -> None:
        """Take a record back; it goes behind what is still unsent of it.

        Raises:
            PhoneFull: there is no room; nothing was kept.
        """
        self.outbox.keep(Kind.WITHDRAWAL, record_id, freeze({"reason": reason}))

    def sync(self) -> Round:
        """One round of push, photos, pull and heartbeat; faults of line and server are counted, never raised."""
        report = self._sync.round()
        self._tidy()
        return report

    def sync_until_empty(self, seconds: float) -> bool:
        """Sync and wait by turns until nothing is unsent or that time is over; whether nothing is.

        What needs a person is not waited for: see `outbox.problems`.
        """
        until = self.clock.elapsed_ms() + round(seconds * 1000)
        while True:
            report = self.sync()
            left_ms = until - self.clock.elapsed_ms()
            if not self.outbox.pending:
                return True
            if report.stopped is not None or left_ms <= 0:
                return False
            self.clock.sleep(min(max(self._sync.next_due_ms(), 10), left_ms) / 1000)

    def close(self) -> None:
        """Close the files; a phone that is just dropped loses nothing either."""
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _keep(self, kind: Kind, body: Mapping[str, Any], chosen: UUID | None) -> UUID:
        record_id = chosen or new_id(self.clock.now())
        self.outbox.keep(kind, record_id, freeze(self._stamped(body)))
        return record_id

    def _stamped(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """The body with what bounds its time of capture, where the phone has met a server since it was started."""
        stamp = self.account.stamp()
        return dict(body) if stamp is None or "clock" in body else dict(body) | {"clock": stamp}

    def _basis(self, record_id: UUID) -> tuple[Kind, int | None]:
        """Of which kind a record is, and which revision the person has before their eyes."""
        items = [item for item in self.outbox.of(record_id) if item.kind in {Kind.VISIT, Kind.CHECKIN}]
        if items:
            return items[-1].kind, self._seen_rev(items[-1])
        for kind in (Kind.VISIT, Kind.CHECKIN):
            if (rev := self.store.rev(kind, str(record_id))) is not None:
                return kind, rev
        raise NothingToEdit(str(record_id))

    def _seen_rev(self, last: Item) -> int | None:
        if last.state in UNSENT:
            return None  # behind a revision that has no receipt yet
        if last.state is State.NEEDS_PERSON:
            conflict = (last.problem or {}).get("conflict") or {}
            return conflict.get("server_rev")
        proved = int((last.receipt or {}).get("rev", 0))
        return max(proved, self.store.rev(last.kind, last.id) or 0) or None

    def _tidy(self) -> None:
        """Let go of what was proved long ago by the server's own clock, originals last."""
        if (server_time := self.account.server_time) is None:
            return
        before = datetime.fromisoformat(server_time) - timedelta(days=KEPT_DAYS)
        for item in self.outbox.let_go_before(before.isoformat().replace("+00:00", "Z")):
            if item.kind is Kind.PHOTO:
                self._files.forget(item.id)

    def _syncing(self, backoff: Backoff, folder: Path, *, batch: bool) -> Sync:
        follower = Follower(self.account, self._database, self._files)
        results = Results(self.outbox, backoff, self.clock)
        push = Push(self.account, self.outbox, results, self.clock, batch=batch)
        uploads = Uploads(self.account, self.outbox, follower, results, self.clock, batch=batch)
        pull = Pull(self.account, self.store, self.outbox)
        heartbeat = Heartbeat(self.account, self._database, self.outbox, folder)
        return Sync(push, uploads, pull, heartbeat, self.outbox, backoff, self.clock)
