"""Top-500 lists as headquarters sees and writes them."""

from typing import Any
from uuid import UUID

from marshmallow import ValidationError, fields, post_load, validate, validates_schema

from service.enterprises.lists import EditionChange, NewEdition, NewPlace
from service.http.lists import list_of
from service.http.schemas import Day, Flag, Id, Moment, OutSchema, StrictSchema, Text, Whole


class EditionIn(StrictSchema):
    """A new edition of a list."""

    list_code = fields.String(required=True, validate=validate.Regexp(r"[a-z0-9_]{1,60}\Z"))
    title = Text(most=100, least=1, required=True)
    year = Whole(least=2000, most=2100, required=True)
    in_force_from = Day(required=True)

    @post_load
    def build(self, values: dict[str, Any], **_: Any) -> NewEdition:
        """The edition as the house has it."""
        return NewEdition(**values)


class EditionPatchIn(StrictSchema):
    """An edition's new title and first day."""

    title = Text(most=100, least=1, required=True)
    in_force_from = Day(required=True)


def edition_change(edition_id: UUID, told: dict[str, Any]) -> EditionChange:
    """The change of that edition as the house has it."""
    return EditionChange(edition_id, told["title"], told["in_force_from"])


class PlaceIn(StrictSchema):
    """Who is on the edition: an enterprise or a group."""

    listed_name = Text(most=200, least=1, required=True)
    enterprise_id = Id(load_default=None, allow_none=True)
    group_id = Id(load_default=None, allow_none=True)
    rank = Whole(least=1, load_default=None, allow_none=True)
    confirmed = Flag(load_default=False)

    @validates_schema
    def names_one(self, values: dict[str, Any], **_: Any) -> None:
        """Exactly one holder."""
        if (values["enterprise_id"] is None) == (values["group_id"] is None):
            raise ValidationError(
                "企业与集团须且只能填一项 / exactly one of enterprise and group", "enterprise_id"
            )


def new_place(edition_id: UUID, told: dict[str, Any]) -> NewPlace:
    """The place on that edition as the house has it."""
    return NewPlace(edition_id=edition_id, **told)


class ConfirmationIn(StrictSchema):
    """The places that a person confirms."""

    place_ids = fields.List(Id(), required=True, validate=validate.Length(min=1, max=1000))


class EditionOut(OutSchema):
    """An edition with how many places it has."""

    id = Id(required=True)
    list_code = fields.String(required=True)
    title = fields.String(required=True)
    year = fields.Integer(required=True)
    in_force_from = Day(required=True)
    places = fields.Integer(required=True)
    confirmed = fields.Integer(required=True)


class PlaceOut(OutSchema):
    """A place on an edition, with who holds it."""

    id = Id(required=True)
    edition_id = Id(required=True)
    rank = fields.Integer(required=True, allow_none=True)
    listed_name = fields.String(required=True)
    enterprise_id = Id(required=True, allow_none=True)
    enterprise_name = fields.String(required=True, allow_none=True)
    group_id = Id(required=True, allow_none=True)
    group_name = fields.String(required=True, allow_none=True)
    confirmed_at = Moment(required=True, allow_none=True)


class ListMadeOut(OutSchema):
    """What was made."""

    id = Id(required=True)


class ConfirmedOut(OutSchema):
    """How many places were not confirmed before."""

    confirmed = fields.Integer(required=True)


EditionList = list_of(EditionOut)
PlaceList = list_of(PlaceOut)
