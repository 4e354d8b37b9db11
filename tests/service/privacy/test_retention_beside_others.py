"""Forgetting beside those who write the same rows: nobody's write is undone by it."""

import threading

import pytest
import sqlalchemy as sa

from service.privacy import retention, walks
from service.privacy.retention import retain
from service.submissions.models import RecordRevision, RecordType
from service.visits.models import Visit
from tests.service.privacy.conftest import HERE, POLICY, SPOT, revision

SOON_S = 10


@pytest.fixture
def beside(monkeypatch, sessions):
    """What another transaction does between the moment a batch was read and the moment it is written."""

    def at_once(name, write):
        done = threading.Event()

        def other():
            with sessions.begin() as session:
                session.execute(sa.text("SET LOCAL lock_timeout = '5s'"))
                write(session)
            done.set()

        thread = threading.Thread(target=other, daemon=True)
        real = getattr(walks, name)

        def watched(*args):
            if not thread.is_alive() and not done.is_set():
                thread.start()
                done.wait(0.5)  # held up by the rows' locks, it ends when the batch has
            return real(*args)

        monkeypatch.setattr(walks, name, watched)
        return thread

    return at_once


def test_an_edit_that_comes_meanwhile_keeps_its_place(session, sessions, world, visit, beside):
    old = visit(100)
    elsewhere = HERE | {"lat": 31.23, "lng": 121.47}

    def edit(other):
        other.execute(
            sa.update(Visit)
            .where(Visit.id == old.id)
            .values(rev=2, location=elsewhere, latitude=31.23, longitude=121.47)
        )
        other.add(revision(old.id, world.field1, retention.now(), RecordType.VISIT, {"location": elsewhere}, 2))

    thread = beside("_coarse_columns", edit)
    retain(sessions, POLICY)
    thread.join(SOON_S)
    session.expire_all()
    assert (old.rev, old.latitude, old.location) == (2, 31.23, elsewhere)


def test_what_is_erased_meanwhile_stays_erased(session, sessions, visit, beside):
    old = visit(100, summary="电话13800001234")

    def erase(other):
        found = other.get_one(RecordRevision, (old.id, 1), with_for_update=True)
        found.body = {**found.body, "summary": "已删除"}

    thread = beside("is_exact", erase)
    retain(sessions, POLICY)
    thread.join(SOON_S)
    session.expire_all()
    body = session.get_one(RecordRevision, (old.id, 1)).body
    assert body["summary"] == "已删除"
    assert body["location"]["reduced_to_decimals"] == 2
    assert SPOT["latitude"] != old.latitude
