"""Lengths, spans and remarks as a sentence says them, in Chinese and English: `384.5 公里`, `3 天`, `模拟定位`."""

from datetime import timedelta

_KILOMETRES_FROM = 10_000
_YEAR_DAYS = 365.25


def far(metres: float) -> tuple[str, str]:
    """A distance: metres, and kilometres from ten on."""
    if metres >= _KILOMETRES_FROM:
        return f"{metres / 1000:.1f} 公里", f"{metres / 1000:.1f} km"
    return f"{metres:.0f} 米", f"{metres:.0f} m"


def span(length: timedelta) -> tuple[str, str]:
    """A length of time: minutes, hours, days from two on, years from two on."""
    days = length / timedelta(days=1)
    if days >= 2 * _YEAR_DAYS:
        return f"{days / _YEAR_DAYS:.1f} 年", f"{days / _YEAR_DAYS:.1f} years"
    if days >= 2:
        return f"{days:.0f} 天", f"{days:.0f} days"
    minutes = length / timedelta(minutes=1)
    if minutes >= 60:
        return f"{minutes / 60:.1f} 小时", f"{minutes / 60:.1f} h"
    return f"{minutes:.0f} 分钟", f"{minutes:.0f} min"
