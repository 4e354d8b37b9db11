"""Calls, limits and lights as events leave them, on a day that stands still."""

from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from service.issues.clocks import set_clock
from service.issues.errors import BadEvent, MayNotAct, WrongState
from service.issues.measured import Counted, counted_issues
from service.issues.models import EventKind, IssueCall, IssueSeverity, IssueState, Level
from service.issues.queries import Due, IssueFilter, one_issue, overdue_count
from service.kernel.actor import Role
from service.kernel.calendar import SHANGHAI
from service.kernel.clock import pretending
from service.kernel.ids import uuid7
from service.kernel.pages import PageRequest
from tests.factories.issues import add_issue, assign, happen
from tests.factories.sites import add_site
from tests.support.world import add_person

MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=SHANGHAI)


@pytest.fixture
def on(session):
    """Lets what follows happen some days after Monday, 2 March 2026, 9:00."""
    entered = []

    def go(days=0, hours=0):
        while entered:
            entered.pop().__exit__(None, None, None)
        entered.append(pretending(MONDAY + timedelta(days=days, hours=hours)))
        entered[-1].__enter__()

    go()
    yield go
    while entered:
        entered.pop().__exit__(None, None, None)


@pytest.fixture
def issue_id(on, session, world):
    return add_issue(session, world.commissioner1, add_site(session, world.dongchangfu))


def day(moment):
    """The day that ends at this moment."""
    return (moment.astimezone(SHANGHAI) - timedelta(seconds=1)).date().isoformat()


def test_the_clock_starts_when_departments_are_called(on, session, world, issue_id):
    waiting = one_issue(session, world.hq1, issue_id)
    assert (day(waiting.assign_due_at), waiting.due_at) == ("2026-03-02", None)
    on(days=1)
    called = assign(session, world.hq1, issue_id, world.department).view
    assert called.assigned_at == MONDAY + timedelta(days=1)
    assert day(called.calls[0].report_in_due_at) == "2026-03-04"
    assert day(called.feedback_due_at) == "2026-03-06"
    assert (called.due_on.isoformat(), called.due_working_on.isoformat()) == ("2026-03-10", "2026-03-12")


def test_a_major_one_has_a_month_and_a_change_of_mind_counts_from_the_first_assignment(
    on, session, world, issue_id
):
    assign(session, world.hq1, issue_id, world.department)
    on(days=2)
    major = assign(session, world.hq1, issue_id, world.department, severity=IssueSeverity.MAJOR).view
    assert major.due_on.isoformat() == "2026-04-02"
    back = assign(session, world.hq1, issue_id, world.department, severity=IssueSeverity.GENERAL).view
    assert back.due_on.isoformat() == "2026-03-09"


def test_who_is_called_anew_gets_a_clock_of_their_own_and_the_others_keep_theirs(
    on, session, world, issue_id
):
    assign(session, world.hq1, issue_id, world.department, world.zone)
    happen(session, world.department1, issue_id, EventKind.REPORT_IN)
    on(days=2)
    changed = assign(session, world.hq1, issue_id, world.linqing, world.department).view
    lead, support = changed.calls
    assert (lead.unit.name, day(lead.report_in_due_at), lead.reported_in_at) == ("临清市", "2026-03-05", None)
    assert (support.unit.name, support.called_at) == ("市自然资源局", MONDAY)
    assert support.reported_in_at is not None
    assert (changed.state, changed.due_on.isoformat()) == (IssueState.CALLED, "2026-03-09")
    assert day(changed.feedback_due_at) == "2026-03-07"
    gone = session.get(IssueCall, (issue_id, world.zone.id))
    assert gone.withdrawn_at == MONDAY + timedelta(days=2)


def test_a_lead_that_was_here_already_goes_on_at_once(on, session, world, issue_id):
    assign(session, world.hq1, issue_id, world.zone, world.department)
    happen(session, world.department1, issue_id, EventKind.REPORT_IN)
    assert one_issue(session, world.hq1, issue_id).state is IssueState.CALLED
    assert assign(session, world.hq1, issue_id, world.department).view.state is IssueState.IN_PROGRESS


def test_a_department_that_is_called_back_begins_anew(on, session, world, issue_id):
    assign(session, world.hq1, issue_id, world.department)
    happen(session, world.department1, issue_id, EventKind.REPORT_IN)
    assign(session, world.hq1, issue_id, world.zone)
    on(days=1)
    again = assign(session, world.hq1, issue_id, world.department).view
    assert (again.calls[0].called_at, again.calls[0].reported_in_at) == (MONDAY + timedelta(days=1), None)


@pytest.mark.parametrize(("days", "in_time"), [(1, True), (2, False)])
def test_it_tells_whether_a_department_reported_in_in_time(on, session, world, issue_id, days, in_time):
    assign(session, world.hq1, issue_id, world.department)
    on(days=days, hours=14)
    view = happen(session, world.department1, issue_id, EventKind.REPORT_IN).view
    assert (view.calls[0].in_time, view.events[-1].facts["in_time"]) == (in_time, in_time)


def test_a_supporting_department_reports_in_for_itself(on, session, world, issue_id):
    officer = add_person(session, "zone1", world.zone, Role.DEPARTMENT_OFFICER)
    assign(session, world.hq1, issue_id, world.department, world.zone)
    view = happen(session, officer, issue_id, EventKind.REPORT_IN).view
    assert (view.state, [call.reported_in_at is not None for call in view.calls]) == (
        IssueState.CALLED,
        [False, True],
    )
    happen(session, officer, issue_id, EventKind.REPLY)
    assert one_issue(session, world.hq1, issue_id).first_reply_at is None
    happen(session, world.department1, issue_id, EventKind.REPORT_IN)
    with pytest.raises(MayNotAct):
        happen(session, officer, issue_id, EventKind.RESOLVE)


def test_an_office_acts_for_the_unit_it_names(on, session, world, issue_id):
    assign(session, world.hq1, issue_id, world.dongchangfu, world.town)
    first = happen(session, world.unit1, issue_id, EventKind.REPORT_IN, unit_id=world.town.id).view
    assert first.events[-1].unit.name == "古楼街道"
    second = happen(session, world.unit1, issue_id, EventKind.REPORT_IN).view
    assert (second.events[-1].unit.name, second.state) == ("东昌府区", IssueState.IN_PROGRESS)
    with pytest.raises(WrongState):
        happen(session, world.unit1, issue_id, EventKind.REPLY, unit_id=world.zone.id)


def test_the_leads_first_word_is_the_feedback_and_a_resolution_is_one_too(on, session, world, issue_id):
    assign(session, world.hq1, issue_id, world.department)
    happen(session, world.department1, issue_id, EventKind.REPORT_IN)
    on(days=4)
    late = happen(session, world.department1, issue_id, EventKind.REPLY).view
    assert (late.first_reply_at, late.events[-1].facts["in_time"]) == (MONDAY + timedelta(days=4), False)
    assert (
        "in_time" not in happen(session, world.department1, issue_id, EventKind.REPLY).view.events[-1].facts
    )


@pytest.mark.parametrize(("days", "in_time"), [(7, True), (8, False)])
def test_it_tells_whether_it_was_resolved_in_time(on, session, world, issue_id, days, in_time):
    assign(session, world.hq1, issue_id, world.department)
    happen(session, world.department1, issue_id, EventKind.REPORT_IN)
    on(days=days, hours=14)
    view = happen(session, world.department1, issue_id, EventKind.RESOLVE).view
    assert (view.in_time, view.light, view.first_reply_at is not None) == (in_time, None, True)


def test_the_third_supervision_brings_it_before_the_joint_meeting(on, session, world, issue_id):
    assign(session, world.hq1, issue_id, world.department)
    levels = [
        happen(session, by, issue_id, EventKind.SUPERVISE).view.level
        for by in (world.hq1, world.inspector1, world.hq1)
    ]
    assert levels == [Level.DEPARTMENT, Level.DEPARTMENT, Level.JOINT_MEETING]
    with pytest.raises(WrongState):
        happen(session, world.hq1, issue_id, EventKind.ESCALATE)


def test_an_extension_needs_its_plan_and_moves_the_limit_until_further_notice(on, session, world, issue_id):
    assign(session, world.hq1, issue_id, world.department)
    until = (MONDAY + timedelta(days=60)).date()
    for lacking in (
        {"until_on": None},
        {"text": None, "until_on": until},
        {"until_on": MONDAY.date().replace(day=1)},
    ):
        with pytest.raises(BadEvent):
            happen(session, world.hq1, issue_id, EventKind.EXTEND, **lacking)
    view = happen(session, world.hq1, issue_id, EventKind.EXTEND, text="待变电站建成", until_on=until).view
    assert (view.due_on, view.extended_because) == (until, "待变电站建成")
    assert view.events[-1].facts == {"from_on": "2026-03-09", "until_on": "2026-05-01"}
    major = assign(session, world.hq1, issue_id, world.department, severity=IssueSeverity.MAJOR).view
    assert major.due_on == until


def test_one_that_is_part_of_another_is_voided_and_names_it(on, session, world, issue_id):
    site = add_site(session, world.dongchangfu, "二号工地")
    other = add_issue(session, world.commissioner1, site)
    view = happen(session, world.hq1, issue_id, EventKind.VOID, duplicate_of=other).view
    assert (view.state, view.duplicate_of) == (IssueState.VOIDED, other)
    assert view.events[-1].facts["duplicate_of"]["number"] == one_issue(session, world.hq1, other).number
    for wrong in (other, issue_id, uuid7()):
        with pytest.raises(BadEvent):
            happen(session, world.hq1, other, EventKind.VOID, duplicate_of=wrong)


def found(session, actor, **what):
    page = counted_issues(session, actor, Counted(IssueFilter(**what)), PageRequest())
    return {view.id: view.light and view.light.light.value for view in page.items}


def test_the_lists_of_what_is_overdue_and_soon_due_are_the_red_and_the_yellow_ones(
    on, session, world, issue_id
):
    site = add_site(session, world.dongchangfu, "二号工地")
    called = add_issue(session, world.commissioner1, site, call=[world.department])
    done = add_issue(session, world.commissioner1, site, call=[world.department])
    for kind in (EventKind.REPORT_IN, EventKind.RESOLVE):
        happen(session, world.department1, done, kind)
    seen = set()
    for days in range(10):
        on(days=days)
        lights = found(session, world.hq1)
        assert lights[done] is None
        for due, colour in ((Due.OVERDUE, "red"), (Due.SOON, "yellow")):
            listed = found(session, world.hq1, due=due)
            assert listed == {one: light for one, light in lights.items() if light == colour}, days
            seen |= {(one, colour) for one in listed}
        assert overdue_count(session, world.hq1) == list(lights.values()).count("red")
    assert seen == {(issue_id, "red"), (called, "yellow"), (called, "red")}


def test_it_is_found_by_what_one_knows_of_it(on, session, world, issue_id):
    assign(session, world.hq1, issue_id, world.department, world.zone)
    happen(session, world.department1, issue_id, EventKind.REPORT_IN)
    view = one_issue(session, world.hq1, issue_id)
    yes = [
        {"states": (IssueState.IN_PROGRESS,)},
        {"category": view.category},
        {"severity": IssueSeverity.GENERAL},
        {"unit_id": world.city.id},
        {"department_id": world.zone.id},
        {"department_id": world.department.id, "department_role": "lead"},
        {"site_id": view.site.id},
        {"from_on": MONDAY.date(), "until_on": MONDAY.date() + timedelta(days=1)},
        {"q": "塔吊"},
        {"q": view.number[-6:]},
    ]
    no = [
        {"states": (IssueState.CLOSED,)},
        {"severity": IssueSeverity.MAJOR},
        {"unit_id": world.chiping.id},
        {"department_id": world.linqing.id},
        {"department_id": world.zone.id, "department_role": "lead"},
        {"site_id": uuid7()},
        {"enterprise_id": uuid7()},
        {"checkin_id": uuid7()},
        {"until_on": MONDAY.date()},
        {"q": "塔_吊"},
    ]
    assert [set(found(session, world.hq1, **what)) for what in yes] == [{issue_id}] * len(yes)
    assert [set(found(session, world.hq1, **what)) for what in no] == [set()] * len(no)


def test_what_is_gone_is_listed_only_when_it_is_asked_for(on, session, world, issue_id):
    happen(session, world.hq1, issue_id, EventKind.VOID)
    assert found(session, world.hq1) == {}
    assert set(found(session, world.hq1, states=(IssueState.VOIDED,))) == {issue_id}


def test_a_limit_that_is_set_holds_from_then_on(on, session, world, issue_id):
    assign(session, world.hq1, issue_id, world.department)
    set_clock(session, world.hq1, {"general_days": 14, "escalate_after": 1})
    assert one_issue(session, world.hq1, issue_id).due_on.isoformat() == "2026-03-09"
    site = add_site(session, world.dongchangfu, "二号工地")
    later = add_issue(session, world.commissioner1, site, call=[world.department])
    assert one_issue(session, world.hq1, later).due_on.isoformat() == "2026-03-16"
    assert happen(session, world.hq1, later, EventKind.SUPERVISE).view.level is Level.JOINT_MEETING


def test_no_call_is_left_that_nobody_made(on, session, world, issue_id):
    assign(session, world.hq1, issue_id, world.department, world.zone)
    rows = session.execute(sa.select(IssueCall.role, IssueCall.unit_id).order_by(IssueCall.role)).all()
    assert [tuple(row) for row in rows] == [("lead", world.department.id), ("support", world.zone.id)]
