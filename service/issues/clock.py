"""13710 as pure arithmetic: when what is due, counted from the moment of assignment, and which light is on.

::

    1  assign on the day it arrives        24:00 of that day
       the departments report in           24:00 of the n-th working day after they were called
    3  the lead tells how it goes          24:00 of the third day after assignment
    7  a general problem is solved         24:00 of the seventh day
    1  a major one                         24:00 of the same day of the next month (its last, where that is shorter)
    0  to the end                          nothing here ever closes a problem

The source is the Shanxi government's press conference on 13710; it does not say which days, so that is a setting, and
the limit by the other count is shown beside it.
"""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from service.issues.models import CountDays, IssueSeverity, IssueState
from service.kernel.calendar import (
    is_working_day,
    local_date,
    start_of,
    working_days,
    working_days_after,
)

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class ClockSetting:
    """The limits as the office has set them; these are the usual ones."""

    report_in_working_days: int = 1
    feedback_days: int = 3
    general_days: int = 7
    major_months: int = 1
    count_days: CountDays = CountDays.CALENDAR
    yellow_days: int = 3
    escalate_after: int = 3


USUAL = ClockSetting()


@dataclass(frozen=True, slots=True)
class Limit:
    """The last day, the moment it is over, and the same limit by working days."""

    on: date
    at: datetime
    working_on: date


class Light(StrEnum):
    """Whether time is left."""

    GREEN = "green"
    YELLOW = "yellow"
    RED = "red"


@dataclass(frozen=True, slots=True)
class LightShown:
    """A light with its reason in both languages; `working_days` are left or over, and None while nobody is assigned.

    `certain` says that the official holidays of every day between were known.
    """

    light: Light
    zh: str
    en: str
    working_days: int | None
    certain: bool


def end_of(on: date) -> datetime:
    """24:00 of a day."""
    return start_of(on + _DAY)


def assign_due(received_at: datetime) -> datetime:
    """马上就办: the end of the day on which it arrived."""
    return end_of(local_date(received_at))


def report_in_due(called_at: datetime, setting: ClockSetting) -> datetime:
    """The end of the last working day for reporting in."""
    return end_of(working_days_after(local_date(called_at), setting.report_in_working_days).on)


def feedback_due(assigned_at: datetime, setting: ClockSetting) -> datetime:
    """The end of the last day for the lead's first word."""
    return end_of(_counted(local_date(assigned_at), setting.feedback_days, setting.count_days))


def limit(assigned_at: datetime, severity: IssueSeverity, setting: ClockSetting) -> Limit:
    """Until when a problem is to be solved."""
    on = local_date(assigned_at)
    if severity is IssueSeverity.GENERAL:
        by_working_days = working_days_after(on, setting.general_days).on
        last_on = _counted(on, setting.general_days, setting.count_days)
    else:
        month_on = months_after(on, setting.major_months)
        by_working_days = _working_day_from(month_on)
        last_on = by_working_days if setting.count_days is CountDays.WORKING else month_on
    return Limit(last_on, end_of(last_on), by_working_days)


def extended(until_on: date) -> Limit:
    """The limit that headquarters has set by hand."""
    return Limit(until_on, end_of(until_on), _working_day_from(until_on))


def months_after(on: date, months: int) -> date:
    """The same day some months later, or the last of that month."""
    number = on.year * 12 + on.month - 1 + months
    year, month = number // 12, number % 12 + 1
    return date(year, month, min(on.day, monthrange(year, month)[1]))


def soon_before(at: datetime, setting: ClockSetting) -> date:
    """Limits that lie before this day, and are not over, show yellow."""
    return working_days_after(local_date(at), setting.yellow_days + 1).on


def light_of(
    state: IssueState,
    at: datetime,
    setting: ClockSetting,
    *,
    assign_due_at: datetime,
    due_on: date | None,
) -> LightShown | None:
    """The light of a problem at a moment; None when its clock has stopped."""
    if state is IssueState.RAISED:
        return _until_assigned(at, assign_due_at)
    if state not in {IssueState.CALLED, IssueState.IN_PROGRESS} or due_on is None:
        return None
    today = local_date(at)
    if at >= end_of(due_on):
        over = working_days(due_on + _DAY, today + _DAY)
        days = (today - due_on).days
        zh, en = f"已超期 {days} 天（{over.count} 个工作日）", f"{days} days over ({over.count} working days)"
        return LightShown(Light.RED, zh, en, over.count, over.certain)
    left = working_days(today + _DAY, due_on + _DAY)
    days = (due_on - today).days
    zh = f"还剩 {days} 天（{left.count} 个工作日）" if days else "今天 24:00 到期"
    en = f"{days} days left ({left.count} working days)" if days else "Due today at 24:00"
    light = Light.YELLOW if left.count <= setting.yellow_days else Light.GREEN
    return LightShown(light, zh, en, left.count, left.certain)


def _until_assigned(at: datetime, assign_due_at: datetime) -> LightShown:
    if at >= assign_due_at:
        return LightShown(Light.RED, "当天未分办", "Not assigned on its day", None, certain=True)
    return LightShown(Light.GREEN, "今天 24:00 前分办", "To be assigned by 24:00 today", None, certain=True)


def _counted(on: date, days: int, count_days: CountDays) -> date:
    if count_days is CountDays.WORKING:
        return working_days_after(on, days).on
    return on + days * _DAY


def _working_day_from(on: date) -> date:
    """The day itself or the first working day after it."""
    return on if is_working_day(on).count else working_days_after(on, 1).on
