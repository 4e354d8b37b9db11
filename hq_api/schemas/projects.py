"""Projects, as headquarters writes and reads them."""

from decimal import Decimal
from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from hq_api.schemas.project_months import MonthToldOut, ProjectLightOut
from service.http.places import NamedRowOut
from service.http.schemas import (
    Day,
    Id,
    Moment,
    Month,
    OutSchema,
    PageQuery,
    StrictSchema,
    Text,
    Wan,
    Whole,
    choice,
)
from service.projects.commands import NewProject
from service.projects.lights import ProjectLight
from service.projects.models import ContractKind, ProjectStage
from service.projects.queries import ProjectFilter


class YearPlanIn(StrictSchema):
    """The planned investment of a year, in 万元; null takes it away."""

    year = Whole(least=2000, most=2099, required=True)
    planned_investment_wan = Wan(required=True, allow_none=True)


class _ProjectFacts(StrictSchema):
    """What is told of a project when it is entered and afterwards."""

    enterprise_id = Id(allow_none=True)
    total_investment_wan = Wan(allow_none=True)
    contract_signed_on = Day(allow_none=True)
    contract_kind = choice(ContractKind, allow_none=True)
    planned_start_on = Day(allow_none=True)
    started_on = Day(allow_none=True)
    planned_completion_on = Day(allow_none=True)
    completed_on = Day(allow_none=True)
    stat_entered_on = Day(
        allow_none=True, metadata={"description": "入统: when it was entered into the statistics"}
    )
    year_plans = fields.List(
        fields.Nested(YearPlanIn),
        validate=validate.Length(max=30),
        metadata={"description": "the planned investment of the years that are named; others stay"},
    )

    @ma.validates_schema
    def names_a_year_once(self, given: dict[str, Any], **_: Any) -> None:
        """A year has one plan."""
        years = [one["year"] for one in given.get("year_plans", [])]
        if len(years) != len(set(years)):
            raise ma.ValidationError("同一年份出现两次 / a year comes twice", "year_plans")


def _by_year(given: dict[str, Any]) -> dict[int, Decimal | None]:
    return {one["year"]: one["planned_investment_wan"] for one in given.pop("year_plans", [])}


class ProjectIn(_ProjectFacts):
    """A new project."""

    name = Text(least=1, most=200, required=True)
    unit_id = Id(required=True)
    stage = choice(ProjectStage, load_default=ProjectStage.STARTED)

    @ma.post_load
    def build(self, given: dict[str, Any], **_: Any) -> NewProject:
        """What the command takes."""
        return NewProject(year_plans=_by_year(given), **given)


class ProjectPatchIn(_ProjectFacts):
    """What changes of a project: the fields that are there, null where a fact is to be taken away."""

    name = Text(least=1, most=200)
    stage = choice(ProjectStage)
    stage_on = Day(metadata={"description": "when the stage was reached; today without it"})

    @ma.validates_schema
    def says_something(self, given: dict[str, Any], **_: Any) -> None:
        """An empty change is a slip, and a day belongs to a stage."""
        if not given:
            raise ma.ValidationError("没有要修改的内容 / nothing is to be changed")
        if "stage_on" in given and "stage" not in given:
            raise ma.ValidationError("须同时给出阶段 / give the stage as well", "stage_on")

    @ma.post_load
    def build(self, given: dict[str, Any], **_: Any) -> dict[str, Any]:
        """What the command takes, without whose it is."""
        return {"stage_on": given.pop("stage_on", None), "year_plans": _by_year(given), "facts": given}


class YearPlanOut(OutSchema):
    """The planned investment of a year, in 万元."""

    year = fields.Integer(required=True)
    planned_investment_wan = Wan(required=True)


class ProjectOut(OutSchema):
    """A project; amounts are in 万元, sums those of all months up to `month`, the latest that was reported."""

    id = Id(required=True)
    name = fields.String(required=True)
    stage = choice(ProjectStage, required=True)
    unit = fields.Nested(NamedRowOut, required=True)
    enterprise = fields.Nested(NamedRowOut, required=True, allow_none=True)
    total_investment_wan = Wan(required=True, allow_none=True)
    contract_signed_on = fields.Date(required=True, allow_none=True)
    contract_kind = choice(ContractKind, required=True, allow_none=True)
    planned_start_on = fields.Date(required=True, allow_none=True)
    started_on = fields.Date(required=True, allow_none=True)
    planned_completion_on = fields.Date(required=True, allow_none=True)
    completed_on = fields.Date(required=True, allow_none=True)
    stat_entered_on = fields.Date(required=True, allow_none=True)
    year_plans = fields.List(fields.Nested(YearPlanOut), required=True, attribute="tracked.year_plans")
    light = fields.Nested(ProjectLightOut, required=True, allow_none=True, attribute="tracked.light")
    light_limits_number = fields.Integer(
        required=True,
        attribute="tracked.light_limits_number",
        metadata={"description": "the setting that lit the light; 0 is the usual limits"},
    )
    month = fields.Nested(MonthToldOut, required=True, allow_none=True, attribute="tracked.month")
    completed_to_date_wan = Wan(required=True, allow_none=True, attribute="tracked.completed_to_date_wan")
    funds_to_date_wan = Wan(required=True, allow_none=True, attribute="tracked.funds_to_date_wan")
    created_at = Moment(required=True)
    closed_at = Moment(required=True, allow_none=True)


class StageChangeOut(OutSchema):
    """A stage that a project reached; `stage_before` is null for the one it was entered with."""

    number = fields.Integer(required=True)
    stage_before = choice(ProjectStage, required=True, allow_none=True)
    stage = choice(ProjectStage, required=True)
    reached_on = fields.Date(required=True)
    set_at = Moment(required=True)
    set_by_name = fields.String(required=True, allow_none=True)


class ProjectQuery(PageQuery):
    """Which projects; a unit stands for all below it as well."""

    unit = Id(load_default=None)
    stage = choice(ProjectStage, load_default=None)
    light = choice(ProjectLight, load_default=None)
    month = Month(
        load_default=None,
        metadata={"description": "figures and lights as of its end; without, today and the latest month"},
    )

    @ma.post_load
    def build(self, given: dict[str, Any], **_: Any) -> dict[str, Any]:
        """The filter beside the page."""
        given["what"] = ProjectFilter(
            unit_id=given.pop("unit"),
            stage=given.pop("stage"),
            light=given.pop("light"),
            month=given.pop("month"),
        )
        return given
