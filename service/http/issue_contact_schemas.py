"""The contacts of a problem as every door shows them to somebody who said why."""

from marshmallow import fields

from service.http.schemas import Id, OutSchema

LEAST_REASON, MOST_REASON = 4, 200


class IssueRaiserOut(OutSchema):
    """Who raised a problem, with the telephone of their account."""

    id = Id(required=True)
    name = fields.String(required=True)
    phone = fields.String(required=True, allow_none=True)


class IssueSaidOut(OutSchema):
    """The whole text of an event in which others see a number masked."""

    id = Id(required=True)
    text = fields.String(required=True)


class IssueContactsOut(OutSchema):
    """What of a problem is masked elsewhere, whole; of its events those that hold a number."""

    id = Id(required=True)
    raiser = fields.Nested(IssueRaiserOut(), required=True)
    text = fields.String(required=True)
    extended_because = fields.String(required=True, allow_none=True)
    withdrawn_because = fields.String(required=True, allow_none=True)
    events = fields.List(fields.Nested(IssueSaidOut()), required=True)
