"""The base map an operator may set up: read strictly, because its host enters the pages' policy."""

import pytest

from service.settings import BaseMap

TILES = "https://t0.tianditu.gov.cn/vec_w/wmts?TILEMATRIX={z}&TILEROW={y}&TILECOL={x}&tk=abc"
MAP = {"QIANBAI_MAP_TILE_URL": TILES, "QIANBAI_MAP_ATTRIBUTION": "天地图"}


def test_without_an_address_there_is_none():
    assert BaseMap.from_environment({}) is None


def test_it_is_drawn_in_wgs84_unless_it_says_otherwise():
    assert BaseMap.from_environment(MAP) == BaseMap(TILES, "天地图", "wgs84")
    assert BaseMap.from_environment(MAP | {"QIANBAI_MAP_DATUM": "gcj02"}).datum == "gcj02"


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        (TILES, "https://t0.tianditu.gov.cn"),
        ("https://{s}.tiles.gov.cn/{z}/{x}/{y}.png", "https://*.tiles.gov.cn"),
        ("http://10.0.0.8:8080/{z}/{x}/{y}", "http://10.0.0.8:8080"),
    ],
)
def test_a_browser_s_policy_names_where_its_pictures_come_from(url, origin):
    assert BaseMap(url, "天地图", "wgs84").origin == origin


@pytest.mark.parametrize(
    "wrong",
    [
        {"QIANBAI_MAP_TILE_URL": "https://tiles.gov.cn/{z}/{x}.png"},
        {"QIANBAI_MAP_TILE_URL": "javascript:{z}{x}{y}"},
        {"QIANBAI_MAP_TILE_URL": "https://tiles.gov.cn; script-src */{z}/{x}/{y}"},
        {"QIANBAI_MAP_ATTRIBUTION": ""},
        {"QIANBAI_MAP_DATUM": "epsg:3857"},
    ],
)
def test_it_stops_at_the_start_rather_than_on_the_page(wrong):
    with pytest.raises(SystemExit):
        BaseMap.from_environment(MAP | wrong)
