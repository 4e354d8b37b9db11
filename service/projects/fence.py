"""A site's fence as it was entered, and as the house measures it in WGS-84."""

from dataclasses import dataclass
from typing import Any

from service.kernel.datum import Datum, to_wgs84
from service.kernel.errors import Fault
from service.kernel.geo import Circle, Fence, InvalidPlace, Point, Polygon
from service.projects.errors import BadFence
from service.projects.models import FenceKind, Site

LatLng = tuple[float, float]

_REASONS_ZH = {
    "a circle has one centre and a radius": "圆形围栏应有一个圆心和一个半径",
    "a latitude lies within": "坐标不在地球范围内",
    "a fence's radius": "半径应为大于零的米数",
    "a polygon has at least": "多边形至少要有三个顶点",
    "a polygon has at most": "多边形的顶点过多",
    "a polygon visits each corner once": "多边形有重复的顶点",
    "a polygon holds at least": "多边形面积不足一平方米",
    "a polygon's edges": "多边形的边相互交叉或接触",
}


@dataclass(frozen=True, slots=True)
class FenceAsGiven:
    """A circle (one corner, its centre, and a radius in metres) or a polygon (three corners or more), in its datum."""

    kind: FenceKind
    datum: Datum
    corners: tuple[LatLng, ...]
    radius_m: float | None = None

    def as_document(self) -> dict[str, Any]:
        """What is kept of the entry, in the shape in which every fence is shown."""
        corners = [{"lat": lat, "lng": lng} for lat, lng in self.corners]
        is_circle = self.kind is FenceKind.CIRCLE
        return {
            "kind": self.kind.value,
            "datum": self.datum.value,
            "centre": corners[0] if is_circle and corners else None,
            "radius_m": self.radius_m,
            "corners": None if is_circle else corners,
        }


@dataclass(frozen=True, slots=True)
class FenceShown:
    """A stored fence in WGS-84; a polygon's centre is a place to measure from, not always inside."""

    kind: FenceKind
    centre: Point
    radius_m: float | None
    corners: tuple[Point, ...] | None
    datum: Datum = Datum.WGS84


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
        raise _bad_fence(str(error)) from error


def fence_of(site: Site) -> Fence:
    """The fence of a stored site."""
    if site.fence_kind is FenceKind.CIRCLE:
        return _circle((Point(site.latitude, site.longitude),), site.radius_m)
    return Polygon(_ring(site))


def fence_shown(site: Site) -> FenceShown:
    """The fence of a stored site, to be shown."""
    corners = _ring(site) if site.fence_kind is FenceKind.POLYGON else None
    return FenceShown(site.fence_kind, Point(site.latitude, site.longitude), site.radius_m, corners)


def columns_of(fence: Fence) -> dict[str, Any]:
    """The fence as the columns of a site."""
    centre = {"latitude": fence.centre.lat, "longitude": fence.centre.lng}
    if isinstance(fence, Circle):
        return {**centre, "radius_m": fence.radius_m, "ring": None}
    ring = [{"lat": corner.lat, "lng": corner.lng} for corner in fence.corners]
    return {**centre, "radius_m": None, "ring": ring}


def _circle(points: tuple[Point, ...], radius_m: float | None) -> Circle:
    if len(points) != 1 or radius_m is None:
        raise InvalidPlace("a circle has one centre and a radius")
    return Circle(points[0], radius_m)


def _ring(site: Site) -> tuple[Point, ...]:
    return tuple(Point(float(corner["lat"]), float(corner["lng"])) for corner in site.ring or [])


def _bad_fence(reason: str) -> BadFence:
    known = (zh for start, zh in _REASONS_ZH.items() if reason.startswith(start))
    reason_zh = next(known, "坐标无效")
    return BadFence(faults=[Fault("/fence", reason_zh, reason)], reason_zh=reason_zh, reason_en=reason)
