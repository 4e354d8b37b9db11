from datetime import UTC, datetime
from decimal import Decimal
from uuid import uuid4

import pytest
import sqlalchemy as sa

from service.audit.commands import record
from service.audit.models import AuditEntry
from service.kernel.actor import Actor, Role

SOMEBODY = Actor(
    user_id=uuid4(),
    name="王芳",
    unit_id=uuid4(),
    roles=frozenset({Role.FIELD_STAFF}),
    device_id="d1",
    request_id="r1",
    address="10.0.0.7",
)


def the_entry(session):
    return session.scalars(sa.select(AuditEntry)).one()


def test_it_notes_who_did_what_to_which_subject_and_from_where(session):
    subject = uuid4()
    record(session, SOMEBODY, "visit.submit", "visit", subject)
    session.flush()

    entry = the_entry(session)
    assert (entry.actor_id, entry.actor_name, entry.unit_id) == (SOMEBODY.user_id, "王芳", SOMEBODY.unit_id)
    assert (entry.device_id, entry.request_id, entry.address) == ("d1", "r1", "10.0.0.7")
    assert (entry.action, entry.subject_type, entry.subject_id) == ("visit.submit", "visit", str(subject))
    assert entry.seal_no is None


def test_it_keeps_details_as_json_can_hold_them(session):
    some_id = uuid4()
    record(
        session, SOMEBODY, "unit.amend", "unit", "u",
        id=some_id, at=datetime(2026, 1, 2, tzinfo=UTC), amount=Decimal("1.20"), role=Role.LEADER,
        many={"b", "a"}, inner={"x": [some_id]}, nothing=None, count=3, yes=True,
    )  # fmt: skip
    session.flush()

    assert the_entry(session).details == {
        "id": str(some_id), "at": "2026-01-02T00:00:00+00:00", "amount": "1.20", "role": "leader",
        "many": ["a", "b"], "inner": {"x": [str(some_id)]}, "nothing": None, "count": 3, "yes": True,
    }  # fmt: skip


@pytest.mark.parametrize("text", ["a\0b", "lone \ud800 surrogate"])
def test_it_never_fails_a_command_because_of_a_text_the_database_refuses(session, text):
    record(session, SOMEBODY, "session.refuse", "user", text, username=text)
    session.flush()

    assert "\0" not in the_entry(session).details["username"]


def test_it_refuses_a_detail_that_is_a_programmer_s_mistake(session):
    with pytest.raises(TypeError):
        record(session, SOMEBODY, "visit.submit", "visit", uuid4(), what=object())
