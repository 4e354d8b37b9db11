"""Checks of a record's times: its clocks, how long after the fact it was written, the hour, and its length."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from service.evidence.subject import Subject
from service.evidence.verdicts import Check, doubt, no_data, passed
from service.evidence.words import span
from service.kernel.calendar import SHANGHAI, is_working_day, local_date
from service.submissions.clocks import SKEWED

CLOCK_FLAGS = ("clock_ahead", "clock_skew", "clock_changed")
RECORDING_FLAGS = ("recorded_late", "recorded_early", "future_visit")


def time_checks(subject: Subject) -> Iterator[Check]:
    """The checks of times, in their order."""
    yield _clock(subject)
    yield _recording(subject)
    yield _hours(subject)
    yield _duration(subject)


def _clock(subject: Subject) -> Check:
    limit = round(SKEWED.total_seconds())
    waited = max(timedelta(0), subject.received_at - subject.capture.at)
    waited_zh, waited_en = span(waited)
    way_zh = f"录入后 {waited_zh}收到"
    way_en = f"received {waited_en} after it was recorded"
    borne = subject.flagged(*CLOCK_FLAGS)
    skew = None if subject.capture.skew_s is None else round(subject.capture.skew_s)
    if borne:
        return doubt(
            "clock",
            f"{_joined(borne, 'zh', '；')}；{way_zh}",
            f"{_joined(borne, 'en', '; ')}; {way_en}",
            value=skew,
            limit=limit,
        )
    if skew is None:
        return no_data(
            "clock",
            f"没有可对照的时钟；按手机所报时间，{way_zh}",
            f"There is no clock to compare with; by the phone's own, {way_en}",
        )
    return passed(
        "clock",
        f"手机时钟与服务器相差 {abs(skew)} 秒（允许 {limit}）；{way_zh}，离线等待属正常",
        f"The phone's clock differs by {abs(skew)} s ({limit} allowed); {way_en}, as happens offline",
        value=skew,
        limit=limit,
    )


def _recording(subject: Subject) -> Check:
    borne = subject.flagged(*RECORDING_FLAGS)
    if borne:
        first = borne[0]
        return doubt(
            "recording",
            _joined(borne, "zh", "；"),
            _joined(borne, "en", "; "),
            value=first.get("value"),
            limit=first.get("limit"),
        )
    after = max(timedelta(0), subject.capture.at - (subject.ended_at or subject.at))
    after_zh, after_en = span(after)
    days = subject.limits.late_days
    return passed(
        "recording",
        f"事后 {after_zh}录入（超过 {days} 天为补录）",
        f"Recorded {after_en} after the fact (late after {days} days)",
        value=round(after.total_seconds() / 3600, 1),
        limit=days * 24,
    )


def _hours(subject: Subject) -> Check:
    local = subject.at.astimezone(SHANGHAI)
    clock = f"{local:%H:%M}"
    begins, ends = subject.limits.day_begins_hour, subject.limits.day_ends_hour
    usual = f"{begins:02}:00-{ends}:00"
    if not begins <= local.hour < ends:
        return doubt(
            "hours",
            f"时间为夜间 {clock}；如系境外或航班等原因属正常",
            f"It was at night, {clock}; time zones abroad or a late train explain it",
            value=clock,
            limit=usual,
        )
    on = local_date(subject.at)
    if on.weekday() < 5 and not is_working_day(on).count:
        return doubt(
            "hours",
            f"{on.isoformat()} 为法定节假日；节日走访属正常，仅作提示",
            f"{on.isoformat()} is a public holiday; visits then happen, this is a hint only",
            value=on.isoformat(),
            limit=None,
        )
    return passed("hours", f"时间为 {clock}", f"It was at {clock}", value=clock, limit=usual)


def _duration(subject: Subject) -> Check:
    if subject.ended_at is None:
        return no_data("duration", "没有结束时间", "No end was recorded")
    minutes = round((subject.ended_at - subject.at).total_seconds() / 60)
    limit = subject.limits.hurried_minutes
    if subject.ended_at - subject.at < timedelta(minutes=limit):
        return doubt(
            "duration",
            f"全程仅 {minutes} 分钟（一般不少于 {limit} 分钟）；也可能是结束时间填写有误",
            f"It took {minutes} minutes only (rarely less than {limit}); the end may be mistyped",
            value=minutes,
            limit=limit,
        )
    long = subject.flagged("long_visit")
    if long:
        return doubt(
            "duration", str(long[0]["zh"]), str(long[0]["en"]), value=minutes, limit=long[0].get("limit")
        )
    return passed(
        "duration", f"历时 {minutes} 分钟", f"It took {minutes} minutes", value=minutes, limit=limit
    )


def _joined(flags: tuple[Any, ...], language: str, between: str) -> str:
    return between.join(str(flag[language]) for flag in flags)
