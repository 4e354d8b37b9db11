"""Flags: facts with numbers for a reviewer, which never refuse a record. These are common to all records."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from service.submissions.location import Location, LocationSource

LOW_ACCURACY_M = 200.0
"""What a fence forgives at most (`kernel.geo`); beyond it a position says little."""
OLD_FIX_MS = 60_000
"""A fix older than a minute may be of another place (lessons of field data tools)."""
CLOCK_AHEAD = timedelta(minutes=10)
"""A phone that claims to write in the future by more than this has its clock wrong."""


class Severity(StrEnum):
    """How much a flag should weigh with a reviewer."""

    INFO = "info"
    WARNING = "warning"
    SERIOUS = "serious"


@dataclass(frozen=True, slots=True)
class Flag:
    """One remark: what was measured, the limit it passed, and the sentence in both languages."""

    code: str
    severity: Severity
    value: float | int | str | None
    limit: float | int | str | None
    zh: str
    en: str

    def as_stored(self) -> dict[str, Any]:
        """The flag as it stands in the record."""
        return {
            "code": self.code,
            "severity": self.severity.value,
            "value": self.value,
            "limit": self.limit,
            "zh": self.zh,
            "en": self.en,
        }


def location_flags(location: Location | None) -> Iterator[Flag]:
    """What the reported position says against itself."""
    if location is None:
        return
    if location.is_mock:
        yield Flag(
            "mock_location",
            Severity.SERIOUS,
            "true",
            "false",
            "手机报告了模拟定位",
            "The phone reported a mock location",
        )
    accuracy = location.accuracy_m
    if accuracy is not None and accuracy > LOW_ACCURACY_M:
        yield Flag(
            "low_accuracy",
            Severity.INFO,
            accuracy,
            LOW_ACCURACY_M,
            f"定位精度约 {accuracy:.0f} 米，超过 {LOW_ACCURACY_M:.0f} 米",
            f"The position is only accurate to {accuracy:.0f} m (limit {LOW_ACCURACY_M:.0f} m)",
        )
    if location.fix_age_ms is not None and location.fix_age_ms > OLD_FIX_MS:
        yield Flag(
            "old_fix",
            Severity.INFO,
            location.fix_age_ms,
            OLD_FIX_MS,
            f"定位数据已有 {location.fix_age_ms / 1000:.0f} 秒",
            f"The position was {location.fix_age_ms / 1000:.0f} s old when it was used",
        )
    if location.source in {LocationSource.MANUAL, LocationSource.PICKED}:
        yield Flag(
            "location_by_hand",
            Severity.INFO,
            location.source.value,
            None,
            "位置为手工选取",
            "The place was set by hand",
        )


def clock_flags(captured_at: datetime, received_at: datetime) -> Iterator[Flag]:
    """What the phone's clock says against itself; records that waited offline for days are honest."""
    ahead = captured_at - received_at
    if ahead > CLOCK_AHEAD:
        minutes = round(ahead.total_seconds() / 60)
        yield Flag(
            "clock_ahead",
            Severity.WARNING,
            minutes,
            round(CLOCK_AHEAD.total_seconds() / 60),
            f"手机时钟比服务器快 {minutes} 分钟",
            f"The phone's clock is {minutes} minutes ahead of the server's",
        )
