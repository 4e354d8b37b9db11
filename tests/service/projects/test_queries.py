"""Everybody sees the sites of their own scope, nearest first when they say where they are."""

from datetime import date, timedelta

import pytest

from service.kernel.clock import now
from service.kernel.errors import Invalid
from service.kernel.geo import Point, distance_m
from service.kernel.pages import PageRequest, read_cursor
from service.projects import commands, queries
from service.projects.errors import UnknownSite
from service.projects.models import Duty, ProjectStage
from tests.factories.sites import (
    HOUSE,
    LIAOCHENG,
    add_assignment,
    add_project,
    add_site,
    add_station,
    circle,
)

ALL = PageRequest()
HERE = Point(*LIAOCHENG)


def names(page):
    return [row.name for row in page.items]


def my_names(session, actor, near=None):
    return [mine.site.name for mine in queries.my_sites(session, actor, near, ALL).items]


def test_it_shows_an_office_nothing_of_another_unit(session, world):
    project = add_project(session, world.dongchangfu)
    site = add_site(session, world.dongchangfu, project_id=project.id)
    add_station(session, world.dongchangfu, site)
    add_assignment(session, world.commissioner1, site)
    assert names(queries.projects(session, world.unit2, queries.ProjectFilter(), ALL)) == []
    assert names(queries.sites(session, world.unit2, queries.SiteFilter(), ALL)) == []
    assert names(queries.stations(session, world.unit2, None, ALL)) == []
    assert list(queries.assignments(session, world.unit2, queries.AssignmentFilter(), ALL).items) == []
    with pytest.raises(UnknownSite):
        queries.site_card(session, world.unit2, site.id)
    assert my_names(session, world.field2) == []


def test_it_shows_headquarters_everything_newest_first(session, world):
    for unit in (world.dongchangfu, world.chiping):
        add_project(session, unit, name=unit.name)
    assert names(queries.projects(session, world.leader1, queries.ProjectFilter(), ALL)) == [
        "茌平区",
        "东昌府区",
    ]


def test_it_filters_projects_by_stage_and_by_a_unit_with_all_below(session, world):
    add_project(session, world.town, name="街道项目", stage=ProjectStage.PRODUCING)
    add_project(session, world.chiping, name="茌平项目")
    by_unit = queries.ProjectFilter(unit_id=world.dongchangfu.id)
    by_stage = queries.ProjectFilter(stage=ProjectStage.PRODUCING)
    assert names(queries.projects(session, world.hq1, by_unit, ALL)) == ["街道项目"]
    assert names(queries.projects(session, world.hq1, by_stage, ALL)) == ["街道项目"]


def test_it_sorts_sites_by_distance_as_the_kernel_measures_it(session, world):
    places = {"远": (36.60, 115.98), "近": (36.457, 115.986), "中": (36.48, 115.98)}
    for name, place in places.items():
        add_site(session, world.dongchangfu, name=name, fence=circle(place))
    rows = queries.sites(session, world.unit1, queries.SiteFilter(near=HERE), ALL).items
    assert [row.name for row in rows] == ["近", "中", "远"]
    for row in rows:
        assert row.distance_m == pytest.approx(distance_m(HERE, Point(*places[row.name])), abs=0.001)


@pytest.mark.parametrize("near", [None, HERE])
def test_it_pages_through_every_site_once(session, world, near):
    for number in range(7):
        # Two by two at the same distance, so that only the id tells them apart.
        fence = circle((LIAOCHENG[0] + 0.01 * (number // 2), LIAOCHENG[1]))
        add_site(session, world.dongchangfu, name=f"{number}号", fence=fence)
    what = queries.SiteFilter(near=near)
    seen, after = [], None
    while True:
        page = queries.sites(session, world.hq1, what, PageRequest(limit=2, after=after))
        seen += names(page)
        if page.next_cursor is None:
            break
        after = read_cursor(page.next_cursor, parts=what.key_parts)
    assert sorted(seen) == [f"{number}号" for number in range(7)]


@pytest.mark.parametrize(("near", "after"), [(None, ("x",)), (HERE, ("near", "x"))])
def test_it_refuses_a_cursor_of_another_list(session, world, near, after):
    with pytest.raises(Invalid):
        queries.sites(session, world.hq1, queries.SiteFilter(near=near), PageRequest(after=after))


def test_it_gives_a_site_with_all_that_hangs_on_it(session, world):
    site = add_site(session, world.dongchangfu)
    add_station(session, world.dongchangfu, site, name="驻点")
    add_assignment(session, world.commissioner1, site)
    card = queries.site_card(session, world.unit1, site.id)
    assert names(type("Page", (), {"items": card.stations})) == ["驻点"]
    assert [one.user.name for one in card.assignments] == ["commissioner1"]
    assert card.site.fence.radius_m == 300.0


def test_my_sites_are_those_of_my_unit_those_assigned_today_and_those_with_our_station(session, world):
    today = now().date()
    add_site(session, world.dongchangfu, name="本单位")
    assigned = add_site(session, world.chiping, name="已分派")
    past = add_site(session, world.chiping, name="已结束")
    add_site(session, world.chiping, name="别人的")
    stationed = add_site(session, world.linqing, name="有驻点")
    closed = add_site(session, world.dongchangfu, name="已关闭")
    add_assignment(session, world.commissioner1, assigned)
    add_assignment(session, world.commissioner1, assigned, duty=Duty.SERVICE_OFFICER)
    add_assignment(session, world.commissioner1, past, until_on=today - timedelta(days=3))
    add_station(session, world.dongchangfu, stationed)
    commands.close_site(session, HOUSE, closed.id)
    assert my_names(session, world.commissioner1) == ["有驻点", "已分派", "本单位"]
    mine = queries.my_sites(session, world.commissioner1, None, ALL).items
    assert [list(one.duties) for one in mine] == [[], ["service_officer", "site_commissioner"], []]
    assert [[station.name for station in one.stations] for one in mine] == [["驻点办公室"], [], []]


def test_it_knows_who_was_assigned_on_a_day(session, world):
    site = add_site(session, world.dongchangfu)
    person = world.commissioner1.person_id
    add_assignment(session, world.commissioner1, site, from_on=date(2026, 3, 1), until_on=date(2026, 4, 1))
    days = [date(2026, 2, 28), date(2026, 3, 1), date(2026, 3, 31), date(2026, 4, 1)]
    assert [queries.is_assigned(session, person, site.id, day) for day in days] == [False, True, True, False]
