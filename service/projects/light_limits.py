"""The limits of project lights, each once: what it decides, its bounds, and what holds where nobody has set it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from service.kernel.errors import Fault
from service.kernel.limits import catalogue_of, faults_in_limits, limits_of


@dataclass(frozen=True, slots=True)
class LightLimits:
    """The limits that hold; before one is set, these (银川 2025)."""

    start_red_months: int = 3
    """So many months in a row planned and not started; fewer are yellow."""
    progress_yellow_points: int = 10
    """10 to 30 percentage points under schedule, both ends included, is yellow, more is red."""
    progress_red_points: int = 30
    entry_yellow_months: int = 1
    """Not in the statistics so many months after the start is yellow."""
    entry_red_months: int = 2
    """More than so many is red."""
    month_due_day: int = 10
    """A month that is not reported by this day of the next one counts as zero; our own choice, no source names a day."""


USUAL = LightLimits()


_POINTS = {"zh": "个百分点", "en": "percentage points"}
_MONTHS = {"zh": "个月", "en": "months"}
_DAY = {"zh": "日", "en": "day of the month"}

LIGHT_CATALOGUE = catalogue_of(
    USUAL,
    (
        (
            "start_red_months",
            "开工红灯：连续未开工达到",
            "Start, red: not started in a row for",
            _MONTHS,
            2,
            12,
        ),
        (
            "progress_yellow_points",
            "进度黄灯：落后序时进度达到",
            "Progress, yellow: behind schedule by",
            _POINTS,
            0,
            100,
        ),
        (
            "progress_red_points",
            "进度红灯：落后序时进度超过",
            "Progress, red: behind schedule by more than",
            _POINTS,
            0,
            100,
        ),
        ("entry_yellow_months", "入统黄灯：开工后满", "Entry, yellow: after the start", _MONTHS, 1, 24),
        ("entry_red_months", "入统红灯：开工后超过", "Entry, red: more than", _MONTHS, 1, 24),
        ("month_due_day", "月报截止：次月", "A month is due by the next one's", _DAY, 1, 28),
    ),
)
_IN_ORDER = (
    (
        "progress_yellow_points",
        "progress_red_points",
        "黄灯界限不能大于红灯界限",
        "yellow may not be above red",
    ),
    ("entry_yellow_months", "entry_red_months", "黄灯界限不能大于红灯界限", "yellow may not be above red"),
)


def read_light_limits(kept: Mapping[str, Any] | None) -> LightLimits:
    """The limits behind what was kept; those that a later release has added are as usual."""
    return limits_of(LightLimits, LIGHT_CATALOGUE, kept)


def faults_in_light_limits(limits: LightLimits) -> list[Fault]:
    """What is wrong with limits that are set together."""
    return faults_in_limits(limits, LIGHT_CATALOGUE, _IN_ORDER)
