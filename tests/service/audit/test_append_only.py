"""The database itself refuses to change what is audited, also to the owner of the tables."""

import pytest
import sqlalchemy as sa
from psycopg import errors as pg

from service.audit.commands import record, seal
from service.kernel.actor import Actor

SYSTEM = Actor.system()


@pytest.fixture
def as_owner(session):
    """Two sealed entries and one unsealed, seen by an owner who is no superuser."""
    record(session, SYSTEM, "a.b", "a", "1")
    record(session, SYSTEM, "a.b", "a", "2")
    session.flush()
    seal(session)
    record(session, SYSTEM, "a.b", "a", "3")
    session.flush()
    for statement in (
        "CREATE ROLE audit_owner NOLOGIN",
        "GRANT CREATE, USAGE ON SCHEMA public TO audit_owner",
        "ALTER TABLE audit_entries OWNER TO audit_owner",
        "ALTER TABLE audit_seals OWNER TO audit_owner",
        "SET LOCAL ROLE audit_owner",
    ):
        session.execute(sa.text(statement))
    return session


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_entries SET actor_name = 'x' WHERE subject_id = '3'",
        "UPDATE audit_entries SET details = '{}' WHERE subject_id = '1'",
        "UPDATE audit_entries SET seal_no = NULL, place = NULL WHERE subject_id = '1'",
        "UPDATE audit_entries SET seal_no = 2 WHERE subject_id = '1'",
        "UPDATE audit_entries SET seal_no = 9 WHERE subject_id = '3'",
        "UPDATE audit_entries SET seal_no = 9, place = 1, at = now() WHERE subject_id = '3'",
        "DELETE FROM audit_entries",
        "TRUNCATE audit_entries",
        "INSERT INTO audit_entries (at, actor_name, action, subject_type, subject_id, details, seal_no, place) VALUES (now(), 'x', 'a.b', 'a', '9', '{}', 1, 3)",
        "UPDATE audit_seals SET hash = previous_hash",
        "DELETE FROM audit_seals",
        "TRUNCATE audit_seals",
    ],
)
def test_it_refuses_to_change_what_was_written(as_owner, statement):
    with pytest.raises(sa.exc.ProgrammingError) as refused:
        as_owner.execute(sa.text(statement))

    assert isinstance(refused.value.orig, pg.InsufficientPrivilege)
    assert "is refused" in str(refused.value.orig)


def test_it_lets_an_entry_take_its_seal_once(as_owner):
    as_owner.execute(sa.text("UPDATE audit_entries SET seal_no = 2, place = 1 WHERE subject_id = '3'"))

    with pytest.raises(sa.exc.ProgrammingError):
        as_owner.execute(sa.text("UPDATE audit_entries SET seal_no = 3, place = 1 WHERE subject_id = '3'"))


def test_it_stays_in_force_where_a_replica_would_skip_triggers(session):
    record(session, SYSTEM, "a.b", "a", "1")
    session.flush()
    session.execute(sa.text("SET LOCAL session_replication_role = replica"))

    with pytest.raises(sa.exc.ProgrammingError):
        session.execute(sa.text("DELETE FROM audit_entries"))
