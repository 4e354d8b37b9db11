"""Programmes, their targets and target lists at headquarters' doors."""

from collections.abc import Iterator
from typing import Any

from marshmallow import ValidationError, fields, post_load, validate, validates_schema

from service.http.problems import language
from service.http.schemas import Day, Flag, Id, Moment, OutSchema, StrictSchema, Text, Whole, choice
from service.programmes.commands import TOP500_LISTS, NewProgramme, ProgrammeChanges
from service.programmes.models import CountingPolicy, ElapsedBy, Line, TargetLevel, ThousandScope
from service.programmes.target_lists import Entry
from service.programmes.target_tables import RefusedRow
from service.programmes.targets import TargetFigure
from service.visits.models import VisitMode

_ALL_MODES = tuple(VisitMode)


def _modes(**options: Any) -> fields.List[Any]:
    return fields.List(choice(VisitMode), validate=validate.Length(min=1, max=len(VisitMode)), **options)


def _lists(**options: Any) -> fields.List[Any]:
    return fields.List(Text(least=1, most=60), validate=validate.Length(max=20), **options)


class ProgrammeIn(StrictSchema):
    """A programme to make; `ends_on` is its last day, and its rules have the usual defaults."""

    name = Text(required=True, least=1, most=100)
    year = Whole(required=True, least=2000, most=2100)
    starts_on = Day(required=True)
    ends_on = Day(required=True)
    counting_policy = choice(CountingPolicy, load_default=CountingPolicy.APPROVED)
    thousand_scope = choice(ThousandScope, load_default=ThousandScope.LISTED)
    hundred_within_thousand = Flag(load_default=True)
    elapsed_by = choice(ElapsedBy, load_default=ElapsedBy.DAYS)
    counted_modes = _modes(load_default=_ALL_MODES)
    top500_lists = _lists(load_default=TOP500_LISTS)
    allow_overlap = Flag(
        load_default=False,
        metadata={
            "description": "another open programme of the same year may cover some of its days; "
            "otherwise that is refused as `programme_overlaps`"
        },
    )

    @post_load
    def build(self, found: dict[str, Any], **_: Any) -> NewProgramme:
        """The programme as the command takes it."""
        plain = {
            "counted_modes": _unique(found["counted_modes"]),
            "top500_lists": _unique(found["top500_lists"]),
        }
        return NewProgramme(**(found | plain))


class ProgrammePatchIn(StrictSchema):
    """The fields of a programme to change."""

    name = Text(least=1, most=100)
    year = Whole(least=2000, most=2100)
    starts_on = Day()
    ends_on = Day()
    counting_policy = choice(CountingPolicy)
    thousand_scope = choice(ThousandScope)
    hundred_within_thousand = Flag()
    elapsed_by = choice(ElapsedBy)
    counted_modes = _modes()
    top500_lists = _lists()
    allow_overlap = Flag(load_default=False)

    @post_load
    def build(self, found: dict[str, Any], **_: Any) -> ProgrammeChanges:
        """The changes as the command takes them."""
        allow_overlap = found.pop("allow_overlap")
        many = {
            name: list(_unique(found[name])) for name in ("counted_modes", "top500_lists") if name in found
        }
        return ProgrammeChanges(found | many, allow_overlap=allow_overlap)


def _unique(values: Any) -> tuple[str, ...]:
    return tuple(dict.fromkeys(str(value) for value in values))


class ProgrammeOut(OutSchema):
    """A programme with the rules by which its visits count."""

    id = Id(required=True)
    name = fields.String(required=True)
    year = fields.Integer(required=True)
    starts_on = fields.Date(required=True)
    ends_on = fields.Date(required=True)
    counting_policy = choice(CountingPolicy, required=True)
    thousand_scope = choice(ThousandScope, required=True)
    hundred_within_thousand = fields.Boolean(required=True)
    elapsed_by = choice(ElapsedBy, required=True)
    counted_modes = fields.List(fields.String(), required=True)
    top500_lists = fields.List(fields.String(), required=True)
    created_at = Moment(required=True)
    closed_at = Moment(required=True, allow_none=True)


_MOST_SUBJECTS = 1_000_000


class LevelsIn(StrictSchema):
    """三套目标 to set; null takes a target away, a level that is left out stays as it is."""

    baseline = Whole(most=_MOST_SUBJECTS, allow_none=True)
    working = Whole(most=_MOST_SUBJECTS, allow_none=True)
    striving = Whole(most=_MOST_SUBJECTS, allow_none=True)


class TargetIn(StrictSchema):
    """A row as the list of targets shows it (`targets`), or one target (`level` and `subjects`).

    Without a unit it is the whole city's.
    """

    line = choice(Line, required=True)
    unit_id = Id(load_default=None, allow_none=True)
    targets = fields.Nested(LevelsIn())
    level = choice(TargetLevel)
    subjects = Whole(most=_MOST_SUBJECTS, allow_none=True)

    @validates_schema
    def is_one_of_both(self, found: dict[str, Any], **_: Any) -> None:
        """A row says its targets in one way."""
        single = {"level", "subjects"} & found.keys()
        if ("targets" in found) == bool(single) or len(single) == 1:
            raise ValidationError(
                "请填写 targets，或 level 与 subjects / give targets, or level and subjects"
            )


class TargetsIn(StrictSchema):
    """Targets of a programme; 计划 ≤ 工作 ≤ 奋斗 for each unit and line, with what stays as it is."""

    targets = fields.List(fields.Nested(TargetIn()), required=True, validate=validate.Length(max=10_000))

    @post_load
    def build(self, found: dict[str, Any], **_: Any) -> list[TargetFigure]:
        """The targets one by one, each with where it stands in the body."""
        return [one for place, row in enumerate(found["targets"]) for one in _figures(place, row)]


def _figures(place: int, row: dict[str, Any]) -> Iterator[TargetFigure]:
    line, unit_id, at = row["line"], row["unit_id"], f"/targets/{place}"
    if "level" in row:
        yield TargetFigure(line, unit_id, row["level"], row["subjects"], f"{at}/subjects")
    for level, subjects in row.get("targets", {}).items():
        yield TargetFigure(line, unit_id, TargetLevel(level), subjects, f"{at}/targets/{level}")


class TargetsQuery(StrictSchema):
    """Whether targets that are not named are taken away."""

    replace = fields.Boolean(
        load_default=False, metadata={"description": "true: the targets sent are all there are from now on"}
    )


class LevelsOut(OutSchema):
    """三套目标; a level nobody has set is null."""

    baseline = fields.Integer(required=True, allow_none=True)
    working = fields.Integer(required=True, allow_none=True)
    striving = fields.Integer(required=True, allow_none=True)


class UnitTargetsOut(OutSchema):
    """What a unit (null: the city) is to achieve on a line."""

    unit_id = Id(required=True, allow_none=True)
    line = choice(Line, required=True)
    targets = fields.Nested(LevelsOut(), attribute="levels", required=True)


class RollUpOut(OutSchema):
    """The units' targets added up beside the city's; `short` is what the sum lacks."""

    line = choice(Line, required=True)
    level = choice(TargetLevel, required=True)
    city = fields.Integer(required=True)
    units = fields.Integer(required=True)
    short = fields.Integer(required=True)


class TargetsOut(OutSchema):
    """All targets of a programme, and whether the small ones add up to the big one."""

    items = fields.List(fields.Nested(UnitTargetsOut()), required=True)
    roll_up = fields.List(fields.Nested(RollUpOut()), required=True)
    next_cursor = fields.String(required=True, allow_none=True)


class TargetImportQuery(StrictSchema):
    """Whether the file is only tried."""

    dry_run = fields.Boolean(load_default=False)


def _reason(row: RefusedRow) -> str:
    return row.en if language() == "en" else row.zh


class RefusedTargetRowOut(OutSchema):
    """A row that was left out, and why, in the reader's language."""

    line_no = fields.Integer(required=True)
    reason = fields.Function(_reason, required=True, metadata={"type": "string"})


class TargetFigureOut(OutSchema):
    """One target."""

    line = choice(Line, required=True)
    unit_id = Id(required=True, allow_none=True)
    level = choice(TargetLevel, required=True)
    subjects = fields.Integer(required=True)


class TargetImportOut(OutSchema):
    """What a file set, or would set."""

    dry_run = fields.Boolean(required=True)
    accepted = fields.Integer(required=True)
    targets = fields.List(fields.Nested(TargetFigureOut()), required=True)
    refused = fields.List(fields.Nested(RefusedTargetRowOut()), required=True)


class TargetListIn(StrictSchema):
    """A target list to make."""

    name = Text(required=True, least=1, most=100)


class TargetListOut(OutSchema):
    """A target list and its size."""

    id = Id(required=True)
    programme_id = Id(required=True)
    name = fields.String(required=True)
    entries = fields.Integer(required=True)
    created_at = Moment(required=True)


class EntryIn(StrictSchema):
    """An enterprise for the list, and the unit that is to visit it."""

    enterprise_id = Id(required=True)
    unit_id = Id(load_default=None, allow_none=True)

    @post_load
    def build(self, found: dict[str, Any], **_: Any) -> Entry:
        """The entry as the command takes it."""
        return Entry(**found)


class EntriesIn(StrictSchema):
    """Enterprises to put on a list."""

    entries = fields.List(fields.Nested(EntryIn()), required=True, validate=validate.Length(min=1, max=5_000))


class RemovalIn(StrictSchema):
    """Enterprises to take off a list."""

    enterprise_ids = fields.List(Id(), required=True, validate=validate.Length(min=1, max=5_000))


class ChangedEntriesOut(OutSchema):
    """Which enterprises came on the list, or went off it."""

    changed = fields.List(Id(), required=True)


class EntryOut(OutSchema):
    """An enterprise on a list."""

    enterprise_id = Id(required=True)
    enterprise = fields.String(required=True)
    unit_id = Id(required=True, allow_none=True)
    unit = fields.String(required=True, allow_none=True)
    added_at = Moment(required=True)
