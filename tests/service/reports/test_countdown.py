from datetime import date

import pytest
import sqlalchemy as sa
import time_machine

from service.jobs.workshop import Workshop
from service.kernel.errors import Forbidden
from service.kernel.pages import PageRequest
from service.reports import commands, events
from service.reports.commands import Order
from service.reports.errors import BadEvent, DraftExists, EventMissing, EventNotAhead
from service.reports.events import EventEdit, NewEvent
from service.reports.jobs import draft_what_is_due
from service.reports.models import Report, ReportKind
from service.visits.ledger import recount
from tests.factories.visits import add_enterprise, add_visit

KIND = ReportKind.EVENT_COUNTDOWN


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel("2026-11-21T04:00:00+00:00", tick=False) as traveller:
        yield traveller


@pytest.fixture
def expo(session, world):
    new = NewEvent(world.programme.id, "产业招商大会", date(2026, 11, 1), date(2026, 12, 20))
    return events.make_event(session, world.hq1, new)


@pytest.fixture
def visited(session, world):
    for person, name, on in (
        (world.field1, "浪潮集团有限公司", date(2026, 10, 30)),
        (world.field1, "时风集团有限公司", date(2026, 11, 3)),
        (world.field2, "鲁西集团有限公司", date(2026, 11, 20)),
    ):
        made = add_visit(session, person, add_enterprise(session, name), on)
        recount(session, [made.id])


def draft(session, actor, event, on=date(2026, 11, 21)):
    return commands.draft_report(session, actor, Order(KIND, on, event_id=event.id))


def fact(report, name):
    return report.figures["facts"][name]["shown"]


def test_it_counts_the_days_left_and_what_was_done_since_the_preparation(session, world, expo, visited):
    report = draft(session, world.hq1, expo)
    assert report.title == "产业招商大会倒计时29天筹备工作进展情况通报"
    assert (fact(report, "event.days_left"), fact(report, "event.days_gone")) == ("29", "21")
    assert (fact(report, "event.new_thousand"), fact(report, "event.visits")) == ("2", "2")
    assert fact(report, "event.lately") == "1"
    assert "from=2026-11-01" in report.figures["facts"]["event.visits"]["url"]


def test_it_keeps_units_that_have_not_begun(session, world, expo, visited):
    report = draft(session, world.hq1, expo)
    rows = {
        row[1]["shown"]: [cell["shown"] for cell in row[2:]]
        for row in report.figures["tables"]["countdown_units"]["rows"]
    }
    assert rows[world.dongchangfu.name] == ["1", "0", "1", "0", "0", "0", "已开展"]
    assert rows[world.linqing.name] == ["0", "0", "0", "0", "0", "0", "未开展"]
    assert rows["全市"] == ["2", "1", "2", "0", "0", "0", "已开展"]
    assert fact(report, "event.begun_units") == f"{world.dongchangfu.name}、{world.chiping.name}"
    assert world.linqing.name in fact(report, "event.idle_units")


@pytest.mark.parametrize("on", [date(2026, 10, 31), date(2026, 12, 20)])
def test_it_counts_down_only_while_the_event_is_ahead(session, world, expo, on):
    with pytest.raises(EventNotAhead):
        draft(session, world.hq1, expo, on)


def test_it_does_not_count_down_to_what_is_cancelled(session, world, expo):
    events.change_event(session, world.hq1, expo.id, EventEdit(cancelled=True))
    with pytest.raises(EventNotAhead):
        draft(session, world.hq1, expo)
    events.change_event(session, world.hq1, expo.id, EventEdit(cancelled=False))
    assert draft(session, world.hq1, expo).event_id == expo.id


@pytest.mark.parametrize(
    "order", [Order(KIND, date(2026, 11, 21)), Order(ReportKind.WEEKLY, date(2026, 11, 21))]
)
def test_it_names_an_event_where_and_only_where_one_belongs(session, world, expo, order):
    told = order if order.kind is KIND else Order(order.kind, order.on, event_id=expo.id)
    with pytest.raises(EventMissing) as refusal:
        commands.draft_report(session, world.hq1, told)
    assert [one.pointer for one in refusal.value.faults] == ["/event_id"]


def test_it_has_one_draft_a_day_for_each_event(session, world, expo):
    first = draft(session, world.hq1, expo)
    with pytest.raises(DraftExists) as refusal:
        draft(session, world.hq1, expo)
    assert refusal.value.extra == {"draft": str(first.id)}
    other = NewEvent(world.programme.id, "项目签约仪式", date(2026, 11, 2), date(2026, 11, 30))
    assert draft(session, world.hq1, events.make_event(session, world.hq1, other)).id != first.id


def test_it_refuses_an_event_that_is_held_before_it_is_prepared(session, world, expo):
    with pytest.raises(BadEvent):
        events.make_event(
            session, world.hq1, NewEvent(world.programme.id, "会", date(2026, 12, 1), date(2026, 12, 1))
        )
    with pytest.raises(BadEvent):
        events.change_event(session, world.hq1, expo.id, EventEdit(held_on=date(2026, 10, 1)))


def test_it_lets_only_headquarters_write_events(session, world, expo):
    with pytest.raises(Forbidden):
        events.change_event(session, world.leader1, expo.id, EventEdit(name="会"))


def test_it_lists_events_the_latest_first(session, world, expo):
    soon = NewEvent(world.programme.id, "签约仪式", date(2026, 11, 2), date(2026, 11, 30))
    made = events.make_event(session, world.hq1, soon)
    first = events.events(session, PageRequest(limit=1))
    assert [one.id for one in first.items] == [expo.id]
    assert made.id in [one.id for one in events.events(session, PageRequest()).items]


@pytest.mark.parametrize(
    ("morning", "count"),
    [
        ("2026-11-23T06:10:00+08:00", 1),
        ("2026-11-24T06:10:00+08:00", 0),
        ("2026-12-17T06:10:00+08:00", 1),
        ("2026-12-21T06:10:00+08:00", 0),
    ],
)
def test_it_is_drafted_on_mondays_and_daily_in_the_last_week(
    session, world, expo, settings, sessions, store, clock, morning, count
):
    clock.move_to(morning)
    for _ in range(2):
        draft_what_is_due(Workshop(settings, sessions, store))
    assert len(session.scalars(sa.select(Report.id).where(Report.kind == KIND)).all()) == count
