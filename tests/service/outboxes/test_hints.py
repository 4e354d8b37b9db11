"""What a person is told about a phone that holds unsent work."""

from datetime import UTC, datetime, timedelta

import pytest

from service.outboxes.hints import LOW_DISK_BYTES, PhoneFacts, hints_for, is_silent
from service.outboxes.recall_states import Came, IdFacts, came

NOW = datetime(2026, 5, 6, 4, tzinfo=UTC)
HOUR = timedelta(hours=1)


def codes(**facts):
    phone = PhoneFacts(**({"has_pending": True, "reported_at": NOW} | facts))
    return [hint.code for hint in hints_for(phone, NOW)]


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({}, []),
        ({"reported_at": NOW - 25 * HOUR}, ["silent"]),
        ({"reported_at": NOW - 25 * HOUR, "has_pending": False}, []),
        ({"free_disk_bytes": LOW_DISK_BYTES - 1}, ["disk_low"]),
        ({"free_disk_bytes": LOW_DISK_BYTES}, []),
        ({"background_restricted": True, "battery_restricted": False}, ["background_restricted"]),
        ({"battery_restricted": True}, ["battery_restricted"]),
        ({"app_version": "0.9", "app_is_too_old": True, "is_cut_off": True}, ["cut_off", "app_too_old"]),
    ],
)
def test_it_says_what_may_be_in_the_way(facts, expected):
    assert codes(**facts) == expected


def test_it_speaks_both_languages():
    phone = PhoneFacts(has_pending=True, reported_at=NOW, free_disk_bytes=100 * 1024 * 1024)
    (hint,) = hints_for(phone, NOW)
    assert "100 MB" in hint.zh
    assert "100 MB" in hint.en


def test_a_phone_is_silent_after_a_day_and_not_before():
    assert is_silent(PhoneFacts(has_pending=True, reported_at=NOW - 25 * HOUR), NOW)
    assert not is_silent(PhoneFacts(has_pending=True, reported_at=NOW - 23 * HOUR), NOW)


BEFORE, AFTER = NOW - HOUR, NOW + HOUR


@pytest.mark.parametrize(
    ("facts", "sent", "missing", "expected"),
    [
        (IdFacts(), False, False, Came.WAITING),
        (IdFacts(), False, True, Came.GIVEN_UP),
        (IdFacts(), True, False, Came.UNKNOWN),
        (IdFacts(BEFORE, BEFORE), False, False, Came.WAITING),
        (IdFacts(BEFORE, BEFORE), True, False, Came.REPEATED),
        (IdFacts(BEFORE, BEFORE), False, True, Came.GIVEN_UP),
        (IdFacts(AFTER, AFTER), False, False, Came.RECEIVED),
        (IdFacts(BEFORE, AFTER), True, False, Came.EDITED),
        (IdFacts(kept_at=AFTER), True, False, Came.KEPT),
        (IdFacts(BEFORE, BEFORE, kept_at=AFTER), True, False, Came.KEPT),
        (IdFacts(kept_at=BEFORE), True, False, Came.UNKNOWN),
        (IdFacts(intact=True), False, True, Came.INTACT),
    ],
)
def test_what_became_of_an_id(facts, sent, missing, expected):
    assert came(facts, NOW, sent=sent, missing=missing) is expected
