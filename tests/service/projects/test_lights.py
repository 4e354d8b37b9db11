"""Golden cases at every border of the lights: the published rules of 银川 (2025), and what holds beside them."""

from datetime import date
from decimal import Decimal

import pytest

from service.projects.light_limits import LightLimits
from service.projects.lights import Facts, LightRule, due_month, light_of, months_after

PLANNED = date(2026, 8, 20)


def day(text):
    return date.fromisoformat(text)


def finding(facts, as_of, rule, limits=None):
    shown = light_of(facts, day(as_of), limits or LightLimits())
    return next((one for one in shown.findings if one.rule is rule), None) if shown else None


def colour(facts, as_of, rule, limits=None):
    found = finding(facts, as_of, rule, limits)
    return found and found.light.value


def month_by_month(year, *amounts):
    return {date(year, number, 1): Decimal(amount) for number, amount in enumerate(amounts, start=1)}


def test_it_lights_nothing_where_nothing_can_be_judged():
    assert light_of(Facts(), day("2026-10-31")) is None
    assert light_of(Facts(started_on=day("2019-05-01"), stage_is_started=True), day("2026-10-31")) is None


@pytest.mark.parametrize(
    ("as_of", "expected"),
    [
        ("2026-08-19", "green"),
        ("2026-08-20", "green"),
        ("2026-08-21", "yellow"),
        ("2026-09-29", "yellow"),
        ("2026-10-30", "yellow"),
        ("2026-10-31", "red"),
        ("2026-12-01", "red"),
    ],
)
def test_a_start_is_yellow_once_its_day_has_passed_and_red_after_three_months_in_a_row(as_of, expected):
    assert colour(Facts(planned_start_on=PLANNED), as_of, LightRule.START) == expected


def test_a_start_planned_for_the_last_day_of_a_month_is_in_time_on_that_day():
    facts = Facts(planned_start_on=day("2026-08-31"))
    assert [colour(facts, one, LightRule.START) for one in ("2026-08-31", "2026-09-01")] == [
        "green",
        "yellow",
    ]


@pytest.mark.parametrize(
    ("excused", "as_of", "expected"),
    [
        (["2026-08-01"], "2026-08-31", "green"),
        (["2026-10-01"], "2026-10-15", "green"),
        (["2026-10-01"], "2026-10-31", "green"),
        (["2026-10-01"], "2026-11-30", "yellow"),
        (["2026-09-01"], "2026-11-30", "yellow"),
        (["2026-09-01"], "2026-12-31", "red"),
    ],
)
def test_a_reason_excuses_its_month_and_breaks_the_row(excused, as_of, expected):
    facts = Facts(planned_start_on=PLANNED, excused=frozenset(map(day, excused)))
    assert colour(facts, as_of, LightRule.START) == expected


def test_what_has_started_is_green_however_late():
    assert (
        colour(Facts(planned_start_on=PLANNED, started_on=day("2026-12-01")), "2026-12-01", LightRule.START)
        == "green"
    )
    assert (
        colour(Facts(planned_start_on=PLANNED, started_on=day("2026-12-02")), "2026-12-01", LightRule.START)
        == "red"
    )
    assert (
        colour(Facts(planned_start_on=PLANNED, stage_is_started=True), "2026-12-01", LightRule.START)
        == "green"
    )


# At the end of October 10/12 = 83.33 % of the year is over; the plan of 120 makes a point 1.2.
@pytest.mark.parametrize(
    ("done", "expected"),
    [
        ("100", "green"),
        ("120", "green"),
        ("88.0001", "green"),
        ("88", "yellow"),
        ("64", "yellow"),
        ("63.9999", "red"),
        ("0", "red"),
    ],
)
def test_progress_is_yellow_from_10_to_30_points_behind_both_ends_included(done, expected):
    reported = month_by_month(2026, *["0"] * 9, done)
    facts = Facts(plans={2026: Decimal(120)}, completed=reported)
    assert colour(facts, "2026-11-05", LightRule.PROGRESS) == expected


def test_it_says_the_published_case_in_words():
    """219.22/589 = 37.22 % against 83.33 % (domain, B4)."""
    facts = Facts(plans={2025: Decimal(589)}, completed=month_by_month(2025, *["0"] * 9, "219.22"))
    found = finding(facts, "2025-11-30", LightRule.PROGRESS, LightLimits(month_due_day=28))
    assert found.zh.startswith("截至2025年10月完成年度计划投资的37.22%，序时进度83.33%，落后46.11个百分点")
    assert found.en.startswith(
        "37.22% of the year's plan by 2025-10, 83.33% of the time, 46.11 points behind"
    )


def test_a_month_is_due_from_the_day_after_the_limit_or_once_it_is_there():
    october, september = date(2026, 10, 1), date(2026, 9, 1)
    assert due_month([], day("2026-11-10"), 10) == september
    assert due_month([], day("2026-11-11"), 10) == october
    assert due_month([october], day("2026-11-01"), 10) == october
    assert due_month([], day("2026-10-31"), 10) == september
    assert due_month([october], day("2026-10-31"), 10) == october
    assert due_month([], day("2026-01-05"), 10) == date(2025, 11, 1)


def test_a_month_that_nobody_reported_counts_as_zero_and_is_named():
    facts = Facts(plans={2026: Decimal(120)}, completed=month_by_month(2026, *["10"] * 8))
    found = finding(facts, "2026-11-11", LightRule.PROGRESS)
    assert found.light.value == "yellow"
    assert found.zh.endswith("落后16.67个百分点（2个月未填报，按零计）")


def test_a_month_that_is_not_over_does_not_count_yet():
    facts = Facts(plans={2026: Decimal(120)}, completed=month_by_month(2026, *["0"] * 10, "120"))
    assert colour(facts, "2026-11-20", LightRule.PROGRESS) == "red"
    assert colour(facts, "2026-11-30", LightRule.PROGRESS) == "green"


def test_the_schedule_runs_from_the_planned_start_to_the_planned_completion():
    """From September on a plan of 40 is due in four months: a quarter at the end of September."""
    facts = Facts(
        planned_start_on=day("2026-09-10"),
        started_on=day("2026-09-10"),
        plans={2026: Decimal(40)},
        completed={date(2026, 9, 1): Decimal(10)},
    )
    found = finding(facts, "2026-10-05", LightRule.PROGRESS)
    assert (found.light.value, "序时进度25%" in found.zh) == ("green", True)
    assert colour(facts, "2026-08-31", LightRule.PROGRESS) is None
    ends = Facts(plans={2026: Decimal(40)}, planned_completion_on=day("2026-10-31"), completed={})
    assert "序时进度100%" in finding(ends, "2026-12-31", LightRule.PROGRESS).zh


def test_january_is_judged_by_the_plan_of_the_year_that_is_over():
    facts = Facts(plans={2025: Decimal(12)}, completed=month_by_month(2025, *["1"] * 12))
    assert colour(facts, "2026-01-20", LightRule.PROGRESS) == "green"
    assert colour(facts, "2026-02-20", LightRule.PROGRESS) is None


@pytest.mark.parametrize(
    "changed", [{"completed_on": day("2026-10-01")}, {"stage_is_completed": True}, {"plans": {}}]
)
def test_no_schedule_judges_what_is_completed_or_has_no_plan(changed):
    facts = Facts(**({"plans": {2026: Decimal(120)}, "completed": month_by_month(2026, "1")} | changed))
    assert colour(facts, "2026-11-20", LightRule.PROGRESS) is None


def test_what_was_completed_later_was_still_judged_before():
    facts = Facts(
        plans={2026: Decimal(120)},
        completed=month_by_month(2026, "1"),
        completed_on=day("2026-11-10"),
        stage_is_completed=True,
    )
    assert [colour(facts, one, LightRule.PROGRESS) for one in ("2026-09-30", "2026-11-10")] == ["red", None]


@pytest.mark.parametrize(
    ("as_of", "expected"),
    [
        ("2026-01-14", None),
        ("2026-01-15", "green"),
        ("2026-02-14", "green"),
        ("2026-02-15", "yellow"),
        ("2026-03-15", "yellow"),
        ("2026-03-16", "red"),
    ],
)
def test_the_statistics_are_yellow_after_a_month_and_red_after_more_than_two(as_of, expected):
    facts = Facts(started_on=day("2026-01-15"), plans={2026: Decimal(0)})
    assert colour(facts, as_of, LightRule.ENTRY) == expected


def test_what_is_in_the_statistics_is_green():
    facts = Facts(started_on=day("2026-01-15"), stat_entered_on=day("2026-05-01"), plans={2026: Decimal(0)})
    assert [colour(facts, one, LightRule.ENTRY) for one in ("2026-04-30", "2026-05-01")] == ["red", "green"]


@pytest.mark.parametrize(
    ("on", "count", "expected"),
    [
        ("2026-01-31", 1, "2026-02-28"),
        ("2024-01-31", 1, "2024-02-29"),
        ("2026-11-30", 3, "2027-02-28"),
        ("2026-03-31", 1, "2026-04-30"),
    ],
)
def test_a_month_later_is_the_same_day_or_the_last_of_a_shorter_month(on, count, expected):
    assert months_after(day(on), count) == day(expected)


def test_the_worst_rule_lights_the_lamp_and_all_of_them_are_told():
    facts = Facts(
        planned_start_on=day("2026-01-10"),
        started_on=day("2026-01-10"),
        plans={2026: Decimal(120)},
        completed=month_by_month(2026, *["10"] * 10),
    )
    shown = light_of(facts, day("2026-11-05"))
    assert (shown.light.value, [one.rule.value for one in shown.findings]) == (
        "red",
        ["entry", "start", "progress"],
    )
    assert shown.text == {
        "zh": "红灯：2026-01-10开工，超过2个月未入统",
        "en": "Red: started on 2026-01-10, not in the statistics after more than 2 months",
    }


def test_limits_that_an_office_set_are_the_ones_that_light():
    strict = LightLimits(start_red_months=2, progress_yellow_points=0, progress_red_points=5)
    assert colour(Facts(planned_start_on=PLANNED), "2026-09-30", LightRule.START, strict) == "red"
    on_time = Facts(plans={2026: Decimal(120)}, completed=month_by_month(2026, *["10"] * 10))
    assert colour(on_time, "2026-11-05", LightRule.PROGRESS, strict) == "green"
