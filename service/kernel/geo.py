"""Fences answer how far a WGS-84 point lies outside them, in metres, and never more than that answer justifies.

Distances between points are great circles; fences are measured on a plane laid flat at the point, which at the
size of a site errs by less than a metre.
"""

import math
from dataclasses import dataclass
from itertools import pairwise

from service.kernel.datum import Datum, to_wgs84

EARTH_RADIUS_M = 6_371_008.8
ACCURACY_CAP_M = 200.0
"""A phone that says it is good to five kilometres must not be inside every fence of the county."""
MOST_CORNERS = 200

_Place = tuple[float, float]
_METRES_PER_DEGREE = EARTH_RADIUS_M * math.pi / 180


class InvalidPlace(ValueError):
    """A coordinate or a fence that cannot be on Earth, with the reason as text."""


@dataclass(frozen=True)
class Point:
    """A WGS-84 position in degrees, certainly within range."""

    lat: float
    lng: float

    def __post_init__(self) -> None:
        if not (-90 <= self.lat <= 90 and -180 <= self.lng <= 180):
            raise InvalidPlace("a latitude lies within ±90 and a longitude within ±180 degrees")


@dataclass(frozen=True)
class Circle:
    """A fence around a centre."""

    centre: Point
    radius_m: float

    def __post_init__(self) -> None:
        if not 0 < self.radius_m < math.inf:
            raise InvalidPlace("a fence's radius is a positive number of metres")


@dataclass(frozen=True)
class Polygon:
    """A fence with at least three corners whose edges do not cross; a repeated last corner is dropped."""

    corners: tuple[Point, ...]

    def __post_init__(self) -> None:
        corners = self.corners[:-1] if self.corners[:1] == self.corners[-1:] else self.corners
        object.__setattr__(self, "corners", corners)
        _refuse_bad_outline(corners)

    @property
    def centre(self) -> Point:
        """The middle of the corners: a place to measure from, not always inside."""
        first = self.corners[0]
        lat = math.fsum(corner.lat for corner in self.corners) / len(self.corners)
        east = math.fsum(_east_degrees(first.lng, corner.lng) for corner in self.corners) / len(self.corners)
        return Point(lat, _wrapped(first.lng + east))


Fence = Circle | Polygon


@dataclass(frozen=True)
class Verdict:
    """How a reported position relates to a fence; a fact for a reviewer, never a refusal.

    ``distance_m`` is from the fence's edge and 0 within it; ``allowance_m`` is the accuracy that was granted;
    ``inside`` says that the one is covered by the other.
    """

    distance_m: float
    centre_distance_m: float
    allowance_m: float
    inside: bool


def distance_m(one: Point, other: Point) -> float:
    """Metres between two points along the great circle (haversine, mean Earth radius)."""
    lat_one, lat_other = math.radians(one.lat), math.radians(other.lat)
    half_lat, half_lng = (lat_other - lat_one) / 2, math.radians(other.lng - one.lng) / 2
    chord = math.sin(half_lat) ** 2 + math.cos(lat_one) * math.cos(lat_other) * math.sin(half_lng) ** 2
    return 2 * EARTH_RADIUS_M * math.asin(math.sqrt(min(1.0, chord)))


def distance_to_fence_m(fence: Fence, point: Point) -> float:
    """Metres from the point to the fence's edge, 0 when it lies within."""
    if isinstance(fence, Circle):
        return max(0.0, distance_m(fence.centre, point) - fence.radius_m)
    places = [_place(point, corner) for corner in fence.corners]
    if _holds_origin(places):
        return 0.0
    nearest = min(
        (_nearest_to_origin(*edge) for edge in _edges(places)), key=lambda place: math.hypot(*place)
    )
    # The plane finds the nearest place on the edge; the sphere says how far it is, which holds far away as well.
    return distance_m(point, _unplaced(point, nearest))


def verdict(fence: Fence, point: Point, accuracy_m: float | None) -> Verdict:
    """Whether the point is within the fence, forgiving its accuracy up to 200 m."""
    outside_m = distance_to_fence_m(fence, point)
    allowance_m = _allowance(accuracy_m)
    return Verdict(outside_m, distance_m(fence.centre, point), allowance_m, outside_m <= allowance_m)


def other_datum_fits(
    fence: Fence, lat: float, lng: float, declared: Datum, *, accuracy_m: float | None = None
) -> Datum | None:
    """The datum that would put the coordinates as sent inside the fence when the declared one does not: a hint."""
    if verdict(fence, _read(lat, lng, declared), accuracy_m).inside:
        return None
    readings = {
        datum: verdict(fence, _read(lat, lng, datum), accuracy_m) for datum in Datum if datum != declared
    }
    fitting = [datum for datum, reading in readings.items() if reading.inside]
    return min(fitting, key=lambda datum: readings[datum].centre_distance_m, default=None)


def _read(lat: float, lng: float, datum: Datum) -> Point:
    return Point(*to_wgs84(lat, lng, datum))


def _allowance(accuracy_m: float | None) -> float:
    if accuracy_m is None or not accuracy_m > 0:
        return 0.0
    return min(accuracy_m, ACCURACY_CAP_M)


def _wrapped(lng: float) -> float:
    return (lng + 180) % 360 - 180


def _east_degrees(from_lng: float, to_lng: float) -> float:
    east = to_lng - from_lng
    return east if -180 <= east <= 180 else _wrapped(east)


def _place(origin: Point, point: Point) -> _Place:
    shrink = math.cos(math.radians(origin.lat))
    east_m = _east_degrees(origin.lng, point.lng) * shrink * _METRES_PER_DEGREE
    return east_m, (point.lat - origin.lat) * _METRES_PER_DEGREE


def _unplaced(origin: Point, place: _Place) -> Point:
    shrink = max(math.cos(math.radians(origin.lat)), 1e-9)
    lat = origin.lat + place[1] / _METRES_PER_DEGREE
    lng = _wrapped(origin.lng + place[0] / (_METRES_PER_DEGREE * shrink))
    return Point(max(-90.0, min(90.0, lat)), lng)


def _edges(places: list[_Place]) -> list[tuple[_Place, _Place]]:
    return list(pairwise([*places, places[0]]))


def _holds_origin(places: list[_Place]) -> bool:
    inside = False
    for (x1, y1), (x2, y2) in _edges(places):
        if (y1 > 0) != (y2 > 0) and x1 - y1 * (x2 - x1) / (y2 - y1) > 0:
            inside = not inside
    return inside


def _nearest_to_origin(start: _Place, end: _Place) -> _Place:
    (x1, y1), (x2, y2) = start, end
    along_x, along_y = x2 - x1, y2 - y1
    length_squared = along_x**2 + along_y**2
    share = -(x1 * along_x + y1 * along_y) / length_squared if length_squared else 0.0
    share = max(0.0, min(1.0, share))
    return x1 + share * along_x, y1 + share * along_y


def _refuse_bad_outline(corners: tuple[Point, ...]) -> None:
    if len(set(corners)) < 3:
        raise InvalidPlace("a polygon has at least three corners")
    if len(corners) > MOST_CORNERS:
        raise InvalidPlace(f"a polygon has at most {MOST_CORNERS} corners")
    if len(set(corners)) < len(corners):
        raise InvalidPlace("a polygon visits each corner once")
    places = [_place(corners[0], corner) for corner in corners]
    if abs(_doubled_area(places)) < 2:
        raise InvalidPlace("a polygon holds at least one square metre")
    if _crosses_itself(places):
        raise InvalidPlace("a polygon's edges do not cross or touch each other")


def _doubled_area(places: list[_Place]) -> float:
    return math.fsum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in _edges(places))


def _crosses_itself(places: list[_Place]) -> bool:
    edges = _edges(places)
    if any(_folds_back(edge, following) for edge, following in pairwise([*edges, edges[0]])):
        return True
    last = len(edges) - 1
    return any(
        _meet(edges[one], edges[other])
        for one in range(len(edges))
        for other in range(one + 2, len(edges))
        if (one, other) != (0, last)
    )


def _folds_back(edge: tuple[_Place, _Place], following: tuple[_Place, _Place]) -> bool:
    (x1, y1), (x2, y2) = edge
    x3, y3 = following[1]
    forward = (x2 - x1) * (x3 - x2) + (y2 - y1) * (y3 - y2)
    return forward < 0 and _turn(edge[0], edge[1], following[1]) == 0


def _turn(start: _Place, end: _Place, place: _Place) -> int:
    doubled = (end[0] - start[0]) * (place[1] - start[1]) - (end[1] - start[1]) * (place[0] - start[0])
    # Below a square millimetre it is rounding, not a turn.
    return 0 if abs(doubled) < 1e-6 else (1 if doubled > 0 else -1)


def _meet(one: tuple[_Place, _Place], other: tuple[_Place, _Place]) -> bool:
    if not all(_overlap(one, other, axis) for axis in (0, 1)):
        return False
    return (
        _turn(*one, other[0]) * _turn(*one, other[1]) <= 0
        and _turn(*other, one[0]) * _turn(*other, one[1]) <= 0
    )


def _overlap(one: tuple[_Place, _Place], other: tuple[_Place, _Place], axis: int) -> bool:
    one_low, one_high = sorted((one[0][axis], one[1][axis]))
    other_low, other_high = sorted((other[0][axis], other[1][axis]))
    return one_low <= other_high and other_low <= one_high
