"""The register as headquarters sees and writes it."""

from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, fields, post_load, validate

from service.enterprises.commands import Amendment, Registration
from service.enterprises.models import EnterpriseKind, SuspicionState
from service.http.lists import list_of
from service.http.problems import language
from service.http.schemas import (
    Flag,
    Id,
    Moment,
    OutSchema,
    PageQuery,
    Real,
    StrictSchema,
    Text,
    Whole,
    choice,
)
from service.kernel.datum import Datum, to_wgs84

LONGEST_NAME, LONGEST_TEXT, LONGEST_CODE = 200, 500, 60


class RegisterQuery(PageQuery):
    """What is looked for in the register, and on which list."""

    q = Text(most=100, load_default="")
    list = Text(most=100, load_default=None, metadata={"description": "a target list: its id, or its name"})
    not_visited = fields.Boolean(load_default=False)


class _Facts(StrictSchema):
    short_name = Text(most=LONGEST_NAME, allow_none=True)
    credit_code = Text(most=LONGEST_CODE, allow_none=True)
    industry = Text(most=LONGEST_TEXT, allow_none=True)
    chain = Text(most=LONGEST_TEXT, allow_none=True)
    country = Text(most=LONGEST_TEXT, allow_none=True)
    province = Text(most=LONGEST_TEXT, allow_none=True)
    city = Text(most=LONGEST_TEXT, allow_none=True)
    address = Text(most=LONGEST_TEXT, allow_none=True)
    website = Text(most=LONGEST_TEXT, allow_none=True)
    latitude = Real(least=-90, most=90, allow_none=True)
    longitude = Real(least=-180, most=180, allow_none=True)
    datum = choice(
        Datum, metadata={"description": "of both coordinates, which are kept in WGS-84; wgs84 without it"}
    )
    responsible_unit_id = Id(allow_none=True)
    well_known = Flag()
    tags = fields.List(Text(most=50, least=1), validate=validate.Length(max=50))


def _in_wgs84(told: Mapping[str, Any]) -> dict[str, Any]:
    """The facts with their position in WGS-84: read off a map of 高德 or 百度 it lies half a kilometre away."""
    values = {name: value for name, value in told.items() if name != "datum"}
    datum = told.get("datum", Datum.WGS84)
    if datum is Datum.WGS84:
        return values
    latitude, longitude = values.get("latitude"), values.get("longitude")
    if latitude is None or longitude is None:
        raise ValidationError("Give both coordinates." if language() == "en" else "请同时填写经纬度", "datum")
    return values | dict(zip(("latitude", "longitude"), to_wgs84(latitude, longitude, datum), strict=True))


class EnterpriseIn(_Facts):
    """An enterprise to register; only the name is needed."""

    name = Text(most=LONGEST_NAME, least=1, required=True)
    kind = choice(EnterpriseKind, load_default=EnterpriseKind.ENTERPRISE)
    aliases = fields.List(Text(most=LONGEST_NAME, least=1), validate=validate.Length(max=50))

    @post_load
    def build(self, values: dict[str, Any], **_: Any) -> Registration:
        """The registration as the house has it."""
        lists: dict[str, Any] = {name: tuple(values[name]) for name in ("tags", "aliases") if name in values}
        return Registration(**{**_in_wgs84(values), **lists})


class EnterprisePatchIn(_Facts):
    """What changes, and the revision that was seen."""

    base_rev = Whole(least=1, required=True)
    name = Text(most=LONGEST_NAME, least=1)
    kind = choice(EnterpriseKind)

    @post_load
    def build(self, values: dict[str, Any], **_: Any) -> Mapping[str, Any]:
        """The changes, with `base_rev` among them."""
        return _in_wgs84(values)


def amendment(enterprise_id: Any, told: Mapping[str, Any]) -> Amendment:
    """The change of that enterprise as the house has it."""
    changes = {name: value for name, value in told.items() if name != "base_rev"}
    return Amendment(enterprise_id, told["base_rev"], changes)


class AliasIn(StrictSchema):
    """Another name."""

    name = Text(most=LONGEST_NAME, least=1, required=True)


class GroupIn(StrictSchema):
    """A new group."""

    name = Text(most=LONGEST_NAME, least=1, required=True)


class GroupLinkIn(StrictSchema):
    """The group an enterprise belongs to, and whether a person says so."""

    group_id = Id(required=True)
    confirmed = Flag(load_default=True)


class GroupsQuery(PageQuery):
    """Groups with this in their name."""

    q = Text(most=100, load_default="")


class DuplicatesQuery(PageQuery):
    """Which suspected pairs."""

    state = choice(SuspicionState, load_default=SuspicionState.OPEN)
    enterprise_id = Id(load_default=None)


class MergeIn(StrictSchema):
    """The enterprise that is to stand for both."""

    into_id = Id(required=True)


class EnterpriseRowOut(OutSchema):
    """A line of the register."""

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
    group_id = Id(required=True, allow_none=True)
    top500 = fields.List(fields.String(), required=True)
    rev = fields.Integer(required=True)


class AliasOut(OutSchema):
    """Another name."""

    id = Id(required=True)
    name = fields.String(required=True)


class GroupOfOut(OutSchema):
    """The group it belongs to; unconfirmed it is a suggestion."""

    id = Id(required=True)
    name = fields.String(required=True)
    confirmed = fields.Boolean(required=True)
    confirmed_at = Moment(required=True, allow_none=True)


class MembershipOut(OutSchema):
    """A place on a list's edition."""

    id = Id(required=True)
    edition_id = Id(required=True)
    list_code = fields.String(required=True)
    title = fields.String(required=True)
    year = fields.Integer(required=True)
    rank = fields.Integer(required=True, allow_none=True)
    listed_name = fields.String(required=True)
    through_group = fields.Boolean(required=True)
    confirmed = fields.Boolean(required=True)


class EnterpriseOut(OutSchema):
    """Everything the register holds of an enterprise."""

    id = Id(required=True)
    rev = fields.Integer(required=True)
    name = fields.String(required=True)
    short_name = fields.String(required=True, allow_none=True)
    kind = choice(EnterpriseKind, required=True)
    credit_code = fields.String(required=True, allow_none=True)
    initials = fields.String(required=True)
    well_known = fields.Boolean(required=True)
    aliases = fields.List(fields.Nested(AliasOut), required=True)
    group = fields.Nested(GroupOfOut, required=True, allow_none=True)
    memberships = fields.List(fields.Nested(MembershipOut), required=True)
    top500 = fields.List(fields.String(), required=True)
    industry = fields.String(required=True, allow_none=True)
    chain = fields.String(required=True, allow_none=True)
    country = fields.String(required=True, allow_none=True)
    province = fields.String(required=True, allow_none=True)
    city = fields.String(required=True, allow_none=True)
    address = fields.String(required=True, allow_none=True)
    website = fields.String(required=True, allow_none=True)
    latitude = fields.Float(required=True, allow_none=True)
    longitude = fields.Float(required=True, allow_none=True)
    responsible_unit_id = Id(required=True, allow_none=True)
    tags = fields.List(fields.String(), required=True)
    facts = fields.Dict(required=True, metadata={"description": "what lists said of it, such as `revenue`"})
    merged_into_id = Id(required=True, allow_none=True)
    source = fields.String(required=True, allow_none=True)
    created_at = Moment(required=True)
    updated_at = Moment(required=True)


class GroupOut(OutSchema):
    """A group and how many belong to it."""

    id = Id(required=True)
    name = fields.String(required=True)
    members = fields.Integer(required=True)
    confirmed = fields.Integer(required=True)


class GroupMadeOut(OutSchema):
    """A group that was made."""

    id = Id(required=True)
    name = fields.String(required=True)


class SuspectOut(OutSchema):
    """One of a suspected pair."""

    id = Id(required=True)
    name = fields.String(required=True)
    credit_code = fields.String(required=True, allow_none=True)
    city = fields.String(required=True, allow_none=True)


class SuspectedPairOut(OutSchema):
    """Two enterprises that look alike."""

    id = Id(required=True)
    first = fields.Nested(SuspectOut, required=True)
    second = fields.Nested(SuspectOut, required=True)
    likeness = fields.Float(required=True)
    reasons = fields.List(fields.String(), required=True)
    state = choice(SuspicionState, required=True)
    suspected_at = Moment(required=True)
    decided_at = Moment(required=True, allow_none=True)


class MergeOut(OutSchema):
    """A merge, which can be undone by its id."""

    id = Id(required=True)
    kept_id = Id(required=True)
    merged_id = Id(required=True)
    merged_at = Moment(required=True)
    undone_at = Moment(required=True, allow_none=True)


EnterpriseRowList = list_of(EnterpriseRowOut)
GroupList = list_of(GroupOut)
SuspectedPairList = list_of(SuspectedPairOut)
