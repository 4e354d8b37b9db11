from datetime import date

import pytest

from service.accounts.errors import UnknownUnit
from service.kernel.clock import now
from service.programmes import queries
from service.programmes.errors import UnknownProgramme
from tests.support.world import add_programme


def test_it_finds_the_programme_that_began_last_among_those_in_force(session, world):
    year = world.programme.year
    inner = add_programme(session, year)
    inner.starts_on = date(year, 6, 1)
    session.flush()
    assert queries.in_force(session, date(year, 7, 1)).id == inner.id
    assert queries.in_force(session, date(year, 5, 1)).id == world.programme.id


def test_it_prefers_an_open_programme(session, world):
    year = world.programme.year
    inner = add_programme(session, year)
    inner.starts_on, inner.closed_at = date(year, 6, 1), now()
    session.flush()
    assert queries.in_force(session, date(year, 7, 1)).id == world.programme.id


def test_it_shows_the_last_programme_between_two_and_the_next_before_the_first(session, world):
    year = world.programme.year
    assert queries.shown_on(session, date(year + 1, 3, 1)).id == world.programme.id
    assert queries.shown_on(session, date(year - 1, 3, 1)).id == world.programme.id


def test_it_has_nothing_to_show_without_programmes(session):
    with pytest.raises(UnknownProgramme):
        queries.shown_on(session, date(2026, 1, 1))


def test_it_tells_the_citys_targets_to_the_citys_people_and_none_to_strangers(session, world):
    day = date(world.programme.year, 5, 1)
    levels = queries.targets_of_unit(session, world.hq1, world.city.id, day)
    assert [(one.line, one.working) for one in levels] == [("thousand", 1000), ("hundred", 100)]
    assert queries.targets_of_unit(session, world.field1, world.dongchangfu.id, day) == []
    with pytest.raises(UnknownUnit):
        queries.targets_of_unit(session, world.field1, world.chiping.id, day)
