"""红黄绿灯: how far completion is under the elapsed share, with the text that goes beside the colour.

Where an office has set no limits, 10 to 30 percentage points under, both ends included, is yellow, more is red
(银川 2025).
"""

from collections.abc import Mapping
from enum import StrEnum
from fractions import Fraction

from service.programmes.limits import USUAL, Limits


class Light(StrEnum):
    """A light is never shown without its text."""

    GREEN = "green"
    YELLOW = "yellow"
    RED = "red"


def light(gap: Fraction | None, limits: Limits = USUAL) -> Light | None:
    """The light of a gap in percentage points, negative is behind; none without a target."""
    if gap is None:
        return None
    if gap < -limits.light_red_points:
        return Light.RED
    return Light.YELLOW if gap < 0 and gap <= -limits.light_yellow_points else Light.GREEN


def light_text(lamp: Light, limits: Limits = USUAL) -> Mapping[str, str]:
    """What goes beside the colour, with the limits by which it was lit."""
    yellow, red = limits.light_yellow_points, limits.light_red_points
    texts = {
        Light.GREEN: {"zh": "绿灯：达到或接近序时进度", "en": "Green: on schedule or near it"},
        Light.YELLOW: {
            "zh": f"黄灯：落后序时进度{yellow}至{red}个百分点",
            "en": f"Yellow: {yellow} to {red} points behind schedule",
        },
        Light.RED: {
            "zh": f"红灯：落后序时进度超过{red}个百分点",
            "en": f"Red: more than {red} points behind schedule",
        },
    }
    return texts[lamp]
