"""Faults that a careless server would have, put into ours from outside: each harness must notice its own.

A fault is a change to a module, made the moment the module has been imported. Nothing in the product knows of them.
"""

import contextlib
import importlib.abc
import importlib.util
import os
import sys
import threading
import time
import types
from collections.abc import Callable, Iterator, Mapping
from typing import Any

Change = Callable[[Any], None]
LATE_S = 0.4


def plant(name: str) -> None:
    """Have the modules of this fault changed as soon as they are imported."""
    sys.meta_path.insert(0, _AfterImport(dict(FAULTS.get(name, {}))))


def _put(owner: Any, name: str, value: object) -> None:
    """In the place of what is there; a name that is gone shall not go unnoticed."""
    if not hasattr(owner, name):
        raise AttributeError(f"{owner.__name__} has no {name} to be replaced")
    setattr(owner, name, value)


class _AfterImport(importlib.abc.MetaPathFinder):
    """Lets the usual finders find a module, and changes it when it has been executed."""

    def __init__(self, changes: dict[str, Change]) -> None:
        self._changes = changes

    def find_spec(self, fullname: str, path: Any, target: Any = None) -> Any:
        change = self._changes.pop(fullname, None)
        if change is None:
            return None
        spec = importlib.util.find_spec(fullname)
        if spec is None or spec.loader is None:
            return None
        execute = spec.loader.exec_module

        def executed(module: types.ModuleType) -> None:
            execute(module)
            change(module)

        spec.loader.exec_module = executed  # type: ignore[method-assign]
        return spec


# Acknowledge before commit: the answer leaves, the transaction is committed a moment later.


def _commit_late(work: Any) -> None:
    @contextlib.contextmanager
    def transaction() -> Iterator[Any]:
        from flask import request

        current = work.work()
        session = current.house.sessions()
        current.open_session = session
        try:
            yield session
        except BaseException:
            session.close()
            raise
        finally:
            current.open_session = None
        if request.method == "PUT" or "/sync/push" in request.path:
            session.flush()
            threading.Timer(LATE_S, _finish, [session]).start()
        else:
            _finish(session)

    _put(work, "transaction", transaction)


def _finish(session: Any) -> None:
    with session:
        session.commit()


# Select, then insert: whether a revision is known is looked up first, and no constraint stands behind it.


def _look_first(receiving: Any) -> None:
    write = receiving._Gate.try_to_write

    def look_then_write(gate: Any, rev: int) -> Any:
        if any(row.rev >= rev for row in receiving.stored_revisions(gate.session, gate.record_id)):
            return None
        time.sleep(0.05)
        return write(gate, rev)

    receiving._Gate.try_to_write = look_then_write


def _without_conflicts(dialect: Any) -> None:
    def ignore(self: Any, **named: Any) -> Any:
        known = dialect.Insert._planted_original
        return self if named.get("index_elements") == ["record_id", "rev"] else known(self, **named)

    dialect.Insert._planted_original = dialect.Insert.on_conflict_do_nothing
    dialect.Insert.on_conflict_do_nothing = ignore


def _without_constraints(migrate: Any) -> None:
    upgrade = migrate.upgrade

    def upgrade_and_drop(url: str, *given: Any, **named: Any) -> Any:
        done = upgrade(url, *given, **named)
        import psycopg

        with psycopg.connect(url.replace("+psycopg", "")) as connection:
            for statement in _DROPS:
                connection.execute(statement)
        return done

    _put(migrate, "upgrade", upgrade_and_drop)


_DROPS = (
    "ALTER TABLE record_revisions DROP CONSTRAINT IF EXISTS pk_record_revisions CASCADE",
    "ALTER TABLE visits DROP CONSTRAINT IF EXISTS pk_visits CASCADE",
    "ALTER TABLE checkins DROP CONSTRAINT IF EXISTS pk_checkins CASCADE",
)


# Photos: not on the disk when acknowledged, not looked at, faults of the disk swallowed.


class _CarelessOs:
    """The module `os`, but for fsync."""

    def __init__(self, fsync: Callable[[int], None]) -> None:
        self.fsync = fsync

    def __getattr__(self, name: str) -> Any:
        return getattr(os, name)


def _without_fsync(folder: Any) -> None:
    _put(folder, "os", _CarelessOs(lambda _descriptor: None))


def _swallow_faults(folder: Any) -> None:
    def fsync(descriptor: int) -> None:
        with contextlib.suppress(OSError):
            os.fsync(descriptor)

    _put(folder, "os", _CarelessOs(fsync))


def _without_verification(verification: Any) -> None:
    _put(verification, "verify", lambda _store, _announced: None)


def _append_anywhere(uploads: Any) -> None:
    hold = uploads.hold

    def hold_where_it_stands(session: Any, photo: Any, offset: int, **named: Any) -> Any:
        try:
            return hold(session, photo, offset, **named)
        except uploads.OffsetDiffers as differs:
            return hold(session, photo, differs.extra["upload_offset"], **named)

    _put(uploads, "hold", hold_where_it_stands)


def _take_anything(folder: Any) -> None:
    def take_in(body: Any, write: Callable[[bytes], object], _declared: Any) -> Any:
        import hashlib

        pieces = list(iter(lambda: body.read(65536), b"")) if hasattr(body, "read") else list(body)
        whole = b"".join(pieces)
        write(whole)
        md5 = hashlib.md5(whole, usedforsecurity=False).hexdigest()
        return folder.Measured(len(whole), hashlib.sha256(whole).hexdigest(), md5)

    _put(folder, "take_in", take_in)


# A database that forgets, a pool that does not.


def _forget(embedded: Any) -> None:
    _put(embedded, "_DURABLE", {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"})
    _put(embedded, "check_settings", lambda _show: None)


def _keep_dead_connections(db: Any) -> None:
    from sqlalchemy.pool import base

    base._ConnectionRecord.invalidate = lambda *_given, **_named: None
    make = db.make_engine

    def make_engine(*given: Any, **named: Any) -> Any:
        engine = make(*given, **named)
        engine.pool._pre_ping = False
        engine.dialect.is_disconnect = lambda *_: False
        return engine

    _put(db, "make_engine", make_engine)


def _never_forget(work: Any) -> None:
    _put(work, "_forget", lambda _pool: None)


# A full disk is nobody's business.


def _ask_for_no_room(admission: Any) -> None:
    _put(admission, "_demand_room", lambda: None)


def _be_surprised_by_full_disks(api: Any) -> None:
    trouble = api._database_trouble

    def database_trouble(error: Any) -> Any:
        is_full = isinstance(getattr(error, "orig", None), api.pg.DiskFull)
        return api._surprise(error) if is_full else trouble(error)

    _put(api, "_database_trouble", database_trouble)
    _put(api, "_system_trouble", api._surprise)


FAULTS: Mapping[str, Mapping[str, Change]] = {
    "acknowledge_before_commit": {"service.http.work": _commit_late},
    "select_then_insert": {
        "sqlalchemy.dialects.postgresql.dml": _without_conflicts,
        "service.submissions.receiving": _look_first,
        "service.kernel.migrate": _without_constraints,
    },
    "photo_without_fsync": {"media.stores.folder": _without_fsync},
    "swallowed_disk_faults": {"media.stores.folder": _swallow_faults},
    "photo_without_verification": {"service.photos.verification": _without_verification},
    "append_without_offset_check": {
        "service.photos.uploads": _append_anywhere,
        "media.stores.folder": _take_anything,
    },
    "full_disk_ignored": {
        "service.http.admission": _ask_for_no_room,
        "service.http.api": _be_surprised_by_full_disks,
    },
    "forgetful_database": {"service.kernel.embedded": _forget},
    "dead_connections_kept": {
        "service.kernel.db": _keep_dead_connections,
        "service.http.work": _never_forget,
    },
}
