"""People as headquarters sees and writes them."""

from marshmallow import fields, validate

from hq_api.schemas.accounts import PersonUnitOut
from service.http.lists import list_of
from service.http.schemas import Day, Flag, Id, Moment, OutSchema, PageQuery, StrictSchema, Text, choice
from service.kernel.actor import Role

USERNAME = r"[\w.@-]{2,64}\Z"
PHONE = r"[0-9+() -]{3,30}\Z"


class PeopleQuery(PageQuery):
    """A page of people; `q` is part of a name or user name."""

    q = Text(most=64, load_default=None)
    unit_id = Id(load_default=None)
    role = choice(Role, load_default=None)
    closed = fields.Boolean(load_default=False)


class PersonIn(StrictSchema):
    """An account to open; without a password the person enrols a phone by PIN."""

    username = fields.String(required=True, validate=validate.Regexp(USERNAME))
    name = Text(most=64, least=1, required=True)
    unit_id = Id(required=True)
    roles = fields.List(choice(Role), required=True, validate=validate.Length(min=1, max=8))
    phone = fields.String(load_default=None, allow_none=True, validate=validate.Regexp(PHONE))
    rank = Text(most=64, load_default=None, allow_none=True)
    password = fields.String(load_default=None, validate=validate.Length(min=1, max=256))
    must_change_password = Flag(load_default=True)
    posted_on = Day(load_default=None)


class PersonPatchIn(StrictSchema):
    """What changes in an account."""

    name = Text(most=64, least=1)
    phone = fields.String(allow_none=True, validate=validate.Regexp(PHONE))
    rank = Text(most=64, allow_none=True)
    roles = fields.List(choice(Role), validate=validate.Length(min=1, max=8))


class PostingIn(StrictSchema):
    """Another unit from a day on."""

    unit_id = Id(required=True)
    from_on = Day(required=True)


class PersonOut(OutSchema):
    """A person with today's unit."""

    id = Id(required=True)
    username = fields.String(required=True)
    name = fields.String(required=True)
    phone = fields.String(required=True, allow_none=True)
    rank = fields.String(required=True, allow_none=True)
    unit = fields.Nested(PersonUnitOut, required=True)
    roles = fields.List(choice(Role), required=True)
    has_password = fields.Boolean(required=True)
    must_change_password = fields.Boolean(required=True)
    created_at = Moment(required=True)
    closed_at = Moment(required=True, allow_none=True)


class OneTimePasswordOut(OutSchema):
    """A password that is shown once and has to be changed within three days."""

    one_time_password = fields.String(required=True)


PersonList = list_of(PersonOut)
