"""A person's own sites as their phone shows them."""

from marshmallow import fields

from service.http.places import FenceOut, NamedRowOut, Near
from service.http.schemas import Id, Moment, OutSchema, PhonePageQuery


class MySiteQuery(PhonePageQuery):
    """`near` sorts by distance and gives it."""

    near = Near(load_default=None, metadata={"type": "string", "description": "`lat,lng`, WGS-84"})


class MyLastCheckinOut(OutSchema):
    """When the person was last there."""

    id = Id(required=True)
    at = Moment(required=True)
    kind = fields.String(required=True)


class MySiteOut(OutSchema):
    """A site assigned to the person today, or one of their unit; `distance_m` is to the fence's centre."""

    id = Id(required=True, attribute="mine.site.id")
    name = fields.String(required=True, attribute="mine.site.name")
    address = fields.String(required=True, allow_none=True, attribute="mine.site.address")
    unit = fields.Nested(NamedRowOut, required=True, attribute="mine.site.unit")
    project = fields.Nested(NamedRowOut, required=True, allow_none=True, attribute="mine.site.project")
    stations = fields.List(fields.Nested(NamedRowOut), required=True, attribute="mine.stations")
    fence = fields.Nested(FenceOut, required=True, attribute="mine.site.fence")
    distance_m = fields.Float(required=True, allow_none=True, attribute="mine.site.distance_m")
    duties = fields.List(
        fields.String(),
        required=True,
        attribute="mine.duties",
        metadata={"description": "in what capacities the person is assigned today"},
    )
    last_checkin = fields.Nested(MyLastCheckinOut, required=True, allow_none=True)
