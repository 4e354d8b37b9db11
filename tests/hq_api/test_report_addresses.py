"""Every figure of every kind of report opens as many records as it says, adds them up, or says why it does not."""

import re
from datetime import date, timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa
import time_machine

from service.accounts.models import Unit
from service.indicators.measures import MEASURES
from service.reports.models import ReportKind
from service.visits.ledger import recount
from service.visits.models import ReviewState, Visit
from tests.factories.sites import add_project
from tests.factories.visits import add_edition, add_enterprise, add_membership, add_visit
from tests.support.report_town import (
    draws,
    problems,
    publish_board,
    published_board,
    remarks,
    trips,
    visits,
)

DAYS = {
    ReportKind.WEEKLY: "2026-09-20",
    ReportKind.HALF_MONTH: "2026-09-30",
    ReportKind.MONTHLY: "2026-09-30",
    ReportKind.MONTHLY_INSPECTION: "2026-09-30",
    ReportKind.QUARTERLY_BOARD: "2026-09-30",
    ReportKind.HALF_YEAR: "2026-10-14",
    ReportKind.EVENT_COUNTDOWN: "2026-10-14",
}
FILLED = {
    ReportKind.WEEKLY: {"thousand.new", "hundred.zero_units_count"},
    ReportKind.HALF_MONTH: {"thousand.counted", "thousand.zero_units_count", "thousand.pending"},
    ReportKind.MONTHLY: {"thousand.new_visits", "thousand.zero_units_count"},
    ReportKind.MONTHLY_INSPECTION: {
        "inspection.draws",
        "inspection.population",
        "inspection.looked_at",
        "inspection.wrong_units_count",
        "inspection.undrawn_units_count",
        "issues.raised",
        "issues.overdue_departments_count",
        "remarks[0].提示",
        "remarks[0].通过",
        "remarks[0].退回",
    },
    ReportKind.QUARTERLY_BOARD: {"boards.count", "board1.ranked", "board1.zero_count"},
    ReportKind.HALF_YEAR: {"trips.leader_times", "trips.projects", "led.days", "led.units.stayed_count"},
    ReportKind.EVENT_COUNTDOWN: {"event.visits", "event.idle_units_count", "event.begun_units_count"},
}
"""Figures that the town below gives something to count."""
MEASURED = [one.code for one in MEASURES.values() if not one.is_of_target_lists]
A_COUNT = re.compile(r"\d+")
A_NUMBER = re.compile(r"-?\d[\d.]*%?")
A_SHARE = re.compile(r"-?[\d.]+%")


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel("2026-10-14T04:00:00+00:00", tick=False) as traveller:
        yield traveller


@pytest.fixture
def town(client, session, world, clock):
    """Everything a report counts; answers the id of an event ahead."""
    visits(session, world)
    trips(session, world)
    problems(session, world)
    session.commit()
    clock.move_to("2026-09-28T04:00:00+00:00")
    remarks(client.as_(world.hq1), world, session)
    clock.move_to("2026-10-14T04:00:00+00:00")
    draws(session, world)
    session.commit()
    published_board(client, world, clock)
    expo = {
        "programme_id": str(world.programme.id),
        "name": "产业招商大会",
        "prepares_on": "2026-09-15",
        "held_on": "2026-12-20",
    }
    return client.as_(world.hq1).post("/api/hq/v1/events", json=expo).json["id"]


@pytest.fixture
def hq(client, world, town):
    return client.as_(world.hq1)


def draft(hq, kind, event_id):
    order = {"kind": kind, "on": DAYS[kind]} | (
        {"event_id": event_id} if kind == ReportKind.EVENT_COUNTDOWN else {}
    )
    answer = hq.post("/api/hq/v1/reports", json=order)
    assert answer.status_code == 201, answer.json
    return answer.json["figures"]


def figures_in(figures):
    """Each figure with where it stands: every fact, and every cell of a column of numbers."""
    yield from figures["facts"].items()
    for name, table in figures["tables"].items():
        for at, row in enumerate(table["rows"]):
            for column, cell in zip(table["columns"], row, strict=True):
                if column["number"]:
                    yield f"{name}[{at}].{column.get('group') or ''}{column['label']}", cell


def listed(hq, url):
    answer = hq.get(url)
    assert answer.status_code == 200, (url, answer.json)
    return answer.json["items"]


def opened(hq, one):
    """What a figure's address gives: how many records, or what their field adds up to, a list by how many it holds."""
    items = listed(hq, one["url"])
    if "adds" not in one:
        assert A_COUNT.fullmatch(one["shown"]), one
        return len(items)
    values = [item[one["adds"]] for item in items]
    return sum(len(value) if isinstance(value, list) else Decimal(value) for value in values)


@pytest.mark.parametrize("kind", list(ReportKind))
def test_every_figure_opens_what_it_counts_or_says_why_not(hq, town, kind):
    found = {
        where: one for where, one in figures_in(draft(hq, kind, town)) if A_NUMBER.fullmatch(one["shown"])
    }
    assert not {where for where in FILLED[kind] if found[where]["shown"] == "0"}
    for where, one in found.items():
        if "because" in one:
            continue
        if "made_of" in one:
            assert all(part["url"] for part in one["made_of"]), where
            assert one["made_by"], where
            continue
        assert opened(hq, one) == Decimal(one["shown"]), (where, one["url"])


@pytest.mark.parametrize("kind", list(ReportKind))
def test_every_share_is_that_of_the_figures_it_is_made_of(hq, town, kind):
    shares = {
        where: one
        for where, one in figures_in(draft(hq, kind, town))
        if A_SHARE.fullmatch(one["shown"]) and one.get("because") != "calendar"
    }
    assert shares or kind is ReportKind.QUARTERLY_BOARD
    for where, one in shares.items():
        assert one["made_by"] == "share", where
        part, *whole = (Decimal(told["shown"]) for told in one["made_of"])
        assert abs(part * 100 / sum(whole) - Decimal(one["shown"].rstrip("%"))) <= Decimal("0.005"), where
        for told in one["made_of"]:
            if "because" not in told:
                assert opened(hq, told) == Decimal(told["shown"]), where


def test_a_target_is_set_where_its_address_says(hq, town):
    figures = draft(hq, ReportKind.HALF_MONTH, town)
    told = [one for _, one in figures_in(figures) if one.get("because") == "set" and one["shown"] != "—"]
    (address,) = {one["url"] for one in told}
    levels = [level for row in listed(hq, address) for level in row["targets"].values()]
    assert {int(one["shown"]) for one in told} <= set(levels)


def test_the_rows_behind_a_figure_stay_those_it_counted(hq, town, session, world):
    facts = draft(hq, ReportKind.HALF_MONTH, town)["facts"]
    count = facts["thousand.zero_units_count"]
    made = add_visit(
        session, world.hq1, add_enterprise(session, "后来的企业"), date(2026, 9, 3), unit_id=world.linqing.id
    )
    recount(session, [made.id])
    session.commit()
    rows = listed(hq, count["url"])
    assert "、".join(row["cells"][1]["shown"] for row in rows) == facts["thousand.zero_units"]["shown"]
    assert world.linqing.name in facts["thousand.zero_units"]["shown"]


@pytest.mark.parametrize("name", ["thousand.counted", "thousand.invented"])
def test_it_refuses_the_rows_of_a_figure_that_counts_none(hq, town, name):
    url = draft(hq, ReportKind.HALF_MONTH, town)["facts"]["thousand.zero_units"]["url"]
    answer = hq.get(url.replace("thousand.zero_units", name))
    assert (answer.status_code, answer.json["code"]) == (404, "unknown_figure")


def test_the_population_of_a_draw_stays_what_it_was_when_a_visit_is_decided_after_it(hq, town, session):
    visit = session.scalars(sa.select(Visit).where(Visit.review_state == ReviewState.SUBMITTED)).first()
    visit.review_state = ReviewState.RETURNED
    session.commit()
    facts = draft(hq, ReportKind.MONTHLY_INSPECTION, town)["facts"]
    population = facts["inspection.population"]
    assert population["because"] == "kept"
    assert str(hq.get(population["url"]).json["population"]) == population["shown"] != "0"
    assert population in facts["inspection.drawn_share"]["made_of"]


def test_a_month_without_draws_opens_none_for_its_population(client, session, world):
    visits(session, world)
    session.commit()
    hq = client.as_(world.hq1)
    facts = draft(hq, ReportKind.MONTHLY_INSPECTION, None)["facts"]
    population = facts["inspection.population"]
    assert (population["shown"], facts["inspection.drawn_share"]["shown"]) == ("0", "—")
    assert population["url"] == facts["inspection.draws"]["url"]
    assert listed(hq, population["url"]) == []


@pytest.fixture
def measured(session, world):
    """Visits of every trait that a measure asks for, some of one enterprise twice and some joint."""
    lists = [
        add_edition(session, date(2026, 1, 1), list_code=one.traits.on_list)
        for one in MEASURES.values()
        if one.traits.on_list
    ]
    for place, kind in enumerate(("enterprise", "enterprise", "association")):
        enterprise = add_enterprise(session, f"第{place}机械有限公司", kind=kind)
        add_project(
            session, session.get_one(Unit, world.chiping.id), f"项目{place}", enterprise_id=enterprise.id
        )
        for edition in lists:
            add_membership(session, edition, enterprise_id=enterprise.id)
        for again in range(2):
            made = add_visit(
                session,
                world.field1,
                enterprise,
                date(2026, 9, 1) + timedelta(3 * place + again),
                participants=[{"name": "赵科员"}, {"name": "钱科员"}][: 1 + again],
                joint_unit_ids=[world.chiping.id] if place else [],
                intention="interested",
                amount_wan=Decimal(1000 + again),
            )
            recount(session, [made.id])
    session.commit()


def board_cells(hq, town=None):
    """Rows of the quarter's only board: the unit, what it reached, and its other numbers."""
    table = draft(hq, ReportKind.QUARTERLY_BOARD, town)["tables"]["board1"]
    return {row[1]["shown"]: row for row in table["rows"]}


@pytest.mark.parametrize("code", MEASURED)
def test_a_board_s_figure_of_any_measure_counts_or_adds_up_what_it_opens(
    client, world, clock, measured, code
):
    publish_board(lambda: client.as_(world.hq1), clock, {"source": "measure", "measure": code})
    hq = client.as_(world.hq1)
    rows = board_cells(hq)
    assert "0" not in {rows[unit.name][2]["shown"] for unit in (world.dongchangfu, world.chiping)}
    for unit, (_, _, reached, *_) in rows.items():
        assert "because" not in reached
        assert opened(hq, reached) == Decimal(reached["shown"]), unit


def test_a_board_s_figure_that_an_office_entered_opens_where_it_was_entered(client, world, clock):
    hq = client.as_(world.hq1)
    words = {"code": "funds_in", "zh": "到位资金", "en": "Funds in place", "counted_in": "万元"}
    assert hq.post("/api/hq/v1/indicators", json=words).status_code == 201
    amount = {"unit_id": str(world.chiping.id), "level": "actual", "amount": "12.5"}
    at = "/api/hq/v1/indicators/funds_in/amounts?period=quarter&on=2026-07-01"
    assert hq.put(at, json={"amounts": [amount]}).status_code == 200
    publish_board(lambda: client.as_(world.hq1), clock, {"source": "measure", "measure": "funds_in"})
    hq = client.as_(world.hq1)
    reached = board_cells(hq)[world.chiping.name][2]
    assert (reached["shown"], reached["because"], reached["url"]) == ("12.5", "set", at)
    entered = {row["unit_id"]: row["actual"] for row in listed(hq, reached["url"])}
    assert entered[str(world.chiping.id)] == reached["shown"]


def test_a_board_s_total_is_made_of_the_points_beside_it(hq, town):
    for unit, row in board_cells(hq, town).items():
        *added, deduction = row[8]["made_of"]
        assert row[8]["made_by"] == "total"
        assert [part["shown"] for part in added] == [row[place]["shown"] for place in (3, 5, 6)]
        assert [row[place]["made_by"] for place in (3, 5)] == ["points", "points"]
        if row[8]["shown"] != "—":
            scored = [Decimal(part["shown"]) for part in added if part["shown"] != "—"]
            assert sum(scored) - Decimal(deduction["shown"]) == Decimal(row[8]["shown"]), unit
