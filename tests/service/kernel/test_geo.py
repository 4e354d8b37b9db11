"""Fences measure how far outside a place is, and forgive what the phone does not know."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.kernel.datum import Datum, from_wgs84
from service.kernel.geo import (
    MOST_CORNERS,
    Circle,
    InvalidPlace,
    Point,
    Polygon,
    distance_m,
    distance_to_fence_m,
    other_datum_fits,
    verdict,
)

LIAOCHENG = Point(36.456684, 115.985389)
METRE_NORTH = 1 / 111_195.08


def north(point, metres):
    return Point(point.lat + metres * METRE_NORTH, point.lng)


def east(point, metres):
    return Point(point.lat, point.lng + metres * METRE_NORTH / math.cos(math.radians(point.lat)))


def square(centre, half_m):
    low, high = north(centre, -half_m), north(centre, half_m)
    return Polygon((east(low, -half_m), east(low, half_m), east(high, half_m), east(high, -half_m)))


@pytest.mark.parametrize(
    ("one", "other", "metres"),
    [
        (Point(0, 0), Point(0, 0), 0),
        (Point(0, 0), Point(0, 1), 111_195),
        (Point(0, 0), Point(0, 180), math.pi * 6_371_008.8),
        (Point(0, 179.9995), Point(0, -179.9995), 111.2),
        (Point(39.90923, 116.397428), Point(31.230525, 121.473667), 1_067_500),
        (Point(90, 0), Point(-90, 0), math.pi * 6_371_008.8),
    ],
)
def test_it_measures_along_the_great_circle(one, other, metres):
    assert distance_m(one, other) == pytest.approx(metres, rel=1e-3)
    assert distance_m(other, one) == distance_m(one, other)


@pytest.mark.parametrize(
    ("lat", "lng"),
    [
        (91, 0),
        (-90.01, 0),
        (0, 180.5),
        (0, -181),
        (math.nan, 0),
        (0, math.nan),
        (math.inf, 0),
        (0, -math.inf),
    ],
)
def test_it_refuses_a_place_that_is_not_on_earth(lat, lng):
    with pytest.raises(InvalidPlace):
        Point(lat, lng)


@pytest.mark.parametrize("radius_m", [0, -1, math.nan, math.inf])
def test_it_refuses_a_radius_that_is_no_length(radius_m):
    with pytest.raises(InvalidPlace):
        Circle(LIAOCHENG, radius_m)


@pytest.mark.parametrize(
    ("metres", "accuracy_m", "outside_m", "inside"),
    [
        (100, None, 0, True),
        (299, None, 0, True),
        (310, None, 10, False),
        (310, 9, 10, False),
        (310, 11, 10, True),
        (499, 5000, 199, True),
        (502, 5000, 202, False),
        (310, -50, 10, False),
        (310, math.nan, 10, False),
        (310, math.inf, 10, True),
    ],
)
def test_it_forgives_a_circle_the_accuracy_up_to_200_metres(metres, accuracy_m, outside_m, inside):
    result = verdict(Circle(LIAOCHENG, 300), north(LIAOCHENG, metres), accuracy_m)
    assert result.distance_m == pytest.approx(outside_m, abs=0.1)
    assert result.centre_distance_m == pytest.approx(metres, abs=0.1)
    assert result.inside is inside


@pytest.mark.parametrize(
    ("point", "outside_m"),
    [
        (LIAOCHENG, 0),
        (north(LIAOCHENG, 99), 0),
        (north(LIAOCHENG, 150), 50),
        (east(LIAOCHENG, -130), 30),
        (east(north(LIAOCHENG, 130), 140), 50),
        (north(LIAOCHENG, 50_000), 49_900),
    ],
)
def test_it_measures_to_the_edge_of_a_polygon(point, outside_m):
    assert distance_to_fence_m(square(LIAOCHENG, 100), point) == pytest.approx(outside_m, rel=1e-3, abs=0.1)


def test_it_finds_the_notch_of_a_concave_polygon_outside():
    corners = [(0, 0), (0, 100), (100, 100), (100, 60), (40, 60), (40, 40), (100, 40), (100, 0)]
    fence = Polygon(tuple(east(north(LIAOCHENG, y), x) for x, y in corners))
    assert distance_to_fence_m(fence, east(north(LIAOCHENG, 50), 80)) == pytest.approx(10, abs=0.1)
    assert distance_to_fence_m(fence, east(north(LIAOCHENG, 50), 20)) == 0


def test_it_measures_a_polygon_across_the_date_line():
    fence = Polygon((Point(0, 179.99), Point(0, -179.99), Point(0.02, 180)))
    assert distance_to_fence_m(fence, Point(0.005, -179.999)) == 0
    assert abs(fence.centre.lng) == pytest.approx(180, abs=0.01)
    assert distance_to_fence_m(fence, Point(0, -179.98)) == pytest.approx(1112, rel=0.01)


@pytest.mark.parametrize(
    "corners",
    [
        [],
        [(0, 0), (0, 100)],
        [(0, 0), (0, 100), (0, 0)],
        [(0, 0), (0, 100), (0, 50)],
        [(0, 0), (100, 100), (100, 0), (0, 100)],
        [(0, 0), (100, 0), (50, 0), (50, 100)],
        [(0, 0), (100, 0), (100, 100), (0, 0), (-100, 50)],
        [(0, 0), (100, 0), (100, 100), (50, 0), (0, 100)],
        [(0, 0), (0.1, 0), (0, 0.1)],
        [(math.cos(turn), math.sin(turn)) for turn in range(MOST_CORNERS + 1)],
    ],
)
def test_it_refuses_an_outline_that_encloses_nothing_or_crosses_itself(corners):
    with pytest.raises(InvalidPlace):
        Polygon(tuple(east(north(LIAOCHENG, y), x) for x, y in corners))


def test_it_drops_a_repeated_last_corner():
    open_ring = square(LIAOCHENG, 100)
    assert Polygon((*open_ring.corners, open_ring.corners[0])) == open_ring


@given(st.integers(3, MOST_CORNERS), st.floats(20, 2000), st.floats(0, 3000), st.floats(0, 2 * math.pi))
def test_it_agrees_with_a_circle_on_a_polygon_that_is_nearly_one(corners, radius_m, away_m, bearing):
    turns = [2 * math.pi * n / corners for n in range(corners)]
    ring = tuple(east(north(LIAOCHENG, radius_m * math.cos(t)), radius_m * math.sin(t)) for t in turns)
    point = east(north(LIAOCHENG, away_m * math.cos(bearing)), away_m * math.sin(bearing))
    sagitta_m = radius_m * (1 - math.cos(math.pi / corners))
    polygon_m = distance_to_fence_m(Polygon(ring), point)
    circle_m = distance_to_fence_m(Circle(LIAOCHENG, radius_m), point)
    assert circle_m - 3 <= polygon_m <= circle_m + sagitta_m + 3


@pytest.mark.parametrize("sent", [Datum.GCJ02, Datum.BD09])
def test_it_hints_at_the_datum_the_phone_really_used(sent):
    lat, lng = from_wgs84(LIAOCHENG.lat, LIAOCHENG.lng, sent)
    fence = Circle(LIAOCHENG, 100)
    assert other_datum_fits(fence, lat, lng, Datum.WGS84) is sent
    assert other_datum_fits(fence, lat, lng, sent) is None


def test_it_hints_at_nothing_when_no_datum_fits():
    far = north(LIAOCHENG, 20_000)
    assert other_datum_fits(Circle(LIAOCHENG, 100), far.lat, far.lng, Datum.GCJ02, accuracy_m=50) is None
