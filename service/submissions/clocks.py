"""When a record was written, as far as three clocks tell: the phone's, its monotonic one, and the server's.

::

    monotonic        server_time ──elapsed_ms──▶ capture            bounded, whatever the phone's clock says
    sending_skew     X-Phone-Time − arrival = skew; capture = captured_at − skew, if the clock was not set meanwhile
    phone_only       captured_at as it is claimed; it cannot lie after the receipt

What comes out is shown and flagged. It refuses nothing, and it decides nothing about what counts: a visit belongs to
its own date (`visited_at`), a check-in to its `at`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from service.submissions.flags import CLOCK_AHEAD, Flag, Severity, clock_flags

TRANSIT = timedelta(seconds=60)
"""A request or an answer may be under way for so long on a bad line."""
ROUNDING = timedelta(seconds=2)
"""Server times are cut to seconds by some phones."""
DRIFT = 200e-6
"""A phone's quartz strays by up to 100 ppm at odd temperatures; doubled, that is six minutes in three weeks."""
NONSENSE_AHEAD = timedelta(minutes=5)
"""A reference so far after the receipt is none: the server's clock was set back, or the phone made it up."""
LONGEST_ELAPSED = timedelta(days=400)
"""No phone runs for longer without being switched off once, which restarts its monotonic clock."""
SKEWED = CLOCK_AHEAD
"""A clock that is off by more than this is flagged."""
FIRST, LAST = datetime(1900, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
"""Claims beyond are held at these ends, far from where calendars and zones overflow; the body keeps them as sent."""


class Basis(StrEnum):
    """What the time of capture rests on, the best first."""

    MONOTONIC = "monotonic"
    SENDING_SKEW = "sending_skew"
    PHONE_ONLY = "phone_only"


@dataclass(frozen=True, slots=True)
class PhoneClock:
    """What a record says of its clocks: the last server time the phone knew, and how long before capture that was.

    `phone_time` is the phone's clock at capture where `captured_at` is not simply that. `is_readable` is false when
    something was sent that cannot be understood; it is kept in the body as sent, and flagged.
    """

    server_time: datetime | None = None
    elapsed_ms: int | None = None
    phone_time: datetime | None = None
    is_readable: bool = True


NO_CLOCK = PhoneClock()
UNREADABLE = PhoneClock(is_readable=False)


@dataclass(frozen=True, slots=True)
class Capture:
    """When a record was written: claimed, best known, and within which bounds; all by the server's clock but the claim.

    `earliest` is None where nothing bounds it; `skew_s` is how far the phone's clock was ahead (below zero: behind),
    None where nothing tells.
    """

    claimed_at: datetime
    at: datetime
    earliest: datetime | None
    latest: datetime
    skew_s: float | None
    basis: Basis
    sending_skew_s: float | None = None
    """For the flags alone: how far it was ahead when the record was sent."""

    @property
    def told_at(self) -> datetime:
        """The moment to compare the record's own times with: the person read them off the same clock."""
        return self.claimed_at if self.basis is Basis.PHONE_ONLY else self.at

    def columns(self) -> dict[str, Any]:
        """As it is stored beside the record's `captured_at`."""
        return {
            "capture_at": self.at,
            "capture_earliest": self.earliest,
            "capture_latest": self.latest,
            "capture_skew_s": self.skew_s,
            "capture_basis": self.basis,
        }


@dataclass(frozen=True, slots=True)
class CaptureView:
    """The capture of a stored record as it is shown."""

    claimed_at: datetime
    at: datetime
    earliest: datetime | None
    latest: datetime | None
    skew_s: float | None
    basis: Basis


def within_calendar(claim: datetime) -> datetime:
    """The claim, held between FIRST and LAST."""
    return min(max(claim, FIRST), LAST)


def put_right(told: datetime, skew_s: float | None) -> datetime:
    """A phone's time by the server's clock, where it is known how far the phone's is ahead; else as it was told."""
    return told if skew_s is None else _shifted(told, -skew_s)


def sending_skew_s(phone_time: datetime, arrived_at: datetime) -> float:
    """How far a phone's clock is ahead, by the time it wrote on a request; up to a minute too little on a bad line."""
    return round((phone_time - arrived_at).total_seconds(), 3)


def capture_of(
    claimed_at: datetime, clock: PhoneClock | None, skew_s: float | None, received_at: datetime
) -> Capture:
    """The bounded time of capture of a record that claims `claimed_at`; `skew_s` is that of its sending, if known."""
    told = clock or NO_CLOCK
    bounded = _by_monotonic(told, received_at)
    if bounded is not None:
        at, earliest, latest = bounded
        skew = ((told.phone_time or claimed_at) - at).total_seconds()
        return Capture(claimed_at, at, earliest, latest, round(skew, 3), Basis.MONOTONIC, skew_s)
    if skew_s is not None:
        at = min(_shifted(claimed_at, -skew_s), received_at)
        bounds = _shifted(at, -TRANSIT.total_seconds()), min(at + TRANSIT, received_at)
        return Capture(claimed_at, at, *bounds, skew_s, Basis.SENDING_SKEW, skew_s)
    ahead = (claimed_at - received_at).total_seconds()
    known = round(ahead, 3) if ahead > SKEWED.total_seconds() else None
    return Capture(claimed_at, min(claimed_at, received_at), None, received_at, known, Basis.PHONE_ONLY)


def capture_flags(capture: Capture, clock: PhoneClock | None, received_at: datetime) -> Iterator[Flag]:
    """What the clocks say against each other."""
    if capture.basis is Basis.PHONE_ONLY:
        yield from clock_flags(capture.claimed_at, received_at)
    yield from _skew_flags(capture)
    told = clock or NO_CLOCK
    if not told.is_readable:
        yield Flag(
            "clock_unreadable",
            Severity.INFO,
            None,
            None,
            "手机上报的时钟信息无法识别，已按其他时间判断",
            "What the phone said of its clocks cannot be read; the other times were used",
        )
    elif told.server_time is not None and capture.basis is not Basis.MONOTONIC:
        yield _useless_reference(told.server_time, received_at)


def _skew_flags(capture: Capture) -> Iterator[Flag]:
    limit = round(SKEWED.total_seconds())
    if capture.basis is not Basis.PHONE_ONLY and capture.skew_s is not None and abs(capture.skew_s) > limit:
        zh, en = _said(capture.skew_s)
        yield Flag(
            "clock_skew",
            Severity.WARNING,
            round(capture.skew_s),
            limit,
            f"录入时手机时钟比服务器{zh}",
            f"When it was recorded, the phone's clock was {en} the server's",
        )
    changed = _changed_s(capture)
    if abs(changed) > limit:
        zh, en = _said(changed)
        yield Flag(
            "clock_changed",
            Severity.WARNING,
            round(changed),
            limit,
            f"录入之后、上传之前手机时钟被调整：录入时比上传时{zh}",
            f"The phone's clock was set between recording and sending: at recording it was {en} that at sending",
        )


def _changed_s(capture: Capture) -> float:
    """How much further ahead the clock was at capture than at sending; 0 where one of the two is unknown."""
    if capture.sending_skew_s is None or capture.skew_s is None:
        return 0.0
    if capture.basis is Basis.MONOTONIC:
        return capture.skew_s - capture.sending_skew_s
    # It claims to have been written after it was sent: at least by so much the clock has been set back.
    return max(
        0.0, (capture.claimed_at - capture.latest).total_seconds() - capture.skew_s - TRANSIT.total_seconds()
    )


def _useless_reference(server_time: datetime, received_at: datetime) -> Flag:
    ahead = round((server_time - received_at).total_seconds())
    return Flag(
        "clock_reference",
        Severity.INFO,
        ahead,
        round(NONSENSE_AHEAD.total_seconds()),
        "手机所记的服务器时间与收到的时间不符，未予采用",
        "The server time that the phone remembered does not fit the receipt; it was not used",
    )


def _by_monotonic(clock: PhoneClock, received_at: datetime) -> tuple[datetime, datetime, datetime] | None:
    """The capture with its bounds; None when the reference is missing or cannot be right."""
    if clock.server_time is None or clock.elapsed_ms is None:
        return None
    room_ms = (received_at + NONSENSE_AHEAD - clock.server_time) / timedelta(milliseconds=1)
    if not 0 <= clock.elapsed_ms <= LONGEST_ELAPSED / timedelta(milliseconds=1):
        return None
    if clock.elapsed_ms * (1 - DRIFT) > room_ms:
        return None
    elapsed = timedelta(milliseconds=clock.elapsed_ms)
    stray = elapsed * DRIFT
    at = min(clock.server_time + elapsed, received_at)
    earliest = min(_shifted(clock.server_time + elapsed, -(stray + ROUNDING).total_seconds()), at)
    return at, earliest, min(at + stray + TRANSIT, received_at)


def _shifted(moment: datetime, seconds: float) -> datetime:
    """The moment so much later, within what a calendar holds."""
    try:
        return within_calendar(moment + timedelta(seconds=seconds))
    except OverflowError:
        return LAST if seconds > 0 else FIRST


def _said(seconds: float) -> tuple[str, str]:
    size, (zh, en) = abs(seconds), ("快", "ahead of") if seconds > 0 else ("慢", "behind")
    for span, unit_zh, unit_en in ((86400, "天", "days"), (3600, "小时", "hours")):
        if size >= 2 * span:
            return f"{zh} {size / span:.0f} {unit_zh}", f"{size / span:.0f} {unit_en} {en}"
    return f"{zh} {size / 60:.0f} 分钟", f"{size / 60:.0f} minutes {en}"
