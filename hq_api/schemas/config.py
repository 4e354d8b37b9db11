"""What headquarters' web app shows before it asks for figures."""

from marshmallow import fields, validate

from hq_api.schemas.thresholds import ThresholdsOut
from service.http.problems import language
from service.http.schemas import OutSchema, choice
from service.kernel.datum import Datum
from service.programmes.models import TargetLevel


class TierOut(OutSchema):
    """One of the three levels of a target, the lowest first."""

    code = fields.String(required=True, validate=validate.OneOf([one.value for one in TargetLevel]))
    name = fields.Function(
        lambda one: one.en if language() == "en" else one.zh, required=True, metadata={"type": "string"}
    )


class MapOut(OutSchema):
    """Whose map may lie under the points; its tiles are drawn in `datum`."""

    tile_url = fields.String(required=True)
    attribution = fields.String(required=True)
    datum = choice(Datum, required=True)


class ConfigOut(OutSchema):
    """Names, tiers, limits and the map; `map` is null where none is set up."""

    title = fields.String(required=True)
    version = fields.String(required=True)
    organisation = fields.String(required=True)
    office_code = fields.String(required=True)
    filing_number = fields.String(required=True)
    tiers = fields.List(fields.Nested(TierOut()), required=True)
    fence_radius_m = fields.Integer(
        required=True, metadata={"description": "proposed for the fence of a new site"}
    )
    thresholds = fields.Nested(ThresholdsOut(), required=True)
    map = fields.Nested(MapOut(), required=True, allow_none=True)
