"""Programmes, their targets and target lists at headquarters' doors."""

from typing import Any

from marshmallow import fields, post_load, validate

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

    @post_load
    def build(self, found: dict[str, Any], **_: Any) -> ProgrammeChanges:
        """The changes as the command takes them."""
        many = {
            name: list(_unique(found[name])) for name in ("counted_modes", "top500_lists") if name in found
        }
        return ProgrammeChanges(found | many)


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


class TargetIn(StrictSchema):
    """One target; without a unit it is the whole city's."""

    line = choice(Line, required=True)
    unit_id = Id(load_default=None, allow_none=True)
    level = choice(TargetLevel, required=True)
    subjects = Whole(required=True, most=1_000_000)

    @post_load
    def build(self, found: dict[str, Any], **_: Any) -> TargetFigure:
        """The target as the command takes it."""
        return TargetFigure(**found)


class TargetsIn(StrictSchema):
    """All targets of a programme."""

    targets = fields.List(fields.Nested(TargetIn()), required=True, validate=validate.Length(max=10_000))


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
