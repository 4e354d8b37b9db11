"""What an author says of a flagged or returned record."""

from marshmallow import fields

from service.http.schemas import Id, Moment, OutSchema, PhoneSchema, Text


class ExplanationIn(PhoneSchema):
    """The author's words."""

    text = Text(least=1, most=1000, required=True)


class ExplanationOut(OutSchema):
    """What was said, of which revision, and when."""

    id = Id(required=True)
    rev = fields.Integer(required=True)
    text = fields.String(required=True)
    author_name = fields.String(required=True)
    written_at = Moment(required=True)


class ExplanationListOut(OutSchema):
    """All that was said, oldest first."""

    items = fields.List(fields.Nested(ExplanationOut()), required=True)
