"""A site's fence as it was entered, and as the house measures it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from service.kernel.datum import Datum, to_wgs84
from service.kernel.geo import Circle, Fence, InvalidPlace, Point, Polygon
from service.projects.errors import BadFence
from service.projects.models import FenceKind, Site

LatLng = tuple[float, float]


@dataclass(frozen=True, slots=True)
class FenceAsGiven:
    """A circle (one corner and a radius in metres) or a polygon (three corners or more), in its own datum."""

    kind: FenceKind
    datum: Datum
    corners: tuple[LatLng, ...]
    radius_m: float | None = None

    def as_document(self) -> dict[str, Any]:
        """What is kept of the entry."""
        return {
            "kind": self.kind.value,
            "datum": self.datum.value,
            "corners": [{"lat": lat, "lng": lng} for lat, lng in self.corners],
            "radius_m": self.radius_m,
        }


def measured(given: FenceAsGiven) -> Fence:
    """The fence in WGS-84.

    Raises:
        BadFence: a circle without a radius, a polygon that crosses itself, a place that is not on Earth.
    """
    try:
        points = tuple(Point(*to_wgs84(lat, lng, given.datum)) for lat, lng in given.corners)
        if given.kind is FenceKind.POLYGON:
            return Polygon(points)
        return _circle(points, given.radius_m)
    except InvalidPlace as error:
        raise BadFence(reason=str(error)) from error


def _circle(points: tuple[Point, ...], radius_m: float | None) -> Circle:
    if len(points) != 1 or radius_m is None:
        raise InvalidPlace("a circle has one centre and a radius")
    return Circle(points[0], radius_m)


def fence_of(site: Site) -> Fence:
    """The fence of a stored site."""
    if site.fence_kind is FenceKind.CIRCLE:
        return Circle(Point(site.latitude, site.longitude), site.radius_m or 0.0)
    return Polygon(tuple(_corner(corner) for corner in site.ring or []))


def columns_of(fence: Fence) -> dict[str, Any]:
    """The fence as the columns of a site."""
    if isinstance(fence, Circle):
        return {
            "latitude": fence.centre.lat,
            "longitude": fence.centre.lng,
            "radius_m": fence.radius_m,
            "ring": None,
        }
    return {
        "latitude": fence.centre.lat,
        "longitude": fence.centre.lng,
        "radius_m": None,
        "ring": [{"lat": corner.lat, "lng": corner.lng} for corner in fence.corners],
    }


def _corner(corner: Mapping[str, Any]) -> Point:
    return Point(float(corner["lat"]), float(corner["lng"]))
