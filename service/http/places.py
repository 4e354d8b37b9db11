"""How places and fences look at every door: degrees in a named datum, metres."""

from typing import Any

import marshmallow as ma
from marshmallow import fields

from service.http.schemas import Id, OutSchema
from service.kernel.geo import Point


class Near(fields.Field[Point]):
    """`lat,lng` in WGS-84, as a query string gives it."""

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> str | None:  # noqa: ARG002
        return None if value is None else f"{value.lat},{value.lng}"

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Point:  # noqa: ARG002
        try:
            lat, lng = (float(part) for part in str(value).split(","))
            return Point(lat, lng)
        except ValueError as error:
            raise ma.ValidationError("应为“纬度,经度” / must be lat,lng in degrees") from error


class NamedRowOut(OutSchema):
    """Something as it is named beside something else."""

    id = Id(required=True)
    name = fields.String(required=True)


class PointOut(OutSchema):
    """A position in WGS-84, degrees."""

    lat = fields.Float(required=True)
    lng = fields.Float(required=True)


class FenceOut(OutSchema):
    """A circle has `centre` and `radius_m`, a polygon `corners` and a `centre` to measure from."""

    kind = fields.String(required=True, metadata={"description": "`circle` or `polygon`"})
    datum = fields.String(required=True)
    centre = fields.Nested(PointOut, required=True, allow_none=True)
    radius_m = fields.Float(required=True, allow_none=True)
    corners = fields.List(fields.Nested(PointOut), required=True, allow_none=True)
