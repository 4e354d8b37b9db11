"""Lives through the demo city's year: visits, reviews, check-ins and photos, each at its own moment, in order."""

import hashlib
import io
import json
import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Any
from uuid import UUID

import marshmallow as ma
import sqlalchemy as sa
from sqlalchemy.orm import Session

from media.stores.protocol import ObjectStore
from mobile_api.schemas.checkins import CheckinIn
from mobile_api.schemas.trips import TripIn
from mobile_api.schemas.visits import VisitIn
from service.accounts.models import Unit
from service.checkins import review as checkin_review
from service.checkins.commands import submit_checkin
from service.cli.demo_city import cast, fieldwork, outings, pictures
from service.cli.demo_city.places import reading_at
from service.http.parsing import invalid
from service.kernel import clock
from service.kernel.actor import Actor, Role
from service.kernel.calendar import SHANGHAI, local_date
from service.kernel.geo import Point
from service.kernel.ids import uuid7
from service.photos.commands import AnnouncedPhoto, expect_photo, mark_received
from service.photos.models import PhotoSource
from service.photos.verification import Announced, take_in
from service.projects.models import Site
from service.settings import Settings
from service.submissions.keeping import Unaccepted, keep
from service.submissions.models import RecordType
from service.submissions.reviewing import Decision
from service.submissions.terms import Terms
from service.trips.commands import submit_trip
from service.visits import review
from service.visits.commands import submit_visit
from service.visits.models import ReviewChoice, Visit

MOST_PHOTOS = 150
CHECKINS_A_SITE = 12
RECENT_DAYS = 30


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that happens in the city at a moment."""

    at: datetime
    what: Callable[[], object]


@dataclass(frozen=True, slots=True)
class Scene:
    """The city as the year finds it: its units by short name, its people by account, and the die."""

    session: Session
    store: ObjectStore
    settings: Settings
    say: Callable[[str], None]
    dice: random.Random
    now: datetime
    units: dict[str, Unit]
    people: dict[str, Actor]


class YearOfFieldwork:
    """The year so far, up to yesterday."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._today = local_date(scene.now)
        self._first = date(self._today.year, 1, 1)
        self._photos = 0
        self._trips: dict[UUID, list[outings.PlannedTrip]] = {}
        self._places = random.Random(self._today.year)  # noqa: S311 a demo needs no secrets

    def live(
        self,
        targets: list[fieldwork.Target],
        sites: Sequence[tuple[Site, Actor]],
        more: Iterable[Happening] = (),
    ) -> None:
        """Let everything happen, through the commands and schemas that phones and headquarters use."""
        self._live_through([*self._outings(), *self._visits(targets), *self._checkins(sites), *more])
        self._leave_something_to_settle()

    def _outings(self) -> Iterator[Happening]:
        """Planned by a die of their own, so that the rest of the year stays as it was."""
        dice = random.Random(self._first.toordinal())  # noqa: S311 a demo needs no secrets
        yesterday = self._today - timedelta(days=1)
        for unit in cast.UNITS:
            staff = self._field_staff(unit) if unit.ardour else []
            if not staff:
                continue
            names = [person.name for person in staff]
            trips = list(outings.trips_of(dice, self._first, yesterday, names, unit.ardour))
            self._trips[self._scene.units[unit.short_name].id] = trips
            for trip in trips:
                yield Happening(trip.filed_at, partial(self._file_trip, staff[0], trip))

    def _file_trip(self, filer: Actor, trip: outings.PlannedTrip) -> None:
        terms = Terms(number_prefix=self._scene.settings.number_prefix)
        submit_trip(self._scene.session, filer, trip.id, TripIn().load(trip.body), terms=terms)

    def _visits(self, targets: list[fieldwork.Target]) -> Iterator[Happening]:
        makers = [unit for unit in cast.UNITS if unit.ardour]
        count = sum(unit.ardour for unit in makers)
        chosen = fieldwork.chosen_targets(self._scene.dice, targets, count)
        share = ((self._today - self._first).days + 1) / 366
        for unit in makers:
            moments = fieldwork.working_moments(
                self._scene.dice,
                self._first,
                self._today - timedelta(days=1),
                max(1, round(unit.ardour * share)),
            )
            visitors = self._field_staff(unit)
            for at in moments:
                yield from self._visit(self._scene.dice.choice(visitors), next(chosen), at)

    def _field_staff(self, unit: cast.DemoUnit) -> list[Actor]:
        unit_id = self._scene.units[unit.short_name].id
        return [
            person
            for person in self._scene.people.values()
            if person.unit_id == unit_id and person.has(Role.FIELD_STAFF)
        ]

    def _visit(self, visitor: Actor, target: fieldwork.Target, at: datetime) -> Iterator[Happening]:
        if self._scene.dice.random() < 0.04:
            target = fieldwork.Target(None, target.name + "（分公司）")
        body = fieldwork.visit_body(self._scene.dice, target, at, [visitor.name])
        reading = reading_at(self._places, target.spot, at) if target.spot else None
        if reading is not None:
            body["location"] = reading
        if self._scene.dice.random() < 0.05:
            body["joint_units"] = [str(self._scene.units["经开区"].id)]
        trip = outings.trip_on(
            self._trips.get(visitor.unit_id, []) if visitor.unit_id else [], local_date(at)
        )
        if trip is not None:
            body["trip_id"] = str(trip.id)
        sent_at = min(datetime.fromisoformat(body["captured_at"]) + timedelta(minutes=1), self._scene.now)
        visit_id = uuid7()
        with_photo = self._photos < MOST_PHOTOS and self._scene.dice.random() < 0.25
        self._photos += with_photo
        yield Happening(sent_at, partial(self._send_visit, visitor, visit_id, body, with_photo=with_photo))
        yield from self._review(visit_id, sent_at, fieldwork.fate_of(self._scene.dice, at, self._scene.now))

    def _send_visit(self, visitor: Actor, visit_id: UUID, body: dict[str, Any], *, with_photo: bool) -> None:
        if with_photo:
            taken_at = datetime.fromisoformat(body["visited_at"]) + timedelta(minutes=10)
            content = pictures.meeting_photo(self._scene.dice.randint(0, 10**6), taken_at, None)
            body["photo_ids"] = [str(self._send_photo(visitor, content, taken_at))]
        submission = VisitIn().load(body)
        terms = Terms(number_prefix=self._scene.settings.number_prefix)
        submit_visit(self._scene.session, visitor, visit_id, submission, terms=terms)

    def _review(self, visit_id: UUID, sent_at: datetime, fate: str) -> Iterator[Happening]:
        if fate == "waiting":
            return
        at = min(
            sent_at + timedelta(days=self._scene.dice.randint(1, 5), hours=self._scene.dice.randint(0, 5)),
            self._scene.now,
        )
        choices = {"returned": ReviewChoice.RETURN, "voided": ReviewChoice.VOID}
        choice = choices.get(fate, ReviewChoice.APPROVE)
        reason = {"returned": "请补充洽谈内容和下一步打算", "voided": "重复录入"}.get(fate)
        yield Happening(at, partial(self._decide, visit_id, choice, reason, by_unit=fate == "unit_approved"))

    def _decide(self, visit_id: UUID, choice: ReviewChoice, reason: str | None, *, by_unit: bool) -> None:
        decision = Decision("visit", visit_id, 1, choice, reason)
        reviewer = self._office_of(visit_id) if by_unit else self._scene.people["hq1"]
        review.decide(self._scene.session, reviewer, [decision])

    def _office_of(self, visit_id: UUID) -> Actor:
        unit_id = self._scene.session.scalar(sa.select(Visit.unit_id).where(Visit.id == visit_id))
        offices = (person for person in self._scene.people.values() if person.has(Role.UNIT_OFFICE))
        return next((person for person in offices if person.unit_id == unit_id), self._scene.people["hq1"])

    def _checkins(self, sites: Sequence[tuple[Site, Actor]]) -> Iterator[Happening]:
        for site, commissioner in sites:
            yesterday = self._today - timedelta(days=1)
            moments = fieldwork.working_moments(self._scene.dice, self._first, yesterday, CHECKINS_A_SITE)
            moments = sorted([*moments, *self._recent_days(yesterday)])
            reached = 0 if site.name.startswith(cast.NOT_STARTED) else 70
            for number, at in enumerate(moments, start=1):
                percent = round(number / len(moments) * reached)
                checkin_id = uuid7()
                yield self._checkin(site, commissioner, checkin_id, at, percent)
                if (self._scene.now - at).days > 5:
                    decide = partial(self._approve_checkin, checkin_id)
                    yield Happening(at + timedelta(days=self._places.randint(1, 4)), decide)

    def _approve_checkin(self, checkin_id: UUID) -> None:
        decision = Decision(RecordType.CHECKIN, checkin_id, 1, ReviewChoice.APPROVE, None)
        checkin_review.decide(self._scene.session, self._scene.people["hq1"], [decision])

    def _recent_days(self, yesterday: date) -> Iterator[datetime]:
        """A commissioner comes on most working days of the last month; one in six days stays empty."""
        for back in range(RECENT_DAYS):
            day = yesterday - timedelta(days=back)
            if day.weekday() < 5 and self._places.random() < 5 / 6:
                clock_time = time(self._places.randint(8, 10), self._places.randrange(60))
                yield datetime.combine(day, clock_time, tzinfo=SHANGHAI)

    def _checkin(
        self, site: Site, commissioner: Actor, checkin_id: UUID, at: datetime, percent: int
    ) -> Happening:
        centre = Point(site.latitude, site.longitude)
        body = fieldwork.checkin_body(self._scene.dice, site.id, centre, at, percent=percent)
        with_photo = (
            body["kind"] == "progress" and self._photos < 2 * MOST_PHOTOS and self._scene.dice.random() < 0.6
        )
        self._photos += with_photo
        send = partial(
            self._send_checkin, commissioner, checkin_id, body, centre, percent, with_photo=with_photo
        )
        return Happening(min(datetime.fromisoformat(body["captured_at"]), self._scene.now), send)

    def _send_checkin(
        self,
        commissioner: Actor,
        checkin_id: UUID,
        body: dict[str, Any],
        centre: Point,
        percent: int,
        *,
        with_photo: bool,
    ) -> None:
        if with_photo:
            taken_at = datetime.fromisoformat(body["at"])
            content = pictures.site_photo(
                self._scene.dice.randint(0, 10**6), taken_at, centre, percent=percent
            )
            body["photo_ids"] = [str(self._send_photo(commissioner, content, taken_at))]
        submission = CheckinIn().load(body)
        terms = Terms(number_prefix=self._scene.settings.number_prefix)
        submit_checkin(self._scene.session, commissioner, checkin_id, submission, terms=terms)

    def _send_photo(self, owner: Actor, content: bytes, taken_at: datetime) -> UUID:
        announced = AnnouncedPhoto(
            id=uuid7(),
            sha256=hashlib.sha256(content).hexdigest(),
            md5=hashlib.md5(content, usedforsecurity=False).hexdigest(),
            size=len(content),
            content_type="image/jpeg",
            taken_at=taken_at,
            source=PhotoSource.CAMERA,
        )
        photo = expect_photo(
            self._scene.session, owner, announced, limit=self._scene.settings.photo_limit_bytes
        )
        key = take_in(self._scene.store, Announced.of(photo), io.BytesIO(content))
        return mark_received(self._scene.session, owner, photo.id, key).id

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
