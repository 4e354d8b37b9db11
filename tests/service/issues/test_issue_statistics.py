"""Problems in figures: a month counted by hand, and every figure against the problems its address lists."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction

import pytest
import time_machine

from service.accounts.models import Unit, UnitKind
from service.indicators.rates import Rounding, figure, in_percent
from service.issues.measured import Counted, counted_issues
from service.issues.measures import NOTHING, RATES, WORDS, IssueFigures, Measure, Rate
from service.issues.models import CallRole, IssueCategory, IssueState
from service.issues.queries import IssueFilter, one_issue
from service.issues.statistics import By, issue_statistics
from service.kernel.pages import PageRequest
from tests.factories.problems import Called, add_problem, at_nine
from tests.factories.sites import add_site
from tests.support.counting import statements
from tests.support.world import add_person, add_unit

HOURS = timedelta(hours=1)
NOVEMBER = IssueFilter(from_on=date(2026, 11, 1), until_on=date(2026, 12, 1))


@pytest.fixture(autouse=True)
def today():
    with time_machine.travel("2026-11-21T04:00:00+00:00", tick=False):
        yield


@dataclass(frozen=True)
class Departments:
    """Those that are called, one of them no department, and one that is not called at all."""

    land: Unit
    water: Unit
    housing: Unit
    nature: Unit
    permits: Unit
    labour: Unit
    grid: Unit


@pytest.fixture
def departments(session, world):
    names = ("市水利局", "市住建局", "市环境局", "市审批局", "市人社局")
    made = [
        add_unit(session, world.city, name, UnitKind.DEPARTMENT, position=place)
        for place, name in enumerate(names, start=6)
    ]
    grid = add_unit(session, world.city, "供电公司", UnitKind.COMPANY, position=20)
    return Departments(world.department, *made, grid)


def nov(day):
    return date(2026, 11, day)


def closed(raised_on, *, resolved_on, closed_on, **facts):
    return {
        "state": IssueState.CLOSED,
        "resolved_at": at_nine(resolved_on),
        "closed_at": at_nine(closed_on),
        "satisfied": True,
    } | facts


@pytest.fixture
def month(session, world, departments):
    """Ten problems of November that stand, beside two that do not and one of October."""
    of, site = departments, add_site(session, world.dongchangfu)
    raiser = world.commissioner1

    def add(on, *calls, by=raiser, **facts):
        return add_problem(session, by, site, on, calls, **facts)

    support = CallRole.SUPPORT
    done = closed(nov(2), resolved_on=nov(5), closed_on=nov(6))
    add(nov(2), Called(of.land, 5 * HOURS), Called(of.housing, 60 * HOURS, support), **done)
    late = closed(nov(3), resolved_on=nov(11), closed_on=nov(12), first_try=False, satisfied=False)
    add(nov(3), Called(of.land, 10 * HOURS), category=IssueCategory.LAND, **late)
    add(nov(5), Called(of.land, HOURS), state=IssueState.IN_PROGRESS)
    add(nov(18), Called(of.land, HOURS), state=IssueState.IN_PROGRESS, by=world.field2)
    add(nov(20), Called(of.water), category=IssueCategory.WATER)
    add(nov(10), Called(of.water), Called(of.nature, HOURS, support, withdrawn=True))
    told = {"state": IssueState.RESOLVED, "resolved_at": at_nine(nov(10))}
    add(nov(6), Called(of.housing, HOURS), Called(of.nature, HOURS, support), **told)
    add(nov(1), Called(of.permits, HOURS), **closed(nov(1), resolved_on=nov(2), closed_on=nov(2)))
    add(nov(9), Called(of.permits, HOURS), state=IssueState.VOIDED)
    gone = {"state": IssueState.WITHDRAWN, "withdrawn_at": at_nine(nov(9)), "withdrawn_because": "已自行解决"}
    add(nov(9), Called(of.permits, HOURS), **gone)
    add(nov(15), by=world.unit1)
    add(nov(16), Called(of.grid, 50 * HOURS), state=IssueState.IN_PROGRESS, by=world.hq1)
    add(date(2026, 10, 31), Called(of.land, HOURS), **done)
    session.commit()


BY_HAND = {
    # called, led, due to report, reported, in time, resolved, in time, due to solve, closed, first, satisfied, overdue
    "市自然资源局": (4, 4, 4, 4, 4, 2, 1, 3, 2, 1, 1, 1),
    "市水利局": (2, 2, 1, 0, 0, 0, 0, 1, 0, 0, 0, 1),
    "市住建局": (2, 1, 2, 2, 1, 1, 1, 0, 0, 0, 0, 0),
    "市环境局": (1, 0, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0),
    "市审批局": (1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0),
    "市人社局": (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0),
    "供电公司": (1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0),
}
RATES_BY_HAND = {
    # response, solution, first try, satisfaction, days
    "市自然资源局": ("100.00", "66.67", "50.00", "50.00", "6.5"),
    "市水利局": ("0.00", "0.00", None, None, None),
    "市住建局": ("50.00", None, None, None, None),
    "市环境局": ("100.00", None, None, None, None),
    "市审批局": ("100.00", "100.00", "100.00", "100.00", "1.0"),
    "市人社局": (None, None, None, None, None),
    "供电公司": ("0.00", None, None, None, None),
}


def shares(figures, rounding=Rounding.HALF_UP):
    return (
        *(in_percent(figures.rate(one), rounding) for one in Rate),
        figure(figures.days_to_close, rounding, places=1),
    )


def test_it_counts_departments_as_a_person_does_by_hand(session, world, month):
    table = issue_statistics(session, world.hq1, By.DEPARTMENT, NOVEMBER)
    measures = [one for one in Measure if one not in {Measure.RAISED, Measure.WAITING}]
    counted = {row.unit.name: tuple(row.figures.counts[one] for one in measures) for row in table.rows}
    assert counted == BY_HAND
    assert {row.unit.name: shares(row.figures) for row in table.rows} == RATES_BY_HAND


def test_it_stands_in_the_order_of_office(session, world, month):
    table = issue_statistics(session, world.hq1, By.DEPARTMENT, NOVEMBER)
    assert [row.unit.name for row in table.rows] == list(BY_HAND)


def test_it_counts_each_problem_once_in_the_total_and_rounds_or_cuts_off(session, world, month):
    total = issue_statistics(session, world.hq1, By.DEPARTMENT, NOVEMBER).total.figures
    assert tuple(total.counts.values()) == (10, 1, 9, 9, 8, 7, 6, 4, 3, 5, 3, 2, 2, 3)
    assert shares(total) == ("75.00", "60.00", "66.67", "66.67", "4.7")
    assert shares(total, Rounding.TRUNCATED) == ("75.00", "60.00", "66.66", "66.66", "4.6")


@pytest.mark.parametrize("by", [By.CATEGORY, By.UNIT])
def test_it_adds_up_to_the_same_total_by_what_is_disjoint(session, world, month, by):
    table = issue_statistics(session, world.hq1, by, NOVEMBER)
    whole = issue_statistics(session, world.hq1, By.DEPARTMENT, NOVEMBER).total.figures
    assert table.total.figures == whole
    for one in Measure:
        assert sum(row.figures.counts[one] for row in table.rows) == whole.counts[one], one


def test_it_lists_every_category_and_every_unit_that_could_have_raised_one(session, world, month):
    categories = issue_statistics(session, world.hq1, By.CATEGORY, NOVEMBER)
    assert [row.category for row in categories.rows] == list(IssueCategory)
    raised = {row.category: row.figures.counts[Measure.RAISED] for row in categories.rows}
    assert (raised[IssueCategory.POWER], raised[IssueCategory.LAND], raised[IssueCategory.GAS]) == (8, 1, 0)
    units = issue_statistics(session, world.hq1, By.UNIT, NOVEMBER)
    assert [(row.unit.name, row.figures.counts[Measure.RAISED]) for row in units.rows] == [
        ("聊城市", 1),
        ("东昌府区", 8),
        ("茌平区", 1),
        ("临清市", 0),
        ("高新技术产业开发区", 0),
    ]


@pytest.mark.parametrize("who", ["hq1", "leader1", "unit1", "unit2"])
@pytest.mark.parametrize("by", list(By))
def test_every_figure_opens_exactly_its_problems(session, world, month, who, by):
    person = getattr(world, who)
    table = issue_statistics(session, person, by, NOVEMBER)
    for row in (*table.rows, table.total):
        for measure in Measure:
            which = Counted(row.records, measure, own_only=row.own_only)
            listed = counted_issues(session, person, which, PageRequest(limit=1000)).items
            assert len(listed) == row.figures.counts[measure], (row.unit, row.category, measure)


@pytest.mark.parametrize("by", list(By))
def test_a_table_of_one_department_opens_exactly_its_problems(session, world, month, departments, by):
    asked = replace(NOVEMBER, department_id=departments.housing.id)
    table = issue_statistics(session, world.hq1, by, asked)
    for row in (*table.rows, table.total):
        for measure in Measure:
            which = Counted(row.records, measure, own_only=row.own_only)
            listed = counted_issues(session, world.hq1, which, PageRequest(limit=1000)).items
            assert len(listed) == row.figures.counts[measure], (row.unit, row.category, measure)


def test_a_unit_counts_its_own_and_what_calls_it(session, world, month, departments):
    office = add_person(session, "office", departments.housing, *world.unit1.roles)
    assert (
        issue_statistics(session, office, By.DEPARTMENT, NOVEMBER).total.figures.counts[Measure.RAISED] == 2
    )
    own = issue_statistics(session, world.unit2, By.UNIT, NOVEMBER)
    assert [(row.unit.name, row.figures.counts[Measure.RAISED]) for row in own.rows] == [("茌平区", 1)]
    assert own.total.figures.counts[Measure.RAISED] == 1


def test_nobody_is_late_to_report_in_for_what_was_solved_before(session, world, departments):
    site, support = add_site(session, world.dongchangfu), CallRole.SUPPORT
    calls = [Called(departments.land, HOURS), Called(departments.water, role=support)]
    in_time, late = {"resolved_at": at_nine(nov(3))}, {"resolved_at": at_nine(nov(4))}
    solved = {"state": IssueState.RESOLVED}
    first = add_problem(session, world.commissioner1, site, nov(2), calls, **solved | in_time)
    add_problem(session, world.commissioner1, site, nov(2), calls, **solved | late)
    session.flush()
    rows = issue_statistics(session, world.hq1, By.DEPARTMENT, NOVEMBER).rows
    counts = {row.unit.name: row.figures.counts for row in rows}
    assert (counts["市水利局"][Measure.REPORT_DUE], counts["市水利局"][Measure.CALLED]) == (1, 2)
    card = one_issue(session, world.hq1, first)
    assert [(call.unit.name, call.in_time) for call in card.calls] == [
        ("市自然资源局", True),
        ("市水利局", None),
    ]


def test_it_takes_as_many_statements_whatever_there_is_to_count(session, world, departments, month):
    asked = [lambda by=by: issue_statistics(session, world.hq1, by, NOVEMBER) for by in By]
    session.connection()
    before = [statements(session, ask) for ask in asked]
    site = add_site(session, world.chiping, "二号工地")
    for day in range(1, 15):
        add_problem(session, world.field2, site, nov(day), [Called(departments.labour)])
    assert [statements(session, ask) for ask in asked] == before == [3, 2, 2]


def test_a_unit_that_was_closed_before_is_not_listed_and_one_that_was_called_is(session, world, departments):
    departments.labour.valid_until = date(2026, 10, 1)
    departments.water.valid_until = nov(15)
    session.flush()
    table = issue_statistics(session, world.hq1, By.DEPARTMENT, NOVEMBER)
    names = [row.unit.name for row in table.rows]
    assert "市人社局" not in names
    assert "市水利局" in names
    assert "供电公司" not in names


def test_of_nothing_there_is_no_rate():
    assert [NOTHING.rate(one) for one in Rate] == [None] * len(Rate)
    assert NOTHING.days_to_close is None


def test_a_rate_is_exact_until_it_is_shown():
    figures = IssueFigures(dict.fromkeys(Measure, 3) | {Measure.CLOSED: 2, Measure.SOLVE_DUE: 3})
    assert figures.rate(Rate.SOLUTION) == Fraction(2, 3)


def test_every_figure_and_rate_has_words_of_its_own():
    assert set(WORDS) == {*Measure, *Rate}
    assert len({words.zh for words in WORDS.values()}) == len(WORDS)
    assert set(RATES) == set(Rate)
