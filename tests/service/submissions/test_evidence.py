"""Numbers, places and the flags that every record may carry."""

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from service.kernel.calendar import local_date
from service.kernel.datum import Datum
from service.submissions.flags import clock_flags, location_flags
from service.submissions.location import Location, LocationSource
from service.submissions.numbers import Numbers
from service.submissions.terms import Terms

NOON = datetime(2026, 3, 2, 4, tzinfo=UTC)


def location(**facts):
    usual = {"lat": 36.456684, "lng": 115.985389, "datum": Datum.WGS84, "source": LocationSource.GPS}
    return Location(**(usual | facts))


def codes(flags):
    return [flag.code for flag in flags]


def test_numbers_are_padded_and_of_the_local_year(session):
    numbers = Terms().numbers(local_date(datetime(2025, 12, 31, 16, 30, tzinfo=UTC)).year)
    first, second = numbers.taken(session), numbers.taken(session)
    assert first.startswith("LC-2026-")
    assert len(first) == len("LC-2026-004217")
    assert int(second[-6:]) == int(first[-6:]) + 1


def test_a_number_beyond_a_million_grows(session):
    session.execute(sa.text("SELECT setval('record_numbers', 1234566)"))
    assert Numbers("LC", 2026).taken(session) == "LC-2026-1234567"
    session.execute(sa.text("SELECT setval('record_numbers', 1, false)"))


def test_a_trial_takes_no_number(session):
    before = session.scalar(sa.text("SELECT last_value FROM record_numbers"))
    trial = Terms(is_trial=True).numbers(2026)
    assert trial.taken(session) != trial.taken(session)
    assert session.scalar(sa.text("SELECT last_value FROM record_numbers")) == before


def test_a_place_is_kept_as_sent_and_as_wgs84():
    sent = location(lat=36.45677164, lng=115.99106937, datum=Datum.GCJ02, accuracy_m=12.0)
    assert sent.as_sent() == {
        "lat": 36.45677164,
        "lng": 115.99106937,
        "datum": "gcj02",
        "accuracy_m": 12.0,
        "source": "gps",
    }
    assert (round(sent.wgs84.lat, 6), round(sent.wgs84.lng, 6)) == (36.456684, 115.985389)


@pytest.mark.parametrize("datum", list(Datum))
@pytest.mark.parametrize(("lat", "lng"), [(90, 180), (-90, -180), (0, 0), (55.8, 137.8)])
def test_no_place_on_earth_is_a_surprise(lat, lng, datum):
    wgs84 = location(lat=lat, lng=lng, datum=datum).wgs84
    assert -90 <= wgs84.lat <= 90


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({}, []),
        ({"is_mock": True}, ["mock_location"]),
        ({"accuracy_m": 200.0}, []),
        ({"accuracy_m": 201.0}, ["low_accuracy"]),
        ({"fix_age_ms": 60_001}, ["old_fix"]),
        ({"source": LocationSource.PICKED}, ["location_by_hand"]),
    ],
)
def test_a_place_speaks_against_itself(facts, expected):
    assert codes(location_flags(location(**facts))) == expected


def test_no_place_is_no_flag():
    assert codes(location_flags(None)) == []


@pytest.mark.parametrize(
    ("ahead", "expected"),
    [(timedelta(minutes=10), []), (timedelta(minutes=11), ["clock_ahead"]), (timedelta(days=-90), [])],
)
def test_only_a_clock_that_runs_ahead_is_flagged(ahead, expected):
    assert codes(clock_flags(NOON + ahead, NOON)) == expected
