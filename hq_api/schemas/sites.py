"""Sites, stations and assignments, as headquarters writes and reads them."""

from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from service.http.places import FenceOut, NamedRowOut, Near
from service.http.schemas import Day, Id, Moment, OutSchema, PageQuery, Real, StrictSchema, Text, choice
from service.kernel.datum import Datum
from service.kernel.geo import MOST_CORNERS
from service.projects.assigning import NewAssignment, NewStation
from service.projects.commands import NewSite
from service.projects.fence import FenceAsGiven
from service.projects.models import Duty, FenceKind
from service.projects.queries import AssignmentFilter, SiteFilter

LARGEST_RADIUS_M = 50_000


class CornerIn(StrictSchema):
    """A position in the fence's datum, degrees."""

    lat = Real(least=-90, most=90, required=True)
    lng = Real(least=-180, most=180, required=True)


class FenceIn(StrictSchema):
    """A circle has `centre` and `radius_m`, a polygon `corners`; the datum is never guessed."""

    kind = choice(FenceKind, required=True)
    datum = choice(Datum, required=True)
    centre = fields.Nested(CornerIn, load_default=None, allow_none=True)
    radius_m = Real(least=0, most=LARGEST_RADIUS_M, load_default=None, allow_none=True)
    corners = fields.List(
        fields.Nested(CornerIn),
        load_default=None,
        allow_none=True,
        validate=validate.Length(max=MOST_CORNERS + 1),
    )

    @ma.post_load
    def build(self, given: dict[str, Any], **_: Any) -> FenceAsGiven:
        """The fence as it was entered; whether it is one, the command decides."""
        centre = [given["centre"]] if given["centre"] is not None else []
        places = centre if given["kind"] is FenceKind.CIRCLE else given["corners"] or []
        return FenceAsGiven(
            kind=given["kind"],
            datum=given["datum"],
            corners=tuple((place["lat"], place["lng"]) for place in places),
            radius_m=given["radius_m"] if given["kind"] is FenceKind.CIRCLE else None,
        )


class SiteIn(StrictSchema):
    """A new site."""

    name = Text(least=1, most=200, required=True)
    unit_id = Id(required=True)
    fence = fields.Nested(FenceIn, required=True)
    project_id = Id(load_default=None, allow_none=True)
    address = Text(most=300, load_default=None, allow_none=True)

    @ma.post_load
    def build(self, given: dict[str, Any], **_: Any) -> NewSite:
        """What the command takes."""
        return NewSite(**given)


class RedrawIn(StrictSchema):
    """Another fence."""

    fence = fields.Nested(FenceIn, required=True)


class SiteOut(OutSchema):
    """A site; `fence` is in WGS-84, `fence_as_given` in the datum it was entered in."""

    id = Id(required=True)
    name = fields.String(required=True)
    address = fields.String(required=True, allow_none=True)
    fence = fields.Nested(FenceOut, required=True)
    fence_as_given = fields.Nested(FenceOut, required=True)
    unit = fields.Nested(NamedRowOut, required=True)
    project = fields.Nested(NamedRowOut, required=True, allow_none=True)
    distance_m = fields.Float(required=True, allow_none=True)
    created_at = Moment(required=True)
    closed_at = Moment(required=True, allow_none=True)


class SiteQuery(PageQuery):
    """Which sites; `near` sorts by distance. A unit stands for all below it as well."""

    unit = Id(load_default=None)
    project = Id(load_default=None)
    near = Near(load_default=None, metadata={"type": "string", "description": "`lat,lng`, WGS-84"})
    state = fields.String(load_default="open", validate=validate.OneOf(["open", "closed", "all"]))

    @ma.post_load
    def build(self, given: dict[str, Any], **_: Any) -> dict[str, Any]:
        """The filter beside the page."""
        given["what"] = SiteFilter(
            unit_id=given.pop("unit"),
            project_id=given.pop("project"),
            near=given.pop("near"),
            is_open={"open": True, "closed": False, "all": None}[given.pop("state")],
        )
        return given


class StationIn(StrictSchema):
    """A new station."""

    name = Text(least=1, most=200, required=True)
    unit_id = Id(required=True)
    site_id = Id(required=True)

    @ma.post_load
    def build(self, given: dict[str, Any], **_: Any) -> NewStation:
        """What the command takes."""
        return NewStation(**given)


class StationOut(OutSchema):
    """A station with its site."""

    id = Id(required=True)
    name = fields.String(required=True)
    unit = fields.Nested(NamedRowOut, required=True)
    site = fields.Nested(NamedRowOut, required=True)
    created_at = Moment(required=True)
    closed_at = Moment(required=True, allow_none=True)


class StationQuery(PageQuery):
    """Which stations."""

    site = Id(load_default=None)


class AssignmentIn(StrictSchema):
    """A person looks after a site from a day until a day (exclusive)."""

    user_id = Id(required=True)
    site_id = Id(required=True)
    duty = choice(Duty, required=True)
    from_on = Day(required=True)
    until_on = Day(load_default=None, allow_none=True)

    @ma.post_load
    def build(self, given: dict[str, Any], **_: Any) -> NewAssignment:
        """What the command takes."""
        return NewAssignment(**given)


class EndingIn(StrictSchema):
    """The first day without the person."""

    until_on = Day(required=True)


class AssignmentOut(OutSchema):
    """Who looks after which site in what capacity; `until_on` is the first day without them."""

    id = Id(required=True)
    duty = choice(Duty, required=True)
    from_on = fields.Date(required=True)
    until_on = fields.Date(required=True, allow_none=True)
    user = fields.Nested(NamedRowOut, required=True)
    site = fields.Nested(NamedRowOut, required=True)


class AssignmentQuery(PageQuery):
    """Which assignments; `on` is a day on which they are in force."""

    site = Id(load_default=None)
    user = Id(load_default=None)
    on = Day(load_default=None)

    @ma.post_load
    def build(self, given: dict[str, Any], **_: Any) -> dict[str, Any]:
        """The filter beside the page."""
        given["what"] = AssignmentFilter(
            site_id=given.pop("site"), user_id=given.pop("user"), on=given.pop("on")
        )
        return given


class SiteCardOut(OutSchema):
    """A site with its open stations and everybody who was ever assigned to it."""

    site = fields.Nested(SiteOut, required=True)
    stations = fields.List(fields.Nested(StationOut), required=True)
    assignments = fields.List(fields.Nested(AssignmentOut), required=True)
