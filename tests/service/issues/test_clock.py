"""13710 by tables of cases: when what is due, and which light is on."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.issues import clock
from service.issues.clock import ClockSetting, Light
from service.issues.models import CountDays, IssueSeverity, IssueState
from service.kernel.calendar import SHANGHAI, is_working_day, local_date, start_of, working_days

USUAL = ClockSetting()
WORKING = ClockSetting(count_days=CountDays.WORKING)
GENERAL, MAJOR = IssueSeverity.GENERAL, IssueSeverity.MAJOR


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("arrived", "due"),
    [
        ("2026-03-02T00:00", "2026-03-03T00:00"),
        ("2026-03-02T23:59:59", "2026-03-03T00:00"),
        ("2026-12-31T18:00", "2027-01-01T00:00"),
    ],
)
def test_it_is_to_be_assigned_by_24_o_clock_of_the_day_it_arrived(arrived, due):
    assert clock.assign_due(at(arrived)) == at(due)


def test_the_day_is_that_of_shanghai():
    late_in_utc = datetime.fromisoformat("2026-03-02T16:30:00+00:00")
    assert clock.assign_due(late_in_utc) == at("2026-03-04T00:00")


@pytest.mark.parametrize(
    ("called", "days", "due"),
    [
        ("2026-03-02T09:00", 1, "2026-03-04T00:00"),
        ("2026-03-06T17:00", 1, "2026-03-10T00:00"),
        ("2026-03-07T09:00", 1, "2026-03-10T00:00"),
        ("2026-09-30T17:00", 1, "2026-10-09T00:00"),
        ("2026-03-02T09:00", 2, "2026-03-05T00:00"),
    ],
    ids=["the next day", "over a weekend", "called on a Saturday", "over the National Day", "two days"],
)
def test_departments_report_in_within_working_days(called, days, due):
    assert clock.report_in_due(at(called), ClockSetting(report_in_working_days=days)) == at(due)


@pytest.mark.parametrize(
    ("setting", "due"),
    [(USUAL, "2026-03-10T00:00"), (WORKING, "2026-03-12T00:00")],
    ids=["calendar", "working"],
)
def test_the_lead_tells_how_it_goes_within_three_days(setting, due):
    assert clock.feedback_due(at("2026-03-06T17:00"), setting) == at(due)


@pytest.mark.parametrize(
    ("assigned", "severity", "setting", "on", "working_on"),
    [
        ("2026-03-02T09:00", GENERAL, USUAL, date(2026, 3, 9), date(2026, 3, 11)),
        ("2026-03-02T09:00", GENERAL, WORKING, date(2026, 3, 11), date(2026, 3, 11)),
        ("2026-03-02T09:00", MAJOR, USUAL, date(2026, 4, 2), date(2026, 4, 2)),
        ("2026-01-31T09:00", MAJOR, USUAL, date(2026, 2, 28), date(2026, 2, 28)),
        ("2028-01-31T09:00", MAJOR, USUAL, date(2028, 2, 29), date(2028, 2, 29)),
        ("2026-12-31T09:00", MAJOR, USUAL, date(2027, 1, 31), date(2027, 2, 1)),
        ("2026-09-04T09:00", MAJOR, USUAL, date(2026, 10, 4), date(2026, 10, 8)),
        ("2026-09-04T09:00", MAJOR, WORKING, date(2026, 10, 8), date(2026, 10, 8)),
    ],
)
def test_a_problem_has_seven_days_and_a_major_one_a_month(assigned, severity, setting, on, working_on):
    limit = clock.limit(at(assigned), severity, setting)
    assert (limit.on, limit.working_on) == (on, working_on)
    assert limit.at == start_of(on + timedelta(days=1))


def test_an_extension_ends_at_24_o_clock_of_its_day():
    limit = clock.extended(date(2026, 10, 4))
    assert (limit.at, limit.working_on) == (at("2026-10-05T00:00"), date(2026, 10, 8))


@given(st.dates(date(2020, 1, 1), date(2030, 1, 1)), st.integers(1, 24))
def test_months_keep_the_day_or_take_the_last_one(on, months):
    then = clock.months_after(on, months)
    assert (then.year * 12 + then.month) - (on.year * 12 + on.month) == months
    assert then.day == on.day or (then + timedelta(days=1)).day == 1


@given(st.datetimes(datetime(2020, 1, 1), datetime(2026, 12, 1)), st.sampled_from(IssueSeverity))
def test_no_limit_lies_before_its_assignment_and_working_days_end_on_one(moment, severity):
    assigned_at = moment.replace(tzinfo=SHANGHAI)
    for setting in (USUAL, WORKING):
        limit = clock.limit(assigned_at, severity, setting)
        assert limit.at > clock.feedback_due(assigned_at, setting) > assigned_at
        assert is_working_day(limit.working_on).count == 1


def light(now, due_on, state=IssueState.IN_PROGRESS, setting=USUAL):
    return clock.light_of(state, at(now), setting, assign_due_at=at("2026-03-03T00:00"), due_on=due_on)


@pytest.mark.parametrize(
    ("now", "colour", "working", "zh"),
    [
        ("2026-03-02T10:00", Light.GREEN, 5, "还剩 7 天（5 个工作日）"),
        ("2026-03-03T23:59", Light.GREEN, 4, "还剩 6 天（4 个工作日）"),
        ("2026-03-04T00:00", Light.YELLOW, 3, "还剩 5 天（3 个工作日）"),
        ("2026-03-09T23:59", Light.YELLOW, 0, "今天 24:00 到期"),
        ("2026-03-10T00:00", Light.RED, 1, "已超期 1 天（1 个工作日）"),
        ("2026-03-15T12:00", Light.RED, 4, "已超期 6 天（4 个工作日）"),
    ],
)
def test_the_light_turns_yellow_before_the_limit_and_red_behind_it(now, colour, working, zh):
    shown = light(now, date(2026, 3, 9))
    assert (shown.light, shown.working_days, shown.zh, shown.certain) == (colour, working, zh, True)


def test_it_says_where_the_holidays_are_not_published():
    assert light("2040-03-02T10:00", date(2040, 3, 9)).certain is False


@pytest.mark.parametrize(
    ("now", "colour"), [("2026-03-02T23:59", Light.GREEN), ("2026-03-03T00:00", Light.RED)]
)
def test_what_is_not_assigned_on_its_day_shows_red(now, colour):
    assert light(now, None, IssueState.RAISED).light is colour


@pytest.mark.parametrize(
    "state", [IssueState.RESOLVED, IssueState.CLOSED, IssueState.WITHDRAWN, IssueState.VOIDED]
)
def test_no_light_is_on_once_the_clock_has_stopped(state):
    assert light("2026-03-02T10:00", date(2026, 3, 9), state) is None


@given(st.dates(date(2026, 1, 1), date(2026, 12, 1)), st.integers(0, 60), st.integers(0, 10))
def test_what_shows_yellow_is_what_lies_before_the_day_the_filter_names(today, ahead, yellow_days):
    setting = ClockSetting(yellow_days=yellow_days)
    moment = start_of(today) + timedelta(hours=10)
    due_on = today + timedelta(days=ahead)
    shown = clock.light_of(IssueState.CALLED, moment, setting, assign_due_at=moment, due_on=due_on)
    assert (shown.light is Light.YELLOW) == (due_on < clock.soon_before(moment, setting))
    assert shown.working_days == working_days(today + timedelta(days=1), due_on + timedelta(days=1)).count
    assert local_date(moment) == today
