"""Sets the demo city up, through the same commands that headquarters uses, and lets its year happen."""

import random
from collections.abc import Callable, Iterator
from datetime import date, datetime
from importlib import resources
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from media.stores.protocol import ObjectStore
from service.accounts.models import Unit, UnitKind, User
from service.accounts.people import NewPerson, register_person
from service.accounts.queries import root_unit_id
from service.accounts.units import NewUnit, UnitAmendment, amend_unit, open_unit
from service.cli.demo_city import cast
from service.cli.demo_city.firms import target_list
from service.cli.demo_city.places import spot_of
from service.cli.demo_city.problems import problems, set_demo_routes
from service.cli.demo_city.project_months import started_on, tell_projects
from service.cli.demo_city.scene import Scene
from service.cli.demo_city.visitable import Visitable
from service.cli.demo_city.year import YearOfFieldwork
from service.enterprises.commands import Amendment
from service.enterprises.importing import ImportOrder
from service.enterprises.lists import NewEdition, create_edition
from service.enterprises.models import Enterprise, ListMembership
from service.kernel import clock
from service.kernel.actor import Actor, Role
from service.kernel.calendar import SHANGHAI, local_date
from service.kernel.datum import Datum
from service.programmes.commands import NewProgramme
from service.programmes.models import Line, Programme, TargetLevel
from service.programmes.target_lists import Entry, create_target_list
from service.programmes.targets import TargetFigure, set_targets
from service.projects.assigning import NewAssignment, NewStation, assign, open_station
from service.projects.commands import NewProject, NewSite, open_project, open_site
from service.projects.fence import FenceAsGiven
from service.projects.models import Duty, FenceKind, ProjectStage, Site
from service.settings import Settings
from service.visits import consequences
from service.visits.models import VisitMode

SEED = 371500
"""Liaocheng's division code; the same seed makes the same city."""

FILES = resources.files("service.cli.demo_city")
OWN_LIST = "重点目标企业.csv"
CITY_TARGETS = {Line.THOUSAND: (800, 1000, 1200), Line.HUNDRED: (80, 100, 120)}


class DemoCity:
    """The city while it is being set up: its session, its units and its people."""

    def __init__(
        self, session: Session, store: ObjectStore, settings: Settings, say: Callable[[str], None]
    ) -> None:
        self._session = session
        self._store = store
        self._settings = settings
        self._say = say
        self._now = clock.now()
        self._today = local_date(self._now)
        self._first = date(self._today.year, 1, 1)
        self._admin = self._administrator()
        self._units: dict[str, Unit] = {}
        self._people: dict[str, Actor] = {}

    def fill(self, password: str) -> None:
        """Everything, telling what it does."""
        with clock.pretending(datetime(self._today.year, 1, 1, 9, tzinfo=SHANGHAI)):
            self._open_units()
            self._register_people(password)
            programme = self._open_programme()
            self._import_enterprises(programme)
            sites = self._open_sites()
        scene = Scene(
            session=self._session,
            store=self._store,
            settings=self._settings,
            say=self._say,
            dice=random.Random(SEED),  # noqa: S311 a demo needs no secrets
            now=self._now,
            units=self._units,
            people=self._people,
        )
        with clock.pretending(datetime(self._today.year, 1, 1, 9, tzinfo=SHANGHAI)):
            set_demo_routes(scene)
        whom = Visitable(self._session, self._units)
        YearOfFieldwork(scene).live(whom.candidates(), whom.doubted(), sites, problems(scene, sites))
        projects = [site.project_id for site, _commissioner in sites if site.project_id]
        tell_projects(self._session, self._admin, projects, self._today)

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
        if unit.pace is None:
            return
        for line, working in zip(Line, cast.TARGETS[unit.kind], strict=True):
            for level, factor in zip(TargetLevel, (8, 10, 12), strict=True):
                subjects = max(1, round(working * factor / 10))
                yield TargetFigure(line, self._units[unit.short_name].id, level, subjects)

    def _import_enterprises(self, programme: Programme) -> None:
        """The office's own tables first: the published lists then find their companies by their foreign names."""
        edition = create_edition(
            self._session,
            self._admin,
            NewEdition(
                list_code="fortune_global_500",
                title="世界500强（示范数据：一份2017年公开榜单的前300名）",
                year=self._today.year - 1,
                in_force_from=self._first,
            ),
        )
        self._import("known_enterprises.csv", well_known=True)
        self._import("chinese_names.csv")
        self._import("forbes_global2000_2017_first300.csv", edition_id=edition, confirmed=True)
        self._import("listed_shenzhen_120.csv")
        self._import(OWN_LIST, target_list())
        self._make_target_list(programme)
        self._put_on_the_map()

    def _put_on_the_map(self) -> None:
        """Enterprises of the larger cities get an invented spot to measure from; of the own list one in three."""
        rows = self._session.execute(
            sa.select(Enterprise.id, Enterprise.rev, Enterprise.name, Enterprise.city, Enterprise.source)
            .where(Enterprise.city.is_not(None), Enterprise.merged_into_id.is_(None))
            .order_by(Enterprise.name_key)
        ).all()
        for place, (enterprise_id, rev, name, city, source) in enumerate(rows):
            spot = spot_of(name, city)
            if spot is None or (source == OWN_LIST and place % 3):
                continue
            told = {"latitude": spot.lat, "longitude": spot.lng}
            consequences.amend_enterprise(self._session, self._admin, Amendment(enterprise_id, rev, told))

    def _import(self, filename: str, raw: bytes | None = None, **options: Any) -> None:
        order = ImportOrder(
            filename, FILES.joinpath(filename).read_bytes() if raw is None else raw, **options
        )
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
        counties = [unit for unit in cast.UNITS if unit.kind is not UnitKind.DEPARTMENT]
        # One in eight is left for headquarters to assign.
        entries = [
            Entry(
                enterprise_id,
                None if place % 8 == 7 else self._units[counties[place % len(counties)].short_name].id,
            )
            for place, enterprise_id in enumerate(rest)
        ]
        consequences.put_on_target_list(self._session, self._admin, programme.id, made.id, entries)

    def _open_sites(self) -> list[tuple[Site, Actor]]:
        sites = []
        areas = [unit for unit in cast.UNITS if unit.kind is not UnitKind.DEPARTMENT]
        for number, (unit, name) in enumerate(zip(areas, cast.PROJECTS, strict=True), start=1):
            commissioner = self._people[f"commissioner{number}"]
            begun = started_on(self._first, number - 1) if name != cast.NOT_STARTED else None
            sites.append((self._open_site(unit, name, commissioner, begun), commissioner))
        self._say(f"项目与驻点 projects and sites: {len(sites)}")
        return sites

    def _open_site(self, unit: cast.DemoUnit, name: str, commissioner: Actor, begun: date | None) -> Site:
        unit_id = self._units[unit.short_name].id
        project = open_project(
            self._session,
            self._admin,
            NewProject(
                name=f"{unit.short_name}{name}",
                unit_id=unit_id,
                stage=ProjectStage.STARTED if begun else ProjectStage.CONTRACT,
                started_on=begun,
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


def _actor(user: User) -> Actor:
    return Actor(
        user_id=user.id,
        name=user.name,
        unit_id=user.unit_id,
        roles=frozenset(Role(role) for role in user.roles),
    )
