"""Looks at a person's own positions, as their phone shows them."""

from marshmallow import fields

from service.http.schemas import Id, Moment, OutSchema, choice
from service.privacy.models import Door


class MyViewOut(OutSchema):
    """Somebody looked at where I was."""

    viewed_at = Moment(required=True)
    viewer_name = fields.String(required=True)
    viewer_unit = fields.String(required=True)
    door = choice(Door, required=True)
    record_type = fields.String(required=True)
    record_id = Id(required=True)
