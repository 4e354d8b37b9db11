"""Fills the demo city through the same commands and the same schemas that phones and headquarters use.

Everything happens at its own moment of the year so far, in order: a visit when it is sent, its review some days later.
"""

import hashlib
import io
import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from importlib import resources
from typing import Any
from uuid import UUID

import marshmallow as ma
import sqlalchemy as sa
from sqlalchemy.orm import Session

from media.stores.protocol import ObjectStore
from mobile_api.schemas.checkins import CheckinIn
from mobile_api.schemas.visits import VisitIn
from service.accounts.models import Unit, UnitKind, User
from service.accounts.people import NewPerson, register_person
from service.accounts.queries import root_unit_id
from service.accounts.units import NewUnit, UnitAmendment, amend_unit, open_unit
from service.checkins.commands import submit_checkin
from service.cli.demo_city import cast, fieldwork, pictures
from service.enterprises.importing import ImportOrder
from service.enterprises.lists import NewEdition, create_edition
from service.enterprises.models import Enterprise, ListMembership
from service.http.parsing import invalid
from service.kernel import clock
from service.kernel.actor import Actor, Role
from service.kernel.calendar import SHANGHAI, local_date
from service.kernel.datum import Datum
from service.kernel.geo import Point
from service.kernel.ids import uuid7
from service.photos.commands import AnnouncedPhoto, expect_photo, mark_received
from service.photos.models import PhotoSource
from service.photos.verification import Announced, take_in
from service.programmes.commands import NewProgramme
from service.programmes.models import Line, Programme, TargetLevel
from service.programmes.target_lists import Entry, create_target_list
from service.programmes.targets import TargetFigure, set_targets
from service.projects.assigning import NewAssignment, NewStation, assign, open_station
from service.projects.commands import NewProject, NewSite, open_project, open_site
from service.projects.fence import FenceAsGiven
from service.projects.models import Duty, FenceKind, ProjectStage, Site
from service.settings import Settings
from service.submissions.keeping import Unaccepted, keep
from service.submissions.models import RecordType
from service.visits import consequences, review
from service.visits.commands import submit_visit
from service.visits.models import ReviewChoice, Visit, VisitMode
from service.visits.submission import Terms

SEED = 371500
"""Liaocheng's division code; the same seed makes the same city."""

MOST_PHOTOS = 150
CHECKINS_A_SITE = 12
FILES = resources.files("service.cli.demo_city")
CITY_TARGETS = {Line.THOUSAND: (800, 1000, 1200), Line.HUNDRED: (80, 100, 120)}


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that happens in the city at a moment."""

    at: datetime
    what: Callable[[], None]


class DemoCity:
    """The city while it is being filled: its session, its people, and the die."""

    def __init__(
        self, session: Session, store: ObjectStore, settings: Settings, say: Callable[[str], None]
    ) -> None:
        self._session = session
        self._store = store
        self._settings = settings
        self._say = say
        self._dice = random.Random(SEED)  # noqa: S311 a demo needs no secrets
        self._now = clock.now()
        self._today = local_date(self._now)
        self._first = date(self._today.year, 1, 1)
        self._admin = self._administrator()
        self._units: dict[str, Unit] = {}
        self._people: dict[str, Actor] = {}
        self._photos = 0

    def fill(self, password: str) -> None:
        """Everything, telling what it does."""
        with clock.pretending(datetime(self._today.year, 1, 1, 9, tzinfo=SHANGHAI)):
            self._open_units()
            self._register_people(password)
            programme = self._open_programme()
            targets = self._import_enterprises(programme)
            sites = self._open_sites()
        happenings = [*self._visits(targets), *self._checkins(sites)]
        self._live_through(happenings)
        self._leave_something_to_settle()

    def _administrator(self) -> Actor:
        user = self._session.scalars(
            sa.select(User).where(User.roles.contains([Role.ADMINISTRATOR.value])).limit(1)
        ).one()
        return _actor(user)

    def _open_units(self) -> None:
        root = root_unit_id(self._session)
        if root is None:
            raise LookupError("the first administrator comes with the root unit")
        amend_unit(
            self._session, self._admin, UnitAmendment(root, {"name": cast.CITY, "short_name": cast.CITY})
        )
        for position, unit in enumerate(cast.UNITS, start=1):
            self._units[unit.short_name] = open_unit(
                self._session,
                self._admin,
                NewUnit(
                    name=unit.name,
                    short_name=unit.short_name,
                    kind=unit.kind,
                    parent_id=root,
                    valid_from=self._first,
                    division_code=unit.division_code,
                    comparison_group=unit.group,
                    position=position,
                ),
            )
        self._units[""] = self._session.get_one(Unit, root)
        self._say(f"单位 units: {len(cast.UNITS)}")

    def _register_people(self, password: str) -> None:
        people = cast.people()
        for person in people:
            user = register_person(
                self._session,
                self._admin,
                NewPerson(
                    username=person.username,
                    name=person.name,
                    unit_id=self._units[person.unit].id,
                    roles=frozenset({person.role}),
                    rank=person.rank,
                    password=password,
                    must_change_password=False,
                    posted_on=self._first,
                ),
            )
            self._people[person.username] = _actor(user)
        self._say(f"人员 people: {len(people)}")

    def _open_programme(self) -> Programme:
        programme = consequences.create_programme(
            self._session,
            self._admin,
            NewProgramme(
                name=f"{self._today.year}年登门招商“千百工程”",
                year=self._today.year,
                starts_on=self._first,
                ends_on=date(self._today.year, 12, 31),
                counted_modes=tuple(mode.value for mode in VisitMode),
            ),
        )
        figures = [
            TargetFigure(line, None, level, subjects)
            for line, subjects_of in CITY_TARGETS.items()
            for level, subjects in zip(TargetLevel, subjects_of, strict=True)
        ]
        figures += [figure for unit in cast.UNITS for figure in self._unit_targets(unit)]
        set_targets(self._session, self._admin, programme.id, figures)
        self._say(f"千百工程 programme: {programme.name}")
        return programme

    def _unit_targets(self, unit: cast.DemoUnit) -> Iterator[TargetFigure]:
        share = {UnitKind.COUNTY: (85, 9), UnitKind.ZONE: (75, 7), UnitKind.DEPARTMENT: (6, 1)}[unit.kind]
        for line, working in zip(Line, share, strict=True):
            for level, factor in zip(TargetLevel, (8, 10, 12), strict=True):
                subjects = max(1, round(working * factor / 10))
                yield TargetFigure(line, self._units[unit.short_name].id, level, subjects)

    def _import_enterprises(self, programme: Programme) -> list[fieldwork.Target]:
        edition = create_edition(
            self._session,
            self._admin,
            NewEdition(
                list_code="fortune_global_500",
                title="世界500强（示范：一份公开榜单的前300名）",
                year=self._today.year - 1,
                in_force_from=self._first,
            ),
        )
        self._import("known_enterprises.csv", well_known=True)
        self._import("forbes_global2000_2017_first300.csv", edition_id=edition, confirmed=True)
        self._import("listed_shenzhen_400.csv")
        self._make_target_list(programme)
        return self._worth_visiting()

    def _worth_visiting(self) -> list[fieldwork.Target]:
        """Everybody in the register but the lower half of the Top-500: the hundred takes its year as well."""
        lower_half = sa.select(ListMembership.enterprise_id).where(
            ListMembership.enterprise_id.is_not(None), ListMembership.rank > 120
        )
        rows = self._session.execute(
            sa.select(Enterprise.id, Enterprise.name)
            .where(Enterprise.merged_into_id.is_(None), Enterprise.id.not_in(lower_half))
            .order_by(Enterprise.name_key)
        )
        return [fieldwork.Target(enterprise_id, name) for enterprise_id, name in rows]

    def _import(self, filename: str, **options: Any) -> None:
        raw = FILES.joinpath(filename).read_bytes()
        order = ImportOrder(filename=filename, raw=raw, **options)
        report = consequences.import_enterprises(self._session, self._admin, order)
        self._say(f"企业名单 {filename}: 新增 {report.accepted}, 合并 {report.merged}, 退回 {report.refused}")

    def _make_target_list(self, programme: Programme) -> None:
        """Whoever is neither well-known nor on the Top-500 is on the office's own target list."""
        listed = sa.select(ListMembership.enterprise_id).where(ListMembership.enterprise_id.is_not(None))
        rest = self._session.scalars(
            sa.select(Enterprise.id)
            .where(~Enterprise.well_known, Enterprise.id.not_in(listed))
            .order_by(Enterprise.id)
        )
        made = create_target_list(self._session, self._admin, programme.id, "重点目标企业库")
        entries = [Entry(enterprise_id) for enterprise_id in rest]
        consequences.put_on_target_list(self._session, self._admin, programme.id, made.id, entries)

    def _open_sites(self) -> list[tuple[Site, Actor]]:
        sites = []
        areas = [unit for unit in cast.UNITS if unit.kind is not UnitKind.DEPARTMENT]
        for number, (unit, name) in enumerate(zip(areas, cast.PROJECTS, strict=True), start=1):
            commissioner = self._people[f"commissioner{number}"]
            sites.append((self._open_site(unit, name, commissioner), commissioner))
        self._say(f"项目与驻点 projects and sites: {len(sites)}")
        return sites

    def _open_site(self, unit: cast.DemoUnit, name: str, commissioner: Actor) -> Site:
        unit_id = self._units[unit.short_name].id
        project = open_project(
            self._session,
            self._admin,
            NewProject(
                name=f"{unit.short_name}{name}",
                unit_id=unit_id,
                stage=ProjectStage.STARTED,
                started_on=self._first,
            ),
        )
        centre = (unit.centre.lat + 0.02, unit.centre.lng + 0.03)
        fence = FenceAsGiven(FenceKind.CIRCLE, Datum.WGS84, (centre,), 300.0)
        site = open_site(
            self._session,
            self._admin,
            NewSite(
                name=f"{name}工地",
                unit_id=unit_id,
                fence=fence,
                project_id=project.id,
                address=f"{unit.name}产业园",
            ),
        )
        open_station(self._session, self._admin, NewStation(f"{name}驻点", unit_id, site.id))
        duty = NewAssignment(commissioner.person_id, site.id, Duty.SITE_COMMISSIONER, self._first)
        assign(self._session, self._admin, duty)
        return site

    def _visits(self, targets: list[fieldwork.Target]) -> Iterator[Happening]:
        makers = [unit for unit in cast.UNITS if unit.ardour]
        count = sum(unit.ardour for unit in makers)
        chosen = fieldwork.chosen_targets(self._dice, targets, count)
        share = ((self._today - self._first).days + 1) / 366
        for unit in makers:
            moments = fieldwork.working_moments(
                self._dice, self._first, self._today - timedelta(days=1), max(1, round(unit.ardour * share))
            )
            visitors = self._field_staff(unit)
            for at in moments:
                yield from self._visit(self._dice.choice(visitors), next(chosen), at)

    def _field_staff(self, unit: cast.DemoUnit) -> list[Actor]:
        unit_id = self._units[unit.short_name].id
        return [
            person
            for person in self._people.values()
            if person.unit_id == unit_id and person.has(Role.FIELD_STAFF)
        ]

    def _visit(self, visitor: Actor, target: fieldwork.Target, at: datetime) -> Iterator[Happening]:
        if self._dice.random() < 0.04:
            target = fieldwork.Target(None, target.name + "（分公司）")
        body = fieldwork.visit_body(self._dice, target, at, [visitor.name])
        if self._dice.random() < 0.05:
            body["joint_units"] = [str(self._units["经开区"].id)]
        sent_at = min(datetime.fromisoformat(body["captured_at"]) + timedelta(minutes=1), self._now)
        visit_id = uuid7()
        with_photo = self._photos < MOST_PHOTOS and self._dice.random() < 0.25
        self._photos += with_photo
        yield Happening(sent_at, partial(self._send_visit, visitor, visit_id, body, with_photo=with_photo))
        yield from self._review(visit_id, sent_at, fieldwork.fate_of(self._dice, at, self._now))

    def _send_visit(self, visitor: Actor, visit_id: UUID, body: dict[str, Any], *, with_photo: bool) -> None:
        if with_photo:
            taken_at = datetime.fromisoformat(body["visited_at"]) + timedelta(minutes=10)
            content = pictures.meeting_photo(self._dice.randint(0, 10**6), taken_at, None)
            body["photo_ids"] = [str(self._send_photo(visitor, content, taken_at))]
        submission = VisitIn().load(body)
        terms = Terms(number_prefix=self._settings.number_prefix)
        submit_visit(self._session, visitor, visit_id, submission, terms=terms)

    def _review(self, visit_id: UUID, sent_at: datetime, fate: str) -> Iterator[Happening]:
        if fate == "waiting":
            return
        at = min(
            sent_at + timedelta(days=self._dice.randint(1, 5), hours=self._dice.randint(0, 5)), self._now
        )
        choices = {"returned": ReviewChoice.RETURN, "voided": ReviewChoice.VOID}
        choice = choices.get(fate, ReviewChoice.APPROVE)
        reason = {"returned": "请补充洽谈内容和下一步打算", "voided": "重复录入"}.get(fate)
        yield Happening(at, partial(self._decide, visit_id, choice, reason, by_unit=fate == "unit_approved"))

    def _decide(self, visit_id: UUID, choice: ReviewChoice, reason: str | None, *, by_unit: bool) -> None:
        decision = review.Decision("visit", visit_id, 1, choice, reason)
        reviewer = self._office_of(visit_id) if by_unit else self._people["hq1"]
        review.decide(self._session, reviewer, [decision])

    def _office_of(self, visit_id: UUID) -> Actor:
        unit_id = self._session.scalar(sa.select(Visit.unit_id).where(Visit.id == visit_id))
        offices = (person for person in self._people.values() if person.has(Role.UNIT_OFFICE))
        return next((person for person in offices if person.unit_id == unit_id), self._people["hq1"])

    def _checkins(self, sites: list[tuple[Site, Actor]]) -> Iterator[Happening]:
        for site, commissioner in sites:
            yesterday = self._today - timedelta(days=1)
            moments = fieldwork.working_moments(self._dice, self._first, yesterday, CHECKINS_A_SITE)
            for number, at in enumerate(moments, start=1):
                percent = round(number / len(moments) * 70)
                yield self._checkin(site, commissioner, at, percent)

    def _checkin(self, site: Site, commissioner: Actor, at: datetime, percent: int) -> Happening:
        centre = Point(site.latitude, site.longitude)
        body = fieldwork.checkin_body(self._dice, site.id, centre, at, percent=percent)
        with_photo = (
            body["kind"] == "progress" and self._photos < 2 * MOST_PHOTOS and self._dice.random() < 0.6
        )
        self._photos += with_photo
        send = partial(self._send_checkin, commissioner, body, centre, percent, with_photo=with_photo)
        return Happening(min(datetime.fromisoformat(body["captured_at"]), self._now), send)

    def _send_checkin(
        self, commissioner: Actor, body: dict[str, Any], centre: Point, percent: int, *, with_photo: bool
    ) -> None:
        if with_photo:
            taken_at = datetime.fromisoformat(body["at"])
            content = pictures.site_photo(self._dice.randint(0, 10**6), taken_at, centre, percent=percent)
            body["photo_ids"] = [str(self._send_photo(commissioner, content, taken_at))]
        submission = CheckinIn().load(body)
        prefix = self._settings.number_prefix
        submit_checkin(self._session, commissioner, uuid7(), submission, number_prefix=prefix)

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
        photo = expect_photo(self._session, owner, announced, limit=self._settings.photo_limit_bytes)
        take_in(self._store, Announced.of(photo), io.BytesIO(content))
        return mark_received(self._session, owner, photo.id).id

    def _live_through(self, happenings: list[Happening]) -> None:
        happenings.sort(key=lambda happening: happening.at)
        for number, happening in enumerate(happenings, start=1):
            with clock.pretending(happening.at):
                happening.what()
            self._session.flush()
            if number % 200 == 0 or number == len(happenings):
                self._say(
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
                self._session,
                self._people["field2"],
                what,
                invalid(error),
                most=self._settings.kept_per_person,
            )


def _actor(user: User) -> Actor:
    return Actor(
        user_id=user.id,
        name=user.name,
        unit_id=user.unit_id,
        roles=frozenset(Role(role) for role in user.roles),
    )
