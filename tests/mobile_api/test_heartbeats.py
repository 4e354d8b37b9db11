"""A phone says what it still holds; the newest word alone is kept."""

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
import time_machine

from service.audit.models import AuditEntry
from service.outboxes.models import Heartbeat

NOON = datetime(2026, 6, 1, 4, tzinfo=UTC)
BEAT = "/api/v1/heartbeats"


@pytest.fixture
def clock():
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


def beat(phone, **facts):
    return phone.post(BEAT, json={"pending_records": 0, "pending_photos": 0} | facts)


def stored(session, device_id="phone-1"):
    session.expire_all()
    return session.scalars(sa.select(Heartbeat).where(Heartbeat.device_id == device_id)).one()


def test_it_hears_nobody_who_is_not_signed_in(client, world):
    assert beat(client).status_code == 401


def test_it_keeps_the_newest_word_of_each_phone_and_person(client, world, session, clock):
    phone = client.as_(world.field1, device_id="phone-1")
    first = beat(phone, pending_records=3, pending_photos=5, free_disk_bytes=2**40, app_version="1.2")
    assert first.get_json() == {
        "server_time": "2026-06-01T04:00:00Z",
        "oldest_app": None,
        "recalls": [],
    }
    clock.shift(60)
    beat(phone, pending_records=1, background_restricted=True)
    held = stored(session)
    assert (held.pending_records, held.pending_photos, held.free_disk_bytes) == (1, 0, None)
    assert (held.background_restricted, held.pending_since_at) == (True, NOON)
    beat(client.as_(world.field2, device_id="phone-1"), pending_records=9)
    beat(client.as_(world.field1, device_id="phone-2"))
    assert session.scalar(sa.select(sa.func.count()).select_from(Heartbeat)) == 3


def test_it_forgets_how_long_something_waited_once_all_is_sent(client, world, session, clock):
    phone = client.as_(world.field1, device_id="phone-1")
    beat(phone, pending_records=3, oldest_pending_at="2026-05-20T01:00:00Z")
    beat(phone, pending_records=0, oldest_pending_at="2026-05-20T01:00:00Z")
    held = stored(session)
    assert (held.oldest_pending_at, held.pending_since_at) == (None, None)
    clock.shift(600)
    beat(phone, pending_photos=1)
    assert stored(session).pending_since_at == NOON + timedelta(minutes=10)


def test_a_word_that_was_overtaken_changes_nothing(client, world, session, clock):
    phone = client.as_(world.field1, device_id="phone-1")
    beat(phone, pending_records=3)
    clock.shift(-5)
    beat(phone, pending_records=7)
    assert stored(session).pending_records == 3


def test_it_is_no_event_of_the_audit(client, world, session):
    beat(client.as_(world.field1, device_id="phone-1"), pending_records=3)
    assert session.scalars(sa.select(AuditEntry.action)).all() == []


@pytest.mark.parametrize(
    "body",
    [
        {"pending_records": 1},
        {"pending_records": -1, "pending_photos": 0},
        {"pending_records": 1.5, "pending_photos": 0},
        {"pending_records": 2**31, "pending_photos": 0},
        {"pending_records": 1, "pending_photos": 0, "oldest_pending_at": "yesterday"},
        {"pending_records": 1, "pending_photos": 0, "background_restricted": "no"},
        {"pending_records": 1, "pending_photos": 0, "app_version": "x" * 51},
        [],
    ],
)
def test_it_says_what_is_wrong_with_a_word(client, world, body):
    assert client.as_(world.field1).post(BEAT, json=body).status_code == 422


def test_it_takes_what_it_does_not_know_yet(client, world):
    assert beat(client.as_(world.field1), wifi="weak").status_code == 200


@pytest.mark.parametrize(
    "told", ["1970-01-01T00:00:00Z", "9999-12-31T23:59:59+14:00", "0001-01-01T00:00:00Z"]
)
def test_a_phone_that_woke_in_another_century_is_heard(client, world, session, clock, told):
    phone = client.as_(world.field1, device_id="phone-1")
    answer = beat(phone, pending_records=2, oldest_pending_at=told)
    assert answer.status_code == 200, answer.get_json()
    assert (stored(session).pending_records, stored(session).pending_since_at) == (2, NOON)
