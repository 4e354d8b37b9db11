"""Entries are sealed in commit order, by one sealer at a time."""

import pytest
import sqlalchemy as sa

from service.audit import commands
from service.audit.chain import FIRST_PREVIOUS_HASH, NotAnAnchorError, read_anchor
from service.audit.commands import latest_seal, record, seal
from service.audit.models import AuditEntry, AuditSeal
from service.kernel.actor import Actor
from service.kernel.db import make_engine, make_sessions
from tests.support.postgres import migrated_database

SYSTEM = Actor.system()


@pytest.fixture
def free_sessions(postgres_url):
    """Sessions of a database where transactions really commit."""
    with migrated_database(postgres_url) as url:
        engine = make_engine(url)
        yield make_sessions(engine)
        engine.dispose()


def write(session, *subjects):
    for subject in subjects:
        record(session, SYSTEM, "a.b", "a", subject)
    session.flush()


def sealed(session):
    rows = session.execute(
        sa.select(AuditEntry.seal_no, AuditEntry.place, AuditEntry.subject_id).order_by(AuditEntry.id)
    )
    return [tuple(row) for row in rows]


def test_it_seals_what_is_there_in_the_order_of_ids(session):
    write(session, "1", "2")
    first = seal(session)
    write(session, "3")
    second = seal(session)

    assert (first.no, first.entries, first.previous_hash) == (1, 2, FIRST_PREVIOUS_HASH)
    assert (second.no, second.entries, second.previous_hash) == (2, 1, first.hash)
    assert sealed(session) == [(1, 1, "1"), (1, 2, "2"), (2, 1, "3")]
    assert latest_seal(session) == f"2:{second.hash}"


def test_it_makes_no_empty_seal(session):
    assert seal(session) is None
    assert latest_seal(session) is None


def test_it_takes_a_long_queue_in_several_seals(session, monkeypatch):
    monkeypatch.setattr(commands, "MOST_ENTRIES_PER_SEAL", 2)
    write(session, "1", "2", "3")

    assert [seal(session).entries, seal(session).entries, seal(session)] == [2, 1, None]


def test_it_leaves_an_entry_that_commits_later_to_a_later_seal(free_sessions):
    with free_sessions() as slow, free_sessions() as quick, free_sessions() as sealer:
        write(slow, "smaller id")
        write(quick, "greater id")
        quick.commit()
        assert seal(sealer).entries == 1
        sealer.commit()
        slow.commit()
        assert seal(sealer).entries == 1
        sealer.commit()

        assert sealed(sealer) == [(2, 1, "smaller id"), (1, 1, "greater id")]


def test_it_lets_only_one_sealer_work_at_a_time(free_sessions):
    with free_sessions() as one, free_sessions() as other:
        write(one, "1")
        one.commit()
        assert seal(one) is not None
        assert seal(other) is None
        one.commit()
        assert seal(other) is None
        assert other.scalar(sa.select(sa.func.count()).select_from(AuditSeal)) == 1


def test_it_reads_an_anchor_and_nothing_that_only_looks_like_one():
    good = "17:" + "ab" * 32
    assert str(read_anchor(f" {good}\n")) == good
    for bad in ("", "17", "0:" + "ab" * 32, "17:" + "AB" * 32, "17:" + "ab" * 31, "-1:" + "ab" * 32):
        with pytest.raises(NotAnAnchorError):
            read_anchor(bad)
