"""What a check-in's place, clock and figures say, as numbers and flags for a reviewer; nothing here refuses.

A check-in without a location is as good as any other: it has no distance, no verdict and no flag for it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from service.checkins.submission import CheckinSubmission
from service.kernel.datum import Datum
from service.kernel.geo import Circle, Fence, Verdict, other_datum_fits, verdict
from service.submissions.clocks import Capture, capture_flags
from service.submissions.flags import CLOCK_AHEAD, Flag, Severity, location_flags
from service.submissions.location import Location

LATE = timedelta(days=1)
"""A record of yesterday is told from memory."""
_DATUM_NAMES = {Datum.WGS84: "WGS-84", Datum.GCJ02: "GCJ-02", Datum.BD09: "BD-09"}


@dataclass(frozen=True, slots=True)
class Seen:
    """What the house knows of the site, the person there and what was recorded before."""

    fence: Fence
    closed_at: datetime | None = None
    is_assigned: bool = True
    is_of_own_unit: bool = True
    last_percent: Decimal | None = None
    """The progress that was last recorded at this site before `at`."""
    reused_photos: int = 0


@dataclass(frozen=True, slots=True)
class Evidence:
    """The verdict of the fence and of the clock, with every flag.

    `distance_m` is from the centre of a circle, and from the edge of a polygon (0 within it). `clock_skew_s` is how
    far the phone's time of capture lies after the server's time of receipt: above zero its clock is ahead, below
    zero the record has waited or the clock is behind, which nobody can tell apart.
    """

    distance_m: float | None
    inside: bool | None
    accuracy_m: float | None
    clock_skew_s: float
    flags: tuple[Flag, ...]


def examine(what: CheckinSubmission, seen: Seen, received_at: datetime) -> Evidence:
    """The evidence of this submission as it was received."""
    reading = _reading(seen.fence, what.location)
    capture = what.capture(received_at)
    flags = (
        *_fence_flags(seen.fence, what.location, reading),
        *location_flags(what.location),
        *capture_flags(capture, what.clock, received_at),
        *_time_flags(what, capture),
        *_duty_flags(what, seen),
        *_progress_flags(what, seen),
        *_photo_flags(seen),
    )
    return Evidence(
        distance_m=None if reading is None else round(distance_m(seen.fence, reading), 1),
        inside=None if reading is None else reading.inside,
        accuracy_m=None if what.location is None else what.location.accuracy_m,
        clock_skew_s=round((what.captured_at - received_at).total_seconds(), 3),
        flags=flags,
    )


def distance_m(fence: Fence, reading: Verdict) -> float:
    """The distance that is shown: people think of a circle by its centre and of a polygon by its edge."""
    return reading.centre_distance_m if isinstance(fence, Circle) else reading.distance_m


def limit_m(fence: Fence, reading: Verdict) -> float:
    """The greatest distance that still is inside, the phone's own accuracy forgiven."""
    return reading.allowance_m + (fence.radius_m if isinstance(fence, Circle) else 0.0)


def _reading(fence: Fence, location: Location | None) -> Verdict | None:
    return None if location is None else verdict(fence, location.wgs84, location.accuracy_m)


def _fence_flags(fence: Fence, location: Location | None, reading: Verdict | None) -> Iterator[Flag]:
    if location is None or reading is None or reading.inside:
        return
    away, limit = round(distance_m(fence, reading), 1), round(limit_m(fence, reading), 1)
    yield Flag(
        "outside_fence",
        Severity.WARNING,
        away,
        limit,
        f"位于围栏之外：距离 {away:.0f} 米，允许 {limit:.0f} 米",
        f"Outside the fence: {away:.0f} m away, {limit:.0f} m allowed",
    )
    fitting = other_datum_fits(
        fence, location.lat, location.lng, location.datum, accuracy_m=location.accuracy_m
    )
    if fitting is not None:
        said, read = _DATUM_NAMES[location.datum], _DATUM_NAMES[fitting]
        yield Flag(
            "other_datum_fits",
            Severity.INFO,
            fitting.value,
            location.datum.value,
            f"疑似坐标系偏移：上报为 {said}，按 {read} 解读则在围栏内",
            f"Probably another datum: sent as {said}, but inside the fence when read as {read}",
        )


def _time_flags(what: CheckinSubmission, capture: Capture) -> Iterator[Flag]:
    late = capture.told_at - what.at
    if late > LATE:
        hours = round(late.total_seconds() / 3600)
        yield Flag(
            "recorded_late",
            Severity.INFO,
            hours,
            round(LATE.total_seconds() / 3600),
            f"事后 {hours} 小时补录",
            f"It was recorded {hours} hours afterwards",
        )
    if -late > CLOCK_AHEAD:
        minutes = round(-late.total_seconds() / 60)
        yield Flag(
            "recorded_early",
            Severity.WARNING,
            minutes,
            round(CLOCK_AHEAD.total_seconds() / 60),
            f"所填时间比录入时间晚 {minutes} 分钟",
            f"The time given lies {minutes} minutes after it was recorded",
        )


def _duty_flags(what: CheckinSubmission, seen: Seen) -> Iterator[Flag]:
    if not seen.is_assigned:
        yield Flag(
            "not_assigned",
            Severity.INFO if seen.is_of_own_unit else Severity.WARNING,
            None,
            None,
            "当日未分派到该工地" if seen.is_of_own_unit else "当日未分派到该工地，且工地属于其他单位",
            "Not assigned to this site on that day"
            if seen.is_of_own_unit
            else "Not assigned to this site on that day, and it is another unit's",
        )
    if seen.closed_at is not None and what.at > seen.closed_at:
        hours = round((what.at - seen.closed_at).total_seconds() / 3600)
        yield Flag(
            "site_closed",
            Severity.INFO,
            hours,
            0,
            f"工地已于 {hours} 小时前关闭",
            f"The site had been closed for {hours} hours",
        )


def _progress_flags(what: CheckinSubmission, seen: Seen) -> Iterator[Flag]:
    if what.percent is None or seen.last_percent is None or what.percent >= seen.last_percent:
        return
    percent, last = float(what.percent), float(seen.last_percent)
    yield Flag(
        "progress_fell",
        Severity.WARNING,
        percent,
        last,
        f"形象进度 {percent:g}% 低于上次的 {last:g}%",
        f"The progress of {percent:g}% is below the last one of {last:g}%",
    )


def _photo_flags(seen: Seen) -> Iterator[Flag]:
    if seen.reused_photos:
        yield Flag(
            "photo_reused",
            Severity.INFO,
            seen.reused_photos,
            0,
            f"{seen.reused_photos} 张照片已用于其他记录",
            f"{seen.reused_photos} photos belong to other records as well",
        )
