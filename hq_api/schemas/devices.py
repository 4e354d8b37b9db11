"""Devices as headquarters sees them."""

from marshmallow import fields

from service.http.lists import list_of
from service.http.schemas import Id, Moment, OutSchema, PageQuery, StrictSchema


class DevicesQuery(PageQuery):
    """A page of devices, or those of one person."""

    user_id = Id(load_default=None)


class HandoverIn(StrictSchema):
    """Who gets the device."""

    to_user_id = Id(required=True)


class HolderOut(OutSchema):
    """Somebody who has signed in on the device."""

    id = Id(required=True)
    name = fields.String(required=True)
    since_at = Moment(required=True)


class DeviceOut(OutSchema):
    """A phone or browser."""

    id = fields.String(required=True)
    platform = fields.String(required=True, allow_none=True)
    model = fields.String(required=True, allow_none=True)
    app_version = fields.String(required=True, allow_none=True)
    first_seen_at = Moment(required=True)
    last_used_at = Moment(required=True)
    revoked_at = Moment(required=True, allow_none=True)
    holders = fields.List(fields.Nested(HolderOut), required=True)


DeviceList = list_of(DeviceOut)
