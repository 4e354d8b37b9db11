"""The office's limits and routes: set by headquarters, kept with their time, noted."""

import pytest
import sqlalchemy as sa

from service.audit.models import AuditEntry
from service.issues.clocks import clock_history, clock_in_force, set_clock
from service.issues.errors import BadClock, BadRoute
from service.issues.models import CountDays, IssueCategory
from service.issues.routes import NewRoute, routes, set_routes, units_called_by
from service.kernel.clock import now
from service.kernel.errors import Forbidden
from service.kernel.ids import uuid7

POWER, WATER = IssueCategory.POWER, IssueCategory.WATER


def test_until_somebody_sets_them_the_usual_limits_hold(session, world):
    shown = clock_in_force(session)
    assert (shown.number, shown.setting.general_days, shown.set_by_name) == (0, 7, None)
    assert clock_history(session) == []


def test_each_setting_stays_with_its_time(session, world):
    set_clock(session, world.hq1, {"general_days": 5})
    newest = set_clock(session, world.admin, {"count_days": CountDays.WORKING})
    assert (newest.number, newest.set_by_name) == (2, "admin")
    assert (newest.setting.general_days, newest.setting.count_days) == (5, CountDays.WORKING)
    assert [one.setting.count_days for one in clock_history(session)] == ["working", "calendar"]
    assert clock_in_force(session) == newest
    same = set_clock(session, world.hq1, {"general_days": 5})
    assert same.number == 2


@pytest.mark.parametrize(
    ("changed", "pointer"),
    [
        ({"general_days": 0}, "/general_days"),
        ({"report_in_working_days": 31}, "/report_in_working_days"),
        ({"escalate_after": 0}, "/escalate_after"),
        ({"yellow_days": -1}, "/yellow_days"),
    ],
)
def test_a_limit_lies_within_its_bounds(session, world, changed, pointer):
    with pytest.raises(BadClock) as refused:
        set_clock(session, world.hq1, changed)
    assert [fault.pointer for fault in refused.value.faults] == [pointer]


@pytest.mark.parametrize("who", ["unit1", "leader1", "inspector1", "department1", "field1"])
def test_only_headquarters_sets_anything(session, world, who):
    with pytest.raises(Forbidden):
        set_clock(session, getattr(world, who), {"general_days": 5})
    with pytest.raises(Forbidden):
        set_routes(session, getattr(world, who), [])


def test_the_table_of_routes_has_a_row_for_each_category(session, world):
    shown = routes(session)
    assert [one.category for one in shown] == list(IssueCategory)
    assert {one.lead for one in shown} == {None}


def test_it_is_replaced_as_a_whole(session, world):
    set_routes(session, world.hq1, [NewRoute(POWER, world.department.id, (world.zone.id,))])
    both = [NewRoute(POWER, world.zone.id), NewRoute(WATER, world.department.id)]
    shown = {one.category: one for one in set_routes(session, world.admin, both)}
    assert (shown[POWER].lead.name, shown[POWER].supports) == ("高新技术产业开发区", ())
    assert shown[WATER].set_by_name == "admin"
    assert units_called_by(session, WATER) == (world.department.id,)
    set_routes(session, world.hq1, [NewRoute(WATER, world.department.id)])
    kept = {one.category: one for one in routes(session)}
    assert (kept[POWER].lead, kept[WATER].set_by_name) == (None, "admin")


def test_a_route_to_a_unit_that_was_closed_calls_nobody(session, world):
    set_routes(
        session,
        world.hq1,
        [NewRoute(POWER, world.department.id), NewRoute(WATER, world.zone.id, (world.department.id,))],
    )
    world.department.valid_until = now().date()
    session.flush()
    assert units_called_by(session, POWER) == ()
    assert units_called_by(session, WATER) == (world.zone.id,)


def test_it_points_at_what_is_wrong_in_a_table(session, world):
    zone = world.zone.id
    wrong = [
        NewRoute(POWER, zone, (zone,)),
        NewRoute(POWER, uuid7()),
        NewRoute(WATER, zone, (uuid7(),)),
    ]
    with pytest.raises(BadRoute) as refused:
        set_routes(session, world.hq1, wrong)
    assert [fault.pointer for fault in refused.value.faults] == [
        "/items/0/support_unit_ids",
        "/items/1/category",
        "/items/1/lead_unit_id",
        "/items/2/support_unit_ids",
    ]


def test_settings_are_noted_with_what_was_before(session, world):
    set_clock(session, world.hq1, {"general_days": 5})
    set_routes(session, world.hq1, [NewRoute(POWER, world.department.id)])
    noted = session.execute(
        sa.select(AuditEntry.action, AuditEntry.details).order_by(AuditEntry.id.desc()).limit(2)
    ).all()
    assert [row.action for row in noted] == ["issue.set_routes", "issue.set_clock"]
    assert noted[0].details["after"] == {"power": [str(world.department.id)]}
    assert noted[1].details["before"]["general_days"] == 7
