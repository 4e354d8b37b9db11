"""Which course a refusal takes, and how long a phone waits."""

import random

import pytest

from tests.support.phone.backoff import LONGEST_WAIT_S, Backoff, Course, Problem


@pytest.mark.parametrize(
    ("status", "document", "course"),
    [
        (409, {"client_action": "retry"}, Course.RETRY),
        (503, {"client_action": "wait"}, Course.WAIT),
        (422, {"client_action": "quarantine"}, Course.PERSON),
        (409, {"client_action": "fix"}, Course.PERSON),
        (507, {"client_action": "free_space"}, Course.PERSON),
        (401, {"client_action": "login"}, Course.LOGIN),
        (426, {"client_action": "upgrade"}, Course.UPGRADE),
        (400, {"client_action": "fix", "code": "malformed_json"}, Course.RETRY),
        (403, {"client_action": "fix", "code": "password_change_due"}, Course.LOGIN),
        (403, {"client_action": "fix", "code": "device_revoked"}, Course.LOGIN),
        (503, {"client_action": "sing"}, Course.WAIT),
        (418, {"client_action": "sing"}, Course.PERSON),
        (429, {}, Course.WAIT),
        (408, {}, Course.RETRY),
    ],
)
def test_it_takes_the_course_that_the_server_names(status, document, course):
    assert Problem.read(document, status=status).course is course


def test_its_pauses_grow_and_end_at_the_longest():
    backoff = Backoff(random.Random(1), first_s=1, longest_s=300)
    pauses = [backoff.pause_s(failures) for failures in range(1, 40)]
    assert 0.5 <= pauses[0] <= 1
    assert all(150 <= pause <= 300 for pause in pauses[9:])


def test_its_pauses_differ_between_phones():
    assert len({Backoff(random.Random(seed)).pause_s(5) for seed in range(50)}) == 50


def test_it_never_comes_back_before_it_was_asked_to():
    backoff = Backoff(random.Random(2))
    assert all(backoff.pause_s(1, retry_after_s=60) >= 60 for _ in range(100))


@pytest.mark.parametrize("told", ["", "soon", "-5", "inf", "nan", "Wed, 21 Oct 2026 07:28:00 GMT"])
def test_it_falls_back_on_its_own_pause_for_an_odd_retry_after(told):
    assert Problem.read({}, status=503, retry_after=told).retry_after_s is None


def test_it_does_not_sleep_for_a_week_on_one_header():
    assert Backoff(random.Random(3)).pause_s(1, retry_after_s=604800) <= LONGEST_WAIT_S * 1.2
