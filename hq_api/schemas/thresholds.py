"""A programme's limits at headquarters' and units' doors."""

from dataclasses import asdict
from typing import Any

from marshmallow import fields, post_load, pre_dump

from service.http.problems import language
from service.http.schemas import Id, Moment, OutSchema, QueryMoment, StrictSchema, Whole
from service.kernel.limits import LimitWords
from service.programmes.limits import CATALOGUE
from service.programmes.thresholds import ThresholdsShown


def _words(name: str) -> fields.Function:
    return fields.Function(
        lambda one: one[name] if isinstance(one[name], str) else one[name][language()],
        required=True,
        metadata={"type": "string"},
    )


class ThresholdsQuery(StrictSchema):
    """Of which moment; now by default."""

    at = QueryMoment(load_default=None, metadata={"description": "the limits that held then"})


def _limits_in() -> type[StrictSchema]:
    """The limits to set, by code; those left out stay. Made of the catalogue, so that the two do not drift apart."""
    codes: dict[str, Any] = {
        one.code: Whole(
            least=one.least,
            most=one.most,
            metadata={"description": f"{one.zh} / {one.en}, {one.counted_in['en']}"},
        )
        for one in CATALOGUE
    }
    return type("LimitsIn", (StrictSchema,), codes)


class ThresholdsIn(StrictSchema):
    """Limits to set from now on."""

    limits = fields.Nested(_limits_in()(), required=True)

    @post_load
    def build(self, found: dict[str, Any], **_: Any) -> dict[str, int]:
        """The limits by code."""
        return dict(found["limits"])


class LimitOut(OutSchema):
    """One limit: what holds, what is usual, and the bounds."""

    code = fields.String(required=True)
    name = _words("name")
    counted_in = _words("counted_in")
    value = fields.Integer(required=True)
    usual = fields.Integer(required=True)
    least = fields.Integer(required=True)
    most = fields.Integer(required=True)


class ThresholdsOut(OutSchema):
    """Limits of a programme; `number` grows with each setting, 0 is the usual ones."""

    programme_id = Id(required=True, allow_none=True)
    number = fields.Integer(required=True)
    set_by_name = fields.String(required=True, allow_none=True)
    set_at = Moment(required=True, allow_none=True)
    limits = fields.List(fields.Nested(LimitOut()), required=True)

    @pre_dump
    def listed(self, shown: ThresholdsShown, **_: Any) -> dict[str, Any]:
        """Every limit with its words, in the order to show them."""
        held = asdict(shown.limits)
        return {
            "programme_id": shown.programme_id,
            "number": shown.number,
            "set_by_name": shown.set_by_name,
            "set_at": shown.set_at,
            "limits": [_told(one, held[one.code]) for one in CATALOGUE],
        }


def _told(one: LimitWords, value: int) -> dict[str, Any]:
    return {
        "code": one.code,
        "name": {"zh": one.zh, "en": one.en},
        "counted_in": one.counted_in,
        "value": value,
        "usual": one.usual,
        "least": one.least,
        "most": one.most,
    }


class ThresholdsSettingOut(ThresholdsOut):
    """One setting of the past or the present."""
