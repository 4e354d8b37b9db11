"""Lists answer `{items, next_cursor}`."""

from typing import Any

import marshmallow as ma

from service.http.schemas import OutSchema


def list_of(row: type[OutSchema]) -> type[ma.Schema]:
    """The schema of a page of such rows: `ThingOut` gives `ThingOutList`."""
    fields: dict[str, Any] = {
        "items": ma.fields.List(ma.fields.Nested(row), required=True),
        "next_cursor": ma.fields.String(required=True, allow_none=True),
    }
    made: type[ma.Schema] = type(f"{row.__name__}List", (OutSchema,), fields)
    return made
