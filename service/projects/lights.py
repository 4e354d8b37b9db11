"""红黄绿灯 of a project: is it started, is it on schedule, is it in the statistics; the worst of the three shows.

::

    start     planned_start_on ── past, not started, no reason ─▶ yellow ─ 3 months in a row ─▶ red
    progress  Σ of the year ÷ its plan − 序时进度      10 to 30 points behind ─▶ yellow, more ─▶ red
    entry     started_on ── not in the statistics ── 1 month ─▶ yellow, more than 2 months ─▶ red

The usual limits are those of 银川 (2025). A rule that lacks what it is judged by says nothing; when all three do, there
is no light. A light is never shown without its words.
"""

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from service.kernel.calendar import elapsed_share_by_months, month
from service.projects.light_limits import USUAL, LightLimits

_DAY = timedelta(days=1)


class ProjectLight(StrEnum):
    """A light is never shown without its text."""

    GREEN = "green"
    YELLOW = "yellow"
    RED = "red"


class LightRule(StrEnum):
    """What a light is about: 开工, 进度, 入统."""

    START = "start"
    PROGRESS = "progress"
    ENTRY = "entry"


LIGHT_WORDS = {
    ProjectLight.GREEN: ("绿灯", "Green"),
    ProjectLight.YELLOW: ("黄灯", "Yellow"),
    ProjectLight.RED: ("红灯", "Red"),
}
_GRAVITY = list(ProjectLight)
MOST_LATE_MONTHS = 24
"""Months in a row are counted no further: no limit asks for more."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What a project is judged by; months are named by their first day, investment is in 万元."""

    planned_start_on: date | None = None
    planned_completion_on: date | None = None
    started_on: date | None = None
    completed_on: date | None = None
    stat_entered_on: date | None = None
    stage_is_started: bool = False
    """Whether its stage is 开工 or later, whatever the dates say."""
    stage_is_completed: bool = False
    plans: Mapping[int, Decimal] = field(default_factory=dict)
    """The planned investment of each year that has one."""
    completed: Mapping[date, Decimal] = field(default_factory=dict)
    """What was completed in each month that was reported."""
    excused: Collection[date] = frozenset()
    """The months for which a reason was given why it has not started."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What one rule says, and why."""

    rule: LightRule
    light: ProjectLight
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class LightShown:
    """The worst of what the rules say, with all of them, the worst first."""

    light: ProjectLight
    findings: tuple[Finding, ...]

    @property
    def text(self) -> Mapping[str, str]:
        """What goes beside the colour: the reasons of that colour."""
        zh, en = LIGHT_WORDS[self.light]
        alike = [one for one in self.findings if one.light is self.light]
        return {
            "zh": f"{zh}：{'；'.join(one.zh for one in alike)}",
            "en": f"{en}: {'; '.join(one.en for one in alike)}",
        }


def light_of(facts: Facts, as_of: date, limits: LightLimits = USUAL) -> LightShown | None:
    """The light of a project at the end of a day; None where nothing can be judged."""
    judged = (_start(facts, as_of, limits), _progress(facts, as_of, limits), _entry(facts, as_of, limits))
    findings = sorted((one for one in judged if one), key=lambda one: -_GRAVITY.index(one.light))
    return LightShown(findings[0].light, tuple(findings)) if findings else None


def due_month(reported: Collection[date], as_of: date, due_day: int) -> date:
    """The last month that has to be reported at the end of a day: the one before, from the day after `due_day` or once it is there."""
    this = month(as_of)
    over = this if this.last_on == as_of else month(this.start_on - _DAY)
    if over.start_on in reported or as_of >= over.end_on + due_day * _DAY:
        return over.start_on
    return month(over.start_on - _DAY).start_on


def months_after(on: date, count: int) -> date:
    """The same day so many months later, or the last of that month when it has no such day."""
    number = on.year * 12 + on.month - 1 + count
    whole = month(date(number // 12, number % 12 + 1, 1))
    return min(whole.start_on + (on.day - 1) * _DAY, whole.last_on)


def _start(facts: Facts, as_of: date, limits: LightLimits) -> Finding | None:
    planned = facts.planned_start_on
    if planned is None:
        return None
    if _has_started(facts, as_of):
        return Finding(LightRule.START, ProjectLight.GREEN, "已开工", "it has started")
    if as_of <= planned:
        return Finding(
            LightRule.START,
            ProjectLight.GREEN,
            f"未到计划开工日期（{planned.isoformat()}）",
            f"it is to start on {planned.isoformat()}",
        )
    late = _months_late(planned, facts.excused, as_of)
    if not late:
        return Finding(
            LightRule.START,
            ProjectLight.GREEN,
            "计划开工未开工，已说明原因",
            "planned and not started, for a reason that was given",
        )
    light = ProjectLight.RED if late >= limits.start_red_months else ProjectLight.YELLOW
    zh, en = ("个月以上", "or more months") if late == MOST_LATE_MONTHS else ("个月", "months")
    return Finding(
        LightRule.START,
        light,
        f"计划{planned.isoformat()}开工，已连续{late}{zh}未开工且未说明原因",
        f"planned to start on {planned.isoformat()}, {late} {en} in a row not started and no reason given",
    )


def _has_started(facts: Facts, as_of: date) -> bool:
    if facts.started_on is not None:
        return facts.started_on <= as_of
    return facts.stage_is_started


def _is_completed(facts: Facts, as_of: date) -> bool:
    if facts.completed_on is not None:
        return facts.completed_on <= as_of
    return facts.stage_is_completed


def _months_late(planned: date, excused: Collection[date], as_of: date) -> int:
    """So many months in a row until now it was planned, not started and not excused.

    The month of the plan counts once the planned day has passed, each later one when it is over.
    """
    this = month(as_of)
    if this.start_on in excused:
        return 0
    first, late = month(planned).start_on, 0
    judged = this if this.start_on == first or this.last_on == as_of else month(this.start_on - _DAY)
    while judged.start_on >= first and judged.start_on not in excused and late < MOST_LATE_MONTHS:
        late, judged = late + 1, month(judged.start_on - _DAY)
    return late


def _progress(facts: Facts, as_of: date, limits: LightLimits) -> Finding | None:
    if _is_completed(facts, as_of):
        return None
    due = month(due_month(facts.completed.keys(), as_of, limits.month_due_day))
    plan = facts.plans.get(due.start_on.year)
    if not plan:
        return None
    first, last = _span(facts, due.start_on.year)
    if due.last_on < first:
        return None
    done = sum((facts.completed.get(one, Decimal(0)) for one in _months(due.start_on)), Decimal(0))
    share, elapsed = Fraction(done) / Fraction(plan), elapsed_share_by_months(first, last, due.last_on)
    gap = (share - elapsed) * 100
    missing = sum(
        1 for one in _months(due.start_on) if one >= month(first).start_on and one not in facts.completed
    )
    return Finding(
        LightRule.PROGRESS, _colour(gap, limits), *_schedule_words(due.start_on, share, elapsed, missing)
    )


def _span(facts: Facts, year: int) -> tuple[date, date]:
    """The days of a year for which its plan is made: from the planned start on, until the planned completion."""
    first, last = date(year, 1, 1), date(year, 12, 31)
    begins, ends = facts.planned_start_on or facts.started_on, facts.planned_completion_on
    first = max(first, begins) if begins is not None and begins <= last else first
    return first, ends if ends is not None and first <= ends <= last else last


def _months(until: date) -> list[date]:
    return [until.replace(month=number) for number in range(1, until.month + 1)]


def _colour(gap: Fraction, limits: LightLimits) -> ProjectLight:
    if gap < -limits.progress_red_points:
        return ProjectLight.RED
    is_behind = gap < 0 and gap <= -limits.progress_yellow_points
    return ProjectLight.YELLOW if is_behind else ProjectLight.GREEN


def _schedule_words(until: date, share: Fraction, elapsed: Fraction, missing: int) -> tuple[str, str]:
    done, due, gap = (_percent(one) for one in (share, elapsed, abs(share - elapsed)))
    zh = f"截至{until.year}年{until.month}月完成年度计划投资的{done}%，序时进度{due}%"
    en = f"{done}% of the year's plan by {until:%Y-%m}, {due}% of the time"
    if share != elapsed:
        zh += f"，{'落后' if share < elapsed else '超前'}{gap}个百分点"
        en += f", {gap} points {'behind' if share < elapsed else 'ahead'}"
    if missing:
        zh += f"（{missing}个月未填报，按零计）"
        en += f" ({missing} months not reported count as 0)"
    return zh, en


def _percent(share: Fraction) -> str:
    """Two places, half up, without trailing zeros."""
    hundredths = math.floor(share * 10_000 + Fraction(1, 2))
    return f"{Decimal(hundredths) / 100:.2f}".rstrip("0").rstrip(".")


def _entry(facts: Facts, as_of: date, limits: LightLimits) -> Finding | None:
    started = facts.started_on
    # What nobody reports of is not accused of being in no statistics: most of what was entered long ago.
    if started is None or started > as_of or not (facts.plans or facts.completed):
        return None
    if facts.stat_entered_on is not None and facts.stat_entered_on <= as_of:
        return Finding(LightRule.ENTRY, ProjectLight.GREEN, "已入统", "it is in the statistics")
    yellow, red = limits.entry_yellow_months, limits.entry_red_months
    if as_of < months_after(started, yellow):
        return Finding(
            LightRule.ENTRY,
            ProjectLight.GREEN,
            f"开工未满{yellow}个月，尚未入统",
            f"started less than {yellow} months ago, not in the statistics yet",
        )
    is_long = as_of > months_after(started, red)
    zh = f"超过{red}个月" if is_long else f"满{yellow}个月"
    en = f"more than {red} months" if is_long else f"{yellow} months or more"
    return Finding(
        LightRule.ENTRY,
        ProjectLight.RED if is_long else ProjectLight.YELLOW,
        f"{started.isoformat()}开工，{zh}未入统",
        f"started on {started.isoformat()}, not in the statistics after {en}",
    )
