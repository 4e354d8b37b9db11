"""Our ids rise; theirs may be any UUID."""

import os
import threading
import time
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.kernel import ids
from service.kernel.ids import NotAnId, parse_uuid, uuid7


def test_it_makes_version_7_of_the_rfc_variant_from_the_clock(monkeypatch):
    # The process's own sequence stays ahead of the clock after a test that travelled to a later day.
    monkeypatch.setattr(ids, "_sequence", ids._Sequence())
    before = time.time_ns() // 1_000_000
    made = uuid7()
    assert (made.version, made.variant) == (7, uuid.RFC_4122)
    assert before <= (made.int >> 80) <= time.time_ns() // 1_000_000 + 1


def test_it_rises_without_repeating():
    made = [uuid7() for _ in range(20_000)]
    assert made == sorted(set(made))


def test_it_rises_in_every_thread_and_repeats_in_none():
    made = [[] for _ in range(8)]
    threads = [
        threading.Thread(target=lambda own=own: own.extend(uuid7() for _ in range(2000))) for own in made
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(own == sorted(own) for own in made)
    assert len({one for own in made for one in own}) == 16_000


def test_it_rises_although_the_clock_is_set_back(monkeypatch):
    first = uuid7()
    monkeypatch.setattr(ids.time, "time_ns", lambda: 0)
    assert uuid7() > first


def test_it_goes_on_in_the_next_millisecond_when_one_is_used_up():
    sequence = ids._Sequence()
    last = sequence.following()
    sequence._millisecond, sequence._counter = last[0] + 10_000, 2**42 - 1
    assert sequence.following()[0] == last[0] + 10_001


def test_it_forgets_the_parents_sequence_after_a_fork(monkeypatch):
    sequence = ids._Sequence()
    sequence.following()
    sequence._lock.acquire()
    sequence.renew()
    assert sequence.following()[0] <= time.time_ns() // 1_000_000
    assert hasattr(os, "register_at_fork")


@given(st.uuids())
def test_it_reads_the_canonical_form_of_any_version(made):
    assert parse_uuid(str(made)) == made


@pytest.mark.parametrize(
    "text",
    [
        "",
        "0192F0C1-7A3E-7C11-8A11-0123456789AB",
        "0192f0c17a3e7c118a110123456789ab",
        "{0192f0c1-7a3e-7c11-8a11-0123456789ab}",
        "urn:uuid:0192f0c1-7a3e-7c11-8a11-0123456789ab",
        "0192f0c1-7a3e-7c11-8a11-0123456789ab\n",
        " 0192f0c1-7a3e-7c11-8a11-0123456789ab",
        "0192f0c1-7a3e-7c11-8a11-0123456789a",
        "0192f0c1-7a3e-7c11-8a11-0123456789ag",
        "0192f0c1-7a3e-7c11-8a11-0123456789a\u0661",
        "0192f0c17-a3e-7c11-8a11-0123456789ab",
    ],
)
def test_it_refuses_every_other_spelling(text):
    with pytest.raises(NotAnId):
        parse_uuid(text)
