"""Where trips go, as statistics group it: the province at home, the country abroad, the city where neither is known."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from service.trips.models import Trip

_SUFFIX = "(特别行政区|维吾尔自治区|壮族自治区|回族自治区|自治区|省|市)$"
"""广东 and 广东省 are one place."""
_PARTS = ("province", "country", "city")


def regions_of(destinations: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    """The regions of a trip in its order, each once."""
    named = (next((one[part] for part in _PARTS if one.get(part)), "") for one in destinations)
    return tuple(dict.fromkeys(re.sub(_SUFFIX, "", name) for name in named if name))


def goes_to(region: str) -> sa.ColumnElement[bool]:
    """Whether a trip goes to a region, by the same words; the empty one finds trips that name none."""
    place = sa.func.jsonb_array_elements(Trip.destinations).table_valued(sa.column("value", JSONB))
    parts = [sa.func.nullif(place.c.value[part].astext, "") for part in _PARTS]
    named = sa.func.regexp_replace(sa.func.coalesce(*parts, ""), _SUFFIX, "")
    if not region:
        return sa.func.jsonb_array_length(Trip.destinations) == 0
    return sa.select(sa.literal(1)).select_from(place).where(named == region).correlate(Trip).exists()
