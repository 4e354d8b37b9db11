"""Two hundred random tamperings are found, and clean histories raise no alarm."""

import random
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import sqlalchemy as sa

from service.audit.chain import FIRST_PREVIOUS_HASH, Link, read_anchor
from service.audit.commands import latest_seal, record, seal
from service.audit.models import AuditEntry, AuditSeal
from service.audit.texts import entry_columns, sealed_at_text
from service.audit.verification import Fault, verify
from service.kernel.actor import Actor
from service.kernel.clock import now
from service.kernel.db import make_engine, make_sessions
from tests.support.postgres import migrated_database

SYSTEM = Actor.system()
SEALS, ENTRIES_PER_SEAL = 6, 5
LAST_ENTRY = SEALS * ENTRIES_PER_SEAL


@pytest.fixture
def history(session):
    """Six seals of five entries, as a superuser with the triggers switched off sees them; answers the anchor."""
    for number in range(1, LAST_ENTRY + 1):
        record(session, SYSTEM, "visit.submit", "visit", str(number), amount="1.5", place=number)
        if number % ENTRIES_PER_SEAL == 0:
            session.flush()
            seal(session)
    session.flush()
    for table in ("audit_entries", "audit_seals"):
        session.execute(sa.text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
    return read_anchor(latest_seal(session))


def test_it_finds_nothing_in_an_untouched_history(session, history):
    record(session, SYSTEM, "visit.submit", "visit", "not sealed yet")
    session.flush()
    found = verify(session, anchor=history)

    assert found.is_sound
    assert (found.seals, found.entries, found.unsealed) == (SEALS, LAST_ENTRY, 1)
    assert found.last == str(history)


def test_it_finds_nothing_wrong_with_an_empty_log(session):
    assert verify(session, anchor=None).is_sound


ENTRY_EDITS = {
    "id": "id + 1000",
    "at": "at + interval '1 microsecond'",
    "actor_id": "gen_random_uuid()",
    "actor_name": "actor_name || '.'",
    "unit_id": "gen_random_uuid()",
    "device_id": "'another'",
    "request_id": "'another'",
    "address": "''",
    "action": "'visit.withdraw'",
    "subject_type": "'checkin'",
    "subject_id": "subject_id || '0'",
    "details": "jsonb_set(details, '{amount}', '\"1.50\"')",
    "seal_no": "CASE WHEN seal_no = 1 THEN 2 ELSE seal_no - 1 END, place = place + 100",
    "place": "place + 100",
}
SEAL_EDITS = {
    "entries": "entries + 1",
    "hash": "repeat('a', 64)",
    "previous_hash": "repeat('b', 64)",
    "sealed_at": "sealed_at + interval '1 microsecond'",
    "no": "no + 100",
}


def run(session, statement, **values):
    session.execute(sa.text(statement), values)


def edit(session, dice):
    if dice.random() < 0.75:
        column = dice.choice(list(ENTRY_EDITS))
        run(
            session,
            f"UPDATE audit_entries SET {column} = {ENTRY_EDITS[column]} WHERE subject_id = :one",
            one=str(dice.randint(1, LAST_ENTRY)),
        )
    else:
        column = dice.choice(list(SEAL_EDITS))
        run(
            session,
            f"UPDATE audit_seals SET {column} = {SEAL_EDITS[column]} WHERE no = :no",
            no=dice.randint(1, SEALS),
        )


def delete(session, dice):
    if dice.random() < 0.7:
        run(
            session, "DELETE FROM audit_entries WHERE subject_id = :one", one=str(dice.randint(1, LAST_ENTRY))
        )
    else:
        run(session, "DELETE FROM audit_seals WHERE no = :no", no=dice.randint(1, SEALS))


def insert(session, dice):
    columns = "actor_name, action, subject_type, subject_id, details"
    if dice.random() < 0.7:
        values = {"no": dice.randint(1, SEALS + 1), "place": dice.choice([0, ENTRIES_PER_SEAL + 1])}
        run(
            session,
            f"INSERT INTO audit_entries (at, seal_no, place, {columns}) VALUES (now(), :no, :place, 'x', 'a.b', 'a', '9', '{{}}')",
            **values,
        )
    else:
        old = now() - timedelta(days=dice.randint(1, 300))
        run(
            session,
            f"INSERT INTO audit_entries (at, {columns}) VALUES (:old, 'x', 'a.b', 'a', '9', '{{}}')",
            old=old,
        )


def swap(session, dice):
    one, other = dice.sample(range(1, LAST_ENTRY + 1), 2)
    rows = session.execute(
        sa.select(AuditEntry.seal_no, AuditEntry.place)
        .where(AuditEntry.subject_id.in_([str(one), str(other)]))
        .order_by(sa.cast(AuditEntry.subject_id, sa.Integer))
    ).all()
    first, second = rows if one < other else reversed(rows)
    move = "UPDATE audit_entries SET seal_no = :no, place = :place WHERE subject_id = :one"
    run(session, move, no=-1, place=-1, one=str(one))
    run(session, move, no=first.seal_no, place=first.place, one=str(other))
    run(session, move, no=second.seal_no, place=second.place, one=str(one))


def cut_tail(session, dice):
    after = dice.randint(0, SEALS - 1)
    run(session, "DELETE FROM audit_seals WHERE no > :after", after=after)
    if dice.random() < 0.7:
        run(session, "DELETE FROM audit_entries WHERE seal_no > :after", after=after)
    else:
        run(
            session,
            "UPDATE audit_entries SET seal_no = NULL, place = NULL WHERE seal_no > :after",
            after=after,
        )


def rewrite(session, dice):
    """Change an entry of seal k and make the chain fit again, from k to its end."""
    k = dice.randint(1, SEALS)
    run(
        session,
        "UPDATE audit_entries SET actor_name = 'another' WHERE seal_no = :k AND place = :place",
        k=k,
        place=dice.randint(1, ENTRIES_PER_SEAL),
    )
    previous = session.scalar(sa.select(AuditSeal.hash).where(AuditSeal.no == k - 1)) or FIRST_PREVIOUS_HASH
    for no in range(k, SEALS + 1):
        sealed_at = session.scalar(sa.select(sealed_at_text()).where(AuditSeal.no == no))
        link = Link(no=no, previous_hash=previous, sealed_at=sealed_at)
        for row in session.execute(
            sa.select(*entry_columns()).where(AuditEntry.seal_no == no).order_by(AuditEntry.place)
        ):
            link.add(row)
        run(
            session,
            "UPDATE audit_seals SET previous_hash = :previous, hash = :hash WHERE no = :no",
            previous=previous,
            hash=link.hash(),
            no=no,
        )
        previous = link.hash()


TAMPERINGS = (edit, edit, delete, insert, swap, cut_tail, rewrite)


def test_it_finds_each_of_two_hundred_random_tamperings(session, history):
    dice = random.Random(20261122)
    missed = []
    for number in range(200):
        tamper = TAMPERINGS[number % len(TAMPERINGS)]
        state = dice.getstate()
        with session.begin_nested() as point:
            tamper(session, dice)
            if verify(session, anchor=history).is_sound:
                missed.append((number, tamper.__name__, state))
            point.rollback()
    assert missed == []
    assert verify(session, anchor=history).is_sound


@pytest.mark.parametrize("column", ENTRY_EDITS)
def test_it_finds_an_edit_of_any_column_of_an_entry_without_an_anchor(session, history, column):
    run(session, f"UPDATE audit_entries SET {column} = {ENTRY_EDITS[column]} WHERE subject_id = '7'")

    assert not verify(session, anchor=None).is_sound


@pytest.mark.parametrize("column", SEAL_EDITS)
def test_it_finds_an_edit_of_any_column_of_a_seal_without_an_anchor(session, history, column):
    run(session, f"UPDATE audit_seals SET {column} = {SEAL_EDITS[column]} WHERE no = 3")

    assert not verify(session, anchor=None).is_sound


def test_it_names_the_seal_whose_entry_was_changed_and_no_other(session, history):
    run(session, "UPDATE audit_entries SET actor_name = 'x' WHERE seal_no = 4 AND place = 2")
    found = verify(session, anchor=history)

    assert [(finding.fault, finding.seal_no) for finding in found.findings] == [(Fault.SEAL_BROKEN, 4)]


def test_it_tells_a_cut_tail_from_a_rewrite(session, history):
    with session.begin_nested() as point:
        run(session, "DELETE FROM audit_seals WHERE no = 6")
        run(session, "DELETE FROM audit_entries WHERE seal_no = 6")
        assert [finding.fault for finding in verify(session, anchor=history).findings] == [
            Fault.ANCHOR_MISSING
        ]
        assert verify(session, anchor=None).is_sound, "without an anchor nobody could know"
        point.rollback()
    rewrite(session, random.Random(1))
    assert [finding.fault for finding in verify(session, anchor=history).findings] == [Fault.ANCHOR_DIFFERS]


def test_it_counts_what_it_does_not_tell_one_by_one(session, history):
    run(session, "DELETE FROM audit_entries")
    run(session, "DELETE FROM audit_seals")
    run(
        session,
        "INSERT INTO audit_seals (no, entries, hash, previous_hash, sealed_at) "
        "SELECT no, 1, repeat('a', 64), repeat('b', 64), now() FROM generate_series(1, 150) AS no",
    )
    found = verify(session, anchor=None)

    assert len(found.findings) == 100
    assert found.more_findings == 200


@pytest.mark.slow
def test_it_raises_no_alarm_in_two_hundred_checks_while_many_write_and_seal(postgres_url):
    with migrated_database(postgres_url) as url:
        engine = make_engine(url)
        sessions = make_sessions(engine)
        alarms = _check_while_written(sessions, checks=200)
        with sessions.begin() as session:
            while seal(session):
                pass
        with sessions() as session:
            end = verify(session, anchor=None)
        engine.dispose()
    assert alarms == []
    assert end.is_sound
    assert end.entries > 200
    assert end.unsealed == 0


def _check_while_written(sessions, *, checks):
    """Verify again and again while three write and two seal, a little between any two checks."""
    turns = threading.Semaphore(0)
    done = threading.Event()
    with ThreadPoolExecutor(5) as pool:
        hands = [pool.submit(_write_in_turn, turns, done, sessions, number) for number in range(3)]
        hands += [pool.submit(_seal_in_turn, turns, done, sessions) for _ in range(2)]
        try:
            findings = []
            for _ in range(checks):
                turns.release(3)
                findings += _verify_now(sessions)
        finally:
            done.set()
            turns.release(5)
        for hand in hands:
            hand.result()
    return findings


def _write_in_turn(turns, done, sessions, number):
    dice = random.Random(number)
    while turns.acquire() and not done.is_set():
        with sessions() as session:
            for _ in range(dice.randint(1, 3)):
                record(session, SYSTEM, "visit.submit", "visit", str(number))
            session.flush()
            session.rollback() if dice.random() < 0.2 else session.commit()


def _seal_in_turn(turns, done, sessions):
    while turns.acquire() and not done.is_set():
        with sessions.begin() as session:
            seal(session)


def _verify_now(sessions):
    with sessions() as session:
        noted = latest_seal(session)
        return verify(session, anchor=read_anchor(noted) if noted else None).findings
