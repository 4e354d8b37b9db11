"""The demo city's problems happen by the commands of phones and offices, and stand at every stage on any day."""

import random
from collections import Counter
from datetime import UTC, date, datetime

import pytest
import sqlalchemy as sa

from service.checkins.queries import CheckinFilter
from service.cli.demo_city import cast
from service.cli.demo_city.problems import PROBLEMS, ROUTES, problems, set_demo_routes
from service.cli.demo_city.scene import Scene
from service.issues.measures import Measure
from service.issues.models import Issue, IssueCategory, IssueState, Level
from service.issues.queries import IssueFilter, overdue_count
from service.issues.statistics import By, issue_statistics
from service.issues.untaken import untaken_checkins
from service.kernel import clock
from service.kernel.calendar import local_date
from service.kernel.pages import PageRequest
from tests.factories.sites import add_site
from tests.support.world import add_person, add_unit

TODAY = datetime(2026, 11, 22, 2, tzinfo=UTC)


@pytest.fixture
def scene(session, world, settings, store):
    """The city's units and people without its year."""
    units = {one.short_name: add_unit(session, world.city, one.name, one.kind) for one in cast.UNITS}
    units[""] = world.city
    people = {
        one.username: add_person(session, f"demo-{one.username}", units[one.unit], one.role)
        for one in cast.people()
    }
    return lambda now: Scene(
        session=session,
        store=store,
        settings=settings,
        say=lambda _: None,
        dice=random.Random(1),
        now=now,
        units=units,
        people=people,
    )


def live(scene):
    areas = [one for one in cast.UNITS if one.group != cast.DEPARTMENTS]
    sites = [
        (add_site(scene.session, scene.units[unit.short_name], name), scene.people[f"commissioner{place}"])
        for place, (unit, name) in enumerate(zip(areas, cast.PROJECTS, strict=True), start=1)
    ]
    set_demo_routes(scene)
    for one in sorted(problems(scene, sites), key=lambda one: one.at):
        with clock.pretending(one.at):
            one.what()
        scene.session.flush()


def test_it_has_problems_at_every_stage(session, scene):
    live(scene(TODAY))
    states = Counter(session.scalars(sa.select(Issue.state)))
    assert set(states) == set(IssueState)
    assert states.total() == len(PROBLEMS) + 2
    of = session.scalars(sa.select(Issue)).all()
    assert any(one.level is Level.JOINT_MEETING for one in of)
    assert any(not one.first_try and one.state is IssueState.CLOSED for one in of)
    assert any(one.due_at and one.resolved_at and one.resolved_at > one.due_at for one in of)
    assert any(one.duplicate_of for one in of)
    assert any(one.extended_because for one in of)


def test_some_are_overdue_today_and_one_is_still_to_be_raised(session, world, scene):
    live(scene(TODAY))
    with clock.pretending(TODAY):
        assert overdue_count(session, world.hq1) == 4
        told = untaken_checkins(session, world.hq1, CheckinFilter(), PageRequest()).items
    assert [one.heading for one in told] == ["用工"]


def test_departments_differ(session, world, scene):
    live(scene(TODAY))
    year = IssueFilter(from_on=date(2026, 1, 1), until_on=date(2027, 1, 1))
    with clock.pretending(TODAY):
        table = issue_statistics(session, world.hq1, By.DEPARTMENT, year)
    called = {row.unit.name: row.figures.counts[Measure.CALLED] for row in table.rows}
    assert sum(1 for count in called.values() if count) == 6
    assert called["市自然资源局"] == 0


@pytest.mark.parametrize("on", [date(2026, 1, 2), date(2026, 1, 20), date(2026, 2, 28), date(2026, 10, 5)])
def test_it_can_be_filled_on_any_day(session, scene, on):
    now = datetime(on.year, on.month, on.day, 1, tzinfo=UTC)
    live(scene(now))
    newest = session.scalar(sa.select(sa.func.max(Issue.raised_at)))
    assert newest is None or newest <= now
    assert all(one.year == 2026 for one in session.scalars(sa.select(Issue.on_day)))


def test_categories_without_a_route_wait_for_headquarters(scene):
    assert set(IssueCategory) - set(ROUTES) == {
        IssueCategory.FINANCE,
        IssueCategory.LABOUR,
        IssueCategory.LIVING,
        IssueCategory.POLICY,
        IssueCategory.OTHER,
    }
    assert local_date(scene(TODAY).now) == date(2026, 11, 22)
