"""What phones pull, type by type: the contract's words, written out by hand."""

from collections.abc import Callable
from typing import Any

from marshmallow import fields, validate

from mobile_api.schemas.checkins import CheckinOut
from mobile_api.schemas.codes import CodeOut
from mobile_api.schemas.heartbeats import PhoneRecallOut
from mobile_api.schemas.issues import IssueOut
from mobile_api.schemas.visits import VisitOut
from service.http.places import FenceOut, NamedRowOut
from service.http.record_schemas import KeptOut
from service.http.schemas import Day, Flag, Id, Moment, OutSchema, PhoneSchema, QueryWhole, choice
from service.http.trip_schemas import TripOut
from service.programmes.models import CountingPolicy, Line, TargetLevel, ThousandScope
from service.projects.models import Duty
from service.sync.cursors import LONGEST
from service.sync.pull import DEFAULT_LIMIT, LARGEST_LIMIT

_OPS = ("upsert", "delete")


class ChangesQuery(PhoneSchema):
    """After which cursor, and how many rows."""

    cursor = fields.String(
        load_default=None,
        validate=validate.Length(max=LONGEST),
        metadata={"description": "`next_cursor` of the last answer; without it everything comes anew"},
    )
    limit = QueryWhole(least=1, most=LARGEST_LIMIT, load_default=DEFAULT_LIMIT)


class PulledNameOut(OutSchema):
    """Another name of an enterprise."""

    name = fields.String(required=True)
    initials = fields.String(required=True)


class PulledEntryOut(OutSchema):
    """A target list an enterprise is on, and the unit that is to visit it."""

    list_id = Id(required=True)
    unit_id = Id(required=True, allow_none=True)


class PulledEnterpriseOut(OutSchema):
    """`enterprise`: one that may be visited, with all it is searched by; `top500` names the lists it is on today."""

    id = Id(required=True)
    name = fields.String(required=True)
    short_name = fields.String(required=True, allow_none=True)
    aliases = fields.List(fields.Nested(PulledNameOut), required=True)
    initials = fields.String(required=True)
    credit_code = fields.String(required=True, allow_none=True)
    kind = fields.String(required=True)
    country = fields.String(required=True, allow_none=True)
    province = fields.String(required=True, allow_none=True)
    city = fields.String(required=True, allow_none=True)
    address = fields.String(required=True, allow_none=True)
    industry = fields.String(required=True, allow_none=True)
    chain = fields.String(required=True, allow_none=True)
    well_known = Flag(required=True)
    top500 = fields.List(fields.String(), required=True)
    group_id = Id(required=True, allow_none=True)
    target_lists = fields.List(fields.Nested(PulledEntryOut), required=True)
    responsible_unit_id = Id(required=True, allow_none=True)
    latitude = fields.Float(required=True, allow_none=True)
    longitude = fields.Float(required=True, allow_none=True)


class PulledLastVisitOut(OutSchema):
    """`last_visit`: who was last at the enterprise of that id, whosever unit; its `id` is the enterprise's."""

    enterprise_id = Id(required=True)
    visited_on = Day(required=True)
    unit = fields.Nested(NamedRowOut, required=True)
    visitor = fields.Nested(NamedRowOut, required=True)


class PulledSiteOut(OutSchema):
    """`site`: an open site of the person's units, with a station of theirs, or assigned to them today."""

    id = Id(required=True)
    name = fields.String(required=True)
    address = fields.String(required=True, allow_none=True)
    unit = fields.Nested(NamedRowOut, required=True)
    project = fields.Nested(NamedRowOut, required=True, allow_none=True)
    fence = fields.Nested(FenceOut, required=True)


class PulledStationOut(OutSchema):
    """`station`: an open station at one of these sites."""

    id = Id(required=True)
    name = fields.String(required=True)
    unit = fields.Nested(NamedRowOut, required=True)
    site = fields.Nested(NamedRowOut, required=True)


class PulledAssignmentOut(OutSchema):
    """`assignment`: one of the person's own in force today; `until_on` is the first day without it."""

    id = Id(required=True)
    duty = choice(Duty, required=True)
    from_on = Day(required=True)
    until_on = Day(required=True, allow_none=True)
    site = fields.Nested(NamedRowOut, required=True)


class PulledProgrammeOut(OutSchema):
    """`programme`: the one in force today."""

    id = Id(required=True)
    name = fields.String(required=True)
    year = fields.Integer(required=True)
    starts_on = Day(required=True)
    ends_on = Day(required=True)
    counting_policy = choice(CountingPolicy, required=True)
    thousand_scope = choice(ThousandScope, required=True)
    hundred_within_thousand = Flag(required=True)
    counted_modes = fields.List(fields.String(), required=True)
    closed_at = Moment(required=True, allow_none=True)


class PulledTargetOut(OutSchema):
    """`target`: one level of what the person's unit is to achieve; `unit_id` null is the whole city."""

    id = Id(required=True)
    programme_id = Id(required=True)
    unit_id = Id(required=True, allow_none=True)
    line = choice(Line, required=True)
    level = choice(TargetLevel, required=True)
    subjects = fields.Integer(required=True)


class PulledTargetListOut(OutSchema):
    """`target_list`: a list of target enterprises."""

    id = Id(required=True)
    programme_id = Id(required=True)
    name = fields.String(required=True)


class PulledCodesOut(OutSchema):
    """`code_list`: one of the lists of `/api/v1/codes`; its `id` is the list's name."""

    codes = fields.List(fields.Nested(CodeOut), required=True)


SCHEMAS: dict[str, type[OutSchema]] = {
    "enterprise": PulledEnterpriseOut,
    "last_visit": PulledLastVisitOut,
    "site": PulledSiteOut,
    "station": PulledStationOut,
    "assignment": PulledAssignmentOut,
    "visit": VisitOut,
    "trip": TripOut,
    "issue": IssueOut,
    "checkin": CheckinOut,
    "kept": KeptOut,
    "recall": PhoneRecallOut,
    "programme": PulledProgrammeOut,
    "target": PulledTargetOut,
    "target_list": PulledTargetListOut,
    "code_list": PulledCodesOut,
}
"""What `data` holds, by type; visits, check-ins and kept bodies as their own doors show them."""

_AS_THEY_ARE = ("enterprise", "last_visit")
"""Types whose rows are read as JSON has them: there are 50,000, and a schema would take ten times as long."""


def dump(kind: str, facts: Any) -> Any:
    """The facts of a row of this type as JSON has them."""
    return _DUMPS[kind](facts)


_DUMPS: dict[str, Callable[[Any], Any]] = {
    kind: (lambda facts: facts) if kind in _AS_THEY_ARE else schema().dump for kind, schema in SCHEMAS.items()
}


class ChangeOut(OutSchema):
    """A row as it is now (`upsert`), or that the person has it no more (`delete`: `rev` and `data` are null)."""

    type = fields.String(required=True, validate=validate.OneOf(sorted(SCHEMAS)))
    id = fields.String(required=True)
    rev = fields.Integer(
        required=True, allow_none=True, metadata={"description": "of records and enterprises"}
    )
    op = fields.String(required=True, validate=validate.OneOf(_OPS))
    data = fields.Dict(
        required=True,
        allow_none=True,
        metadata={
            "description": "; ".join(
                f"{kind}: {', '.join(schema().fields)}" for kind, schema in SCHEMAS.items()
            )
        },
    )


class ChangesOut(OutSchema):
    """A page of changes, to be applied in order; when `has_more` is false the phone has what there is."""

    changes = fields.List(fields.Nested(ChangeOut), required=True)
    next_cursor = fields.String(required=True)
    has_more = Flag(required=True)
    server_time = Moment(required=True)
