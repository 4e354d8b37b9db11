"""Every figure of every kind of report opens as many records as it says, adds them up, or says why it does not."""

import re
from datetime import date, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
import time_machine

from service.evidence import inspections
from service.evidence.inspections import Found, NewInspection
from service.evidence.models import InspectionResult
from service.programmes.models import Line, Target, TargetLevel
from service.reports.models import ReportKind
from service.trips.models import TripKind
from service.trips.submission import TripPerson
from service.visits.ledger import recount
from service.visits.models import ReviewState
from tests.factories.problems import Called, add_problem, at_nine
from tests.factories.sites import add_site
from tests.factories.trips import add_trip
from tests.factories.visits import add_enterprise, add_visit

QUARTER = {"start_on": "2026-07-01", "end_on": "2026-10-01"}
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
A_COUNT = re.compile(r"\d+")
A_NUMBER = re.compile(r"-?\d[\d.]*%?")
A_SHARE = re.compile(r"-?[\d.]+%")


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel("2026-10-14T04:00:00+00:00", tick=False) as traveller:
        yield traveller


def visits(session, world):
    """Two counties have visits in every period, one of them also a withdrawn, a returned and a pending one."""
    states = (ReviewState.WITHDRAWN, ReviewState.RETURNED, ReviewState.SUBMITTED, *[ReviewState.APPROVED] * 9)
    for place, state in enumerate(states):
        person = (world.field1, world.field2)[place % 2]
        made = add_visit(
            session,
            person,
            add_enterprise(session, f"第{place}机械有限公司"),
            date(2026, 9, 1) + timedelta(4 * place),
            review_state=state,
        )
        recount(session, [made.id])
    for unit, subjects in ((world.dongchangfu, 3), (world.chiping, 7), (world.linqing, 4)):
        target = {"programme_id": world.programme.id, "line": Line.THOUSAND, "level": TargetLevel.WORKING}
        session.add(Target(id=uuid4(), unit_id=unit.id, subjects=subjects, **target))


def trips(session, world):
    """Outings led by a leader and by others, with visits on them, and a reception."""
    first = add_trip(
        session,
        world.field1,
        date(2026, 9, 2),
        date(2026, 9, 4),
        leader=TripPerson("李区长", "county", world.unit1.person_id),
        participants=(TripPerson("王副区长", "deputy_county"), TripPerson("赵科员")),
        projects=("电池项目", "铝材项目"),
        project_count=2,
    )
    add_trip(session, world.field2, date(2026, 9, 20), leader=TripPerson("钱科长", "section"))
    add_trip(session, world.field2, date(2026, 10, 3), kind=TripKind.RECEPTION)
    for name in ("深圳甲公司", "深圳乙公司"):
        made = add_visit(
            session, world.field1, add_enterprise(session, name), date(2026, 9, 3), trip_id=first
        )
        recount(session, [made.id])


def problems(session, world):
    site, in_an_hour = add_site(session, world.dongchangfu), timedelta(hours=1)
    closed = {
        "state": "closed",
        "resolved_at": at_nine(date(2026, 9, 4)),
        "closed_at": at_nine(date(2026, 9, 5)),
        "satisfied": True,
    }
    add_problem(
        session, world.commissioner1, site, date(2026, 9, 2), [Called(world.department, in_an_hour)], **closed
    )
    add_problem(session, world.commissioner1, site, date(2026, 9, 8), [Called(world.department)])
    add_problem(session, world.commissioner1, site, date(2026, 9, 21))


def draws(session, world):
    """Two of September, the first looked at in part, and one of October that no September figure may open."""
    for day, count in ((date(2026, 9, 1), 5), (date(2026, 9, 1), 2), (date(2026, 10, 1), 1)):
        drawn = inspections.draw_inspection(session, world.inspector1, NewInspection(day, count, 1))
        found = inspections.inspected(session, drawn.id, None, None)
        for one, result in zip(found, InspectionResult, strict=False):
            inspections.note_finding(session, world.inspector1, drawn.id, Found(one.visit_id, result, None))


def published_board(client, world, clock):
    """A board of the quarter with a measured and an entered indicator, beside another that is not published."""
    rules = {
        "indicators": [
            {"code": "new", "name": "新增千家", "source": "thousand_new", "points": "60"},
            {"code": "funds", "name": "到位资金", "source": "manual", "points": "40"},
        ],
        "publicity_days": 1,
    }
    hq = client.as_(world.hq1)
    body = {"series": "综合榜", "name": "综合榜", "programme_id": str(world.programme.id), "rules": rules}
    hq.post("/api/hq/v1/boards", json=body | QUARTER | {"series": "外资榜"})
    at = f"/api/hq/v1/boards/{hq.post('/api/hq/v1/boards', json=body | QUARTER).json['id']}"
    for unit, amount in ((world.dongchangfu, "90"), (world.chiping, "33")):
        figure = {
            "unit_id": str(unit.id),
            "kind": "figure",
            "indicator": "funds",
            "amount": amount,
            "target": "70",
        }
        assert hq.post(f"{at}/entries", json=figure | {"reason": "财政局报表"}).status_code == 201
    bonus = {"unit_id": str(world.chiping.id), "kind": "bonus", "amount": "1.5", "reason": "承办活动"}
    hq.post(f"{at}/entries", json=bonus)
    aside = {"unit_id": str(world.zone.id), "kind": "exempt", "reason": "遭受洪灾"}
    hq.post(f"{at}/entries", json=aside)
    hq.post(f"{at}/freezing")
    hq.post(f"{at}/posting")
    clock.shift(86400)
    assert client.as_(world.hq1).post(f"{at}/publication").status_code == 200


def remarks(hq, world, session):
    """Two visits with a remark, one of which a person passes and one returns."""
    flag = {
        "code": "speed",
        "severity": "warning",
        "value": "1",
        "limit": "1",
        "zh": "快",
        "en": "fast",
    }
    for place, decision in enumerate(("approve", "return")):
        made = add_visit(
            session,
            world.field1,
            add_enterprise(session, f"疑点{place}有限公司"),
            date(2026, 9, 10),
            flags=[flag],
            review_state=ReviewState.SUBMITTED,
        )
        session.commit()
        told = {"type": "visit", "id": str(made.id), "rev": made.rev, "decision": decision}
        reason = {} if decision == "approve" else {"reason": "请补充", "reason_code": "incomplete"}
        answer = hq.post("/api/hq/v1/reviews", json={"decisions": [told | reason]})
        assert answer.json["results"][0]["status"] == "applied", answer.json


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
            continue
        items = listed(hq, one["url"])
        if "adds" in one:
            assert sum(Decimal(item[one["adds"]]) for item in items) == Decimal(one["shown"]), where
        else:
            assert A_COUNT.fullmatch(one["shown"]), where
            assert str(len(items)) == one["shown"], (where, one["url"])


@pytest.mark.parametrize("kind", list(ReportKind))
def test_every_share_is_that_of_the_figures_it_is_made_of(hq, town, kind):
    shares = {
        where: one
        for where, one in figures_in(draft(hq, kind, town))
        if A_SHARE.fullmatch(one["shown"]) and one.get("because") != "calendar"
    }
    assert shares or kind is ReportKind.QUARTERLY_BOARD
    for where, one in shares.items():
        part, *whole = (Decimal(told["shown"]) for told in one["made_of"])
        assert abs(part * 100 / sum(whole) - Decimal(one["shown"].rstrip("%"))) <= Decimal("0.005"), where
        for told in one["made_of"]:
            if not told["url"].endswith("/targets"):
                assert str(len(listed(hq, told["url"]))) == told["shown"], where


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
