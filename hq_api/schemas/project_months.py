"""Months and lights of projects, as headquarters writes and reads them."""

from dataclasses import asdict
from datetime import date
from typing import Any

import marshmallow as ma
from marshmallow import fields

from hq_api.schemas.thresholds import LimitOut
from service.http.problems import language
from service.http.schemas import (
    Id,
    Moment,
    Month,
    OutSchema,
    QueryMoment,
    StrictSchema,
    Text,
    Wan,
    Whole,
    choice,
)
from service.kernel.errors import fault
from service.projects.light_limits import LIGHT_CATALOGUE
from service.projects.light_settings import LightLimitsShown
from service.projects.lights import LightRule, ProjectLight
from service.projects.month_tables import LONGEST_TEXT
from service.projects.progress_months import MonthTold


def month_in_path(text: str) -> date:
    """The month a path names.

    Raises:
        Invalid: it is none.
    """
    try:
        read: date = Month().deserialize(text)
    except ma.ValidationError as error:
        raise fault("/month", "月份应写成 2026-10", "A month is written 2026-10") from error
    return read


class MonthToldIn(StrictSchema):
    """All that is told of a month: what is left out or null is not told (any more)."""

    completed_investment_wan = Wan(
        load_default=None, allow_none=True, metadata={"description": "完成投资 of this month alone"}
    )
    funds_in_place_wan = Wan(
        load_default=None, allow_none=True, metadata={"description": "到位资金 of this month alone"}
    )
    visible_progress = Text(most=LONGEST_TEXT, load_default=None, allow_none=True)
    problem = Text(most=LONGEST_TEXT, load_default=None, allow_none=True)
    not_started_because = Text(
        most=LONGEST_TEXT,
        load_default=None,
        allow_none=True,
        metadata={"description": "why it has not started in this month, though it was planned"},
    )

    @ma.post_load
    def build(self, given: dict[str, Any], **_: Any) -> MonthTold:
        """What the command takes; a text without letters tells nothing."""
        return MonthTold(**{name: None if value == "" else value for name, value in given.items()})


class KnownQuery(StrictSchema):
    """As of which moment; as it stands without one."""

    known_at = QueryMoment(load_default=None, metadata={"description": "as it was known then"})


class LightFindingOut(OutSchema):
    """What one rule says, and why."""

    rule = choice(LightRule, required=True)
    light = choice(ProjectLight, required=True)
    text = fields.Function(
        lambda one: one.en if language() == "en" else one.zh, required=True, metadata={"type": "string"}
    )


class ProjectLightOut(OutSchema):
    """The worst of what the rules say, with its words; `findings` tell all of them, the worst first."""

    light = choice(ProjectLight, required=True)
    text = fields.Function(lambda shown: shown.text[language()], required=True, metadata={"type": "string"})
    findings = fields.List(fields.Nested(LightFindingOut), required=True)


class MonthToldOut(OutSchema):
    """What was reported of one month; amounts are of that month alone, in 万元."""

    month = Month(required=True)
    completed_investment_wan = Wan(required=True, allow_none=True, attribute="told.completed_investment_wan")
    funds_in_place_wan = Wan(required=True, allow_none=True, attribute="told.funds_in_place_wan")
    visible_progress = fields.String(required=True, allow_none=True, attribute="told.visible_progress")
    problem = fields.String(required=True, allow_none=True, attribute="told.problem")
    not_started_because = fields.String(required=True, allow_none=True, attribute="told.not_started_because")


class MonthRowOut(MonthToldOut):
    """A month as it was told once, with the sums of all months up to it; `replaced_at` is null on what holds."""

    number = fields.Integer(required=True)
    completed_to_date_wan = Wan(required=True)
    funds_to_date_wan = Wan(required=True)
    set_at = Moment(required=True)
    set_by_name = fields.String(required=True, allow_none=True)
    replaced_at = Moment(required=True, allow_none=True)


class MonthVersionOut(MonthToldOut):
    """What was told of a month once; `replaced_at` is null on what holds."""

    number = fields.Integer(required=True)
    set_at = Moment(required=True)
    set_by_name = fields.String(required=True, allow_none=True)
    replaced_at = Moment(required=True, allow_none=True)


class MonthImportQuery(StrictSchema):
    """Whether to change anything, and the month of rows that name none."""

    dry_run = fields.Boolean(load_default=False)
    month = Month(load_default=None)


class TakenMonthOut(MonthToldOut):
    """A row that was taken: what the month says with it."""

    line_no = fields.Integer(required=True)
    project_id = Id(required=True)
    name = fields.String(required=True)
    is_changed = fields.Boolean(required=True)


class RefusedMonthRowOut(OutSchema):
    """A row that was left out."""

    line_no = fields.Integer(required=True)
    zh = fields.String(required=True)
    en = fields.String(required=True)


class MonthImportOut(OutSchema):
    """What a file told, or would tell; `ignored` are columns of sums, which are never entered."""

    dry_run = fields.Boolean(required=True)
    accepted = fields.Integer(required=True)
    changed = fields.Integer(required=True)
    ignored = fields.List(fields.String(), required=True)
    months = fields.List(fields.Nested(TakenMonthOut), required=True)
    refused = fields.List(fields.Nested(RefusedMonthRowOut), required=True)


def _limits_in() -> type[StrictSchema]:
    """The limits to set, by code; those left out stay. Made of the catalogue, so that the two do not drift apart."""
    codes: dict[str, Any] = {
        one.code: Whole(
            least=one.least,
            most=one.most,
            metadata={"description": f"{one.zh} / {one.en}, {one.counted_in['en']}"},
        )
        for one in LIGHT_CATALOGUE
    }
    return type("ProjectLightLimitsIn", (StrictSchema,), codes)


class LightSettingIn(StrictSchema):
    """Limits of project lights to set from now on."""

    limits = fields.Nested(_limits_in()(), required=True)

    @ma.post_load
    def build(self, found: dict[str, Any], **_: Any) -> dict[str, int]:
        """The limits by code."""
        return dict(found["limits"])


class LightSettingOut(OutSchema):
    """The limits of project lights; `number` grows with each setting, 0 is the usual ones."""

    number = fields.Integer(required=True)
    set_by_name = fields.String(required=True, allow_none=True)
    set_at = Moment(required=True, allow_none=True)
    limits = fields.List(fields.Nested(LimitOut()), required=True)

    @ma.pre_dump
    def listed(self, shown: LightLimitsShown, **_: Any) -> dict[str, Any]:
        """Every limit with its words, in the order to show them."""
        held = asdict(shown.limits)
        limits = [
            {
                "code": one.code,
                "name": {"zh": one.zh, "en": one.en},
                "counted_in": one.counted_in,
                "value": held[one.code],
                "usual": one.usual,
                "least": one.least,
                "most": one.most,
            }
            for one in LIGHT_CATALOGUE
        ]
        return {
            "number": shown.number,
            "set_by_name": shown.set_by_name,
            "set_at": shown.set_at,
            "limits": limits,
        }
