"""What speaks for and against a record: one check a question, each `pass`, `doubt` or `no_data`, in plain words.

A check refuses nothing and accuses nobody: it says what was measured, what the limit is, and what honest reasons there
may be. What a flag of the record says already is told by the check of the same question, with the same limits.
"""

from collections.abc import Iterator, Mapping

from service.checkins import evidence as at_site
from service.evidence.pictures import picture_checks
from service.evidence.subject import Subject
from service.evidence.times import time_checks
from service.evidence.verdicts import Check, Verdict, doubt, no_data, passed
from service.evidence.words import far
from service.kernel.geo import distance_m, other_datum_fits, verdict
from service.visits.flags import FITS_M, fitting_datum

__all__ = ["COVERED", "Check", "Verdict", "check", "weight_beyond_flags"]

COARSE = (
    "位置已按保存期限降低精度，不再据以核对",
    "The position has grown coarse with age; nothing is measured from it any more",
)

NEAR_M, FLYING_M = 1_000.0, 300_000.0
"""Below a kilometre it is the position that moves; nearer than 300 km nobody flies."""

COVERED: Mapping[str, frozenset[str]] = {
    "distance": frozenset({"far_from_enterprise", "outside_fence"}),
    "datum": frozenset({"other_datum_fits"}),
    "mock": frozenset({"mock_location"}),
    "clock": frozenset({"clock_ahead", "clock_skew", "clock_changed"}),
    "recording": frozenset({"recorded_late", "recorded_early", "future_visit"}),
    "duration": frozenset({"long_visit"}),
    "photo_bytes": frozenset({"photo_reused"}),
    "photo_source": frozenset({"photo_from_gallery"}),
    "photo_missing": frozenset({"photo_unreadable"}),
}
"""Which flags of a record ask the question of a check."""
_SERIOUS, _DOUBTFUL, _MILD = 100, 10, 1
_WEIGHTS = {
    "mock": _SERIOUS,
    "photo_bytes": _SERIOUS,
    "datum": _MILD,
    "hours": _MILD,
    "recording": _MILD,
    "photo_source": _MILD,
    "other_team": _MILD,
}


def check(subject: Subject) -> tuple[Check, ...]:
    """Every check of a record, always in the same order; flags that no check covers follow as doubts of their own."""
    return (
        *_place_checks(subject),
        _speed(subject),
        _mock(subject),
        *time_checks(subject),
        *picture_checks(subject),
        _other_team(subject),
        *_other_flags(subject),
    )


def weight_beyond_flags(subject: Subject, checks: tuple[Check, ...]) -> int:
    """What the doubts weigh that no flag of the record tells already, on the scale of the flags."""
    borne = {flag.get("code") for flag in subject.flags}
    return sum(
        _WEIGHTS.get(one.check, _DOUBTFUL)
        for one in checks
        if one.verdict is Verdict.DOUBT and borne.isdisjoint(COVERED.get(one.check, {one.check}))
    )


def _place_checks(subject: Subject) -> Iterator[Check]:
    if subject.fence is not None:
        yield from _at_site(subject)
    else:
        yield from _at_enterprise(subject)


def _at_site(subject: Subject) -> Iterator[Check]:
    fence, location = subject.fence, subject.location
    if fence is None or location is None or subject.is_coarse:
        why = COARSE if subject.is_coarse else ("没有上报位置", "No position was reported")
        yield no_data("distance", *why)
        yield no_data("datum", *why)
        return
    reading = verdict(fence, location.wgs84, location.accuracy_m)
    away, limit = round(at_site.distance_m(fence, reading)), round(at_site.limit_m(fence, reading))
    said = _measured(away, limit, location.accuracy_m, "工地", "the site")
    yield (passed if reading.inside else doubt)("distance", *said, value=away, limit=limit)
    fits = other_datum_fits(fence, location.lat, location.lng, location.datum, accuracy_m=location.accuracy_m)
    yield _datum(location.datum.value, None if fits is None else fits.value, is_near=reading.inside)


def _at_enterprise(subject: Subject) -> Iterator[Check]:
    location, position = subject.location, subject.enterprise
    missing = _why_no_distance(subject)
    if missing is not None or location is None or position is None:
        yield no_data("distance", *(missing or ("", "")))
        yield no_data("datum", *(missing or ("", "")))
        return
    away, limit = round(distance_m(location.wgs84, position)), subject.limits.distance_m
    said = _measured(away, limit, location.accuracy_m, "企业", "the enterprise")
    yield (passed if away <= limit else doubt)("distance", *said, value=away, limit=limit)
    fits = fitting_datum(location, position) if away > FITS_M else None
    # A datum shifts by half a kilometre here: what is near enough for a visit may still be plainly mislabelled.
    yield _datum(location.datum.value, None if fits is None else fits.value, is_near=away <= FITS_M)


def _why_no_distance(subject: Subject) -> tuple[str, str] | None:
    if subject.is_elsewhere:
        return (
            "接待、线上或活动，不核对与企业的距离",
            "It was not paid at the enterprise, so no distance is measured",
        )
    if subject.location is None:
        return "没有上报位置", "No position was reported"
    if subject.is_coarse:
        return COARSE
    if subject.enterprise is None:
        return "企业没有登记位置", "The enterprise has no registered position"
    return None


def _measured(away: int, limit: int, accuracy_m: float | None, zh: str, en: str) -> tuple[str, str]:
    good_zh = "" if accuracy_m is None else f"，精度 ±{accuracy_m:.0f} 米"
    good_en = "" if accuracy_m is None else f", accuracy ±{accuracy_m:.0f} m"
    away_zh, away_en = far(away)
    return (
        f"距{zh} {away_zh}（允许 {limit} 米{good_zh}）",
        f"{away_en} from {en} ({limit} m allowed{good_en})",
    )


def _datum(declared: str, fits: str | None, *, is_near: bool) -> Check:
    if is_near or fits is None:
        return passed(
            "datum", "没有坐标系偏移的迹象", "Nothing points to a wrong datum", value=declared, limit=None
        )
    return doubt(
        "datum",
        f"疑似坐标系偏移：上报为 {declared}，按 {fits} 解读则相符，可能是手机应用的问题",
        f"Probably another datum: sent as {declared}, it fits when read as {fits}; the app may be at fault",
        value=fits,
        limit=declared,
    )


def _speed(subject: Subject) -> Check:
    before, location = subject.before, subject.location
    if subject.is_coarse:
        return no_data("speed", *COARSE)
    if before is None or location is None:
        return no_data(
            "speed",
            "没有可比较的上一条带位置的记录",
            "There is no earlier record with a position to compare with",
        )
    metres = distance_m(before.at, location.wgs84) - before.accuracy_m - (location.accuracy_m or 0.0)
    hours = max(0.0, (subject.at - before.until).total_seconds() / 3600)
    limit = subject.limits.air_kmh if metres > FLYING_M else subject.limits.rail_kmh
    at_once = metres > NEAR_M and hours == 0
    kmh = None if at_once else round(max(0.0, metres) / 1000 / hours) if hours else 0
    too_fast = at_once or (metres > NEAR_M and kmh is not None and kmh > limit)
    far = f"{max(0.0, metres) / 1000:.1f}"
    speed_zh, speed_en = (
        ("两条记录时间重叠", "the two records overlap")
        if kmh is None
        else (f"约 {kmh} 公里/小时", f"about {kmh} km/h")
    )
    return (doubt if too_fast else passed)(
        "speed",
        f"距本人上一条记录 {before.record.number} {far} 公里，间隔 {_span_zh(hours)}，{speed_zh}（上限 {limit}）",
        f"{far} km and {_span_en(hours)} after the person's record {before.record.number}: "
        f"{speed_en} (limit {limit})",
        value=kmh,
        limit=limit,
        records=(before.record,),
    )


def _span_zh(hours: float) -> str:
    return f"{hours:.1f} 小时" if hours >= 1 else f"{hours * 60:.0f} 分钟"


def _span_en(hours: float) -> str:
    return f"{hours:.1f} h" if hours >= 1 else f"{hours * 60:.0f} min"


def _mock(subject: Subject) -> Check:
    if subject.location is None or subject.location.is_mock is None:
        return no_data(
            "mock", "手机未说明是否模拟定位", "The phone does not say whether the position is mocked"
        )
    if subject.location.is_mock:
        return doubt(
            "mock", "手机报告了模拟定位", "The phone reported a mock location", value="true", limit="false"
        )
    return passed(
        "mock", "手机报告为真实定位", "The phone says that the position is real", value="false", limit="false"
    )


def _other_team(subject: Subject) -> Check:
    if subject.fence is not None:
        return no_data("other_team", "驻点签到不适用", "It does not apply to check-ins")
    days = subject.limits.other_team_days
    if not subject.others:
        return passed(
            "other_team",
            f"此前 {days} 天内没有其他单位走访该企业",
            f"No other unit visited the enterprise in the {days} days before",
            value=None,
            limit=days,
        )
    nearest = min(subject.others, key=lambda one: one.days)
    return doubt(
        "other_team",
        f"{nearest.record.unit_name} {nearest.days} 天前走访过该企业（{nearest.record.number}），请确认是否应联合登记",
        f"{nearest.record.unit_name} visited the enterprise {nearest.days} days before ({nearest.record.number}); "
        "perhaps it was one joint visit",
        value=nearest.days,
        limit=days,
        records=tuple(one.record for one in subject.others),
    )


def _other_flags(subject: Subject) -> Iterator[Check]:
    covered = frozenset[str]().union(*COVERED.values())
    for flag in subject.flags:
        if flag.get("code") in covered or flag.get("severity") == "info":
            continue
        yield doubt(
            str(flag.get("code")),
            str(flag.get("zh")),
            str(flag.get("en")),
            value=flag.get("value"),
            limit=flag.get("limit"),
        )
