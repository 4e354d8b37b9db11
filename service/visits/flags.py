"""What a reviewer should know about a visit, as flags with numbers; none of them refuses anything."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from uuid import UUID

from service.kernel.calendar import local_date
from service.kernel.credit_code import is_valid
from service.kernel.datum import MOST_APART_M, Datum
from service.kernel.geo import Point, distance_m
from service.programmes.limits import Limits
from service.submissions.clocks import Capture, capture_flags
from service.submissions.flags import Flag, Severity, location_flags
from service.submissions.location import Location
from service.visits.submission import VisitSubmission
from service.visits.surroundings import PhotoFacts, Surroundings

FITS_M = 200.0


def flags_of(what: VisitSubmission, seen: Surroundings, received_at: datetime) -> tuple[Flag, ...]:
    """Every remark about this submission as it was received, by the limits of that moment."""
    capture = what.capture(received_at)
    limits = seen.limits
    return (
        *_time_flags(what, capture, received_at, limits),
        *capture_flags(capture, what.clock, received_at),
        *location_flags(what.location),
        *_place_flags(what.location, seen.enterprise.position if seen.enterprise else None, limits),
        *_photo_flags(seen.photos),
        *_unit_flags(what.joint_unit_ids, seen),
        *_register_flags(what, seen),
    )


def _time_flags(
    what: VisitSubmission, capture: Capture, received_at: datetime, limits: Limits
) -> Iterator[Flag]:
    today: date = local_date(received_at)
    visited_on = local_date(what.visited_at)
    if visited_on > today:
        days = (visited_on - today).days
        yield Flag(
            "future_visit",
            Severity.WARNING,
            days,
            0,
            f"拜访日期在 {days} 天之后",
            f"The visit lies {days} days in the future",
        )
    late = capture.told_at - what.visited_at
    if late > timedelta(days=limits.late_days):
        yield Flag(
            "recorded_late",
            Severity.INFO,
            late.days,
            limits.late_days,
            f"拜访 {late.days} 天后才补录",
            f"It was recorded {late.days} days after the visit",
        )
    if what.ended_at is not None and what.ended_at - what.visited_at > timedelta(hours=limits.long_hours):
        hours = round((what.ended_at - what.visited_at).total_seconds() / 3600)
        yield Flag(
            "long_visit",
            Severity.INFO,
            hours,
            limits.long_hours,
            f"拜访历时 {hours} 小时",
            f"The visit took {hours} hours",
        )


def _place_flags(location: Location | None, position: Point | None, limits: Limits) -> Iterator[Flag]:
    if location is None or position is None:
        return
    away = distance_m(location.wgs84, position)
    if away <= limits.distance_m:
        return
    yield Flag(
        "far_from_enterprise",
        Severity.WARNING,
        round(away),
        limits.distance_m,
        f"距企业登记位置 {away / 1000:.1f} 公里",
        f"{away / 1000:.1f} km from where the enterprise is registered",
    )
    fitting = fitting_datum(location, position) if away <= FITS_M + MOST_APART_M else None
    if fitting is not None:
        yield Flag(
            "other_datum_fits",
            Severity.INFO,
            fitting.value,
            location.datum.value,
            f"如按 {fitting.value} 坐标系解读则与企业位置相符",
            f"Read as {fitting.value} the position would fit the enterprise",
        )


def fitting_datum(location: Location, position: Point) -> Datum | None:
    """The datum in which the numbers as sent would lie at the enterprise, when the declared one does not."""
    readings = {
        datum: distance_m(location.read_as(datum), position) for datum in Datum if datum != location.datum
    }
    fitting = [datum for datum, away in readings.items() if away <= FITS_M]
    return min(fitting, key=lambda datum: readings[datum], default=None)


def _photo_flags(photos: PhotoFacts) -> Iterator[Flag]:
    if photos.reused:
        yield Flag(
            "photo_reused",
            Severity.SERIOUS,
            len(photos.reused),
            0,
            f"{len(photos.reused)} 张照片已用于其他记录",
            f"{len(photos.reused)} photos belong to other records as well",
        )
    if photos.from_gallery:
        yield Flag(
            "photo_from_gallery",
            Severity.INFO,
            len(photos.from_gallery),
            0,
            f"{len(photos.from_gallery)} 张照片选自相册",
            f"{len(photos.from_gallery)} photos were taken from the gallery",
        )


def _unit_flags(joint_unit_ids: tuple[UUID, ...], seen: Surroundings) -> Iterator[Flag]:
    if seen.visitor is not None and seen.visitor.unit_id in joint_unit_ids:
        yield Flag(
            "joint_with_own_unit",
            Severity.INFO,
            seen.visitor.unit_name,
            None,
            "联合单位中包含本单位，只计一次",
            "The own unit is named among the joint units; it counts once",
        )


def _register_flags(what: VisitSubmission, seen: Surroundings) -> Iterator[Flag]:
    if seen.similar_visits:
        days = seen.limits.duplicate_days
        when_zh = f"前后 {days} 天内" if days else "当日"
        when_en = f"within {days} days" if days else "on that day"
        yield Flag(
            "similar_visit",
            Severity.WARNING,
            seen.similar_visits,
            days,
            f"本单位{when_zh}对该企业另有 {seen.similar_visits} 条拜访记录",
            f"The unit has {seen.similar_visits} more visits to this enterprise {when_en}",
        )
    free = what.free_enterprise
    if free is not None and free.credit_code is not None and not is_valid(free.credit_code):
        yield Flag(
            "doubtful_credit_code",
            Severity.INFO,
            free.credit_code,
            None,
            "统一社会信用代码校验未通过",
            "The credit code fails its check digit",
        )
