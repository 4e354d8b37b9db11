"""A year of field work: bodies as phones send them, planned by a seeded die, sent through the phones' own schemas."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from service.cli.demo_city.cast import CHAMBER_TALK, NEXT_STEPS, TALKS
from service.kernel.calendar import SHANGHAI
from service.kernel.geo import Point

METHODS = ("door_to_door", "industry_chain", "squad", "through_merchants", "station")
_PLACES = {"reception": "聊城市民文化活动中心", "online": "线上会议", "event": "产业招商推介会现场"}


@dataclass(frozen=True, slots=True)
class Target:
    """Somebody to visit."""

    id: UUID | None
    name: str
    spot: Point | None = None
    city: str | None = None


def working_moments(dice: random.Random, first: date, last: date, count: int) -> list[datetime]:
    """`count` moments in office hours between two days, mostly on weekdays, in order."""
    span = (last - first).days
    moments: list[datetime] = []
    while len(moments) < count:
        day = first + timedelta(days=dice.randint(0, max(span, 0)))
        if day.weekday() >= 5 and dice.random() < 0.9:
            continue
        clock = time(dice.randint(8, 16), dice.choice((0, 10, 20, 30, 40, 50)))
        moments.append(datetime.combine(day, clock, tzinfo=SHANGHAI))
    return sorted(moments)


def visit_body(dice: random.Random, target: Target, at: datetime, names: Sequence[str]) -> dict[str, Any]:
    """The body of one visit's `PUT`, without photos and position."""
    intention = dice.choices(("none", "interested", "negotiating", "agreed"), (30, 42, 22, 6))[0]
    mode = dice.choices(("door_to_door", "reception", "online", "event"), (88, 6, 3, 3))[0]
    ended_at = at + timedelta(minutes=dice.choice((40, 60, 75, 90, 120)))
    is_chamber = target.name.endswith(("商会", "协会", "联合会"))
    body: dict[str, Any] = {
        "visited_at": at.isoformat(),
        "ended_at": ended_at.isoformat(),
        "mode": mode,
        "method": "chamber" if is_chamber else dice.choices(METHODS, (60, 18, 10, 8, 4))[0],
        "place": _PLACES.get(mode) or f"{target.name}会议室"[:60],
        "participants": [{"name": name} for name in names],
        "hosts": [
            {
                "name": dice.choice("王李张刘陈赵孙周吴郑徐马") + dice.choice(("经理", "总监", "主任", "总")),
                "title": "秘书长"
                if is_chamber
                else dice.choice(("投资总监", "战略部部长", "总经理助理", "副总经理")),
                "phone": f"139{dice.randint(0, 99999999):08d}",
            }
        ],
        "summary": CHAMBER_TALK if is_chamber else dice.choice(TALKS),
        "intention": intention,
        "next_step": dice.choice(NEXT_STEPS),
        "next_on": (at.date() + timedelta(days=dice.randint(10, 45))).isoformat(),
        "captured_at": (ended_at + timedelta(minutes=dice.randint(2, 40))).isoformat(),
        "photo_ids": [],
    }
    if intention in {"negotiating", "agreed"}:
        body["amount_wan"] = str(dice.choice((3000, 5000, 8000, 12000, 20000, 50000, 100000)))
    if target.id is None:
        body["enterprise"] = {"name": target.name}
    else:
        body["enterprise_id"] = str(target.id)
    return body


def checkin_body(
    dice: random.Random, site_id: UUID, centre: Point, at: datetime, *, percent: int
) -> dict[str, Any]:
    """The body of one check-in's `PUT` at a site, a little way off its centre."""
    body: dict[str, Any] = {
        "site_id": str(site_id),
        "kind": dice.choices(("progress", "arrive", "service"), (60, 25, 15))[0],
        "at": at.isoformat(),
        "note": dice.choice(("施工正常", "主体结构施工", "设备基础浇筑", "协调临时用电", "厂房钢结构吊装")),
        "photo_ids": [],
        "captured_at": (at + timedelta(minutes=dice.randint(1, 20))).isoformat(),
    }
    if body["kind"] == "progress":
        body["progress"] = {"percent": percent, "text": f"形象进度约 {percent}%"}
    if dice.random() < 0.9:
        body["location"] = _near(dice, centre)
    return body


def _near(dice: random.Random, centre: Point) -> dict[str, Any]:
    return {
        "lat": round(centre.lat + dice.uniform(-0.0012, 0.0012), 6),
        "lng": round(centre.lng + dice.uniform(-0.0012, 0.0012), 6),
        "datum": "wgs84",
        "accuracy_m": dice.choice((6, 9, 12, 20, 35)),
        "source": "gps",
    }
