"""Months are told by many at once, and what was known at a moment never becomes another answer."""

import threading
from datetime import date, timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa

from service.kernel.clock import now
from service.projects.models import ProjectMonth
from service.projects.month_tables import MonthFile, import_months
from service.projects.progress_months import MonthTold, months, put_month, put_months
from tests.factories.sites import add_project
from tests.support.committed import at_once, committed_house

JANUARY = date(2026, 1, 1)


@pytest.fixture(scope="module")
def house(postgres_url, tmp_path_factory):
    with committed_house(postgres_url, tmp_path_factory.mktemp("months")) as house:
        yield house


@pytest.fixture
def project(house):
    with house.sessions.begin() as session:
        return add_project(session, house.world.dongchangfu)


def told(amount):
    return MonthTold(completed_investment_wan=Decimal(amount))


def test_of_many_who_tell_a_month_at_once_one_holds_and_all_are_kept(house, project):
    def tell(amount):
        with house.sessions.begin() as session:
            put_month(session, house.world.hq1, project.id, JANUARY, told(amount))

    at_once([lambda amount=amount: tell(amount) for amount in range(1, 7)])
    with house.sessions() as session:
        versions = session.scalars(
            sa.select(ProjectMonth).where(ProjectMonth.project_id == project.id).order_by(ProjectMonth.number)
        ).all()
    assert [one.number for one in versions] == [1, 2, 3, 4, 5, 6]
    assert {one.completed_investment_wan for one in versions} == set(map(Decimal, range(1, 7)))
    assert [one.replaced_at for one in versions] == [*(one.set_at for one in versions[1:]), None]


def test_two_offices_that_tell_the_same_projects_in_different_order_wait_for_each_other(house):
    with house.sessions.begin() as session:
        projects = [add_project(session, house.world.dongchangfu, f"{number}") for number in range(8)]

    def tell(order, amount):
        with house.sessions.begin() as session:
            put_months(session, house.world.hq1, {(one.id, JANUARY): told(amount) for one in order})

    at_once([lambda: tell(projects, 1), lambda: tell(projects[::-1], 2)])


def test_who_asks_for_a_moment_waits_for_what_is_being_told(house, project):
    """A version that commits later must not bear a time that was already answered for."""
    answers = []

    def ask(moment):
        with house.sessions.begin() as session:
            answers.append(months(session, house.world.hq1, project.id, moment))

    with house.sessions.begin() as session:
        put_month(session, house.world.hq1, project.id, JANUARY, told(5))
        asking = threading.Thread(target=ask, args=(now(),))
        asking.start()
        asking.join(0.3)
        assert (asking.is_alive(), answers) == (True, [])
    asking.join(60)
    assert [row.told for row in answers[0]] == [told(5)]


def test_a_list_of_now_waits_for_nobody(house, project):
    with house.sessions.begin() as session:
        put_month(session, house.world.hq1, project.id, JANUARY, told(5))
        with house.sessions.begin() as other:
            assert months(other, house.world.hq1, project.id) == []


def test_nothing_is_known_before_it_was_told(house, project):
    with house.sessions.begin() as session:
        put_month(session, house.world.hq1, project.id, JANUARY, told(5))
        assert months(session, house.world.hq1, project.id, now() - timedelta(hours=1)) == []


def test_a_file_leaves_what_was_told_while_it_was_read(house):
    with house.sessions.begin() as session:
        project = add_project(session, house.world.dongchangfu, "边读边报的项目")
        put_month(session, house.world.hq1, project.id, JANUARY, MonthTold(problem="缺电"))
    raw = "项目名称,月份,本月完成投资\n边读边报的项目,2026-01,7\n".encode()

    def read():
        with house.sessions.begin() as session:
            import_months(session, house.world.hq1, MonthFile("月报.csv", raw, dry_run=False))

    with house.sessions.begin() as session:
        put_month(session, house.world.hq1, project.id, JANUARY, MonthTold(problem="已通电"))
        reading = threading.Thread(target=read)
        reading.start()
        reading.join(0.3)
        assert reading.is_alive()
    reading.join(60)
    with house.sessions() as session:
        (row,) = months(session, house.world.hq1, project.id)
    assert row.told == MonthTold(completed_investment_wan=Decimal(7), problem="已通电")
