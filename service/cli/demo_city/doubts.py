"""Visits of the last days that a reviewer should look at: each has its own kind of doubt, and an honest reason or none.

They stand in the queue beside those about which nothing is doubtful; the checks find what is told here by themselves.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from service.cli.demo_city import fieldwork, pictures
from service.cli.demo_city.places import mislabelled, told_by_phone
from service.cli.demo_city.scene import Happening, Scene
from service.cli.demo_city.workdays import DAY, working_days_before
from service.evidence.explaining import explain_visit
from service.kernel.actor import Actor
from service.kernel.calendar import SHANGHAI, local_date
from service.kernel.geo import Point
from service.kernel.ids import uuid7
from service.photos.models import PhotoSource

NEAR = Point(0.0004, -0.0003)
"""Degrees off the registered spot, as positions are."""
FAR = Point(0.034, 0.027)


@dataclass(frozen=True, slots=True)
class Doubtful:
    """A visit paid so many working days ago by an account, in a city, and what is unusual about it."""

    days_ago: int
    by: str
    city: str
    clock: time
    minutes: int = 60
    off: Point = NEAR
    is_mock: bool = False
    is_mislabelled: bool = False
    recorded_after: timedelta = timedelta(minutes=20)
    photo: int | None = None
    """The number of its picture; the same number is the same picture."""
    photo_source: PhotoSource = PhotoSource.CAMERA
    photo_age: timedelta = timedelta(0)
    whom: int | None = None
    """The number of the enterprise where two visits are to the same."""
    explained: str | None = None


VISITS = (
    Doubtful(
        2, "field1", "济南市", time(10), off=FAR, photo=1,
        explained="企业总部去年底已搬到高新区新址，登记的还是老厂区地址，已请企业提供新址证明，另行报送更正。",
    ),
    Doubtful(3, "field2", "深圳市", time(10), minutes=50),
    Doubtful(3, "field2", "济南市", time(11, 40), minutes=40),
    Doubtful(5, "field3", "北京市", time(14, 30), photo=2),
    Doubtful(2, "field3", "北京市", time(9, 30), photo=2),
    Doubtful(2, "field4", "杭州市", time(15), photo=3, photo_source=PhotoSource.GALLERY, photo_age=timedelta(days=9)),
    Doubtful(
        10, "field5", "青岛市", time(10, 20), recorded_after=timedelta(days=12),
        explained="出差期间手机损坏，返程换机后按笔记补录。",
    ),
    Doubtful(3, "field6", "上海市", time(22, 40), minutes=45),
    Doubtful(4, "field21", "苏州市", time(9, 40), whom=1),
    Doubtful(2, "field7", "苏州市", time(14, 10), whom=1),
    Doubtful(1, "field8", "广州市", time(10, 10), is_mock=True, photo=4),
    Doubtful(3, "field9", "济南市", time(15, 20), is_mislabelled=True),
    Doubtful(1, "field10", "青岛市", time(16), minutes=3),
    Doubtful(2, "field13", "宁波市", time(9), whom=2),
    Doubtful(2, "field13", "宁波市", time(15, 30), whom=2),
)  # fmt: skip
"""Far off, too quick, a picture used twice, one from the gallery, late, at night, after another unit, mocked,
another datum, hurried, and twice on a day."""


def engaged(scene: Scene) -> set[tuple[str, date]]:
    """Who is on such a visit on which day; they are nowhere else then, nor on the days beside."""
    found = set()
    for one in VISITS:
        on = _day_of(scene, one)
        found |= {(scene.people[one.by].name, on + n * DAY) for n in (-1, 0, 1)}
    return found


@dataclass(slots=True)
class DoubtfulWeek:
    """Lets the doubtful visits happen, as far back as the year goes."""

    scene: Scene
    targets: Sequence[fieldwork.Target]
    """Whom they are paid to: each has a registered spot."""
    _shared: dict[int, fieldwork.Target] = field(default_factory=dict)
    _drawn: dict[int, bytes] = field(default_factory=dict)

    def happenings(self) -> Iterator[Happening]:
        """Each visit, and what its author said of it later."""
        dice = random.Random(len(VISITS))  # noqa: S311 a demo needs no secrets
        left = list(self.targets)
        dice.shuffle(left)
        for one in VISITS:
            target = self._target(one, left)
            on = _day_of(self.scene, one)
            if target is None or on.year != local_date(self.scene.now).year:
                continue
            at = datetime.combine(on, one.clock, tzinfo=SHANGHAI)
            sent_at = min(at + timedelta(minutes=one.minutes) + one.recorded_after, self.scene.now)
            author, visit_id = self.scene.people[one.by], uuid7()
            body = self._body(dice, one, target, at)
            yield Happening(sent_at, partial(self._send, author, visit_id, body, one))
            if one.explained is not None:
                said_at = min(sent_at + timedelta(hours=2), self.scene.now)
                saying = partial(explain_visit, self.scene.session, author, visit_id, one.explained)
                yield Happening(said_at, saying)

    def _target(self, one: Doubtful, left: list[fieldwork.Target]) -> fieldwork.Target | None:
        if one.whom in self._shared:
            return self._shared[one.whom]
        found = next((target for target in left if target.city == one.city and target.spot), None)
        if found is not None:
            left.remove(found)
            if one.whom is not None:
                self._shared[one.whom] = found
        return found

    def _body(
        self, dice: random.Random, one: Doubtful, target: fieldwork.Target, at: datetime
    ) -> dict[str, Any]:
        body = fieldwork.visit_body(dice, target, at, [self.scene.people[one.by].name])
        ended_at = at + timedelta(minutes=one.minutes)
        body |= {
            "mode": "door_to_door",
            "place": f"{target.name}会议室"[:60],
            "ended_at": ended_at.isoformat(),
            "captured_at": (ended_at + one.recorded_after - timedelta(minutes=5)).isoformat(),
        }
        if target.spot is not None:
            there = Point(target.spot.lat + one.off.lat, target.spot.lng + one.off.lng)
            place = told_by_phone(mislabelled(there) if one.is_mislabelled else there)
            body["location"] = place | {"is_mock": one.is_mock}
        return body

    def _send(self, author: Actor, visit_id: UUID, body: dict[str, Any], one: Doubtful) -> None:
        if one.photo is not None:
            taken_at = datetime.fromisoformat(body["visited_at"]) + timedelta(minutes=10) - one.photo_age
            if one.photo not in self._drawn:
                self._drawn[one.photo] = pictures.meeting_photo(900_000 + one.photo, taken_at, None)
            content = self._drawn[one.photo]
            body["photo_ids"] = [str(self.scene.send_photo(author, content, taken_at, one.photo_source))]
        self.scene.send_visits(author, {visit_id: body})


def _day_of(scene: Scene, one: Doubtful) -> date:
    return working_days_before(local_date(scene.now), one.days_ago)[-1]
