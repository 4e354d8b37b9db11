"""Positions grow coarse: to how many decimals, and how that is done to whatever holds one, as sent and as WGS-84.

Two decimals of a degree are about a kilometre, three about a hundred metres. What is made coarse twice stays as it was
the first time, so a job may come again.
"""

from collections.abc import Mapping
from typing import Any

from service.kernel.datum import Datum, to_wgs84
from service.submissions.location import REDUCED

PAIRS = (("lat", "lng"), ("latitude", "longitude"), ("lat", "lon"))
"""How the two numbers of a position are named, in bodies as phones send them and in what pictures say."""
_EXACT_BESIDE = ("altitude", "altitude_m", "speed", "heading", "course")
"""What would tell the place or the way again."""


def is_exact(value: object, decimals: int) -> bool:
    """Whether something in it tells a position more exactly than that."""
    if isinstance(value, Mapping):
        return _is_exact_place(value, decimals) or any(is_exact(inner, decimals) for inner in value.values())
    return isinstance(value, list) and any(is_exact(inner, decimals) for inner in value)


def coarse(value: Any, decimals: int) -> Any:
    """The same JSON with every position in it rounded to so many decimals, and saying so."""
    if isinstance(value, Mapping):
        rounded = _coarse_place(value, decimals) if _is_exact_place(value, decimals) else value
        return {key: coarse(inner, decimals) for key, inner in rounded.items()}
    return [coarse(inner, decimals) for inner in value] if isinstance(value, list) else value


def coarse_wgs84(
    location: Mapping[str, Any] | None, latitude: float, longitude: float, decimals: int
) -> tuple[float, float]:
    """The WGS-84 position that the coarse location tells: rounding both apart would tell more than either."""
    lat, lng = latitude, longitude
    if location is not None and _numbers(location, *PAIRS[0]) is not None:
        rounded = coarse(location, decimals)
        lat, lng = to_wgs84(rounded["lat"], rounded["lng"], Datum(location.get("datum", Datum.WGS84)))
    return round(lat, decimals), round(lng, decimals)


def _coarse_place(place: Mapping[str, Any], decimals: int) -> dict[str, Any]:
    made = {key: value for key, value in place.items() if key not in _EXACT_BESIDE}
    for names in PAIRS:
        numbers = _numbers(place, *names)
        if numbers is not None:
            made |= {name: round(number, decimals) for name, number in zip(names, numbers, strict=True)}
    return made | {REDUCED: decimals}


def _is_exact_place(place: Mapping[str, Any], decimals: int) -> bool:
    if not any(_numbers(place, *names) is not None for names in PAIRS):
        return False
    told = place.get(REDUCED)
    return not (isinstance(told, int) and told <= decimals)


def _numbers(place: Mapping[str, Any], lat: str, lng: str) -> tuple[float, float] | None:
    numbers = place.get(lat), place.get(lng)
    if all(isinstance(one, (int, float)) and not isinstance(one, bool) for one in numbers):
        return float(numbers[0]), float(numbers[1])  # type: ignore[arg-type] # both are numbers
    return None
