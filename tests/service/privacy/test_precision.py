import pytest

from service.kernel.geo import Point, distance_m
from service.privacy.precision import coarse, coarse_wgs84, is_exact
from tests.factories.sites import LIAOCHENG, LIAOCHENG_GCJ02

SENT = {
    "lat": LIAOCHENG_GCJ02[0],
    "lng": LIAOCHENG_GCJ02[1],
    "datum": "gcj02",
    "accuracy_m": 9.0,
    "source": "gps",
}


@pytest.mark.parametrize(("decimals", "lat", "lng"), [(2, 36.46, 115.99), (3, 36.457, 115.991), (0, 36, 116)])
def test_it_rounds_a_location_and_says_so(decimals, lat, lng):
    assert coarse(SENT, decimals) == SENT | {"lat": lat, "lng": lng, "reduced_to_decimals": decimals}


def test_it_rounds_positions_wherever_they_stand_and_nothing_else():
    body = {
        "summary": "谈了 36.123456 亿元",
        "ops": [{"body": {"location": SENT}}],
        "capture": {"gps": {"lat": 1.23456, "lng": 2.34567, "altitude_m": 31.5, "refs_assumed": False}},
        "amount": 1.23456,
    }
    made = coarse(body, 2)
    assert made["ops"][0]["body"]["location"]["lat"] == 36.46
    assert made["capture"]["gps"] == {
        "lat": 1.23,
        "lng": 2.35,
        "refs_assumed": False,
        "reduced_to_decimals": 2,
    }
    assert (made["summary"], made["amount"]) == (body["summary"], 1.23456)


@pytest.mark.parametrize(
    "value",
    [{}, [], "36.1", {"lat": None, "lng": 1.5}, {"lat": "a", "lng": "b"}, {"lat": True, "lng": False}],
)
def test_it_leaves_alone_what_is_no_position(value):
    assert not is_exact(value, 2)
    assert coarse(value, 2) == value


def test_a_second_time_changes_nothing_and_a_finer_setting_brings_nothing_back():
    once = coarse({"location": SENT}, 2)
    assert coarse(once, 2) == once
    assert coarse(once, 3) == once
    assert is_exact(once, 1)
    assert not is_exact(once, 2)


def test_the_wgs84_position_tells_no_more_than_the_coarse_one_as_sent():
    near = SENT | {"lat": SENT["lat"] + 0.0005, "lng": SENT["lng"] + 0.0005}
    assert coarse(near, 2)["lat"] == coarse(SENT, 2)["lat"]
    assert coarse_wgs84(near, 36.457, 115.986, 2) == coarse_wgs84(SENT, *LIAOCHENG, 2)
    assert distance_m(Point(*coarse_wgs84(SENT, *LIAOCHENG, 2)), Point(*LIAOCHENG)) < 1_500
    assert coarse_wgs84(None, *LIAOCHENG, 2) == (36.46, 115.99)
