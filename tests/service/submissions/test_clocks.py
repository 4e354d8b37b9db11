"""Three clocks give a bounded time of capture; none of them refuses a record."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.kernel.calendar import local_date
from service.submissions.clocks import (
    FIRST,
    LAST,
    UNREADABLE,
    Basis,
    PhoneClock,
    capture_flags,
    capture_of,
    sending_skew_s,
    within_calendar,
)

NOON = datetime(2026, 6, 1, 4, tzinfo=UTC)
SECOND, MINUTE, HOUR, DAY = (timedelta(seconds=size) for size in (1, 60, 3600, 86400))
TEN_YEARS = timedelta(days=3653)


def since(server_time, elapsed, phone_time=None):
    return PhoneClock(server_time, elapsed // timedelta(milliseconds=1), phone_time)


def codes(capture, clock, received_at=NOON):
    return [flag.code for flag in capture_flags(capture, clock, received_at)]


@pytest.mark.parametrize("wrong_by", [-TEN_YEARS, -HOUR, 0 * SECOND, HOUR, TEN_YEARS])
def test_the_monotonic_clock_tells_the_capture_whatever_the_phones_clock_says(wrong_by):
    truth = NOON - 3 * DAY
    clock = since(truth - 2 * HOUR, 2 * HOUR)
    capture = capture_of(truth + wrong_by, clock, None, NOON)
    assert (capture.basis, capture.at, capture.claimed_at) == (Basis.MONOTONIC, truth, truth + wrong_by)
    assert capture.earliest <= truth <= capture.latest
    assert capture.latest - capture.earliest < 2 * MINUTE
    assert capture.skew_s == wrong_by.total_seconds()
    flags = list(capture_flags(capture, clock, NOON))
    assert [flag.code for flag in flags] == (["clock_skew"] if abs(wrong_by) > 10 * MINUTE else [])
    assert [(flag.value, flag.limit) for flag in flags] == (
        [(wrong_by.total_seconds(), 600)] if flags else []
    )


def test_three_weeks_offline_widen_the_bounds_by_what_quartz_strays():
    capture = capture_of(NOON - HOUR, since(NOON - 21 * DAY - HOUR, 21 * DAY), None, NOON)
    assert 10 * MINUTE < capture.latest - capture.earliest < 15 * MINUTE
    assert capture.earliest <= NOON - HOUR <= capture.latest <= NOON


@pytest.mark.parametrize("skew", [-TEN_YEARS, -HOUR, HOUR, TEN_YEARS])
def test_the_clock_at_sending_tells_the_skew_where_there_is_no_monotonic_one(skew):
    truth = NOON - 2 * DAY
    capture = capture_of(truth + skew, None, sending_skew_s(NOON + skew, NOON), NOON)
    assert (capture.basis, capture.at, capture.skew_s) == (Basis.SENDING_SKEW, truth, skew.total_seconds())
    assert capture.earliest <= truth <= capture.latest <= NOON
    assert codes(capture, None) == ["clock_skew"]


def test_without_any_other_clock_the_claim_stands_and_the_receipt_bounds_it():
    capture = capture_of(NOON - 30 * DAY, None, None, NOON)
    assert (capture.basis, capture.at, capture.told_at) == (
        Basis.PHONE_ONLY,
        NOON - 30 * DAY,
        NOON - 30 * DAY,
    )
    assert (capture.earliest, capture.latest, capture.skew_s) == (None, NOON, None)
    assert codes(capture, None) == []


def test_a_claim_of_the_future_is_bounded_by_the_receipt_and_flagged_as_before():
    capture = capture_of(NOON + TEN_YEARS, None, None, NOON)
    assert (capture.at, capture.latest, capture.skew_s) == (NOON, NOON, TEN_YEARS.total_seconds())
    assert codes(capture, None) == ["clock_ahead"]


def test_it_notices_that_the_clock_was_set_between_recording_and_sending():
    truth = NOON - DAY
    clock = since(truth - HOUR, HOUR)
    capture = capture_of(truth - 2 * DAY, clock, 0.0, NOON)
    assert codes(capture, clock) == ["clock_skew", "clock_changed"]
    assert codes(capture_of(NOON + 5 * DAY, None, 0.0, NOON), None) == ["clock_changed"]
    assert codes(capture_of(NOON, None, 0.0, NOON), None) == []


@pytest.mark.parametrize("step", [-HOUR, HOUR])
def test_a_server_clock_that_steps_an_hour_makes_no_capture_impossible(step):
    """The phone heard the server before the step, and sends after it."""
    clock, received_at = since(NOON - 10 * MINUTE, 5 * MINUTE), NOON + step
    capture = capture_of(NOON - 5 * MINUTE, clock, None, received_at)
    assert capture.at <= capture.latest <= received_at
    if step < 0 * SECOND:
        assert (capture.basis, codes(capture, clock, received_at)) == (
            Basis.PHONE_ONLY,
            ["clock_ahead", "clock_reference"],
        )
    else:
        assert capture.basis is Basis.MONOTONIC


@pytest.mark.parametrize(
    "clock",
    [
        PhoneClock(NOON - DAY, -1),
        PhoneClock(NOON - DAY, 2**53 - 1),
        PhoneClock(NOON + 6 * MINUTE, 0),
        PhoneClock(NOON - DAY, round(1.1 * 86_400_000)),
        PhoneClock(FIRST, 401 * 86_400_000),
        PhoneClock(LAST, 0),
        PhoneClock(NOON - DAY, None),
    ],
)
def test_a_reference_that_cannot_be_right_is_not_used_and_flagged(clock):
    capture = capture_of(NOON - HOUR, clock, None, NOON)
    assert (capture.basis, capture.at) == (Basis.PHONE_ONLY, NOON - HOUR)
    assert codes(capture, clock) == ["clock_reference"]


def test_clocks_that_cannot_be_read_are_flagged():
    assert codes(capture_of(NOON, UNREADABLE, None, NOON), UNREADABLE) == ["clock_unreadable"]


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        ("2024-02-28T16:00:00+00:00", "2024-02-29"),
        ("2024-02-29T15:59:59+00:00", "2024-02-29"),
        ("2026-12-31T15:59:59+00:00", "2026-12-31"),
        ("2026-12-31T16:00:00+00:00", "2027-01-01"),
        ("1988-06-30T16:30:00+00:00", "1988-07-01"),  # summer time was kept then: no day may move by it
        ("2026-03-29T01:30:00+01:00", "2026-03-29"),  # a night when Europe's clocks jump
        ("2026-10-25T02:30:00+02:00", "2026-10-25"),
    ],
)
def test_the_monotonic_clock_keeps_year_ends_leap_days_and_foreign_summer_times(moment, day):
    truth = datetime.fromisoformat(moment)
    capture = capture_of(truth - TEN_YEARS, since(truth - 9 * HOUR, 9 * HOUR), None, truth + DAY)
    assert capture.at == truth
    assert local_date(capture.at).isoformat() == day


def test_claims_beyond_the_calendar_are_held_at_its_ends():
    east = timezone(14 * HOUR)
    assert within_calendar(datetime(1, 1, 1, tzinfo=east)) == FIRST
    assert within_calendar(datetime(9999, 12, 31, 23, 59, tzinfo=timezone(-14 * HOUR))) == LAST
    assert within_calendar(datetime(1970, 1, 1, tzinfo=UTC)).year == 1970


moments = st.datetimes(
    min_value=FIRST.replace(tzinfo=None), max_value=LAST.replace(tzinfo=None), timezones=st.just(UTC)
)


@given(
    claimed=moments,
    server_time=st.none() | moments,
    elapsed_ms=st.none() | st.integers(0, 2**53 - 1),
    phone_time=st.none() | moments,
    sent_at=st.none() | moments,
)
def test_no_clock_is_a_surprise_and_every_capture_lies_within_its_bounds(
    claimed, server_time, elapsed_ms, phone_time, sent_at
):
    clock = PhoneClock(server_time, elapsed_ms, phone_time)
    skew = None if sent_at is None else sending_skew_s(sent_at, NOON)
    capture = capture_of(claimed, clock, skew, NOON)
    assert capture.at <= capture.latest <= NOON
    assert capture.earliest is None or capture.earliest <= capture.at
    assert capture.claimed_at == claimed
    for flag in capture_flags(capture, clock, NOON):
        assert flag.zh
        assert flag.en


@given(
    wrong_by=st.timedeltas(-TEN_YEARS, TEN_YEARS),
    waited=st.timedeltas(0 * SECOND, 90 * DAY),
    elapsed=st.timedeltas(0 * SECOND, 90 * DAY),
    strays=st.floats(-1e-4, 1e-4),
    answer_took=st.timedeltas(0 * SECOND, 50 * SECOND),
)
def test_an_honest_phone_with_any_clock_is_bounded_around_the_truth(
    wrong_by, waited, elapsed, strays, answer_took
):
    truth = NOON - waited
    measured = (elapsed - min(answer_took, elapsed)) * (1 + strays)
    clock = since(truth - elapsed, max(0 * SECOND, measured))
    capture = capture_of(truth + wrong_by, clock, None, NOON)
    assert capture.basis is Basis.MONOTONIC
    assert capture.earliest - SECOND <= truth <= capture.latest + SECOND
