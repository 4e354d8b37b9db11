"""A year of field work: bodies as phones send them, planned by a seeded die, sent through the phones' own schemas."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from service.cli.demo_city.cast import NEXT_STEPS, TALKS
from service.kernel.calendar import SHANGHAI
from service.kernel.geo import Point

METHODS = ("door_to_door", "industry_chain", "small_squad", "via_business", "via_chamber", "stationed")


@dataclass(frozen=True, slots=True)
class Target:
    """Somebody to visit."""

    id: UUID | None
    name: str
    spot: Point | None = None


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
    """The body of one visit's `PUT`, without photos."""
    intention = dice.choices(("none", "interested", "negotiating", "agreed"), (30, 42, 22, 6))[0]
    ended_at = at + timedelta(minutes=dice.choice((40, 60, 75, 90, 120)))
    body: dict[str, Any] = {
        "visited_at": at.isoformat(),
        "ended_at": ended_at.isoformat(),
        "mode": dice.choices(("door_to_door", "reception", "online", "event"), (82, 9, 6, 3))[0],
        "method": "door_to_door",
        "place": f"{target.name}会议室"[:60],
        "participants": [{"name": name} for name in names],
        "hosts": [
            {
                "name": dice.choice("王李张刘陈") + "经理",
                "title": "投资总监",
                "phone": f"139{dice.randint(0, 99999999):08d}",
            }
        ],
        "summary": dice.choice(TALKS),
        "intention": intention,
        "next_step": dice.choice(NEXT_STEPS),
        "next_on": (at.date() + timedelta(days=dice.randint(10, 45))).isoformat(),
        "captured_at": (ended_at + timedelta(minutes=dice.randint(2, 300))).isoformat(),
        "photo_ids": [],
    }
    if intention in {"negotiating", "agreed"}:
        body["amount_wan"] = str(dice.choice((3000, 5000, 8000, 12000, 20000, 50000, 100000)))
    if dice.random() < 0.12:
        body["led_by"] = {"name": dice.choice("王李张刘陈") + "县长", "rank": "county"}
    if target.id is None:
        body["enterprise"] = {"name": target.name}
    else:
        body["enterprise_id"] = str(target.id)
    return body


def fate_of(dice: random.Random, at: datetime, now: datetime) -> str:
    """What review makes of a visit; the last two weeks are mostly still waiting."""
    if (now - at).days < 14:
        return dice.choices(("waiting", "unit_approved", "approved", "returned"), (45, 25, 25, 5))[0]
    return dice.choices(("approved", "returned", "voided", "waiting"), (92, 4, 1, 3))[0]


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


def chosen_targets(dice: random.Random, targets: Sequence[Target], count: int) -> Iterator[Target]:
    """Whom to visit: mostly somebody new, one in eight somebody seen before."""
    fresh = list(targets)
    dice.shuffle(fresh)
    seen: list[Target] = []
    for _ in range(count):
        if not fresh or (seen and dice.random() < 0.12):
            yield dice.choice(seen or list(targets))
        else:
            seen.append(fresh.pop())
            yield seen[-1]
