"""Place, clock and figures give numbers and flags; nothing a phone says of itself refuses its record."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.checkins.evidence import Seen, examine
from service.checkins.models import CheckinKind
from service.checkins.submission import CheckinSubmission, Progress
from service.kernel.datum import Datum
from service.kernel.geo import Circle, Point, Polygon
from service.projects.fence import measured
from service.submissions.flags import Severity
from service.submissions.location import Location, LocationSource
from service.submissions.sent import Sent
from tests.factories.sites import LIAOCHENG, LIAOCHENG_GCJ02, circle, square

NOON = datetime(2026, 6, 1, 4, tzinfo=UTC)
CIRCLE, SQUARE = measured(circle()), measured(square())


def checkin(**facts):
    usual = {"site_id": uuid4(), "kind": CheckinKind.PROGRESS, "at": NOON, "captured_at": NOON}
    return CheckinSubmission(sent=Sent.of({}), **(usual | facts))


def at(lat, lng, **facts):
    return Location(lat, lng, **({"datum": Datum.WGS84, "source": LocationSource.GPS} | facts))


def codes(evidence):
    return [flag.code for flag in evidence.flags]


def flag(evidence, code):
    return next(flag for flag in evidence.flags if flag.code == code)


def test_it_says_nothing_against_a_record_without_a_place():
    evidence = examine(checkin(), Seen(CIRCLE), NOON)
    assert (evidence.distance_m, evidence.inside, evidence.accuracy_m) == (None, None, None)
    assert evidence.flags == ()


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        ((CIRCLE, 0.0, None), (0.0, True, None)),
        ((CIRCLE, 0.0026, None), (289.1, True, None)),
        ((CIRCLE, 0.003, None), (333.6, False, 300.0)),
        ((CIRCLE, 0.003, 50.0), (333.6, True, None)),
        ((CIRCLE, 0.006, 5000.0), (667.2, False, 500.0)),
        ((SQUARE, 0.0, None), (0.0, True, None)),
        ((SQUARE, 0.0019, None), (0.0, True, None)),
        ((SQUARE, 0.003, None), (111.2, False, 0.0)),
        ((SQUARE, 0.003, 120.0), (111.2, True, None)),
    ],
)
def test_it_measures_a_circle_from_its_centre_and_a_polygon_from_its_edge(place, expected):
    (fence, north_degrees, accuracy_m), (distance_m, inside, limit_m) = place, expected
    location = at(LIAOCHENG[0] + north_degrees, LIAOCHENG[1], accuracy_m=accuracy_m)
    evidence = examine(checkin(location=location), Seen(fence), NOON)
    assert evidence.distance_m == pytest.approx(distance_m, abs=0.5)
    assert evidence.inside is inside
    outside = [(flag.value, flag.limit) for flag in evidence.flags if flag.code == "outside_fence"]
    assert outside == ([] if limit_m is None else [(evidence.distance_m, limit_m)])


def test_it_hints_at_a_gcj02_reading_that_was_declared_as_wgs84():
    evidence = examine(checkin(location=at(*LIAOCHENG_GCJ02)), Seen(CIRCLE), NOON)
    assert evidence.distance_m == pytest.approx(509, abs=2)
    assert evidence.inside is False
    assert codes(evidence) == ["outside_fence", "other_datum_fits"]
    hint = flag(evidence, "other_datum_fits")
    assert (hint.value, hint.limit, hint.severity) == ("gcj02", "wgs84", Severity.INFO)
    assert "疑似坐标系偏移" in hint.zh


def test_it_does_not_hint_when_the_declared_datum_fits():
    location = at(*LIAOCHENG_GCJ02, datum=Datum.GCJ02)
    evidence = examine(checkin(location=location), Seen(CIRCLE), NOON)
    assert evidence.distance_m < 0.1
    assert evidence.flags == ()


def test_it_does_not_hint_when_no_datum_fits():
    evidence = examine(checkin(location=at(36.9, 115.9)), Seen(CIRCLE), NOON)
    assert codes(evidence) == ["outside_fence"]


def test_it_passes_on_what_the_phone_says_of_its_fix():
    location = at(
        *LIAOCHENG, is_mock=True, accuracy_m=900.0, fix_age_ms=3_600_000, source=LocationSource.PICKED
    )
    evidence = examine(checkin(location=location), Seen(CIRCLE), NOON)
    assert codes(evidence) == ["mock_location", "low_accuracy", "old_fix", "location_by_hand"]


@pytest.mark.parametrize(
    ("captured_after_receipt", "at_after_capture", "expected"),
    [
        (timedelta(0), timedelta(0), []),
        (timedelta(minutes=9), timedelta(0), []),
        (timedelta(hours=2), timedelta(0), ["clock_ahead"]),
        (timedelta(days=-30), timedelta(0), []),
        (timedelta(0), timedelta(hours=-23), []),
        (timedelta(0), timedelta(days=-2), ["recorded_late"]),
        (timedelta(0), timedelta(minutes=11), ["recorded_early"]),
    ],
)
def test_it_compares_the_three_times_and_forgives_waiting_offline(
    captured_after_receipt, at_after_capture, expected
):
    captured_at = NOON + captured_after_receipt
    what = checkin(captured_at=captured_at, at=captured_at + at_after_capture)
    evidence = examine(what, Seen(CIRCLE), NOON)
    assert evidence.clock_skew_s == captured_after_receipt.total_seconds()
    assert codes(evidence) == expected


@pytest.mark.parametrize(
    ("percent", "last", "expected"),
    [
        ("40", None, []),
        ("40", "40", []),
        ("40.5", "40", []),
        ("39", "40", ["progress_fell"]),
        (None, "40", []),
    ],
)
def test_it_flags_progress_that_falls(percent, last, expected):
    progress = None if percent is None else Progress(Decimal(percent))
    seen = Seen(CIRCLE, last_percent=None if last is None else Decimal(last))
    assert codes(examine(checkin(progress=progress), seen, NOON)) == expected


def test_it_weighs_an_unassigned_person_by_whose_site_it_is():
    own = examine(checkin(), Seen(CIRCLE, is_assigned=False), NOON)
    foreign = examine(checkin(), Seen(CIRCLE, is_assigned=False, is_of_own_unit=False), NOON)
    assert flag(own, "not_assigned").severity is Severity.INFO
    assert flag(foreign, "not_assigned").severity is Severity.WARNING


def test_it_flags_a_record_after_the_site_was_closed():
    before = Seen(CIRCLE, closed_at=NOON + timedelta(hours=1))
    after = Seen(CIRCLE, closed_at=NOON - timedelta(hours=5))
    assert codes(examine(checkin(), before, NOON)) == []
    assert flag(examine(checkin(), after, NOON), "site_closed").value == 5


@st.composite
def fences(draw):
    lat, lng = draw(st.floats(-80, 80)), draw(st.floats(-180, 180))
    if draw(st.booleans()):
        return Circle(Point(lat, lng), draw(st.floats(1, 50_000)))
    half = draw(st.floats(0.0001, 1))
    west, east = max(-180.0, lng - half), min(180.0, lng + half)
    return Polygon(
        (Point(lat - half, west), Point(lat - half, east), Point(lat + half, east), Point(lat + half, west))
    )


locations = st.builds(
    Location,
    lat=st.floats(-90, 90),
    lng=st.floats(-180, 180),
    datum=st.sampled_from(Datum),
    source=st.sampled_from(LocationSource),
    accuracy_m=st.none() | st.floats(0, 1_000_000),
    is_mock=st.none() | st.booleans(),
    fix_age_ms=st.none() | st.integers(0, 2**31 - 1),
)
moments = st.datetimes(datetime(2000, 1, 1), datetime(2099, 12, 31), timezones=st.just(UTC))


@given(fences(), locations, moments, moments)
def test_it_has_a_verdict_for_every_place_and_a_flag_exactly_when_outside(fence, location, moment, captured):
    evidence = examine(checkin(location=location, at=moment, captured_at=captured), Seen(fence), NOON)
    assert evidence.distance_m is not None
    assert evidence.distance_m >= 0
    assert evidence.inside is ("outside_fence" not in codes(evidence))
    if not evidence.inside:
        outside = flag(evidence, "outside_fence")
        assert outside.value >= outside.limit
    for one in evidence.flags:
        assert one.zh
        assert one.en
        assert one.as_stored()["severity"] in {"info", "warning", "serious"}
