"""Datums are converted as the public formulas do, and back again."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.kernel.datum import MOST_APART_M, Datum, from_wgs84, to_wgs84
from service.kernel.geo import Point, distance_m

# (lng, lat) of one place in WGS-84, GCJ-02 and BD-09; npm gcoord gives the same to 1e-8.
VECTORS = [
    ((115.985389, 36.456684), (115.99106937, 36.45677164), (115.99764298, 36.46247487)),
    ((116.397428, 39.90923), (116.40367163, 39.91063351), (116.41004410, 39.91697286)),
    ((121.473667, 31.230525), (121.47819018, 31.22858289), (121.48474845, 31.23443631)),
]
MILLIMETRE = 1e-8

lats = st.floats(18.5, 53.0)
lngs = st.floats(74.0, 134.5)
shifted = st.sampled_from([Datum.GCJ02, Datum.BD09])


@pytest.mark.parametrize(("wgs84", "gcj02", "bd09"), VECTORS)
def test_it_agrees_with_the_published_places(wgs84, gcj02, bd09):
    lng, lat = wgs84
    assert from_wgs84(lat, lng, Datum.GCJ02) == pytest.approx((gcj02[1], gcj02[0]), abs=MILLIMETRE)
    assert from_wgs84(lat, lng, Datum.BD09) == pytest.approx((bd09[1], bd09[0]), abs=MILLIMETRE)
    assert to_wgs84(gcj02[1], gcj02[0], Datum.GCJ02) == pytest.approx((lat, lng), abs=2 * MILLIMETRE)
    assert to_wgs84(bd09[1], bd09[0], Datum.BD09) == pytest.approx((lat, lng), abs=2 * MILLIMETRE)


@given(lats, lngs, shifted)
def test_it_comes_back_to_within_a_millimetre(lat, lng, datum):
    there = from_wgs84(lat, lng, datum)
    assert to_wgs84(*there, datum) == pytest.approx((lat, lng), abs=MILLIMETRE)


@given(lats, lngs, shifted)
def test_it_goes_there_again_to_within_a_millimetre(lat, lng, datum):
    wgs84 = to_wgs84(lat, lng, datum)
    assert from_wgs84(*wgs84, datum) == pytest.approx((lat, lng), abs=MILLIMETRE)


@given(lats, lngs)
def test_it_shifts_by_less_than_a_kilometre(lat, lng):
    there_lat, there_lng = from_wgs84(lat, lng, Datum.GCJ02)
    shift_m = math.hypot(there_lat - lat, (there_lng - lng) * math.cos(math.radians(lat))) * 111_195
    assert 10 < shift_m < 1000


@pytest.mark.parametrize("datum", list(Datum))
@pytest.mark.parametrize(("lat", "lng"), [(35.6812, 139.7671), (48.8566, 2.3522), (0.0, 0.0), (-90.0, 180.0)])
def test_it_leaves_places_abroad_where_they_are(lat, lng, datum):
    assert to_wgs84(lat, lng, datum) == from_wgs84(lat, lng, datum) == (lat, lng)


@given(st.floats(-90, 90), st.floats(-180, 180), st.sampled_from(Datum))
def test_it_always_answers_with_a_place_on_earth(lat, lng, datum):
    for answer in (to_wgs84(lat, lng, datum), from_wgs84(lat, lng, datum)):
        assert -90 <= answer[0] <= 90
        assert -180 <= answer[1] <= 180


def test_it_keeps_wgs84_to_the_last_bit():
    assert to_wgs84(36.456684, 115.985389, Datum.WGS84) == (36.456684, 115.985389)


@given(lat=st.floats(-90, 90), lng=st.floats(-180, 180))
def test_no_two_datums_lie_further_apart_than_it_says(lat, lng):
    read = [Point(*to_wgs84(lat, lng, datum)) for datum in Datum]
    assert max(distance_m(one, other) for one in read for other in read) < MOST_APART_M
