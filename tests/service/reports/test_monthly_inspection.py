from datetime import date, timedelta

import pytest
import time_machine

from service.accounts.models import UnitKind
from service.evidence import inspections
from service.evidence.inspected_months import DrawnFilter, Outcome, inspected_in_month
from service.evidence.inspections import Found, NewInspection
from service.evidence.models import DrawnAs, InspectionResult
from service.issues.models import IssueState
from service.kernel.pages import PageRequest
from service.reports import commands
from service.reports.catalogue import filled
from service.reports.commands import Order
from service.reports.models import ReportKind
from service.visits.ledger import recount
from tests.factories.problems import Called, add_problem, at_nine
from tests.factories.sites import add_site
from tests.factories.visits import add_enterprise, add_visit
from tests.support.world import add_unit

ORDER = Order(ReportKind.MONTHLY_INSPECTION, date(2026, 10, 31))
RESULTS = (
    InspectionResult.CONFIRMED,
    InspectionResult.CONFIRMED,
    InspectionResult.WRONG,
    InspectionResult.UNREACHABLE,
)


@pytest.fixture(autouse=True)
def today():
    with time_machine.travel("2026-11-05T04:00:00+00:00", tick=False):
        yield


@pytest.fixture
def visited(session, world):
    for place in range(8):
        person = (world.field1, world.field2)[place % 2]
        enterprise = add_enterprise(session, f"第{place}机械有限公司")
        made = add_visit(session, person, enterprise, date(2026, 10, 3 + place))
        recount(session, [made.id])


@pytest.fixture
def inspected(session, world, visited):
    drawn = inspections.draw_inspection(
        session, world.inspector1, NewInspection(date(2026, 10, 1), random_count=4, weighted_count=2)
    )
    found = inspections.inspected(session, drawn.id, None, None)
    for one, result in zip(found, RESULTS, strict=False):
        inspections.note_finding(session, world.inspector1, drawn.id, Found(one.visit_id, result, None))
    return drawn


def facts(report):
    return {name: fact["shown"] for name, fact in report.figures["facts"].items()}


def test_it_counts_a_month_without_any_inspection_as_none(session, world, visited):
    report = commands.draft_report(session, world.hq1, ORDER)
    told = facts(report)
    assert (told["inspection.draws"], told["inspection.drawn"], told["inspection.confirmed_share"]) == (
        "0",
        "0",
        "—",
    )
    cells = [row[-1]["shown"] for row in report.figures["tables"]["inspected_units"]["rows"]]
    assert set(cells) == {"未抽中"}


def test_it_says_how_many_were_drawn_how_and_what_was_found(session, world, inspected):
    told = facts(commands.draft_report(session, world.hq1, ORDER))
    assert {
        name.removeprefix("inspection."): told[name] for name in told if name.startswith("inspection.")
    }.items() >= {
        "draws": "1",
        "population": "8",
        "drawn": "6",
        "drawn_share": "75.00%",
        "random": "4",
        "weighted": "2",
        "looked_at": "4",
        "confirmed": "2",
        "confirmed_share": "50.00%",
        "wrong": "1",
        "wrong_share": "25.00%",
        "unreachable": "1",
        "unreachable_share": "25.00%",
        "open": "2",
        "false_positive_share": "—",
    }.items()


def test_it_measures_what_was_suspected_in_vain(session, world, inspected):
    drawn = inspections.inspected(session, inspected.id, None, None)
    weighted = [one for one in drawn if one.drawn_as is DrawnAs.WEIGHTED]
    for one, result in zip(weighted, (InspectionResult.CONFIRMED, InspectionResult.WRONG), strict=True):
        inspections.note_finding(session, world.inspector1, inspected.id, Found(one.visit_id, result, None))
    told = facts(commands.draft_report(session, world.hq1, ORDER))
    assert told["inspection.weighted_confirmed"] == "1"
    assert told["inspection.false_positive_share"] == "50.00%"


def test_it_keeps_a_row_for_units_with_nothing_drawn_and_adds_up(session, world, inspected):
    table = commands.draft_report(session, world.hq1, ORDER).figures["tables"]["inspected_units"]
    rows = [[cell["shown"] for cell in row] for row in table["rows"]]
    by_unit = {row[1]: row for row in rows}
    assert by_unit[world.linqing.name][2:] == ["0", "0", "0", "0", "0", "0", "—", "未抽中"]
    total = by_unit["合计"]
    for place in range(2, 8):
        assert sum(int(row[place]) for row in rows if row[1] != "合计") == int(total[place])


def test_it_lists_the_records_behind_each_number(session, world, inspected):
    table = commands.draft_report(session, world.hq1, ORDER).figures["tables"]["inspected_units"]
    assert all(cell["url"] for row in table["rows"] for cell in row[2:9])
    whole = inspected_in_month(session, DrawnFilter(date(2026, 10, 9)), PageRequest())
    assert len(whole.items) == 6
    wrong = inspected_in_month(session, DrawnFilter(date(2026, 10, 9), outcome=Outcome.WRONG), PageRequest())
    assert [one.result for one in wrong.items] == [InspectionResult.WRONG]
    looked_at = DrawnFilter(date(2026, 10, 9), outcome=Outcome.LOOKED_AT)
    assert len(inspected_in_month(session, looked_at, PageRequest()).items) == len(RESULTS)


def test_it_pages_the_drawn_visits_of_a_month(session, world, inspected):
    seen, request = [], PageRequest(limit=4)
    first = inspected_in_month(session, DrawnFilter(date(2026, 10, 1)), request)
    seen += first.items
    assert len(seen) == 4
    assert first.next_cursor is not None


def test_it_counts_a_unit_with_those_below_it(session, world, inspected):
    whole = inspected_in_month(session, DrawnFilter(date(2026, 10, 1), unit_id=world.city.id), PageRequest())
    assert len(whole.items) == 6


@pytest.fixture
def problems(session, world):
    """Three problems of October, one closed in time and one overdue, beside one of September; 市水利局 is not called."""
    add_unit(session, world.city, "市水利局", UnitKind.DEPARTMENT, position=6)
    site, in_an_hour = add_site(session, world.dongchangfu), timedelta(hours=1)
    closed = {
        "state": IssueState.CLOSED,
        "resolved_at": at_nine(date(2026, 10, 4)),
        "closed_at": at_nine(date(2026, 10, 5)),
        "satisfied": True,
    }
    for on in (date(2026, 10, 2), date(2026, 9, 30)):
        add_problem(session, world.commissioner1, site, on, [Called(world.department, in_an_hour)], **closed)
    add_problem(session, world.commissioner1, site, date(2026, 10, 8), [Called(world.department)])
    add_problem(session, world.commissioner1, site, date(2026, 10, 31))
    session.flush()


def test_it_tells_how_departments_answered_the_problems_of_the_month(session, world, problems):
    told = facts(commands.draft_report(session, world.hq1, ORDER))
    assert {
        name.removeprefix("issues."): told[name] for name in told if name.startswith("issues.")
    }.items() >= {
        "raised": "3",
        "called": "2",
        "waiting": "1",
        "response_rate": "50.00%",
        "solution_rate": "50.00%",
        "satisfaction_rate": "100.00%",
        "days_to_close": "3.0",
        "overdue": "2",
        "overdue_departments": "市自然资源局",
        "uncalled_departments": "市水利局",
    }.items()


def test_it_keeps_a_row_for_departments_that_nobody_called(session, world, problems):
    table = commands.draft_report(session, world.hq1, ORDER).figures["tables"]["issues"]
    assert [[cell["shown"] for cell in row] for row in table["rows"]] == [
        ["1", "市自然资源局", "2", "2", "1", "50.00%", "2", "1", "1", "1", "50.00%", "100.00%", ""],
        ["2", "市水利局", "0", "0", "0", "—", "0", "0", "0", "0", "—", "—", "未吹哨"],
        ["", "合计", "2", "2", "1", "50.00%", "2", "1", "1", "2", "50.00%", "100.00%", ""],
    ]


def test_a_month_without_problems_reads_as_one(session, world, visited):
    report = commands.draft_report(session, world.hq1, ORDER)
    text = [filled(block["text"], report.figures["facts"]) for block in report.text if "text" in block]
    sentence = next(one for one in text if one.startswith("2026年10月企业和项目单位反映问题"))
    assert sentence == (
        "2026年10月企业和项目单位反映问题0件，已分办0件，待分办0件。部门应报到0件，按时报到0件，响应率—；"
        "部门办结0件，吹哨人确认销号0件，解决率—，满意率—，平均办理天数—。"
    )
