"""The register as phones see it."""

from marshmallow import fields

from service.enterprises.models import EnterpriseKind
from service.http.lists import list_of
from service.http.schemas import Id, OutSchema, PhonePageQuery, Text, choice


class RosterQuery(PhonePageQuery):
    """What is looked for: a part of a name, an alias, pinyin initials or the beginning of a credit code."""

    q = Text(most=100, load_default="")
    list = Text(most=100, load_default=None, metadata={"description": "a target list: its id, or its name"})
    not_visited = fields.Boolean(
        load_default=False,
        metadata={"description": "without `q` and `list`: of the programme's target lists, when it has any"},
    )


class RosterEnterpriseOut(OutSchema):
    """An enterprise to visit; `top500` names the lists it is on today."""

    id = Id(required=True)
    name = fields.String(required=True)
    short_name = fields.String(required=True, allow_none=True)
    kind = choice(EnterpriseKind, required=True)
    credit_code = fields.String(required=True, allow_none=True)
    initials = fields.String(required=True)
    country = fields.String(required=True, allow_none=True)
    province = fields.String(required=True, allow_none=True)
    city = fields.String(required=True, allow_none=True)
    industry = fields.String(required=True, allow_none=True)
    well_known = fields.Boolean(required=True)
    top500 = fields.List(fields.String(), required=True)


class RosterNameOut(OutSchema):
    """Another name."""

    id = Id(required=True)
    name = fields.String(required=True)


class RosterDetailsOut(RosterEnterpriseOut):
    """An enterprise with its other names; one that was merged says which stands for it."""

    aliases = fields.List(fields.Nested(RosterNameOut), required=True)
    chain = fields.String(required=True, allow_none=True)
    address = fields.String(required=True, allow_none=True)
    website = fields.String(required=True, allow_none=True)
    merged_into_id = Id(required=True, allow_none=True)


RosterEnterpriseList = list_of(RosterEnterpriseOut)
