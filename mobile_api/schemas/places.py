"""A place as phones report it."""

from typing import Any

from marshmallow import post_load

from service.http.schemas import INT32, Flag, PhoneSchema, Real, Whole, choice
from service.kernel.datum import Datum
from service.submissions.location import Location, LocationSource


class LocationIn(PhoneSchema):
    """Where the phone says it is, in the datum it says; nothing is guessed."""

    lat = Real(least=-90, most=90, required=True, metadata={"description": "degrees"})
    lng = Real(least=-180, most=180, required=True, metadata={"description": "degrees"})
    datum = choice(Datum, required=True)
    accuracy_m = Real(least=0, most=1_000_000, allow_none=True)
    source = choice(LocationSource, required=True)
    is_mock = Flag(allow_none=True)
    fix_age_ms = Whole(most=INT32, allow_none=True)

    @post_load
    def build(self, values: dict[str, Any], **_: Any) -> Location:
        """The location as the house has it."""
        return Location(**values)
