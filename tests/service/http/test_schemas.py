"""The quick way in of phones' schemas takes and refuses exactly what marshmallow's own does."""

import marshmallow as ma
import pytest
from marshmallow import fields, validate

from service.http.schemas import Id, Moment, PhoneSchema, Real, Text, Whole


class PersonIn(PhoneSchema):
    name = Text(most=5, least=1, required=True)
    rank = Text(most=5, allow_none=True)


class NoteIn(PhoneSchema):
    id = Id(required=True)
    at = Moment(allow_none=True)
    title = Text(most=5, data_key="heading")
    count = Whole(load_default=3)
    share = Real(least=0, most=1)
    people = fields.List(fields.Nested(PersonIn), validate=validate.Length(max=2))
    leader = fields.Nested(PersonIn, allow_none=True)
    code = fields.String(validate=[validate.Length(max=2), validate.OneOf(["a"])], attribute="kept.code")


ID = "0199a0f0-0000-7000-8000-000000000001"
BODIES = [
    {"id": ID},
    {},
    {"id": None},
    {"id": ID, "at": None, "heading": " a ", "count": 5, "share": 0.5, "code": "a"},
    {"id": ID, "title": "not its key", "unknown": {"deep": 1}},
    {"id": ID, "heading": "too long", "count": True, "share": 2, "code": "long"},
    {"id": ID, "people": [{"name": "a"}, {"name": ""}, {"rank": "x"}], "leader": {"name": 5}},
    {"id": ID, "people": [{"name": "a", "rank": None}, "nobody"]},
    {"id": ID, "people": "nobody", "leader": None},
    {"id": ID, "people": [{"name": "a"}] * 3, "leader": []},
    [],
    None,
    "text",
]


def outcome(body):
    try:
        return NoteIn().load(body)
    except ma.ValidationError as error:
        return error.messages, error.valid_data


@pytest.mark.parametrize("body", BODIES, ids=repr)
def test_it_reads_as_marshmallow_does(body, monkeypatch):
    quick = outcome(body)
    monkeypatch.delattr(PhoneSchema, "_deserialize")
    for kind in (Text, Id, Moment, Whole, Real):
        monkeypatch.setattr(kind, "_validate", fields.Field._validate)
    assert quick == outcome(body)
