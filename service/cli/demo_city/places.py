"""Where the demo city's visits take place: invented spots scattered around the real centres of cities."""

import random
from datetime import datetime
from typing import Any

from service.kernel.datum import Datum, from_wgs84
from service.kernel.geo import Point

CENTRES = {
    "北京": (39.909, 116.397), "上海": (31.231, 121.470), "天津": (39.125, 117.190), "重庆": (29.563, 106.551),
    "深圳": (22.543, 114.058), "广州": (23.129, 113.264), "杭州": (30.274, 120.155), "苏州": (31.299, 120.585),
    "合肥": (31.821, 117.227), "成都": (30.572, 104.066), "济南": (36.651, 117.120), "青岛": (36.067, 120.383),
    "烟台": (37.464, 121.448), "聊城": (36.457, 115.985), "南京": (32.060, 118.797), "宁波": (29.868, 121.544),
    "武汉": (30.593, 114.305), "长沙": (28.228, 112.939),
}  # fmt: skip
"""City centres on WGS-84, to some hundred metres; known from any atlas."""

ENGLISH = {"Shenzhen": "深圳", "Beijing": "北京", "Guangzhou": "广州", "Hefei": "合肥", "Hangzhou": "杭州"}


def spot_of(name: str, city: str | None) -> Point | None:
    """An enterprise's invented spot within some kilometres of its city's centre; the same name, the same spot."""
    centre = CENTRES.get(ENGLISH.get(city or "", (city or "").removesuffix("市")))
    if centre is None:
        return None
    dice = random.Random(name)  # noqa: S311 a demo needs no secrets
    return Point(
        round(centre[0] + dice.uniform(-0.06, 0.06), 6), round(centre[1] + dice.uniform(-0.07, 0.07), 6)
    )


def mislabelled(spot: Point) -> Point:
    """The numbers of GCJ-02, which some maps give and their apps call WGS-84."""
    return Point(*from_wgs84(spot.lat, spot.lng, Datum.GCJ02))


def reading_at(dice: random.Random, spot: Point, at: datetime) -> dict[str, Any] | None:
    """What a phone reports from a visit: mostly near, now and then far off, on another datum, or nothing."""
    luck = dice.random()
    if luck < 0.2:
        return None
    away = 0.03 if luck > 0.98 else 0.0011
    there = Point(
        round(spot.lat + dice.uniform(-away, away), 6), round(spot.lng + dice.uniform(-away, away), 6)
    )
    if 0.96 < luck <= 0.98:
        there = mislabelled(there)
    return told_by_phone(there, dice.choice((6, 9, 12, 20, 35, 60)), dice.randint(200, 9000) + at.minute)


def told_by_phone(there: Point, accuracy_m: int = 12, fix_age_ms: int = 800) -> dict[str, Any]:
    """A fix as the phone's app sends it."""
    return {
        "lat": round(there.lat, 6),
        "lng": round(there.lng, 6),
        "datum": "wgs84",
        "accuracy_m": accuracy_m,
        "source": "gps",
        "is_mock": False,
        "fix_age_ms": fix_age_ms,
    }
