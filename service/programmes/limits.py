"""Limits that an office sets, each once: what it decides, its bounds, and what holds where nobody has set it.

A limit raises a flag or lights a lamp; none of them refuses a record or decides anything.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from service.kernel.errors import Fault
from service.kernel.limits import catalogue_of, faults_in_limits, limits_of


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits that hold in a programme; without one, or before one is set, these."""

    light_yellow_points: int = 10
    """10 to 30 percentage points under schedule, both ends included, is yellow, more is red (银川 2025)."""
    light_red_points: int = 30
    distance_m: int = 1_000
    """A works site is large, and offices move: beyond a kilometre somebody should look."""
    rail_kmh: int = 350
    """The fastest trains in service, and a passenger aircraft: nobody goes faster."""
    air_kmh: int = 900
    duplicate_days: int = 0
    """0 is the day itself."""
    other_team_days: int = 7
    """Another team's visit within a week is worth a word to both."""
    hurried_minutes: int = 5
    """Nobody meets a management and takes their leave in less."""
    long_hours: int = 12
    late_days: int = 7
    day_begins_hour: int = 6
    """Beyond these hours a visit is unusual; night flights and phone calls abroad are not."""
    day_ends_hour: int = 22
    exif_hours: int = 12
    """Cameras that know no zone err by hours; a picture of another day is another matter."""
    exif_m: int = 2_000
    """EXIF against the declared place (field experience with phones that blur it)."""
    fence_radius_m: int = 300
    """What is proposed for the fence of a new site."""


USUAL = Limits()


_POINTS = {"zh": "个百分点", "en": "percentage points"}
_METRES = {"zh": "米", "en": "m"}
_KMH = {"zh": "公里/小时", "en": "km/h"}
_DAYS = {"zh": "天", "en": "days"}
_HOURS = {"zh": "小时", "en": "hours"}
_O_CLOCK = {"zh": "时", "en": "o'clock"}

CATALOGUE = catalogue_of(
    USUAL,
    (
        (
            "light_yellow_points",
            "黄灯：落后序时进度达到",
            "Yellow light: behind schedule by",
            _POINTS,
            0,
            100,
        ),
        (
            "light_red_points",
            "红灯：落后序时进度超过",
            "Red light: behind schedule by more than",
            _POINTS,
            0,
            100,
        ),
        ("distance_m", "距企业登记位置", "From where the enterprise is registered", _METRES, 50, 100_000),
        ("rail_kmh", "陆路最高速度", "Speed by rail or road", _KMH, 60, 1_000),
        ("air_kmh", "航空最高速度", "Speed by air", _KMH, 60, 3_000),
        (
            "duplicate_days",
            "本单位重复走访：前后天数（0为当日）",
            "The unit's own visits to it: days around (0 is that day)",
            _DAYS,
            0,
            90,
        ),
        (
            "other_team_days",
            "其他单位走访过：此前天数",
            "Another unit's visit: days before",
            _DAYS,
            1,
            365,
        ),
        (
            "hurried_minutes",
            "历时过短：少于",
            "Too short: less than",
            {"zh": "分钟", "en": "minutes"},
            0,
            240,
        ),
        ("long_hours", "历时过长：超过", "Too long: more than", _HOURS, 1, 240),
        ("late_days", "事后补录：超过", "Recorded late: more than", _DAYS, 1, 365),
        ("day_begins_hour", "通常走访时间：始", "Usual hours: from", _O_CLOCK, 0, 12),
        ("day_ends_hour", "通常走访时间：止", "Usual hours: until", _O_CLOCK, 12, 24),
        (
            "exif_hours",
            "照片拍摄时间与记录相差",
            "Photo's own time apart from the record",
            _HOURS,
            1,
            720,
        ),
        (
            "exif_m",
            "照片拍摄位置与记录相差",
            "Photo's own place apart from the record",
            _METRES,
            100,
            100_000,
        ),
        (
            "fence_radius_m",
            "新设工地围栏的半径（建议值）",
            "Radius proposed for a new fence",
            _METRES,
            10,
            50_000,
        ),
    ),
)
_IN_ORDER = (
    ("light_yellow_points", "light_red_points", "黄灯界限不能大于红灯界限", "yellow may not be above red"),
    ("rail_kmh", "air_kmh", "陆路速度不能大于航空速度", "rail may not be faster than air"),
)


def read_limits(kept: Mapping[str, Any] | None) -> Limits:
    """The limits behind what was kept; those that a later release has added are as usual."""
    return limits_of(Limits, CATALOGUE, kept)


def faults_in(limits: Limits) -> list[Fault]:
    """What is wrong with limits that are set together."""
    return faults_in_limits(limits, CATALOGUE, _IN_ORDER)
