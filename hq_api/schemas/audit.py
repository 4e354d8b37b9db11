"""Audit entries as inspectors get them."""

from marshmallow import fields

from service.http.schemas import Id, Moment, OutSchema, PageQuery, Text


class AuditQuery(PageQuery):
    """Which entries are asked for; the period is half-open."""

    subject_type = Text(most=60, load_default=None)
    subject_id = Text(most=200, load_default=None)
    actor_id = Id(load_default=None)
    action = Text(most=60, load_default=None)
    from_at = Moment(load_default=None, data_key="from")
    until_at = Moment(load_default=None, data_key="until")


class AuditEntryOut(OutSchema):
    """One thing that somebody did."""

    id = fields.Integer(required=True)
    at = Moment(required=True)
    actor_id = Id(required=True, allow_none=True, metadata={"description": "null: the house itself"})
    actor_name = fields.String(required=True)
    unit_id = Id(required=True, allow_none=True)
    device_id = fields.String(required=True, allow_none=True)
    request_id = fields.String(required=True, allow_none=True)
    address = fields.String(required=True, allow_none=True)
    action = fields.String(required=True)
    subject_type = fields.String(required=True)
    subject_id = fields.String(required=True)
    details = fields.Dict(required=True)
    seal_no = fields.Integer(
        required=True, allow_none=True, metadata={"description": "null until it is sealed, within a minute"}
    )


class AuditPageOut(OutSchema):
    """Entries, newest first."""

    items = fields.List(fields.Nested(AuditEntryOut()), required=True)
    next_cursor = fields.String(required=True, allow_none=True)
