"""Lists answer `{items, next_cursor}` and name their next page in a `Link` header."""

from typing import Any
from urllib.parse import urlencode

import marshmallow as ma
from flask import request

from service.http.schemas import OutSchema
from service.kernel.pages import Page


def list_of(row: type[OutSchema]) -> type[ma.Schema]:
    """The schema of a page of such rows; `ThingRow` gives `ThingRowList`."""
    fields: dict[str, Any] = {
        "items": ma.fields.List(ma.fields.Nested(row), required=True),
        "next_cursor": ma.fields.String(required=True, allow_none=True),
    }
    made: type[ma.Schema] = type(f"{row.__name__}List", (OutSchema,), fields)
    return made


def listed(page: Page[Any]) -> tuple[Page[Any], int, dict[str, str]]:
    """The page as a view answers it: 200, and where the next one is when there is one."""
    if page.next_cursor is None:
        return page, 200, {}
    asked = [(name, value) for name, value in request.args.items(multi=True) if name != "cursor"]
    following = urlencode([*asked, ("cursor", page.next_cursor)])
    return page, 200, {"Link": f'<{request.path}?{following}>; rel="next"'}
