"""Lives through the demo city's year: visits, reviews, check-ins and photos, each at its own moment, in order."""

import json
import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from fractions import Fraction
from functools import partial
from typing import Any
from uuid import UUID

import marshmallow as ma

from mobile_api.schemas.checkins import CheckinIn
from mobile_api.schemas.trips import TripIn
from mobile_api.schemas.visits import VisitIn
from service.checkins.commands import submit_checkin
from service.cli.demo_city import cast, doubts, fieldwork, outings, pictures
from service.cli.demo_city.places import reading_at
from service.cli.demo_city.reviews import ReviewDesk, fate_of
from service.cli.demo_city.rounds import Candidates, Outing, Planner, evening
from service.cli.demo_city.scene import Happening, Scene
from service.http.parsing import invalid
from service.kernel import clock
from service.kernel.actor import Actor
from service.kernel.calendar import SHANGHAI, elapsed_share, local_date
from service.kernel.geo import Point
from service.kernel.ids import uuid7
from service.projects.models import Site
from service.submissions.keeping import Unaccepted, keep
from service.submissions.models import RecordType
from service.trips.commands import submit_trip

CHECKINS_A_SITE = 12
RECENT_DAYS = 30
ILLUSTRATED_DAYS = 40
"""Of visits so recent most have a photo; older ones have few, for drawing takes time."""
TOGETHER, JOINT_PARTNERS = 0.03, 8
"""Of the visits so many are paid together with a county."""
TRIPS = 0.4
"""Of the outings that are worth a trip so many are filed as one."""


class YearOfFieldwork:
    """The year so far, up to yesterday."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._today = local_date(scene.now)
        self._first = date(self._today.year, 1, 1)
        self._places = random.Random(self._today.year)  # noqa: S311 a demo needs no secrets
        self._desk = ReviewDesk(scene)

    def live(
        self,
        candidates: Candidates,
        doubted: Sequence[fieldwork.Target],
        sites: Sequence[tuple[Site, Actor]],
        more: Iterable[Happening] = (),
    ) -> None:
        """Let everything happen, through the commands and schemas that phones and headquarters use."""
        happenings = [*self._visits(candidates), *doubts.DoubtfulWeek(self._scene, doubted).happenings()]
        happenings += [*self._checkins(sites), *self._desk.sittings(), *more]
        self._live_through(happenings)
        self._leave_something_to_settle()

    def _visits(self, candidates: Candidates) -> Iterator[Happening]:
        yesterday = self._today - timedelta(days=1)
        planner = Planner(self._scene.dice, self._first, yesterday, candidates, doubts.engaged(self._scene))
        elapsed = elapsed_share(self._first, date(self._today.year, 12, 31), self._today)
        for unit in cast.UNITS:
            thousand, hundred = (Fraction(subjects) * elapsed for subjects in cast.TARGETS[unit.kind])
            staff = self._scene.field_staff(unit)
            for outing in planner.outings(unit, staff, (thousand, hundred)):
                yield from self._outing(outing, staff)

    def _outing(self, outing: Outing, staff: Sequence[Actor]) -> Iterator[Happening]:
        """Its visits are sent together after the return, and with them its trip where it is filed as one."""
        dice, sent_at = self._scene.dice, min(evening(outing, self._scene.dice), self._scene.now)
        bodies = {uuid7(): self._body(outing.visitor, stop.target, stop.at) for stop in outing.stops}
        if outings.is_worth_a_trip(outing) and dice.random() < TRIPS:
            trip_id, names = uuid7(), [person.name for person in staff]
            trip = outings.trip_body(dice, outing, names) | {"captured_at": sent_at.isoformat()}
            for body in bodies.values():
                body["trip_id"] = str(trip_id)
            yield Happening(sent_at, partial(self._file_trip, outing.visitor, trip_id, trip))
        is_recent = (self._scene.now - sent_at).days < ILLUSTRATED_DAYS
        pictured = {visit_id for visit_id in bodies if dice.random() < (0.55 if is_recent else 0.03)}
        yield Happening(sent_at, partial(self._send, outing.visitor, bodies, pictured))
        for visit_id in bodies:
            self._desk.visit(outing.visitor, visit_id, sent_at, fate_of(dice, sent_at, self._scene.now))

    def _body(self, visitor: Actor, target: fieldwork.Target, at: datetime) -> dict[str, Any]:
        dice = self._scene.dice
        if (self._scene.now - at).days < ILLUSTRATED_DAYS and dice.random() < 0.07:
            target = fieldwork.Target(None, _as_people_type(target.name), city=target.city)
        body = fieldwork.visit_body(dice, target, at, [visitor.name])
        reading = reading_at(self._places, target.spot, at) if target.spot else None
        if reading is not None and body["mode"] == "door_to_door":
            body["location"] = reading
        if dice.random() < TOGETHER:
            partner = self._scene.units[dice.choice(cast.UNITS[:JOINT_PARTNERS]).short_name].id
            body["joint_units"] = [str(partner)] if partner != visitor.unit_id else []
        return body

    def _file_trip(self, filer: Actor, trip_id: UUID, body: dict[str, Any]) -> None:
        submit_trip(self._scene.session, filer, trip_id, TripIn().load(body), terms=self._scene.terms)

    def _send(self, visitor: Actor, bodies: dict[UUID, dict[str, Any]], pictured: set[UUID]) -> None:
        for visit_id, body in bodies.items():
            if visit_id in pictured:
                taken_at = datetime.fromisoformat(body["visited_at"]) + timedelta(minutes=10)
                content = pictures.meeting_photo(self._scene.dice.randint(0, 10**6), taken_at, None)
                body["photo_ids"] = [str(self._scene.send_photo(visitor, content, taken_at))]
        self._scene.send_visits(visitor, bodies)

    def _checkins(self, sites: Sequence[tuple[Site, Actor]]) -> Iterator[Happening]:
        yesterday = self._today - timedelta(days=1)
        if yesterday < self._first:
            return
        for site, commissioner in sites:
            moments = fieldwork.working_moments(self._scene.dice, self._first, yesterday, CHECKINS_A_SITE)
            moments = sorted([*moments, *self._recent_days(yesterday)])
            reached = 0 if site.name.startswith(cast.NOT_STARTED) else 70
            for number, at in enumerate(moments, start=1):
                percent = round(number / len(moments) * reached)
                checkin_id = uuid7()
                yield self._checkin(site, commissioner, checkin_id, at, percent)
                if (self._scene.now - at).days > 5:
                    self._desk.checkin(checkin_id, at)

    def _recent_days(self, yesterday: date) -> Iterator[datetime]:
        """A commissioner comes on most working days of the last month; one in six days stays empty."""
        for back in range(RECENT_DAYS):
            day = yesterday - timedelta(days=back)
            if day >= self._first and day.weekday() < 5 and self._places.random() < 5 / 6:
                clock_time = time(self._places.randint(8, 10), self._places.randrange(60))
                yield datetime.combine(day, clock_time, tzinfo=SHANGHAI)

    def _checkin(
        self, site: Site, commissioner: Actor, checkin_id: UUID, at: datetime, percent: int
    ) -> Happening:
        centre = Point(site.latitude, site.longitude)
        body = fieldwork.checkin_body(self._scene.dice, site.id, centre, at, percent=percent)
        draw: Callable[[], bytes] | None = None
        if body["kind"] == "progress" and self._scene.dice.random() < 0.6:
            seed = self._scene.dice.randint(0, 10**6)
            draw = partial(pictures.site_photo, seed, at, centre, percent=percent)
        send = partial(self._send_checkin, commissioner, checkin_id, body, draw)
        return Happening(min(datetime.fromisoformat(body["captured_at"]), self._scene.now), send)

    def _send_checkin(
        self, commissioner: Actor, checkin_id: UUID, body: dict[str, Any], draw: Callable[[], bytes] | None
    ) -> None:
        if draw is not None:
            taken_at = datetime.fromisoformat(body["at"])
            body["photo_ids"] = [str(self._scene.send_photo(commissioner, draw(), taken_at))]
        submission = CheckinIn().load(body)
        submit_checkin(self._scene.session, commissioner, checkin_id, submission, terms=self._scene.terms)

    def _live_through(self, happenings: list[Happening]) -> None:
        happenings.sort(key=lambda happening: happening.at)
        for number, happening in enumerate(happenings, start=1):
            with clock.pretending(happening.at):
                happening.what()
            self._scene.session.flush()
            if number % 200 == 0 or number == len(happenings):
                self._scene.say(
                    f"外勤 field work: {number}/{len(happenings)}（至 up to {local_date(happening.at)}）"
                )

    def _leave_something_to_settle(self) -> None:
        """A body with faults, so that headquarters' list of kept bodies is not empty."""
        body = {
            "visited_at": f"{self._today.year}-02-30T09:00:00+08:00",
            "mode": "by_foot",
            "summary": "补录一次走访",
        }
        try:
            VisitIn().load(body)
        except ma.ValidationError as error:
            raw = json.dumps(body, ensure_ascii=False).encode()
            what = Unaccepted(RecordType.VISIT, uuid7(), raw)
            keep(
                self._scene.session,
                self._scene.people["field2"],
                what,
                invalid(error),
                most=self._scene.settings.kept_per_person,
            )


def _as_people_type(name: str) -> str:
    """A name as somebody types it who does not find it in the roster."""
    return name.replace("（集团）", "").replace("股份有限公司", "").replace("有限公司", "")
