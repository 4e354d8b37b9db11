"""The demo city's trips: bodies as phones send them, and which trip a visit of a day belongs to."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from service.kernel.calendar import SHANGHAI
from service.kernel.ids import uuid7

PLACES = (
    ("广东省", "深圳市"),
    ("上海市", None),
    ("北京市", None),
    ("江苏省", "苏州市"),
    ("浙江省", "杭州市"),
)
CAMPAIGNS = (None, None, "长三角招商周", "产业招商百日会战")
LEADERS = (("书记", "county"), ("县长", "county"), ("副县长", "deputy_county"), ("科长", "section"))
DAYS_BETWEEN = 26


@dataclass(frozen=True, slots=True)
class PlannedTrip:
    """A trip to be filed by somebody of a unit; visits of its days name it."""

    id: UUID
    departs_on: date
    returns_on: date
    body: dict[str, Any]

    @property
    def filed_at(self) -> datetime:
        """On the evening of the return."""
        return datetime.combine(self.returns_on, time(19), tzinfo=SHANGHAI)


def trips_of(
    dice: random.Random, first: date, last: date, names: Sequence[str], ardour: int
) -> Iterator[PlannedTrip]:
    """A unit's trips between two days: the keener it is the more, and never two at a time."""
    start = first + timedelta(days=dice.randint(5, DAYS_BETWEEN))
    while start + timedelta(days=4) <= last:
        if dice.randint(0, 60) < ardour:
            yield _trip(dice, start, start + timedelta(days=dice.randint(0, 3)), names)
        start += timedelta(days=dice.randint(DAYS_BETWEEN - 6, DAYS_BETWEEN + 6))


def _trip(dice: random.Random, departs_on: date, returns_on: date, names: Sequence[str]) -> PlannedTrip:
    title, rank = dice.choice(LEADERS)
    province, city = dice.choice(PLACES)
    destination = {"province": province} if city is None else {"province": province, "city": city}
    body: dict[str, Any] = {
        "kind": dice.choices(("outing", "reception", "online", "event"), (80, 12, 4, 4))[0],
        "leader": {"name": dice.choice("王李张刘陈") + title, "rank": rank},
        "participants": [{"name": name} for name in dice.sample(list(names), min(len(names), 2))],
        "departs_on": departs_on.isoformat(),
        "departs_half": dice.choice(("am", "pm")),
        "returns_on": returns_on.isoformat(),
        "returns_half": "pm",
        "destinations": [destination],
        "organisations": [{"name": f"{city or province}山东商会"}],
        "project_count": dice.randint(0, 4),
        "result": dice.choice(("达成初步合作意向", "邀请企业来聊考察", "推介产业园区")),
        "filed_because": "返程后统一填报",
    }
    campaign = dice.choice(CAMPAIGNS)
    if campaign is not None:
        body["campaign"] = campaign
    trip = PlannedTrip(uuid7(), departs_on, returns_on, body)
    body["captured_at"] = trip.filed_at.isoformat()
    return trip


def trip_on(trips: Sequence[PlannedTrip], day: date) -> PlannedTrip | None:
    """The trip that a visit of this day was paid on."""
    return next((trip for trip in trips if trip.departs_on <= day <= trip.returns_on), None)
