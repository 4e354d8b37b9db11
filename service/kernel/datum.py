"""Coordinates move between WGS-84, GCJ-02 and BD-09 to a tenth of a millimetre, always from a declared datum.

Nothing here guesses: the usual "in China" box also holds Seoul and Hong Kong, so only the sender's word decides.
Outside that box the Chinese map services answer in WGS-84 and the three datums are taken as one.
The polynomial is the public one; GCJ-02 lies about 500 m from WGS-84 at Liaocheng.
"""

from collections.abc import Callable
from enum import StrEnum
from functools import lru_cache
from math import atan2, cos, hypot, pi, radians, sin, sqrt

_AXIS_M = 6378245.0
_ECCENTRICITY_SQUARED = 0.00669342162296594323
_BAIDU_PI = pi * 3000 / 180
_SOUTH, _NORTH, _WEST, _EAST = 0.8293, 55.8271, 72.004, 137.8347
_CLOSE_ENOUGH_DEGREES = 1e-9
_MOST_STEPS = 20

LatLng = tuple[float, float]
MOST_APART_M = 3000
"""No two datums put one pair of numbers further apart than this; of 200,000 places it was 1,518 m at most."""


class Datum(StrEnum):
    """The datum that the sender of a coordinate declares."""

    WGS84 = "wgs84"
    GCJ02 = "gcj02"
    BD09 = "bd09"


@lru_cache(maxsize=256)  # a record asks for its place twice, and the inverse is a twentieth of taking one in
def to_wgs84(lat: float, lng: float, datum: Datum) -> LatLng:
    """A coordinate declared in ``datum`` is given as ``(lat, lng)`` in WGS-84."""
    if datum is Datum.WGS84 or not _is_shifted(lat, lng):
        return lat, lng
    gcj02 = (lat, lng) if datum is Datum.GCJ02 else _invert(_bd09_from_gcj02, (lat, lng))
    return _invert(_gcj02_from_wgs84, gcj02)


def from_wgs84(lat: float, lng: float, datum: Datum) -> LatLng:
    """A WGS-84 coordinate is given as ``(lat, lng)`` in ``datum``."""
    if datum is Datum.WGS84 or not _is_shifted(lat, lng):
        return lat, lng
    gcj02 = _gcj02_from_wgs84((lat, lng))
    return gcj02 if datum is Datum.GCJ02 else _bd09_from_gcj02(gcj02)


def _is_shifted(lat: float, lng: float) -> bool:
    return _SOUTH <= lat <= _NORTH and _WEST <= lng <= _EAST


def _invert(forward: Callable[[LatLng], LatLng], target: LatLng) -> LatLng:
    # A single step errs by up to 4.7 m; each further step shrinks the error a thousandfold.
    lat, lng = target
    for _ in range(_MOST_STEPS):
        reached_lat, reached_lng = forward((lat, lng))
        miss_lat, miss_lng = reached_lat - target[0], reached_lng - target[1]
        lat, lng = lat - miss_lat, lng - miss_lng
        if max(abs(miss_lat), abs(miss_lng)) < _CLOSE_ENOUGH_DEGREES:
            break
    return lat, lng


def _gcj02_from_wgs84(position: LatLng) -> LatLng:
    lat, lng = position
    north_m, east_m = _shift(lng - 105.0, lat - 35.0)
    curvature = 1 - _ECCENTRICITY_SQUARED * sin(radians(lat)) ** 2
    meridian_m = _AXIS_M * (1 - _ECCENTRICITY_SQUARED) / (curvature * sqrt(curvature))
    parallel_m = _AXIS_M / sqrt(curvature) * cos(radians(lat))
    return lat + north_m * 180 / (meridian_m * pi), lng + east_m * 180 / (parallel_m * pi)


def _shift(x: float, y: float) -> LatLng:
    ripple = (20 * sin(6 * x * pi) + 20 * sin(2 * x * pi)) * 2 / 3
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * sqrt(abs(x)) + ripple
    north += (20 * sin(y * pi) + 40 * sin(y / 3 * pi)) * 2 / 3
    north += (160 * sin(y / 12 * pi) + 320 * sin(y * pi / 30)) * 2 / 3
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * sqrt(abs(x)) + ripple
    east += (20 * sin(x * pi) + 40 * sin(x / 3 * pi)) * 2 / 3
    east += (150 * sin(x / 12 * pi) + 300 * sin(x / 30 * pi)) * 2 / 3
    return north, east


def _bd09_from_gcj02(position: LatLng) -> LatLng:
    lat, lng = position
    radius = hypot(lng, lat) + 0.00002 * sin(lat * _BAIDU_PI)
    angle = atan2(lat, lng) + 0.000003 * cos(lng * _BAIDU_PI)
    return radius * sin(angle) + 0.006, radius * cos(angle) + 0.0065
