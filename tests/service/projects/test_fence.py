"""Fences are entered in any datum and measured in WGS-84; what is no fence is refused with a reason."""

import pytest

from service.kernel.datum import Datum
from service.kernel.geo import Circle, Point, Polygon, distance_m
from service.projects.errors import BadFence
from service.projects.fence import FenceAsGiven, columns_of, measured
from service.projects.models import FenceKind
from tests.factories.sites import LIAOCHENG, LIAOCHENG_GCJ02, circle, square

CIRCLE, POLYGON = FenceKind.CIRCLE, FenceKind.POLYGON


def test_it_measures_a_circle_in_wgs84():
    assert measured(circle()) == Circle(Point(*LIAOCHENG), 300.0)


def test_it_moves_a_circle_from_its_datum():
    fence = measured(FenceAsGiven(CIRCLE, Datum.GCJ02, (LIAOCHENG_GCJ02,), 300.0))
    assert distance_m(fence.centre, Point(*LIAOCHENG)) < 0.01


def test_it_measures_a_polygon_by_its_corners():
    fence = measured(square())
    assert isinstance(fence, Polygon)
    assert distance_m(fence.centre, Point(*LIAOCHENG)) < 0.01


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (FenceAsGiven(CIRCLE, Datum.WGS84, (LIAOCHENG,)), "圆形围栏应有一个圆心和一个半径"),
        (FenceAsGiven(CIRCLE, Datum.WGS84, (), 100.0), "圆形围栏应有一个圆心和一个半径"),
        (FenceAsGiven(CIRCLE, Datum.WGS84, (LIAOCHENG,), 0.0), "半径应为大于零的米数"),
        (FenceAsGiven(CIRCLE, Datum.WGS84, ((95.0, 115.0),), 5.0), "坐标不在地球范围内"),
        (FenceAsGiven(POLYGON, Datum.WGS84, ()), "多边形至少要有三个顶点"),
        (FenceAsGiven(POLYGON, Datum.WGS84, ((36.0, 115.0), (36.1, 115.1))), "多边形至少要有三个顶点"),
        (
            FenceAsGiven(POLYGON, Datum.WGS84, ((36.0, 115.0), (36.1, 115.1), (36.0, 115.1), (36.2, 115.0))),
            "多边形的边相互交叉或接触",
        ),
        (
            FenceAsGiven(POLYGON, Datum.WGS84, ((36.0, 115.0), (36.1, 115.1), (36.0, 115.1), (36.1, 115.1))),
            "多边形有重复的顶点",
        ),
        (
            FenceAsGiven(POLYGON, Datum.WGS84, ((36.0, 115.0), (36.0, 115.000001), (36.000001, 115.0))),
            "多边形面积不足一平方米",
        ),
    ],
)
def test_it_refuses_what_is_no_fence_with_a_reason_in_chinese(given, reason):
    with pytest.raises(BadFence) as refused:
        measured(given)
    assert refused.value.faults[0].zh == reason
    assert reason in refused.value.text("zh")
    assert refused.value.faults[0].pointer == "/fence"


def test_it_keeps_a_polygon_as_a_ring_with_a_centre():
    columns = columns_of(measured(square()))
    assert len(columns["ring"]) == 4
    assert columns["radius_m"] is None


def test_it_shows_a_fence_in_the_shape_in_which_it_was_entered():
    assert circle().as_document() == {
        "kind": "circle",
        "datum": "wgs84",
        "centre": {"lat": LIAOCHENG[0], "lng": LIAOCHENG[1]},
        "radius_m": 300.0,
        "corners": None,
    }
    assert square().as_document()["centre"] is None
