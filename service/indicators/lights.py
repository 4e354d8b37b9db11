"""红黄绿灯: how far completion is under the elapsed share, with the text that goes beside the colour.

10 to 30 percentage points under, both ends included, is yellow, more is red (银川 2025).
"""

from enum import StrEnum
from fractions import Fraction

YELLOW_FROM, RED_OVER = 10, 30


class Light(StrEnum):
    """A light is never shown without its text."""

    GREEN = "green"
    YELLOW = "yellow"
    RED = "red"


TEXTS = {
    Light.GREEN: {"zh": "绿灯：达到或接近序时进度", "en": "Green: on schedule or near it"},
    Light.YELLOW: {
        "zh": f"黄灯：落后序时进度{YELLOW_FROM}至{RED_OVER}个百分点",
        "en": f"Yellow: {YELLOW_FROM} to {RED_OVER} points behind schedule",
    },
    Light.RED: {
        "zh": f"红灯：落后序时进度超过{RED_OVER}个百分点",
        "en": f"Red: more than {RED_OVER} points behind schedule",
    },
}


def light(gap: Fraction | None) -> Light | None:
    """The light of a gap in percentage points, negative is behind; none without a target."""
    if gap is None:
        return None
    if gap < -RED_OVER:
        return Light.RED
    return Light.YELLOW if gap <= -YELLOW_FROM else Light.GREEN
