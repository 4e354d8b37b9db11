"""A reported place, as it was sent and as WGS-84; it is evidence, never a condition."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from service.kernel.datum import Datum, to_wgs84
from service.kernel.geo import Point

REDUCED = "reduced_to_decimals"
"""In a stored location that has grown coarse with age: to how many decimals of a degree (`privacy`)."""
LISTED = 2
"""Decimals of a degree that lists show."""


class LocationSource(StrEnum):
    """How the phone knows where it is."""

    GPS = "gps"
    NETWORK = "network"
    MANUAL = "manual"
    EXIF = "exif"
    PICKED = "picked"


@dataclass(frozen=True, slots=True)
class Location:
    """A position in its declared datum; degrees, metres and milliseconds."""

    lat: float
    lng: float
    datum: Datum
    source: LocationSource
    accuracy_m: float | None = None
    is_mock: bool | None = None
    fix_age_ms: int | None = None

    @property
    def wgs84(self) -> Point:
        """The position in WGS-84."""
        return self.read_as(self.datum)

    def read_as(self, datum: Datum) -> Point:
        """The same two numbers read in another datum, in WGS-84: clients are known to declare the wrong one."""
        lat, lng = to_wgs84(self.lat, self.lng, datum)
        return Point(max(-90.0, min(90.0, lat)), max(-180.0, min(180.0, lng)))

    def as_sent(self) -> dict[str, Any]:
        """The location as it is stored and shown again."""
        facts = {
            "lat": self.lat,
            "lng": self.lng,
            "datum": self.datum.value,
            "accuracy_m": self.accuracy_m,
            "source": self.source.value,
            "is_mock": self.is_mock,
            "fix_age_ms": self.fix_age_ms,
        }
        return {name: value for name, value in facts.items() if value is not None}


def about(place: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """A stored location, or a WGS-84 pair, as lists show it: to about a kilometre, for a list logs no view."""
    if place is None:
        return None
    return {**place, "lat": round(place["lat"], LISTED), "lng": round(place["lng"], LISTED)}
