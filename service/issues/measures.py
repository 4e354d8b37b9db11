"""What is counted of problems: each figure and each rate once, with its words. Pure.

All figures of a row speak of the same problems: those raised on the days asked about that stand (neither taken back nor
voided). A rate is of those whose time has come: what may still happen within its limit lowers nobody's rate.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction


class Measure(StrEnum):
    """A figure; of a department it speaks of its own call, else of the call of whoever leads."""

    RAISED = "raised"
    WAITING = "waiting"
    CALLED = "called"
    LED = "led"
    REPORT_DUE = "report_due"
    REPORTED_IN = "reported_in"
    REPORTED_IN_TIME = "reported_in_time"
    RESOLVED = "resolved"
    RESOLVED_IN_TIME = "resolved_in_time"
    SOLVE_DUE = "solve_due"
    CLOSED = "closed"
    FIRST_TRY = "first_try"
    SATISFIED = "satisfied"
    OVERDUE = "overdue"


class Rate(StrEnum):
    """A share of two figures."""

    RESPONSE = "response_rate"
    SOLUTION = "solution_rate"
    FIRST_TRY = "first_try_rate"
    SATISFACTION = "satisfaction_rate"


@dataclass(frozen=True, slots=True)
class Words:
    """The name of a figure, and what it means."""

    zh: str
    en: str
    means_zh: str
    means_en: str


WORDS: Mapping[Measure | Rate, Words] = {
    Measure.RAISED: Words(
        "反映问题",
        "raised",
        "当期提出、未撤回也未作废的问题",
        "raised in the period, neither taken back nor voided",
    ),
    Measure.WAITING: Words("待分办", "waiting", "尚未分办到部门的问题", "no department is called yet"),
    Measure.CALLED: Words(
        "吹哨", "called", "要求部门报到的问题，牵头、配合都计", "calls the department, to lead or to support"
    ),
    Measure.LED: Words("牵头", "led", "由该部门牵头办理的问题", "the department leads"),
    Measure.REPORT_DUE: Words(
        "应报到",
        "due to report in",
        "已报到，或报到时限已过的问题；未到时限、时限前已办结的不计",
        "reported in, or the time for it was over before it was solved",
    ),
    Measure.REPORTED_IN: Words("已报到", "reported in", "部门已报到的问题", "the department reported in"),
    Measure.REPORTED_IN_TIME: Words(
        "按时报到", "reported in in time", "在报到时限内报到的问题", "it reported in within the limit"
    ),
    Measure.RESOLVED: Words(
        "部门办结",
        "resolved",
        "牵头部门报告办结、未被退回重办的问题，含待确认和已确认销号",
        "the leading department told it solved and it was not reopened; confirmed or waiting for it",
    ),
    Measure.RESOLVED_IN_TIME: Words(
        "按期办结", "resolved in time", "在办理时限内办结的问题", "resolved within the limit"
    ),
    Measure.SOLVE_DUE: Words(
        "应办结",
        "due to be solved",
        "确认销号，或办理时限已过、尚未办结的问题；未到时限和待确认的不计",
        "closed, or past its limit and not resolved; what is within its limit or waits to be confirmed is left out",
    ),
    Measure.CLOSED: Words(
        "确认销号",
        "closed",
        "吹哨人（或由总部代为）确认解决的问题",
        "confirmed by whoever raised it, or on their behalf",
    ),
    Measure.FIRST_TRY: Words(
        "一次办结",
        "solved at the first try",
        "未经退回重办即确认解决的问题",
        "confirmed without ever being reopened",
    ),
    Measure.SATISFIED: Words("满意", "satisfied", "销号时评价为满意的问题", "confirmed as satisfying"),
    Measure.OVERDUE: Words(
        "逾期问题",
        "overdue",
        "当天未分办，或办理时限已过、牵头部门尚未办结的问题，即亮红灯的；各部门只计其牵头的",
        "not assigned on its day, or past its limit and not resolved: it shows red; of a department, those it leads",
    ),
    Rate.RESPONSE: Words(
        "响应率", "response rate", "按时报到／应报到", "reported in in time / due to report in"
    ),
    Rate.SOLUTION: Words("解决率", "solution rate", "确认销号／应办结", "closed / due to be solved"),
    Rate.FIRST_TRY: Words(
        "一次办结率", "first-try rate", "一次办结／确认销号", "solved at the first try / closed"
    ),
    Rate.SATISFACTION: Words("满意率", "satisfaction rate", "满意／确认销号", "satisfied / closed"),
}
RATES: Mapping[Rate, tuple[Measure, Measure]] = {
    Rate.RESPONSE: (Measure.REPORTED_IN_TIME, Measure.REPORT_DUE),
    Rate.SOLUTION: (Measure.CLOSED, Measure.SOLVE_DUE),
    Rate.FIRST_TRY: (Measure.FIRST_TRY, Measure.CLOSED),
    Rate.SATISFACTION: (Measure.SATISFIED, Measure.CLOSED),
}
"""Each rate's numerator and denominator."""


@dataclass(frozen=True, slots=True)
class IssueFigures:
    """The counts of some problems, and how long those that are closed took."""

    counts: Mapping[Measure, int]
    seconds_to_close: Fraction = Fraction(0)
    """Of all that are closed together, from the call to the confirmation."""

    def rate(self, rate: Rate) -> Fraction | None:
        """The exact share; none of nothing."""
        part, whole = RATES[rate]
        return Fraction(self.counts[part], self.counts[whole]) if self.counts[whole] else None

    @property
    def days_to_close(self) -> Fraction | None:
        """平均办理天数 of those that are closed, from the call to the confirmation; none where none is."""
        closed = self.counts[Measure.CLOSED]
        return self.seconds_to_close / (closed * 86400) if closed else None


NOTHING = IssueFigures(dict.fromkeys(Measure, 0))


def together(several: list[IssueFigures]) -> IssueFigures:
    """The figures of disjoint problems added up."""
    counts = {one: sum(figures.counts[one] for figures in several) for one in Measure}
    return IssueFigures(counts, sum((figures.seconds_to_close for figures in several), Fraction(0)))
